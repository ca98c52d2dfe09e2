"""A headquarters of three servers, tried on one machine: streams with three replicas, one server killed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error as NatsError

from fanal.exchange import ExchangeError
from fanal.exchange.transport import Cluster, Links, Received
from tests.exchange.transport.places import Place, free_port


@pytest.fixture
def headquarters(tmp_path: Path) -> Iterator[tuple[list[Place], Place]]:
    first = Place("HTI", tmp_path / "h1")
    partner = Place("DOM", tmp_path / "d")
    partner.takes_from(first)
    routes = [free_port() for _ in range(3)]
    servers = [first]
    for number in (2, 3):  # the same place: its certificate, its accounts
        folder = tmp_path / f"h{number}"
        shutil.copytree(first.folder, folder)
        servers.append(Place("HTI", folder, offers=first.offers, seeds=first.seeds))
    for number, server in enumerate(servers):
        others = tuple(f"tls://127.0.0.1:{port}" for port in routes if port != routes[number])
        server.server_name = f"hti-{number + 1}"
        server.cluster = Cluster("HTI", f"127.0.0.1:{routes[number]}", others)
    for server in (*servers, partner):
        server.start()
    yield servers, partner
    for server in (*servers, partner):
        server.stop()


def test_a_headquarters_of_three_goes_on_when_one_of_its_servers_is_killed(
    headquarters: tuple[list[Place], Place],
) -> None:
    servers, partner = headquarters

    async def run() -> None:
        ours, theirs = servers[1].links(replicas=3), partner.links()
        got: list[bytes] = []

        async def take(received: list[Received]) -> None:
            got.extend(one.data for one in received)

        try:
            await _once_it_has_a_leader(ours)
            await theirs.receive("HTI", take)
            for number in range(10):
                await ours.publish("DOM", str(number), str(number).encode())
            async with asyncio.timeout(60):
                while await ours.waiting("DOM"):  # what is not acknowledged then comes once more, later
                    await asyncio.sleep(0.05)
            killed = servers[2].server
            assert killed is not None
            killed.stop(timeout=0)
            for number in range(10, 20):
                await _published(ours, number)
            async with asyncio.timeout(60):
                while len(got) < 20:
                    await asyncio.sleep(0.05)
            assert {int(one) for one in got} == set(range(20))
        finally:
            await ours.close()
            await theirs.close()

    asyncio.run(run())


async def _once_it_has_a_leader(links: Links) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await links.offer("DOM")
                return
            except (ExchangeError, NatsError, TimeoutError):
                await asyncio.sleep(0.2)


async def _published(links: Links, number: int) -> None:
    """As the outbox does it: again until it is on disk; the stream keeps one id once."""
    async with asyncio.timeout(60):
        while True:
            try:
                await links.publish("DOM", str(number), str(number).encode())
                return
            except ExchangeError:
                await asyncio.sleep(0.2)
