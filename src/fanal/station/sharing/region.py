"""A region on one machine: five States' hubs, two checkpoints, and a story that is played between them.

Every place has a folder, a database, keys, a NATS server and processes of its own; nothing is shared but the machine.
All persons and documents are invented.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HUBS: Final = {
    "HTI": "Immigration, Port-au-Prince",
    "DOM": "Migración, Santo Domingo",
    "JAM": "Passport and Immigration, Kingston",
    "BHS": "Immigration, Nassau",
    "TCA": "Border Force, Providenciales",
}
POSTS: Final = {"HTI.malpasse": "Malpasse", "DOM.jimani": "Jimaní"}
STOLEN: Final = {"state": "JAM", "number": "A0472819"}

Say = Callable[[str], None]


class RegionError(Exception):
    """The region did not come up, or a step of its story did not happen in time."""


@dataclass
class PlaceProcesses:
    """One place: its folder and what runs in it."""

    id: str
    home: Path
    port: int
    leaf_port: int
    node: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    web: subprocess.Popen[bytes] | None = None
    actor: subprocess.Popen[str] | None = None
    log: Any = field(default=None, repr=False)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FANAL_", "DATABASE_URL"))}
        return kept | {
            "FANAL_HOME": str(self.home),
            "FANAL_STATION": f"region.invalid/{self.id}",
            "FANAL_PARENT": str(os.getpid()),
        }

    def migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--settings", "fanal.station.settings", "-v0"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RegionError(f"{self.id}: {done.stderr.strip()[-300:]}")

    def start_node(self) -> None:
        self.node = self._run("fanal.station.sharing.node")

    def stop_node(self) -> None:
        _end(self.node)
        self.node = None

    def open(self) -> None:
        """Let someone be at work here; nothing else runs yet."""
        self.log = (self.home / "log").open("ab")
        self.actor = subprocess.Popen(
            [sys.executable, "-m", "fanal.station.sharing.actor"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def start(self) -> None:
        self.start_node()
        self.start_worker()

    def start_worker(self) -> None:
        self.worker = self._run("fanal.station.worker")

    def start_web(self, port: int) -> None:
        self.web = self._run("fanal.station.web", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")

    def _run(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", module, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def do(self, order: str, **arguments: Any) -> dict[str, Any]:
        """Tell the one at work here what to do; what they answer."""
        assert self.actor is not None
        assert self.actor.stdin is not None
        assert self.actor.stdout is not None
        self.actor.stdin.write(json.dumps({"do": order, **arguments}) + "\n")
        self.actor.stdin.flush()
        line = self.actor.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            raise RegionError(f"{self.id}: {order}: {answer['error']}")
        return answer

    def stop(self) -> None:
        if self.actor is not None and self.actor.stdin is not None:
            self.actor.stdin.close()
        for process in (self.web, self.worker, self.node, self.actor):
            _end(process)
        if self.actor is not None and self.actor.stdout is not None:
            self.actor.stdout.close()
        if self.log is not None:
            self.log.close()


def _end(process: subprocess.Popen[Any] | None) -> None:
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def region(folder: Path, say: Say, names: Sequence[str] = (*HUBS, *POSTS)) -> Iterator[dict[str, PlaceProcesses]]:
    """All places, each with the agreements it has; stopped at the end.

    Raises:
        RegionError: a place did not come up.
    """
    ports = _free_ports(2 * len(names))
    places = {
        name: PlaceProcesses(name, folder / name, ports[2 * at], ports[2 * at + 1]) for at, name in enumerate(names)
    }
    try:
        say("Five States and two checkpoints become places of the exchange, each with keys of its own.")
        first = places[names[0]]
        for place in places.values():
            place.home.mkdir(mode=0o700, parents=True)
            if place is first:
                place.migrate()
            else:  # the same empty tables
                shutil.copy(first.home / "station.sqlite3", place.home)
        for place in places.values():
            place.open()
        marks = {
            name: place.do("init", id=name, name={**HUBS, **POSTS}[name], port=place.port, leaf_port=place.leaf_port)[
                "fingerprint"
            ]
            for name, place in places.items()
        }
        hubs = [name for name in names if name in HUBS]
        pairs = [(a, b) for at, a in enumerate(hubs) for b in hubs[at + 1 :]]
        pairs += [(name.partition(".")[0], name) for name in names if name in POSTS]
        for one, other in pairs:
            invitation = places[one].do("invite", partner=other)["file"]
            acceptance = places[other].do("accept", file=invitation, fingerprint=marks[one])["file"]
            places[one].do("accept", file=acceptance, fingerprint=marks[other])
        say(f"{len(pairs)} agreements are signed by both sides; fingerprints compared.")
        for place in places.values():
            place.start()
        wanted = {name: sum(name in pair for pair in pairs) for name in names}
        until(
            "agreements on both sides",
            120,
            lambda: all(place.do("partners")["count"] == wanted[name] for name, place in places.items()),
        )
        yield places
    finally:
        for place in places.values():
            place.stop()


def until(what: str, seconds: float, true: Callable[[], bool]) -> float:
    """Wait until something is true; how many seconds that took.

    Raises:
        RegionError: it was not, in that time.
    """
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if true():
            return time.monotonic() - began
        time.sleep(0.05)
    raise RegionError(f"not within {seconds:.0f} s: {what}")


def keep_open(places: dict[str, PlaceProcesses], say: Say) -> None:
    """Open each place's station in the browser, until Ctrl-C."""
    say("\nThe stations stay open until Ctrl-C. Officers' passwords are shown this once:")
    for place, port in zip(places.values(), _free_ports(len(places)), strict=True):
        passwords = place.do("officers")["passwords"]
        place.start_web(port)
        say(f"  {place.id:<13} http://localhost:{port}/   supervisor  {passwords['supervisor']}")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        say("")


