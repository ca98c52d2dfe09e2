"""A place's connections to its own server: one an account. Envelopes out and in, questions and answers.

Out: a publication is done when the stream has it on disk; the same message id twice within the window is kept once.
In: fetched from the partner's stream over the leaf, and acknowledged after the callback has returned, that is after the
register has committed it: a crash between the two delivers it again, and the inbox knows its id.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import (
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from fanal.exchange.envelopes import MAX_ENVELOPE
from fanal.exchange.errors import ExchangeError
from fanal.exchange.transport.config import account_for, account_from, domain

WINDOW: Final = 24 * 3600.0
"""Seconds in which a message id is published once."""

KEEP: Final = 90 * 24 * 3600.0
"""Seconds that a stream holds what a partner has not fetched."""

STREAM: Final = "OUT"

UP: Final = "UP"
"""The stream of what a checkpoint gives its hub. Both ends of that link are one space of subjects: of one name with the
hub's own, an acknowledgement of one stream would take away from the other."""

CONSUMER: Final = "register"

BATCH: Final = 256
"""Envelopes under way to one partner at a time."""

ACK_WAIT: Final = 30.0
"""Seconds after which an envelope that was not acknowledged is delivered again."""

ASK: Final = "ask"


@dataclass(frozen=True, slots=True)
class Received:
    """An envelope as it came: from which link, its octets, which delivery this is (1 the first), and its place."""

    partner: str
    data: bytes
    delivery: int
    sequence: int


Callback = Callable[[list[Received]], Awaitable[None]]
Answer = Callable[[str, bytes], Awaitable[bytes]]


