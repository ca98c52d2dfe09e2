"""The exchange's own process: the NATS server as its child, the outbox out, what comes in, questions answered.

`python -m fanal.station.sharing.node`, a child of `fanal up` where the station is a place of an exchange. It keeps
nothing: killed at any instant, it goes on from the database and the streams.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from fanal.station.processes import die_with_parent

log = logging.getLogger("fanal.exchange")

PUMP_EVERY: Final = 0.05  # s
AT_ONCE: Final = 128  # envelopes published before the outbox is marked
TRY_AGAIN: Final = 1.0  # s: after a partner's link was full or down
BEGIN_AGAIN: Final = 2.0  # s: after the server did not start
LOOK_EVERY: Final = 1.0  # s: whether the place has a new partner

T = TypeVar("T")


async def _database(function: Callable[..., T], *arguments: Any) -> T:
    """Run something that uses the database in a thread of its own connection."""
    from django.db import close_old_connections

    def run() -> T:
        close_old_connections()
        return function(*arguments)

    return await asyncio.to_thread(run)


def _words(error: Exception) -> str:
    """What went wrong, without what it went wrong with: the log holds no personal data."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    if full or "disk" in str(error):
        return "the disk is full or cannot be written; nothing is lost, it goes on when there is room"
    return getattr(error, "code", "") or type(error).__name__


class Node:
    """One place's server, links and pumps."""

    def __init__(self) -> None:
        from fanal.exchange.transport import Server
        from fanal.station.sharing import place as places

        self.place = places.get()
        folder = places.folder()
        self.server = Server(folder / "nats.conf", folder / "nats.log")
        self.links: Any = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; begins anew where the place's links changed."""
        waiting = asyncio.create_task(stop.wait())
        while not stop.is_set():
            try:
                await self._open()
            except Exception as error:  # noqa: BLE001 - a full disk, a server that does not start: told, and tried again
                log.error("the exchange cannot start: %s", _words(error))
                if self.links is not None:
                    await self.links.close()
                self.server.stop()
                await asyncio.wait([waiting], timeout=BEGIN_AGAIN)
                continue
            pumps = [asyncio.create_task(self._pump()), asyncio.create_task(self._look())]
            await asyncio.wait([*pumps, waiting], return_when=asyncio.FIRST_COMPLETED)
            for task in pumps:
                task.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            await self.links.close()
            self.server.stop()
        waiting.cancel()

    async def _open(self) -> None:
        from fanal.exchange.transport import Links
        from fanal.station.sharing import place as places
        from fanal.station.sharing.changes import after_restore

        self.place = place = places.get()
        places.keep(place)  # the configuration as this version writes it
        places.sweep()
        await _database(after_restore, datetime.now(UTC))
        self.server.start(place.port)  # from this thread, which lives as long as the process
        tls = ssl.create_default_context(cafile=str(places.folder() / "server.crt"))
        self.links = links = Links(place.id, place.url, tls, place.seeds())
        for link in place.links:
            if link.offered:
                await links.offer(link.partner)
                await links.answer(link.partner, self._answer)
                if place.own(link.partner):
                    await links.receive(link.partner, self._receive, up=True)
            if link.taken:
                if link.partner == place.hub:
                    await links.give(link.partner)
                await links.receive(link.partner, self._receive)

    async def _receive(self, received: list[Any]) -> None:
        from fanal.station.sharing.inbox import receive

        try:
            await _database(receive, received[0].partner, [one.data for one in received], datetime.now(UTC))
        except Exception as error:
            log.error("%d envelopes of %s wait: %s", len(received), received[0].partner, _words(error))
            raise  # they are delivered again

    async def _answer(self, partner: str, data: bytes) -> bytes:
        from fanal.exchange import ExchangeError
        from fanal.station.sharing.inbox import answer
        from fanal.station.sharing.refusals import refuse_question

        try:
            return await _database(answer, partner, data, datetime.now(UTC))
        except ExchangeError as error:
            await _database(refuse_question, partner, data, error)
            return b""

    async def _pump(self) -> None:
        """Send what is to be sent, for ever; where the database cannot be written, it waits and is told."""
        until: dict[str, float] = {}  # partners whose link is full or down, and when to try again
        while True:
            try:
                more = await self._send(until)
            except Exception as error:  # noqa: BLE001 - what was published and not marked is published again
                log.error("the outbox waits: %s", _words(error))
                more = False
                await asyncio.sleep(TRY_AGAIN)
            if not more:
                await asyncio.sleep(PUMP_EVERY)

    async def _send(self, until: dict[str, float]) -> bool:
        """Publish some of the outbox. Returns whether there is more."""
        from fanal.exchange import ExchangeError
        from fanal.station.sharing.outbox import published, relay, troubled, waiting

        await _database(relay)
        now = asyncio.get_running_loop().time()
        blocked = {partner for partner, when in until.items() if when > now}
        rows = await _database(waiting, AT_ONCE, blocked)
        done: list[int] = []
        for number, partner, message, envelope in rows:
            if partner in blocked:
                continue  # in order: what follows waits too
            try:
                await self.links.publish(partner, message, envelope, up=partner == self.place.hub)
                done.append(number)
            except ExchangeError as error:
                blocked.add(partner)
                until[partner] = asyncio.get_running_loop().time() + TRY_AGAIN
                await _database(troubled, number, error.code)
        if done:
            await _database(published, done, datetime.now(UTC))
        return len(rows) == AT_ONCE

    async def _look(self) -> None:
        """Ends where the place has other links than at the start, or its server is gone."""
        from fanal.station.sharing import place as places

        while self.server.running:
            if places.get() != self.place:
                return
            await asyncio.sleep(LOOK_EVERY)


async def _main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    node = Node()
    try:
        await node.run(stop)
    finally:
        node.server.stop()


if __name__ == "__main__":
    die_with_parent()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    django.setup()
    asyncio.run(_main())
