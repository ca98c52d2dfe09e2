"""Two sovereign hubs and a checkpoint, with real servers: what arrives, what survives, what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError

from fanal.exchange import ExchangeError
from fanal.exchange.transport import Links, Received, Server, new_seed
from fanal.exchange.transport.identity import write_secret
from tests.exchange.transport.places import Place


@pytest.fixture
def region(tmp_path: Path) -> Iterator[tuple[Place, Place, Place, str]]:
    hti, dom, post = Place("HTI", tmp_path / "h"), Place("DOM", tmp_path / "d"), Place("HTI.malpasse", tmp_path / "m")
    leaf = dom.takes_from(hti)
    hti.takes_from(dom)
    post.takes_from(hti, own=True)
    places = (hti, dom, post)
    for place in places:
        place.start()
    yield (*places, leaf)
    for place in places:
        place.stop()


@contextlib.asynccontextmanager
async def linked(*places: Place) -> AsyncIterator[list[Links]]:
    made = [place.links() for place in places]
    for links, place in zip(made, places, strict=True):
        for offer in place.offers:
            await links.offer(offer.partner)
        for take in place.takes:
            if take.own:
                await links.give(take.partner)
    try:
        yield made
    finally:
        for links in made:
            await links.close()


class Inbox:
    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def __call__(self, received: list[Received]) -> None:
        self.got += [one.data for one in received]

    async def wait(self, count: int, seconds: float = 40) -> list[bytes]:
        async with asyncio.timeout(seconds):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got


def test_an_envelope_arrives_once_and_in_both_directions(region: tuple[Place, Place, Place, str]) -> None:
    hti, dom, *_ = region

    async def run() -> None:
        async with linked(hti, dom) as (haiti, dominican):
            there, here = Inbox(), Inbox()
            await dominican.receive("HTI", there)
            await haiti.receive("DOM", here)
            for _ in range(3):  # a sender that does not know whether it was taken sends again
                await haiti.publish("DOM", "one", b"1")
            await haiti.publish("DOM", "two", b"2")
            await dominican.publish("HTI", "three", b"3")
            assert await there.wait(2) == [b"1", b"2"]
            assert await here.wait(1) == [b"3"]

    asyncio.run(run())


def test_a_checkpoint_receives_gives_and_is_asked_nothing_by_partners(
    region: tuple[Place, Place, Place, str],
) -> None:
    hti, dom, post, _ = region

    async def run() -> None:
        async with linked(hti, dom, post) as (haiti, _, malpasse):
            at_post, at_hub = Inbox(), Inbox()
            await malpasse.receive("HTI", at_post)
            await haiti.receive("HTI.malpasse", at_hub, up=True)
            await haiti.publish("HTI.malpasse", "down", b"down")
            await malpasse.publish("HTI", "up", b"up", up=True)
            assert await at_post.wait(1) == [b"down"]
            assert await at_hub.wait(1) == [b"up"]

    asyncio.run(run())


def test_what_one_end_of_a_checkpoints_link_acknowledges_takes_nothing_from_the_other(
    region: tuple[Place, Place, Place, str],
) -> None:
    """Both ends fetch from the other's stream, in one space of subjects: the numbers are the same, the streams not."""
    hti, _, post, _ = region

    async def run() -> None:
        async with linked(hti, post) as (haiti, malpasse):
            for number in range(5):
                await haiti.publish("HTI.malpasse", f"d{number}", b"down")
                await malpasse.publish("HTI", f"u{number}", b"up", up=True)
            at_hub, at_post = Inbox(), Inbox()
            await haiti.receive("HTI.malpasse", at_hub, up=True)
            await at_hub.wait(5)
            async with asyncio.timeout(20):
                while await malpasse.waiting("HTI", up=True):
                    await asyncio.sleep(0.05)
            assert await haiti.waiting("HTI.malpasse") == 5
            await malpasse.receive("HTI", at_post)
            assert await at_post.wait(5) == [b"down"] * 5

    asyncio.run(run())


def test_a_question_is_answered_and_a_partner_that_is_away_is_no_answer(
    region: tuple[Place, Place, Place, str],
) -> None:
    hti, dom, *_ = region

    async def run() -> None:
        async with linked(hti, dom) as (haiti, dominican):

            async def answer(partner: str, data: bytes) -> bytes:
                return partner.encode() + b" asked " + data

            await haiti.answer("DOM", answer)
            async with asyncio.timeout(20):
                while True:
                    try:
                        assert await dominican.ask("HTI", b"?") == b"DOM asked ?"
                        break
                    except ExchangeError:
                        await asyncio.sleep(0.1)  # the link is not up yet
            hti.stop()
            with pytest.raises(ExchangeError, match="unreachable"):
                await dominican.ask("HTI", b"?", timeout=0.5)

    asyncio.run(run())


def test_what_was_published_while_a_checkpoint_was_away_is_there_when_it_is_back(
    region: tuple[Place, Place, Place, str],
) -> None:
    hti, _, post, _ = region

    async def run() -> None:
        async with linked(hti, post) as (haiti, malpasse):
            inbox = Inbox()
            await malpasse.receive("HTI", inbox)
            await haiti.publish("HTI.malpasse", "0", b"0")
            await inbox.wait(1)
            post.stop()
            for number in range(1, 51):
                await haiti.publish("HTI.malpasse", str(number), str(number).encode())
            assert await haiti.waiting("HTI.malpasse") == 50
            assert not await malpasse.reachable("HTI")
            post.start()
            assert await inbox.wait(51) == [str(number).encode() for number in range(51)]

    asyncio.run(run())


