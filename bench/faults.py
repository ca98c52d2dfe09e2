"""Faults under a stream of reports: what was acknowledged arrives once, and the records of all places agree.

`python -m bench.faults [--kills 100] [--minutes 10] [--seed N]`

Two hubs and a checkpoint run as `fanal up` runs them. At Kingston one document after another is reported lost; a report
counts as acknowledged when the one who reports it was told that it is saved. Meanwhile, at random: the hubs' and the
checkpoint's node, their NATS servers, their workers and the reporting station are killed; the links between them are
cut or slow; a node cannot write to its disk; all nodes stop and start in another order. Then everything runs again, and

1. every acknowledged report is in the register of the other hub and of the checkpoint, and none is there twice;
2. what one record says was sent, the other says was received, message for message and once;
3. every record verifies, and no head of a partner's failed to continue the one before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import selectors
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fanal.station.sharing.region import PlaceProcesses, RegionError, region, until

NAMES = ("JAM", "HTI", "HTI.malpasse")
SETTLE = 240.0  # s


class Wire:
    """A link that can be cut or slow: what comes to its port goes to `to`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.cut = False
        self.slow = 0.0  # s for each piece
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near, _ = self._listening.accept()
            try:
                if self.cut:
                    raise OSError
                far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self._open |= {near, far}
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with selectors.DefaultSelector() as ready, near, far:
            for end in other:
                ready.register(end, selectors.EVENT_READ)
            try:
                while True:
                    for key, _ in ready.select():
                        end = next(one for one in other if one is key.fileobj)
                        if not (piece := end.recv(65536)):
                            return
                        time.sleep(self.slow)
                        other[end].sendall(piece)
            except (OSError, ValueError):
                return
            finally:
                self._open -= {near, far}

    def drop(self) -> None:
        for end in list(self._open):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _end(place: PlaceProcesses) -> None:
    """See to it that whoever is at work there is no more."""
    if place.actor is not None:
        place.actor.kill()
        place.actor.wait()


class Reports:
    """Somebody at Kingston who reports one document after another, and remembers what was acknowledged."""

    def __init__(self, place: PlaceProcesses) -> None:
        self.place = place
        self.acknowledged: list[str] = []
        self.interrupted: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                made = self.place.do(
                    "list_entry",
                    subject="documents",
                    purpose="lost_documents",
                    days=300,
                    document_number=f"Z{number:07d}",
                    document_state="JAM",
                    status="stolen",
                )
                self.acknowledged.append(made["datum"])
            except (RegionError, OSError, ValueError) as error:
                self.interrupted[str(error)[:100]] += 1
                if isinstance(error, OSError) or "it ended" in str(error):
                    _end(self.place)
                    self.place.open()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        _end(self.place)  # it ends with the thread that started it
        self.place.open()


