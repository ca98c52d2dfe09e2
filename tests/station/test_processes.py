"""Processes that belong together: started, started again, stopped together, and gone when their parent is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PARENT = r"""
import sys
from fanal.station.processes import Child, supervise
folder, *names = sys.argv[1:]
code = (
    "import os, signal, sys, time, pathlib\n"
    "from fanal.station.processes import die_with_parent\n"
    "die_with_parent()\n"
    "p = pathlib.Path(sys.argv[1])\n"
    "signal.signal(signal.SIGTERM, lambda *_: (p.with_suffix('.end').write_text('x'), sys.exit(0)))\n"
    "p.write_text(str(os.getpid()))\n"
    "time.sleep(60)\n"
)
import os
env = {"FANAL_PARENT": str(os.getpid())}
children = [Child(n, [sys.executable, "-c", code, f"{folder}/{n}"], env=env) for n in names]
if "bad" in names:
    children = [Child("bad", [sys.executable, "-c", "raise SystemExit(7)"], essential=True)]
sys.exit(supervise(children))
"""


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come; how quickly is not the test's business."""
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a parent with children of these names; whatever is left of it ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def make(*names: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), *names], stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


Start = Callable[..., subprocess.Popen[bytes]]


def pid(file: Path) -> int:
    until(lambda: file.exists() and bool(file.read_text()))
    return int(file.read_text())


def gone(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{number}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_one_stop_ends_them_all_and_each_in_its_own_time(start: Start, tmp_path: Path) -> None:
    parent = start("a", "b")
    a, b = pid(tmp_path / "a"), pid(tmp_path / "b")
    parent.send_signal(signal.SIGINT)
    assert parent.wait(60) == 0
    assert gone(a)
    assert gone(b)
    assert (tmp_path / "a.end").exists()
    assert (tmp_path / "b.end").exists()


def test_a_child_that_dies_is_started_again(start: Start, tmp_path: Path) -> None:
    parent = start("a")
    first = pid(tmp_path / "a")
    os.kill(first, signal.SIGKILL)
    until(lambda: pid(tmp_path / "a") != first)
    parent.terminate()
    assert parent.wait(60) == 0
    assert parent.stderr is not None
    assert b"a ended with -9" in parent.stderr.read()


def test_children_do_not_outlive_a_parent_that_was_killed(start: Start, tmp_path: Path) -> None:
    parent = start("a")
    child = pid(tmp_path / "a")
    parent.kill()
    parent.wait(60)
    until(lambda: gone(child))


def test_pages_that_cannot_start_end_the_whole_with_their_status(start: Start) -> None:
    assert start("bad").wait(60) == 7
