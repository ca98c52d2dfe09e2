"""Two hubs and a checkpoint as they run: processes, servers, databases of their own.

One region for all tests here; each finds it as the one before has left it, and the last takes it apart.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import resource
import sqlite3
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fanal.exchange import Agreements, Category, KeyPair, PublicKey, Purpose, fingerprint, seal, write
from fanal.exchange import agreements as signing
from fanal.exchange.messages import DocumentRef, NoticeBody, QuestionBody
from fanal.exchange.transport import Links
from fanal.station.sharing.node import _words
from fanal.station.sharing.region import PlaceProcesses, region, until
from tests.exchange.test_envelopes import forge
from tests.exchange.world import Side
from tests.station.sharing.test_sharing import LOST

Places = dict[str, PlaceProcesses]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    folder = tmp_path_factory.mktemp("region") / "places"
    with region(folder, lambda words: None, ("HTI", "JAM", "HTI.malpasse")) as made:
        yield made


@pytest.fixture(autouse=True)
def settled(places: Places) -> None:
    """What the test before left under way has come, and is in the index, before the next one counts."""
    jam, hti = places["JAM"], places["HTI"]

    def all_there() -> bool:
        counted = hti.do("count", owner="JAM")
        return bool(counted["listed"] == counted["held"] >= jam.do("count", owner="JAM")["held"])

    until("what is under way", 180, all_there)


_numbers = iter(range(1, 10_000))


def report(place: PlaceProcesses, count: int = 1) -> None:
    """Documents of Jamaica's are reported lost there."""
    first = next(_numbers)
    for _ in range(count - 1):
        next(_numbers)
    place.do("list_many", count=count, state="JAM", first=first)


def arrived(place: PlaceProcesses) -> int:
    return int(place.do("count", owner="JAM")["listed"])


def test_a_report_reaches_a_neighbours_checkpoint_and_a_killed_node_loses_nothing(places: Places) -> None:
    jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
    report(jam, 5)
    for node in (jam, hti, post):
        assert node.node is not None
        node.node.kill()  # at whatever instant
        node.node.wait()
        node.start_node()
    report(jam, 5)
    until("the reports", 180, lambda: arrived(post) == 10)
    assert post.do("count", owner="JAM") == {"held": 10, "listed": 10, "twice": 0}
    assert hti.do("ask", partner="JAM", state="JAM", number="Z0000003") == {"result": "hit"}
    for place in places.values():
        assert place.do("verify")["problems"] == []


