"""The processes of one place: started together, one log (standard error), one clean stop.

The parent starts each child in a session of its own, so that Ctrl-C reaches only the parent, which then asks the
children to end in their own time. A child that ends by itself is started again, with a growing pause; the one that is
`essential` (the pages) ends the whole when it cannot be started at all. A child whose parent was killed ends itself.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

GRACE_SECONDS = 25.0  # a page may take 20 seconds to end (gunicorn's graceful_timeout)
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the place: what it is called in the log, and its command."""

    name: str
    command: Sequence[str]
    essential: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    again_at: float = 0.0


def _start(child: Child) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own commands
        child.command, env=os.environ | dict(child.env), stdin=subprocess.DEVNULL, start_new_session=True
    )


def supervise(children: Sequence[Child], *, grace: float = GRACE_SECONDS) -> int:
    """Run the children until a signal asks for the end or an essential child fails; returns the exit status."""
    stop = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, ask)
    running = [_Running(child, _start(child), time.monotonic()) for child in children]
    status = 0
    while not stop:
        time.sleep(0.1)
        for one in running:
            code = one.process.poll()
            now = time.monotonic()
            if code is None:
                continue
            if one.again_at == 0.0:
                lived = now - one.started
                one.failures = one.failures + 1 if lived < 30 else 1
                _say(f"{one.child.name} ended with {code} after {lived:.0f} s")
                if one.child.essential and lived < 30:
                    # It never stood: an address in use, a certificate that does not load. Saying so beats trying on.
                    status, stop = code if code > 0 else 1, True
                    break
                one.again_at = now + min(60.0, 0.5 * 2**one.failures)
            elif now >= one.again_at:
                one.process, one.started, one.again_at = _start(one.child), now, 0.0
    _stop([one.process for one in running], grace)
    return status


def _stop(processes: Sequence[subprocess.Popen[bytes]], grace: float) -> None:
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    until = time.monotonic() + grace
    for process in alive:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _say(words: str) -> None:
    print(f"fanal: {words}", file=sys.stderr, flush=True)  # noqa: T201 - the parent's lines of the one log


def die_with_parent() -> None:
    """Called first of all by a child of `fanal up`: when the parent is gone, so are we."""
    parent = os.environ.get("FANAL_PARENT")
    if parent is None:
        return  # started by hand or by a service manager of its own
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if str(os.getppid()) != parent:
        raise SystemExit(1)  # it was gone before we could ask