def test_an_envelope_whose_commit_failed_comes_again(region: tuple[Place, Place, Place, str]) -> None:
    hti, dom, *_ = region

    async def run() -> None:
        async with linked(hti, dom) as (haiti, dominican):
            seen: list[int] = []

            async def fails_once(received: list[Received]) -> None:
                seen.append(received[0].delivery)
                if len(seen) == 1:
                    raise OSError("disk full")

            await dominican.receive("HTI", fails_once)
            await haiti.publish("DOM", "one", b"1")
            async with asyncio.timeout(60):
                while len(seen) < 2:
                    await asyncio.sleep(0.05)
            assert seen == [1, 2]

    asyncio.run(run())


@pytest.mark.parametrize(
    "subject",
    [
        "out.envelope",  # publish in Haiti's name
        "$JS.hti.API.STREAM.PURGE.OUT",
        "$JS.hti.API.STREAM.DELETE.OUT",
        "$JS.hti.API.STREAM.MSG.GET.OUT",
        "$JS.hti.API.STREAM.NAMES",
        "$JS.API.STREAM.NAMES",
        "query.jam.ask.jam",
    ],
)
def test_a_partner_with_its_credentials_can_do_no_more_than_take_and_ask(
    region: tuple[Place, Place, Place, str], subject: str
) -> None:
    hti, dom, *_ = region

    async def run() -> None:
        async with linked(hti, dom) as (haiti, dominican):
            inbox = Inbox()
            await dominican.receive("HTI", inbox)
            await haiti.publish("DOM", "one", b"1")
            await inbox.wait(1)
            client = await dominican._client("FROM_HTI")
            with pytest.raises(NatsError):
                reply = await client.request(subject, b"", timeout=0.5)
                # The partner's own server may answer for its own streams; Haiti's never does.
                assert b'"domain":"hti"' not in reply.data
                raise NatsError
            assert await dominican.reachable("HTI")
            await haiti.publish("DOM", "two", b"2")
            await inbox.wait(2)

    asyncio.run(run())


def test_a_leaf_user_cannot_come_in_as_a_client_and_read_what_is_anothers(
    region: tuple[Place, Place, Place, str],
) -> None:
    """The seed that Haiti's partner holds, used directly at Haiti's client port: the same list holds there."""
    hti, _, _, leaf = region

    async def run() -> None:
        async with linked(hti):
            errors: list[Exception] = []

            async def on_error(error: Exception) -> None:
                errors.append(error)

            client = await nats.connect(
                f"tls://127.0.0.1:{hti.port}", nkeys_seed_str=leaf, tls=hti.tls(), error_cb=on_error
            )
            await client.subscribe("out.>")
            await client.publish("out.envelope", b"forged")
            await client.flush()
            await asyncio.sleep(0.1)
            assert len(errors) == 2
            assert all("ermissions" in str(error) for error in errors)
            await client.close()
            with pytest.raises((NatsError, OSError)):
                await nats.connect(
                    f"tls://127.0.0.1:{hti.port}",
                    nkeys_seed_str=new_seed(),
                    tls=hti.tls(),
                    error_cb=on_error,
                    max_reconnect_attempts=0,
                    allow_reconnect=False,
                )

    asyncio.run(run())


def test_one_partners_full_stream_is_told_and_leaves_the_others_free(tmp_path: Path) -> None:
    hti, dom, post = (Place(name, tmp_path / name) for name in ("HTI", "DOM", "HTI.malpasse"))
    dom.takes_from(hti)
    post.takes_from(hti, own=True)
    hti.partner_limit = 4 * 1024**2
    hti.start()

    async def run() -> None:
        async with linked(hti) as (haiti,):
            with pytest.raises(ExchangeError, match="link_full"):
                for number in range(20):
                    await haiti.publish("DOM", str(number), os.urandom(512 * 1024))
            await haiti.publish("HTI.malpasse", "one", b"1")
            assert await haiti.waiting("HTI.malpasse") == 1
            assert 0 < await haiti.waiting("DOM") < 20  # what was taken is kept

    try:
        asyncio.run(run())
    finally:
        hti.stop()


def test_a_gigabyte_is_refused_before_it_is_sent(region: tuple[Place, Place, Place, str]) -> None:
    hti, *_ = region

    async def run() -> None:
        async with linked(hti) as (haiti,):
            with pytest.raises(ExchangeError, match="too_large"):
                await haiti.publish("DOM", "big", bytes(2**21))

    asyncio.run(run())


def test_a_partner_whose_own_server_allows_any_size_sends_nothing_large(
    region: tuple[Place, Place, Place, str],
) -> None:
    hti, dom, *_ = region
    config = dom.folder / "nats.conf"
    dom.stop()
    write_secret(config, re.sub(r"max_payload: \d+", "max_payload: 67108864", config.read_text()).encode())
    dom.server = Server(config, dom.folder / "nats.log")
    dom.server.start(dom.port)

    async def run() -> None:
        async with linked(hti, dom) as (haiti, dominican):
            seen: list[int] = []

            async def answer(partner: str, data: bytes) -> bytes:
                seen.append(len(data))
                return b"!"

            await haiti.answer("DOM", answer)
            for size in (8 * 1024**2, 1):
                async with asyncio.timeout(40):
                    while size not in seen:
                        try:
                            await dominican.ask("HTI", bytes(size), timeout=1)
                        except ExchangeError:
                            if size > 1:
                                break
                            await asyncio.sleep(0.2)
            assert set(seen) == {1}

    asyncio.run(run())