def play(places: dict[str, PlaceProcesses], say: Say, *, notices: int = 500) -> None:
    """The story. Each line says what happened and how long it took.

    Raises:
        RegionError: something did not happen.
    """
    jam, hti, bhs, tca, post = (places[name] for name in ("JAM", "HTI", "BHS", "TCA", "HTI.malpasse"))

    say("\n1. A passport is stolen in Kingston and reported.")
    began = time.monotonic()
    stolen = jam.do(
        "list_entry", subject="documents", purpose="lost_documents", days=365, document_state=STOLEN["state"],
        document_number=STOLEN["number"], status="stolen",
    )["datum"]  # fmt: skip
    until("the report at Malpasse", 60, lambda: post.do("holds", datum=stolen)["holds"])
    say(f"   At Malpasse's desk after {time.monotonic() - began:.2f} s.")

    say("2. It is presented at Malpasse.")
    found = post.do("look", **STOLEN)["found"]
    if found is None or found["owner"] != "JAM":
        raise RegionError("the passport was not recognised")
    say(f"   Hit: {found['status']}, owner {found['owner']}; to be confirmed with the owner before anyone acts.")
    asked = time.monotonic()
    thread = post.do("confirm", datum=stolen)["thread"]
    until("the question in Kingston", 60, lambda: jam.do("asked")["thread"] is not None)
    jam.do("answer", thread=jam.do("asked")["thread"], confirmed=True)
    until("the answer at Malpasse", 60, lambda: post.do("thread", thread=thread)["state"] == "confirmed")
    say(f"   Kingston confirms, over Port-au-Prince and back: {time.monotonic() - asked:.2f} s.")

    say("3. An alert of Nassau's is a mistake.")
    alert = bhs.do(
        "list_entry", subject="persons", purpose="wanted", days=30, name="Andre INVENTED", born="1980-01-01"
    )["datum"]
    holders = [place for place in places.values() if place is not bhs]
    until("the alert everywhere", 60, lambda: all(place.do("holds", datum=alert)["holds"] for place in holders))
    began = time.monotonic()
    bhs.do("redress", datum=alert)
    until("the withdrawal everywhere", 60, lambda: not any(p.do("holds", datum=alert)["holds"] for p in holders))
    gone = time.monotonic() - began
    until("receipts for every copy", 60, lambda: bhs.do("receipts", datum=alert)["reached"] == len(holders))
    say(f"   Withdrawn, and gone from all {len(holders)} places after {gone:.2f} s; Nassau has receipts for each copy.")

    say("4. Nassau has learnt the pattern of a forgery.")
    began = time.monotonic()
    condition = 'issuing_state == "UTO" and document_number =~ "L8988.*"'
    bulletin = bhs.do("bulletin", name="invented series", condition=condition)["datum"]
    until("the bulletin in Providenciales", 60, lambda: tca.do("holds", datum=bulletin)["holds"])
    say(f"   Providenciales has it after {time.monotonic() - began:.2f} s, tries it on its travellers, and uses it.")
    tca.do("use_bulletin", datum=bulletin)

    say("5. Haiti asks Jamaica over the link about a document.")
    began = time.monotonic()
    results = [
        hti.do("ask", partner="JAM", state="JAM", number=number)["result"] for number in ("A0472819", "A0472810")
    ]
    if results != ["hit", "no_hit"]:
        raise RegionError(f"answers: {results}")
    say(f"   {results[0]} and {results[1]}, {(time.monotonic() - began) / 2 * 1000:.0f} ms each.")

    say(f"6. Malpasse is cut off while Kingston reports {notices} documents.")
    post.stop_node()
    before = post.do("count", owner="JAM")["held"]
    jam.do("list_many", count=notices, state="JAM", first=1)
    until("them in Port-au-Prince", 180, lambda: hti.do("count", owner="JAM")["held"] == notices + 1)
    began = time.monotonic()
    post.start_node()
    until("them at Malpasse", 180, lambda: post.do("count", owner="JAM")["listed"] == notices + 1)
    twice = post.do("count", owner="JAM")["twice"]
    say(f"   It held {before} then; {notices} more are found within {time.monotonic() - began:.1f} s of its return.")
    if twice:
        raise RegionError(f"{twice} were applied twice")

    say("7. Every place's record verifies.")
    for place in places.values():
        checked = place.do("verify")
        if checked["problems"]:
            raise RegionError(f"{place.id}: {checked['problems'][:3]}")
    say("   None of the seven has a gap or a changed entry.")
