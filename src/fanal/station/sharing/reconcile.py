"""Entries and exits of two neighbours held against each other, where both agreed to it.

Who leaves Malpasse arrives in Jimaní. Each side offers its passages of the last two days that have no other half yet:
direction, point, time and document, no name. The other says which of them have their other half there, and keeps theirs
to be found later. A checkpoint offers to its hub, which speaks for its State. A passage that stays alone is a question
for a person: a lane without power, a document that was exchanged, somebody who turned back. It is nobody's guilt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from fanal.exchange import Agreements, Category, ExchangeError, Purpose
from fanal.exchange.agreements import place_of
from fanal.exchange.messages import DocumentRef, PassagesBody, ReconciledBody
from fanal.exchange.messages import Passage as Passing
from fanal.screening.numbers import plain
from fanal.station.crossings.models import Crossing
from fanal.station.places.models import CrossingPoint
from fanal.station.sharing import place as places
from fanal.station.sharing import services
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Passage

LOOK_BACK: Final = timedelta(days=2)
"""How long a passage may wait for its other half before it is shown as alone."""

APART: Final = timedelta(hours=12)
"""How far the two halves may lie apart: clocks, queues, and stations that were cut off write the time of the desk."""

AGAIN: Final = timedelta(hours=1)
KEEP: Final = timedelta(days=30)
AT_ONCE: Final = 200


def offer(now: datetime | None = None) -> None:
    """The worker's turn: take our new passages up, and offer those without another half to whom we agreed it with."""
    place = places.find()
    if place is None:
        return
    now = now or datetime.now(UTC)
    mine = agreements(place.id)
    partners = [party.id for party in mine.partners(now.date()) if _may(mine, place.id, party.id, now)]
    if not partners:
        return
    _take_up(place.id, now)
    ours = Passage.objects.filter(_own(place.id), matched="", at__gt=now - LOOK_BACK)
    waiting = list(ours.filter(Q(offered=None) | Q(offered__lt=now - AGAIN)).order_by("at")[:AT_ONCE])
    for partner in partners if waiting else ():
        if place.own(partner) and partner != place.hub:
            continue  # a hub offers nothing to its own checkpoints
        services.send(
            PassagesBody(passages=tuple(_passing(row) for row in waiting)),
            partner=partner,
            category=Category.CROSSING,
            purpose=Purpose.STAY,
            at=now,
            actor=services.SYSTEM,
            expires=now + services.KEEP_TRYING,
        )
    Passage.objects.filter(pk__in=[row.pk for row in waiting]).update(offered=now)
    Passage.objects.filter(expires__lt=now).delete()


def _may(mine: Agreements, us: str, partner: str, now: datetime) -> bool:
    """Whether both sides agreed to give each other passages."""
    try:
        for giver, taker in ((us, partner), (partner, us)):
            mine.permit(giver=giver, taker=taker, category=Category.CROSSING, purpose=Purpose.STAY, on=now.date())
    except ExchangeError:
        return False
    return True


def _own(us: str) -> Q:
    """Passages of our own State: ours, and our checkpoints'."""
    return Q(holder=us) | Q(holder__startswith=f"{us}.")


def _take_up(us: str, now: datetime) -> None:
    done = Crossing.objects.select_related("point", "document").filter(
        ~Exists(Passage.objects.filter(pk=OuterRef("pk"))),
        outcome__in=(Crossing.Outcome.ADMITTED, Crossing.Outcome.EXITED),
        point__kind=CrossingPoint.Kind.LAND,
        corrected_by=None,
        at__gt=now - LOOK_BACK,
    )
    Passage.objects.bulk_create(
        [
            Passage(
                pk=row.pk,
                holder=us,
                direction=row.direction,
                at=row.at,
                point=row.point.code,
                issuing_state=row.document.issuing_state,
                number=plain(row.document.number)[:32],
                expires=now + KEEP,
            )
            for row in done.exclude(inspection__training=True)[:1000]
            if plain(row.document.number)
        ],
        ignore_conflicts=True,
    )


def _passing(row: Passage) -> Passing:
    return Passing.model_validate(
        {
            "ref": str(row.pk),
            "direction": row.direction,
            "at": row.at,
            "point": row.point,
            "document": DocumentRef(issuing_state=row.issuing_state, number=row.number),
        }
    )


def take(body: PassagesBody, *, partner: str, us: str, until: datetime, now: datetime) -> ReconciledBody:
    """Hold a partner's passages against ours, and keep those whose other half may still come."""
    for one in body.passages:
        row, _ = Passage.objects.get_or_create(
            pk=one.ref,
            defaults={
                "holder": partner,
                "direction": one.direction,
                "at": one.at,
                "point": one.point,
                "issuing_state": one.document.issuing_state,
                "number": one.document.number,
                "expires": min(until, now + KEEP),
            },
        )
        if row.holder != partner:
            raise ExchangeError("datum_known", one.ref)
    if place_of(partner, us):  # our checkpoint's are our own: we look for the other half
        return ReconciledBody()
    theirs = Passage.objects.filter(pk__in=[one.ref for one in body.passages])
    matched = [str(row.pk) for row in theirs if row.matched or _match(row, us)]
    rest = [one.ref for one in body.passages if one.ref not in matched]
    return ReconciledBody(matched=tuple(matched), unmatched=tuple(rest))


def _match(theirs: Passage, us: str) -> bool:
    ours = (
        Passage.objects.filter(
            _own(us),
            matched="",
            issuing_state=theirs.issuing_state,
            number=theirs.number,
            at__range=(theirs.at - APART, theirs.at + APART),
        )
        .exclude(direction=theirs.direction)
        .order_by("at")
        .first()
    )
    if ours is None:
        return False
    ours.matched, theirs.matched = theirs.holder, us
    ours.save(update_fields=["matched"])
    theirs.save(update_fields=["matched"])
    return True


def reconciled(refs: Iterable[str], *, partner: str, us: str) -> None:
    """The partner has the other half of these of ours."""
    Passage.objects.filter(_own(us), pk__in=list(refs)).update(matched=partner)


def alone(us: str, now: datetime) -> Any:
    """Passages of ours whose other half nobody has, after two days: each a question for a person."""
    late = Passage.objects.filter(_own(us), matched="", offered__isnull=False, at__lt=now - LOOK_BACK)
    return late.order_by("-at")
