"""How the exchange stands: for the status command, the sharing pages and the shift board."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from fanal.exchange import ExchangeError
from fanal.exchange.transport import Links
from fanal.station.sharing import place as places
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, Outbox, Thread


def status(now: datetime) -> dict[str, Any]:
    """Links, what waits, how old what is held is, and what nobody has answered.

    Raises:
        ExchangeError: `no_place`.
    """
    place = places.get()
    parties = agreements(place.id).partners(now.date())
    links = _links(place, [party.id for party in parties])
    heard = dict(Inbox.objects.values_list("partner").annotate(last=Max("received")))
    to_send = dict(Outbox.objects.filter(published__isnull=True).values_list("partner").annotate(n=Count("pk")))
    held = dict(Datum.objects.filter(gone__isnull=True).values_list("owner").annotate(n=Count("pk")))
    given = dict(
        Thread.objects.filter(kind="share", opener=place.id, state__in=("held", "corrected"))
        .values_list("partner")
        .annotate(n=Count("pk"))
    )
    confirms = Thread.objects.filter(kind="confirm", state="open")
    problems = Inbox.objects.aggregate(
        refused=Count("pk", filter=Q(outcome="refused")), set_aside=Count("pk", filter=Q(outcome="set_aside"))
    )
    return {
        "place": place.id,
        "partners": [
            {
                "partner": party.id,
                "link": links.get(party.id, (False, None))[0],
                "not_fetched": links.get(party.id, (False, None))[1] or 0,
                "to_send": to_send.get(party.id, 0),
                "heard": heard[party.id].isoformat(timespec="seconds") if party.id in heard else None,
                "held": given.get(party.id, 0),
                "holding": held.get(party.id, 0),
            }
            for party in parties
        ],
        "unanswered": confirms.count(),
        "overdue": confirms.filter(deadline__lt=now).count(),
        **problems,
    }


def _links(place: places.Place, partners: list[str]) -> dict[str, tuple[bool, int | None]]:
    """For each partner whether it is reached now, and how many envelopes it has not fetched; nothing without a node."""

    async def look() -> dict[str, tuple[bool, int | None]]:
        tls = ssl.create_default_context(cafile=str(places.folder() / "server.crt"))
        links = Links(place.id, place.url, tls, place.seeds())
        found: dict[str, tuple[bool, int | None]] = {}
        try:
            for partner in partners:
                link = place.link(partner)
                up = partner == place.hub
                waiting = await links.waiting(partner, up=up) if link.offered or up else None
                reached = await links.reachable(partner, up=not link.taken) if link.taken or link.offered else False
                found[partner] = (reached, waiting)
        except ExchangeError:
            pass  # our own server is down: no link is up
        finally:
            await links.close()
        return found

    return asyncio.run(look())


def overview(now: datetime) -> dict[str, Any]:
    """What the sharing page shows, without asking any server: it opens with the cable pulled."""
    place = places.find()
    if place is None:
        return {"place": None, "ours": []}
    heard = dict(Inbox.objects.values_list("partner").annotate(last=Max("received")))
    waiting = dict(Outbox.objects.filter(published__isnull=True).values_list("partner").annotate(n=Count("pk")))
    holding = dict(Datum.objects.filter(gone__isnull=True).values_list("owner").annotate(n=Count("pk")))
    given = dict(
        Thread.objects.filter(kind="share", opener=place.id, state__in=("held", "corrected"))
        .values_list("partner")
        .annotate(n=Count("pk"))
    )
    mine = agreements(place.id)
    theirs = Thread.objects.exclude(opener=place.id)
    return {
        "place": place,
        "partners": [
            {
                "id": party.id,
                "name": party.name,
                "heard": heard.get(party.id),
                "waiting": waiting.get(party.id, 0),
                "holding": holding.get(party.id, 0),
                "given": given.get(party.id, 0),
                "agreements": mine.between(party.id),
            }
            for party in mine.partners(now.date())
        ],
        "to_confirm": theirs.filter(kind="confirm", state="open").order_by("deadline")[:100],
        "asked": Thread.objects.filter(kind="confirm", opener=place.id).order_by("-opened")[:20],
        "requests": theirs.filter(kind="query", state="requested").order_by("opened")[:100],
        "ours": list(Datum.objects.filter(owner=place.id, gone__isnull=True).order_by("-created")[:50]),
        "problems": Inbox.objects.exclude(outcome="applied").order_by("-received")[:50],
    }


def confirmation_of(entry: uuid.UUID) -> Thread | None:
    """Our newest question to the owner of a shared entry, whether it stands."""
    place = places.find()
    if place is None:
        return None
    return Thread.objects.filter(kind="confirm", datum=entry, opener=place.id).order_by("-opened").first()


def trust_updates() -> list[Datum]:
    """What partners gave for the trust store, the newest first."""
    return list(
        Datum.objects.filter(category="trust", agreement__isnull=False, gone__isnull=True).order_by("-changed")[:50]
    )
