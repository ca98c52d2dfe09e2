"""The station under load, and killed under it: `python -m bench.station` (both databases, loopback only).

1. Load: 20 lanes, each a traveller every 20 seconds: the ready screen, an MRZ, the inspection, a decision, the ready
   screen again. Target: 95 of 100 pages within 100 ms (without the reading itself), nothing lost, no "database is
   locked".
2. Kill: the same travellers without a pause, and `kill -9` of every process of the station at 100 random instants. What
   a page confirmed is there; what was not confirmed is sent again with the same id, as a browser would; then nothing is
   missing, nothing is there twice, and the record verifies.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from fanal.documents import Field
from fanal.documents.mrz import Format, compose
from tests import postgres

PASSWORD = "lantern harbour mango tide"
LANES, PERIOD = 20, 20.0

PREPARE = """
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from django.contrib.auth.hashers import make_password
from fanal.station.accounts.models import Grant, Officer
from fanal.station.journal import keys
from fanal.station.places.models import CrossingPoint, Lane
keys.make()
hashed = make_password(sys.argv[1])
point = CrossingPoint.objects.create(code="UTBNC", name="Bench", state="UTO", kind="land")
lanes = []
for n in range(int(sys.argv[2])):
    officer = Officer.objects.create(username=f"officer{n}", name=f"Officer {n}", password=hashed)
    Grant.objects.create(officer=officer, role="primary")
    lanes.append(str(Lane.objects.create(point=point, name=str(n), direction="entry").pk))