class Links:
    """All links of a place. `seeds`: our user's seed for each account."""

    def __init__(self, place: str, url: str, tls: ssl.SSLContext, seeds: dict[str, str], *, replicas: int = 1) -> None:
        self.place, self._url, self._tls, self._seeds, self._replicas = place, url, tls, seeds, replicas
        self._clients: dict[str, Client] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients.values():
            with contextlib.suppress(NatsError, OSError):
                await client.close()
        self._clients.clear()

    async def offer(self, partner: str) -> None:
        """Make ready what `partner` takes from us."""
        await self._ready(account_for(partner), STREAM)

    async def give(self, hub: str) -> None:
        """Make ready, at a checkpoint, what its hub is to fetch."""
        await self._ready(account_from(hub), UP)

    async def publish(self, partner: str, message_id: str, data: bytes, *, up: bool = False) -> None:
        """Put an envelope where `partner` fetches it. Returns when it is on this place's disk.

        Raises:
            ExchangeError: `too_large`; `link_full` where the partner's quota is used up; `link_down`.
        """
        if len(data) > MAX_ENVELOPE:
            raise ExchangeError("too_large", str(len(data)))
        client = await self._client(account_from(partner) if up else account_for(partner))
        try:
            await client.jetstream().publish(
                f"{(UP if up else STREAM).lower()}.envelope", data, headers={"Nats-Msg-Id": message_id}, timeout=5
            )
        except APIError as error:
            raise ExchangeError("link_full", str(error.err_code)) from error
        except (TimeoutError, NatsError, OSError) as error:
            raise ExchangeError("link_down", type(error).__name__) from error

    async def receive(self, partner: str, callback: Callback, *, up: bool = False) -> None:
        """Hand all envelopes from `partner` to `callback`, in order, some at a time, until closed.

        `up`: from a checkpoint of ours. `callback` returns when they are committed (or set aside, which is committed
        too). Where it raises, they are delivered again, after a pause that grows.
        """
        client = await self._client(account_for(partner) if up else account_from(partner))
        task = asyncio.create_task(self._receive(client, partner, UP if up else STREAM, callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, client: Client, partner: str, name: str, callback: Callback) -> None:
        stream = client.jetstream(domain=domain(partner))
        pause = 0.1
        while True:
            subscription = await stream.pull_subscribe_bind(CONSUMER, name)
            batch: list[Msg] = []
            try:
                while True:
                    batch = await subscription.fetch(BATCH, timeout=2)
                    await callback([_received(partner, message) for message in batch])
                    for message in batch:
                        await message.ack()
                    batch = []
                    pause = 0.1
            except (TimeoutError, NatsTimeout):
                pause = 0.1  # nothing waits, or the link is down: ask again
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001 - whatever the callback met: the envelope stays, and comes again
                with contextlib.suppress(NatsError, OSError):
                    for message in batch:
                        await message.nak()
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)
            finally:
                with contextlib.suppress(NatsError):
                    await subscription.unsubscribe()

    async def ask(self, partner: str, data: bytes, *, timeout: float = 2.0, hub: str | None = None) -> bytes:
        """Send a question's envelope to `partner` and wait for its answer's.

        `hub`: the hub over whose link it goes, for a checkpoint; the partner itself otherwise.

        Raises:
            ExchangeError: `unreachable` where no one answers in time: that is no answer, and never "no hit".
        """
        client = await self._client(account_from(hub or partner))
        subject = f"query.{domain(hub or partner)}.{ASK}.{domain(partner)}"
        try:
            return (await client.request(subject, data, timeout=timeout)).data
        except (NoRespondersError, NatsTimeout, NatsError, OSError) as error:
            raise ExchangeError("unreachable", type(error).__name__) from error

    async def answer(self, partner: str, answer: Answer) -> None:
        """Answer `partner`'s questions with `answer(partner, envelope)`."""
        client = await self._client(account_for(partner))

        async def on_question(message: Msg) -> None:
            if message.reply and len(message.data) <= MAX_ENVELOPE:
                await message.respond(await answer(partner, message.data))

        await client.subscribe(f"query.{domain(self.place)}.{ASK}.>", cb=on_question)

    async def waiting(self, partner: str, *, up: bool = False) -> int:
        """How many envelopes for `partner` (or, from a checkpoint, `up` to its hub) it has not committed yet."""
        client = await self._client(account_from(partner) if up else account_for(partner))
        try:
            info = await client.jetstream().consumer_info(UP if up else STREAM, CONSUMER)
        except (TimeoutError, NatsError) as error:
            raise ExchangeError("link_down", type(error).__name__) from error
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def reachable(self, partner: str, *, up: bool = False) -> bool:
        """Whether the partner's server answers over the link now."""
        client = await self._client(account_for(partner) if up else account_from(partner))
        try:
            await client.jetstream(domain=domain(partner), timeout=1).consumer_info(UP if up else STREAM, CONSUMER)
        except (TimeoutError, NatsError):
            return False
        return True

    async def _ready(self, account: str, name: str) -> None:
        """The stream of an account, and the one consumer that its partner fetches from.

        What the partner has acknowledged leaves the stream: its register has it, and ours knows that it went.
        """
        stream = (await self._client(account)).jetstream()
        try:
            await stream.consumer_info(name, CONSUMER)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[f"{name.lower()}.>"],
                    retention=RetentionPolicy.WORK_QUEUE,
                    storage=StorageType.FILE,
                    discard=DiscardPolicy.NEW,
                    max_age=KEEP,
                    max_msg_size=MAX_ENVELOPE + 4096,
                    duplicate_window=WINDOW,
                    num_replicas=self._replicas,
                )
            )
            await stream.add_consumer(
                name,
                ConsumerConfig(durable_name=CONSUMER, ack_wait=ACK_WAIT, max_ack_pending=BATCH, max_deliver=-1),
            )

    async def _client(self, account: str) -> Client:
        client = self._clients.get(account)
        if client is None or client.is_closed:
            seed = self._seeds.get(account)
            if seed is None:
                raise ExchangeError("no_link", account)
            options: dict[str, Any] = {
                "nkeys_seed_str": seed,
                "tls": self._tls,
                "name": f"fanal {self.place}",
                "max_reconnect_attempts": -1,
                "reconnect_time_wait": 0.5,
                "error_cb": _quiet,
            }
            try:
                client = await nats.connect(self._url, **options)
            except (TimeoutError, NatsError, OSError) as error:
                raise ExchangeError("link_down", type(error).__name__) from error
            self._clients[account] = client
        return client


def _received(partner: str, message: Msg) -> Received:
    about = message.metadata
    return Received(partner, message.data, about.num_delivered, about.sequence.stream)


async def _quiet(_: Exception) -> None:
    """Reconnecting is the client's business; what matters shows in `lag` and in what `publish` and `ask` raise."""
