"""Asking a partner at once, from the station's pages: the question goes out over the link while the officer waits.

The web process keeps one connection to the place's own server, in a thread of its own. Where the partner does not
answer in time, that is said: it is no answer, and never "no hit".
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from datetime import UTC, datetime
from typing import Final

from django.db import transaction

from fanal.exchange import Category, ExchangeError, Purpose, open_envelope, seal, write
from fanal.exchange.messages import AnswerBody, QuestionBody
from fanal.exchange.transport import Links
from fanal.station.sharing import place as places
from fanal.station.sharing import services
from fanal.station.sharing.agreed import agreements

TIMEOUT: Final = 2.0  # s

_lock = threading.Lock()
_running: tuple[asyncio.AbstractEventLoop, Links, places.Place] | None = None


def ask(body: QuestionBody, *, partner: str, category: Category, purpose: Purpose, actor: object) -> AnswerBody:
    """Ask and wait for the answer, both on the record and both a thread.

    Raises:
        ExchangeError: what the agreements refuse; `unreachable`; `no_answer` where the partner refused in silence.
    """
    place = places.get()
    now = datetime.now(UTC)
    mine = agreements(place.id)
    message = write(
        body,
        sender=place.id,
        recipient=partner,
        category=category,
        purpose=purpose,
        agreements=mine,
        at=now,
        expires=now + services.ANSWER_WITHIN,
    )
    envelope = seal(message, places.keys(), mine, at=now)
    with transaction.atomic():
        services.take(message, partner=partner)
        services._note("exchange_asked", message, actor)
    loop, links = _links(place)
    data = asyncio.run_coroutine_threadsafe(links.ask(partner, envelope, timeout=TIMEOUT), loop).result(TIMEOUT + 5)
    if not data:
        raise ExchangeError("no_answer", partner)
    opened = open_envelope(data, places.keys(), mine, at=datetime.now(UTC))
    answer = opened.message
    if answer.sender != partner or answer.thread != message.id or not isinstance(answer.body, AnswerBody):
        raise ExchangeError("no_answer", "not to this question")
    with transaction.atomic():
        services.take(answer, partner=partner)
        services._note("exchange_received", answer, services.SYSTEM, clause=opened.grant.clause)
    return answer.body


def _links(place: places.Place) -> tuple[asyncio.AbstractEventLoop, Links]:
    global _running
    with _lock:
        if _running is not None and _running[2] == place:
            return _running[0], _running[1]
        if _running is not None:
            asyncio.run_coroutine_threadsafe(_running[1].close(), _running[0])
            _running[0].call_soon_threadsafe(_running[0].stop)
        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, name="fanal-ask", daemon=True).start()
        tls = ssl.create_default_context(cafile=str(places.folder() / "server.crt"))
        links = Links(place.id, place.url, tls, place.seeds())
        _running = (loop, links, place)
        return loop, links
