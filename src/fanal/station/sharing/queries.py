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
from fanal.station.sharing import reconcile
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, Outbox, SignedAgreement, Thread


def status(now: datetime) -> dict[str, Any]:
    """Links, what waits, how old what is held is, and what nobody has answered.

    Raises:
        ExchangeError: `no_place`.
    """
    place = places.get()
    parties = agreements(place.id).partners(now.date())
    links = links_now(place, [party.id for party in parties])
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
    stuck, proposed = problems_of(), proposals(place)
    return {
        "place": place.id,
        "keys": our_keys(place),
        "leaving": leaving(),
        "partners": [
            {
                "partner": party.id,
                "link": links.get(party.id, (False, None))[0],
                "not_fetched": links.get(party.id, (False, None))[1] or 0,
                "to_send": to_send.get(party.id, 0),
                "heard": heard[party.id].isoformat(timespec="seconds") if party.id in heard else None,
                "held": given.get(party.id, 0),
                "holding": held.get(party.id, 0),
                "problems": stuck.get(party.id, []),
                "proposed": proposed.get(party.id),
            }
            for party in parties
        ],
        "unanswered": confirms.count(),
        "overdue": confirms.filter(deadline__lt=now).count(),
        **problems,
    }


def proposals(place: places.Place) -> dict[str, str]:
    """By partner who has proposed the next version of the agreement with it, where one waits."""
    from fanal.station.sharing import changes

    return {new.other(place.id).id: "us" if ours else "them" for new, _, ours in changes.proposals()}


def problems_of() -> dict[str, list[str]]:
    """By partner why what is to be sent waits: its link is down, or its quota is full."""
    found: dict[str, list[str]] = {}
    stuck = Outbox.objects.filter(published__isnull=True).exclude(problem="")
    for partner, code in stuck.values_list("partner", "problem").distinct():
        found.setdefault(partner, []).append(code)
    return found


def leaving() -> list[str]:
    """Partners with whom the agreement has ended, and who have not stated yet what they removed."""
    return sorted(SignedAgreement.objects.filter(state="leaving").values_list("partner", flat=True))


def our_keys(place: places.Place) -> list[dict[str, Any]]:
    """Our key pairs, the newest first: which partners know each, and whether it was revoked."""
    mine = agreements(place.id)
    known: dict[str, list[str]] = {}
    for agreement in mine.agreements:
        for key in agreement.party(place.id).keys:
            known.setdefault(key.kid, []).append(agreement.other(place.id).id)
    kids = [pair.sign.thumbprint() for pair in places.keys()]  # noqa: SIM118 - a module's function
    return [{"kid": kid, "known_to": sorted(known.get(kid, [])), "revoked": kid in mine.revoked} for kid in kids]


def links_now(place: places.Place, partners: list[str]) -> dict[str, tuple[bool, int | None]]:
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
    stuck, proposed = problems_of(), proposals(place)
    return {
        "place": place,
        "leaving": leaving(),
        "partners": [
            {
                "id": party.id,
                "name": party.name,
                "heard": heard.get(party.id),
                "waiting": waiting.get(party.id, 0),
                "holding": holding.get(party.id, 0),
                "given": given.get(party.id, 0),
                "agreements": mine.between(party.id),
                "problems": stuck.get(party.id, []),
                "proposed": proposed.get(party.id),
            }
            for party in mine.partners(now.date())
        ],
        "to_confirm": theirs.filter(kind="confirm", state="open").order_by("deadline")[:100],
        "asked": Thread.objects.filter(kind="confirm", opener=place.id).order_by("-opened")[:20],
        "requests": theirs.filter(kind="query", state="requested").order_by("opened")[:100],
        "ours": list(Datum.objects.filter(owner=place.id, gone__isnull=True).order_by("-created")[:50]),
        "alone": list(reconcile.alone(place.id, now)[:50]),
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