def test_a_full_disk_loses_nothing(places: Places) -> None:
    """The node may write no file any further; it is the file size limit that says so here, and not the disk."""
    jam, hti = places["JAM"], places["HTI"]
    before = arrived(hti)
    assert hti.node is not None
    soft, hard = resource.prlimit(hti.node.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        report(jam, 3)
        time.sleep(2)
        assert hti.do("count", owner="JAM")["held"] == before
    finally:
        resource.prlimit(hti.node.pid, resource.RLIMIT_FSIZE, (soft, hard))
    until("the reports", 180, lambda: arrived(hti) == before + 3)
    assert hti.do("verify")["problems"] == []


def test_a_full_disk_is_told_in_words_and_nothing_else_of_what_was_written() -> None:
    told = {
        _words(error)
        for error in (OSError(errno.ENOSPC, "x"), sqlite3.OperationalError("database or disk is full: SECRET"))
    }
    assert told == {"the disk is full or cannot be written; nothing is lost, it goes on when there is room"}
    assert _words(ValueError("SECRET")) == "ValueError"


def test_a_key_is_rolled_and_revoked_without_anything_waiting(places: Places) -> None:
    jam, hti = places["JAM"], places["HTI"]
    made = jam.do("roll")
    until("Haiti knows it", 180, lambda: jam.do("keys")["keys"][0]["known_to"] == ["HTI"])
    assert jam.do("revoke", kid=made["old"])["told"] == ["HTI"]
    before = arrived(hti)
    report(jam, 2)
    until("the reports", 180, lambda: arrived(hti) == before + 2)
    assert {one["kid"] for one in hti.do("noted", action="key_revoked")["noted"]} >= {made["old"]}
    assert hti.do("refused")["codes"] == []


def _hostile(jam: PlaceProcesses, *sent: bytes) -> None:
    """What Jamaica's operator puts into Haiti's stream past its software, with the credentials that it has."""
    place = json.loads((jam.home / "exchange" / "place.json").read_text())
    seeds = {"FOR_HTI": next(link for link in place["links"] if link["partner"] == "HTI")["for_seed"]}
    tls = ssl.create_default_context(cafile=str(jam.home / "exchange" / "server.crt"))

    async def run() -> None:
        links = Links("JAM", f"tls://127.0.0.1:{jam.port}", tls, seeds)
        for data in sent:
            await links.publish("HTI", str(uuid.uuid4()), data)
        await links.close()

    # In a thread of its own: the browser's tests leave a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, run()).result()


def test_what_a_partner_sends_against_the_agreement_is_refused_on_the_record_and_disturbs_nothing(
    places: Places,
) -> None:
    jam, hti = places["JAM"], places["HTI"]
    before = arrived(hti)
    now = datetime.now(UTC)
    keys = tuple(KeyPair.load(one) for one in json.loads((jam.home / "exchange" / "keys.json").read_text()))
    with sqlite3.connect(jam.home / "station.sqlite3") as database:
        (text,) = database.execute(
            "SELECT text FROM sharing_signedagreement WHERE state = 'in_force' AND partner = 'HTI'"
        ).fetchone()
    mine = Agreements("JAM", (signing.read(text.encode()).agreement,))
    haiti = json.loads((hti.home / "exchange" / "keys.json").read_text())
    jamaica, us = Side("JAM", keys[0]), Side("HTI", KeyPair.load(haiti[0]))
    good = write(
        NoticeBody(datum=LOST.model_copy(update={"number": "Y1"})),
        sender="JAM",
        recipient="HTI",
        category=Category.LOST_DOCUMENT,
        purpose=Purpose.BORDER_CHECK,
        agreements=mine,
        at=now,
        expires=now + timedelta(days=1),
    )

    def new(**change: Any) -> Any:
        made = str(uuid.uuid4())
        return good.model_copy(update={"id": made, "thread": made, **change})

    asked = QuestionBody(document=DocumentRef(issuing_state="HTI", number="X1"))
    envelope = seal(good, keys, mine, at=now)
    _hostile(
        jam,
        envelope,
        envelope,  # replayed
        forge(new(purpose=Purpose.SMUGGLING), jamaica, to=us),  # another purpose
        forge(new(sender="DOM"), jamaica, to=us),  # in another's name
        forge(new(), Side("JAM", keys[-1]), to=us),  # with the key that was revoked
        forge(new(body=asked, category=Category.TRUST), jamaica, to=us),  # without a clause that lets it ask
        b'{"schema":"fanal.envelope/9","id":"x"}',
        b'{"schema":"fanal.statement/9","statement":"x"}',
        os.urandom(4000),
    )
    report(jam)
    until("what came behind it", 180, lambda: arrived(hti) == before + 2)
    # The agreement's next version, which names the key no more, may be in force already.
    codes = sorted(code.replace("key_unknown", "key_not_valid") for code in hti.do("refused")["codes"])
    assert codes == sorted(
        [
            "purpose_not_covered",
            "no_agreement",
            "key_not_valid",
            "questions_not_covered",
            "envelope_version",
            "statement_version",
            "envelope_form",
        ]
    )
    assert hti.do("count", owner="JAM")["twice"] == 0
    assert len(hti.do("noted", action="exchange_refused")["noted"]) == 5
    assert hti.do("verify")["problems"] == []


def _fanal(place: PlaceProcesses, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fanal", *arguments],
        env=place.environment | {"FANAL_BACKUP_PASSPHRASE": "a long passphrase"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_hub_that_is_restored_sends_nothing_twice_and_gets_what_came_after_its_backup(
    places: Places, tmp_path: Path
) -> None:
    jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
    before = arrived(hti)
    _fanal(hti, "backup", str(tmp_path / "hub.backup"))
    report(jam, 3)
    until("the reports", 180, lambda: arrived(post) == before + 3)
    hti.stop()
    _fanal(hti, "restore", str(tmp_path / "hub.backup"), "--replace")
    hti.open()
    assert hti.do("count", owner="JAM")["held"] == before
    hti.start()
    report(jam, 2)
    until("all reports", 180, lambda: arrived(hti) == before + 5)
    until("all at the checkpoint", 180, lambda: arrived(post) == before + 5)
    for place in places.values():
        assert place.do("count", owner="JAM")["twice"] == 0
        assert place.do("verify")["problems"] == []
    (asked,) = jam.do("noted", action="partner_restored")["noted"]
    assert asked["again"] >= 3


def test_a_lost_checkpoint_is_replaced_and_has_the_whole_register_again(places: Places) -> None:
    jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
    invitation = hti.do("replace", post="HTI.malpasse")["file"]
    post.stop()
    new = PlaceProcesses("HTI.malpasse", post.home.with_name("new"), post.port, post.leaf_port)
    new.home.mkdir(mode=0o700)
    new.migrate()
    new.open()
    places["HTI.malpasse"] = new
    theirs = new.do("init", id=new.id, name="Malpasse", port=new.port, leaf_port=new.leaf_port)["fingerprint"]
    keys = json.loads(invitation)["party"]["keys"]
    ours = fingerprint(tuple(PublicKey.model_validate_json(json.dumps(key)) for key in keys))
    accepted = new.do("accept", file=invitation, fingerprint=ours)["file"]
    hti.do("accept", file=accepted, fingerprint=theirs)
    new.start()
    until("the register", 180, lambda: arrived(new) == arrived(hti))
    before = arrived(hti)
    report(jam)
    until("the next report", 180, lambda: arrived(new) == arrived(hti) == before + 1)


def test_a_partner_leaves_and_what_was_its_is_gone_everywhere_with_receipts(places: Places) -> None:
    jam, hti, post = (places[name] for name in ("JAM", "HTI", "HTI.malpasse"))
    held = hti.do("count", owner="JAM")["held"]
    until("all is settled", 180, lambda: arrived(post) == held)
    hti.do("leave", partner="JAM")
    assert hti.do("count", owner="JAM")["held"] == 0
    until("the checkpoint's copies", 180, lambda: post.do("count", owner="JAM")["held"] == 0)
    until("the receipt", 180, lambda: bool(hti.do("noted", action="partner_removed")["noted"]))
    (theirs,) = jam.do("noted", action="partner_left")["noted"]
    assert theirs["stated"]["data"] == held
    assert hti.do("noted", action="partner_removed")["noted"][0]["same"] is True
    stores = [place.home / "exchange" / "store" / "jetstream" for place in (jam, hti)]
    until("the streams", 180, lambda: not (stores[0] / "FOR_HTI").exists() and not (stores[1] / "FOR_JAM").exists())
    assert (stores[1] / "FOR_HTI_MALPASSE").exists()
    for place in places.values():
        assert place.do("verify")["problems"] == []