def _kill(pid: int | None) -> None:
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _server_of(place: PlaceProcesses) -> int | None:
    """The NATS server that a node has started."""
    assert place.node is not None
    try:
        children = Path(f"/proc/{place.node.pid}/task/{place.node.pid}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def _kill_node(place: PlaceProcesses) -> None:
    assert place.node is not None
    _kill(place.node.pid)
    place.node.wait()
    place.start_node()


def _kill_worker(place: PlaceProcesses) -> None:
    assert place.worker is not None
    _kill(place.worker.pid)
    place.worker.wait()
    place.start_worker()


def _fill_disk(place: PlaceProcesses, dice: random.Random) -> None:
    assert place.node is not None
    pid = place.node.pid
    try:
        soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        time.sleep(dice.uniform(0.5, 2))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
    except ProcessLookupError:
        return


def _start_in_another_order(places: list[PlaceProcesses], dice: random.Random) -> None:
    for place in places:
        place.stop_node()
    for place in dice.sample(places, len(places)):
        place.start_node()
        time.sleep(dice.uniform(0, 0.5))


def _wires(places: dict[str, PlaceProcesses]) -> list[Wire]:
    """Put a wire into every link; the nodes notice that their places changed."""
    made = []
    ports = {place.leaf_port for place in places.values()}
    for place in places.values():
        path = place.home / "exchange" / "place.json"
        held = json.loads(path.read_text())
        for link in held["links"]:
            host, _, port = link["url"].rpartition(":")
            if port and int(port) in ports:
                wire = Wire(int(port))
                made.append(wire)
                link["url"] = f"{host}:{wire.port}"
        beside = path.with_name("place.new")
        beside.write_text(json.dumps(held))
        beside.replace(path)
    return made


def _disturb(
    places: dict[str, PlaceProcesses], wires: list[Wire], kills: int, until_: float, dice: random.Random
) -> Counter[str]:
    done: Counter[str] = Counter()
    every = list(places.values())
    jam = places["JAM"]
    killed = 0
    while killed < kills and time.monotonic() < until_:
        time.sleep(dice.uniform(0.2, 2.5))
        place = dice.choice(every)
        if dice.random() < 0.75:
            killed += 1
            what = dice.choice(("node", "node", "server", "worker", "station"))
            if what == "node":
                _kill_node(place)
                what = "leaf's node" if place.id == "HTI.malpasse" else "hub's node"
            elif what == "server":
                _kill(_server_of(place))
            elif what == "worker":
                _kill_worker(place)
            elif jam.actor is not None:
                _kill(jam.actor.pid)  # whoever reports opens it again
            done[f"kill: {what}"] += 1
            continue
        what = dice.choice(("cut", "slow", "disk", "order"))
        wire = dice.choice(wires)
        if what == "cut":
            wire.cut = True
            wire.drop()
            time.sleep(dice.uniform(0.5, 3))
            wire.cut = False
        elif what == "slow":
            wire.slow = 0.2
            time.sleep(dice.uniform(1, 3))
            wire.slow = 0.0
        elif what == "disk":
            _fill_disk(place, dice)
        else:
            _start_in_another_order(every, dice)
        done[f"fault: {what}"] += 1
    done["kills"] = killed
    return done


def _agree(one: PlaceProcesses, other: PlaceProcesses) -> bool:
    """Whether the two records say the same of what passed between them."""
    here, there = one.do("passed", partner=other.id), other.do("passed", partner=one.id)
    return bool(here["sent"] == there["received"] and here["received"] == there["sent"])


def _holds(place: PlaceProcesses, ids: list[str]) -> bool:
    return bool(place.do("data", owner="JAM")["ids"] == ids)


def _settled(what: str, true: Callable[[], bool], problems: list[str]) -> None:
    try:
        until(what, SETTLE, true)
    except RegionError as error:
        problems.append(str(error))


def run(kills: int, minutes: float, seed: int, say: Callable[[str], None]) -> list[str]:
    """One run. Returns what was not as it has to be."""
    dice = random.Random(seed)
    problems: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="fanal-faults-") as folder,
        region(Path(folder) / "places", lambda words: None, NAMES) as places,
    ):
        jam, hti, post = (places[name] for name in NAMES)
        wires = _wires(places)
        reports = Reports(jam)
        began = time.monotonic()
        try:
            done = _disturb(places, wires, kills, began + minutes * 60, dice)
        finally:
            reports.stop()
        took = time.monotonic() - began
        say(
            f"{done.pop('kills')} kills in {took:.0f} s: "
            + ", ".join(f"{what} {n}" for what, n in sorted(done.items()))
        )
        say(f"{len(reports.acknowledged)} reports acknowledged, {reports.interrupted.total()} cut off before they were")
        for error, count in reports.interrupted.most_common(5):
            say(f"   {count}: {error}")
        began = time.monotonic()
        saved = jam.do("data", owner="JAM")["ids"]
        if lost := set(reports.acknowledged) - set(saved):
            problems.append(f"{len(lost)} acknowledged reports are not in Kingston's own register")
        for place in (hti, post):
            _settled(f"all reports at {place.id}", partial(_holds, place, saved), problems)
        for one, other in ((jam, hti), (hti, post)):
            _settled(f"{one.id} and {other.id} agree", partial(_agree, one, other), problems)
        settled = time.monotonic() - began
        say(f"{len(saved)} reports in every register, records compared {settled:.1f} s after the last fault")
        for place in places.values():
            if twice := place.do("count", owner="JAM")["twice"]:
                problems.append(f"{place.id}: {twice} envelopes were applied twice")
            if refused := place.do("refused")["codes"]:
                problems.append(f"{place.id} refused {refused[:5]}")
            checked = place.do("verify")
            problems += [f"{place.id}: {one}" for one in checked["problems"][:3]]
            if uncosigned := place.do("heads")["not_cosigned"]:
                problems.append(f"{place.id}: {uncosigned} heads did not continue the one before")
            say(f"{place.id}: the record verifies, {checked['entries']} entries")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5, help="the most time that faults are made for")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    problems = run(args.kills, args.minutes, args.seed, lambda words: print(words, flush=True))
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print("0 lost, 0 twice; the records agree" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