print(json.dumps(lanes))
"""

COUNT = """
import json
import django
django.setup()
from fanal.station.crossings.models import Crossing
from fanal.station.inspections.models import Inspection
from fanal.station.journal.keys import verifiers
from fanal.station.journal.services import verify
print(json.dumps({
    "crossings": [[str(c), n] for c, n in Crossing.objects.values_list("pk", "document__number")],
    "milliseconds": {str(r): m for r, m in Inspection.objects.values_list("request_id", "milliseconds")},
    "problems": [f"{p.code} {p.at}" for p in verify(verifiers())],
}))
"""


@dataclass(slots=True)
class Station:
    """A station's folder, database and processes."""

    home: Path
    port: int
    database: str = ""
    lanes: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "FANAL_PARENT")}
        kept |= {"FANAL_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "fanal.station.settings"}
        return kept | ({"DATABASE_URL": self.database} if self.database else {})

    def ask(self, code: str, *arguments: str) -> str:
        """What a piece of code says in the station's own environment."""
        done = subprocess.run([sys.executable, "-c", code, *arguments], env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return done.stdout

    def prepare(self, lanes: int) -> None:
        self.lanes = json.loads(self.ask(PREPARE, PASSWORD, str(lanes)))

    def start(self) -> None:
        """Start the pages as `fanal up` does, and wait until they answer."""
        workers = "2" if self.database else "1"
        command = [sys.executable, "-m", "fanal.station.web", "--host", "127.0.0.1", "--port", str(self.port)]
        log = (self.home / "log").open("ab")
        self.process = subprocess.Popen(
            [*command, "--workers", workers], env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    pass
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
                    connection.request("GET", "/health/")
                    if connection.getresponse().status == 200:
                        return
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError((self.home / "log").read_text()[-2000:]) from None
                time.sleep(0.05)

    def kill(self) -> None:
        """`kill -9` of every process of the station, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait()


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a desk saw it."""

    name: str
    seconds: float
    request_id: str = ""


@dataclass(slots=True)
class Traveller:
    """One to be admitted: the two requests that write have ids of their own, so that each may be sent again."""

    number: str
    scan: str = field(default_factory=lambda: str(uuid.uuid4()))
    decision: str = field(default_factory=lambda: str(uuid.uuid4()))
    confirmed: str = ""  # the crossing that a page confirmed

    @property
    def mrz(self) -> str:
        values = {
            Field.DOCUMENT_CODE: "P",
            Field.ISSUING_STATE: "UTO",
            Field.PRIMARY_IDENTIFIER: "BENCH",
            Field.SECONDARY_IDENTIFIER: "INVENTED",
            Field.DOCUMENT_NUMBER: self.number,
            Field.NATIONALITY: "UTO",
            Field.DATE_OF_BIRTH: "1974-08-12",
            Field.SEX: "F",
            Field.DATE_OF_EXPIRY: "2032-04-15",
        }
        return "\n".join(compose(Format.TD3, values))


class Desk:
    """A browser at one lane."""

    def __init__(self, port: int, number: int, lane: str) -> None:
        self.port, self.number, self.lane = port, number, lane
        self.cookies: dict[str, str] = {}
        self.pages: list[Page] = []
        self.connection: http.client.HTTPConnection | None = None

    def sign_in(self) -> None:
        self.ask("GET", "/login/")
        status, _, _ = self.ask("POST", "/login/", {"username": f"officer{self.number}", "password": PASSWORD})
        if status != 302:
            raise RuntimeError(f"signing in answered {status}")
        self.ask("POST", "/inspect/lane/", {"lane": self.lane})

    def ask(
        self, method: str, path: str, data: dict[str, str] | None = None, *, name: str = "", request_id: str = ""
    ) -> tuple[int, str, bytes]:
        """Status, where it leads, body.

        Raises:
            OSError, http.client.HTTPException: there was no answer.
        """
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if data is not None:
            body = urlencode(data | {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise
        self.pages.append(Page(name or f"{method} {path}", time.perf_counter() - started, request_id))
        for line in response.headers.get_all("Set-Cookie") or ():
            key, _, value = line.partition(";")[0].partition("=")
            self.cookies[key] = value
        if response.status >= 500:
            raise RuntimeError(f"{method} {path} answered {response.status}")
        return response.status, response.headers.get("Location", ""), content

    def hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def serve(self, traveller: Traveller) -> None:
        """The whole job of one traveller; sending it again is harmless."""
        self.ask("GET", "/inspect/", name="ready")
        status, where, body = self.ask(
            "POST",
            "/inspect/",
            {"request_id": traveller.scan, "mrz": traveller.mrz},
            name="scan",
            request_id=traveller.scan,
        )
        if status != 302:
            raise RuntimeError(f"the scan answered {status}: {_refusal(body)}")
        self.ask("GET", where, name="inspection")
        decision = {"request_id": traveller.decision, "outcome": "admitted", "stay": "d30", "purpose": "tourism"}
        status, where, body = self.ask("POST", f"{where}decide/", decision, name="decision")
        if status != 302:
            raise RuntimeError(f"the decision answered {status}: {_refusal(body)}")
        done = parse_qs(urlsplit(where).query)["done"][0]
        status, _, body = self.ask("GET", where, name="ready")
        if traveller.confirmed and traveller.confirmed != done:
            raise RuntimeError("one traveller, two crossings")
        traveller.confirmed = done


def _refusal(body: bytes) -> str:
    found = re.search(rb'role="alert">(.*?)</div>', body, re.DOTALL)
    return found[1].decode(errors="replace").strip() if found else ""


def _number(serial: int) -> str:
    return f"B{serial:08d}"


def _threads(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


@contextmanager
def station(database: str, *, lanes: int) -> Iterator[Station]:
    """A prepared station on SQLite (`database` empty) or on the PostgreSQL database of that address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fanal-bench-") as folder:
        made = Station(Path(folder), port, database)
        made.prepare(lanes)
        made.start()
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.stop()


def load(one: Station, *, seconds: float, period: float = PERIOD) -> tuple[list[Traveller], list[Page], list[str]]:
    """Every lane a traveller each `period`, for so long."""
    desks = [Desk(one.port, n, lane) for n, lane in enumerate(one.lanes)]
    _threads([threading.Thread(target=desk.sign_in) for desk in desks])
    for desk in desks:
        desk.hang_up()  # the station closes what is idle, and a browser opens anew
        desk.pages.clear()  # Argon2 is slow on purpose, once a shift
    travellers: list[Traveller] = []
    errors: list[str] = []
    begin = time.monotonic()

    def work(desk: Desk) -> None:
        at = begin + period * desk.number / len(desks)
        serial = 0
        while at < begin + seconds:
            time.sleep(max(0.0, at - time.monotonic()))
            traveller = Traveller(_number(desk.number * 100000 + serial))
            travellers.append(traveller)
            try:
                desk.serve(traveller)
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                errors.append(f"{type(error).__name__}: {error}")
            desk.hang_up()
            serial, at = serial + 1, at + period

    _threads([threading.Thread(target=work, args=(desk,)) for desk in desks])
    return travellers, [page for desk in desks for page in desk.pages], errors


def kills(one: Station, *, times: int, random_: random.Random) -> list[Traveller]:
    """Travellers without a pause, and `kill -9` at so many random instants; every lane sends again what it must.

    An instant is so many pages after the start, and a moment more: on a slow machine, too, it lies amid the work.
    """
    stop = threading.Event()
    travellers: list[Traveller] = []
    errors: list[str] = []

    def work(desk: Desk) -> None:
        serial = 0
        signed_in = False
        traveller: Traveller | None = None
        while not stop.is_set() or traveller is not None:
            try:
                if not signed_in:
                    desk.sign_in()
                    signed_in = True
                if traveller is None:
                    traveller = Traveller(_number(desk.number * 100000 + serial))
                    travellers.append(traveller)
                    serial += 1
                desk.serve(traveller)
                traveller = None
            except (OSError, http.client.HTTPException):
                desk.hang_up()
                time.sleep(0.1)  # the station is gone; the same traveller again when it is back
            except RuntimeError as error:
                errors.append(str(error))
                break
        desk.hang_up()

    desks = [Desk(one.port, n, lane) for n, lane in enumerate(one.lanes)]
    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    try:
        for _ in range(times):
            pages = sum(len(desk.pages) for desk in desks) + random_.randint(0, 8 * len(desks))
            while sum(len(desk.pages) for desk in desks) < pages and any(thread.is_alive() for thread in threads):
                time.sleep(0.002)
            time.sleep(random_.uniform(0.0, 0.05))
            one.kill()
            one.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if errors:
        raise RuntimeError("; ".join(errors[:3]))
    return travellers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong after all; nothing, if it is as promised."""

    missing: int  # a page confirmed it, and it is not there
    twice: int
    not_finished: int  # sent until it was confirmed, and never was
    problems: tuple[str, ...]  # of the record

    @property
    def good(self) -> bool:
        return not (self.missing or self.twice or self.not_finished or self.problems)


def judge(one: Station, travellers: list[Traveller]) -> tuple[Verdict, dict[str, int]]:
    found = json.loads(one.ask(COUNT))
    there = {crossing for crossing, _ in found["crossings"]}
    numbers = [number for _, number in found["crossings"]]
    verdict = Verdict(
        missing=sum(1 for t in travellers if t.confirmed and t.confirmed not in there),
        twice=len(numbers) - len(set(numbers)),
        not_finished=sum(1 for t in travellers if not t.confirmed),
        problems=tuple(found["problems"]),
    )
    return verdict, found["milliseconds"]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def measure_load(name: str, database: str, seconds: float) -> bool:
    with station(database, lanes=LANES) as one:
        travellers, pages, errors = load(one, seconds=seconds)
        verdict, reading = judge(one, travellers)
        locked = (one.home / "log").read_text(errors="replace").count("database is locked")
    times: dict[str, list[float]] = {}
    for page in pages:
        spent = page.seconds - reading.get(page.request_id, 0) / 1000
        times.setdefault(page.name, []).append(max(spent, 0.0) * 1000)
    whole = [value for values in times.values() for value in values]
    print(f"{name}: {len(travellers)} travellers in {seconds:.0f} s at {LANES} lanes, {len(whole)} pages")
    for page_name, values in sorted(times.items()):
        middle = statistics.median(values)
        print(f"  {page_name:<12} median {middle:6.1f} ms   p95 {_p95(values):6.1f} ms   most {max(values):6.1f} ms")
    slow = _p95(whole)
    print(f"  p95 of all pages {slow:.1f} ms of 100; errors {len(errors)}; 'database is locked' {locked}; {verdict}")
    for error in errors[:3]:
        print(f"    {error}")
    return verdict.good and not errors and not locked and slow <= 100


def measure_kills(name: str, database: str, times: int, seed: int) -> bool:
    with station(database, lanes=6) as one:
        started = time.monotonic()
        travellers = kills(one, times=times, random_=random.Random(seed))
        verdict, _ = judge(one, travellers)
    print(f"{name}: kill -9 at {times} instants in {time.monotonic() - started:.0f} s, {len(travellers)} travellers")
    print(f"  {'as promised' if verdict.good else 'BROKEN'}: {verdict}")
    return verdict.good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=20261125)
    args = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores; load of others at the beginning: {os.getloadavg()[0]:.1f}")
    good = True
    for name in ("sqlite", "postgresql"):
        if args.database not in (name, "both"):
            continue
        if name == "sqlite":
            good &= measure_load("SQLite", "", args.seconds) if args.seconds else True
            good &= measure_kills("SQLite", "", args.kills, args.seed) if args.kills else True
        elif postgres.programs() is None:
            print("PostgreSQL is not installed here: not measured")
        else:
            with postgres.cluster(durable=True) as url:
                good &= measure_load("PostgreSQL", url, args.seconds) if args.seconds else True
            with postgres.cluster(durable=True) as url:
                good &= measure_kills("PostgreSQL", url, args.kills, args.seed) if args.kills else True
    print("as promised" if good else "NOT as promised")
    return 0


if __name__ == "__main__":
    sys.exit(main())
