"""The balance of a day in the fast lane: how many came in, how many went out, and who is still to be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch
from django.utils import timezone

from fanal.station.crossings.models import Crossing, Person
from fanal.station.crossings.visits import visits_among
from fanal.station.market.models import Registration
from fanal.station.places.models import CrossingPoint


@dataclass(frozen=True, slots=True)
class Counts:
    """In and out in the fast lane of a point on a day. Whoever came in there and left at the desk is out."""

    entries: int
    exits: int
    still_in: int


@dataclass(frozen=True, slots=True)
class Open:
    """Someone who came in that day and whose exit is not on record: a question, not a guilt."""

    person: Person
    entry: Crossing


@dataclass(frozen=True, slots=True)
class Balance:
    day: date
    counts: Counts
    hours: list[tuple[int, int, int]]  # (hour, in, out)
    open: list[Open]
    without_entry: list[Crossing]  # exits of the day that closed no entry


def _day(day: date) -> tuple[datetime, datetime]:
    start = timezone.make_aware(datetime.combine(day, time()))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def counts(point: CrossingPoint, day: date) -> Counts:
    """In, out and still in. Three counts in the database: the lane asks after every pass."""
    start, end = _day(day)
    rows = Crossing.objects.filter(point=point, fast_lane=True, at__gte=start, at__lt=end, corrected_by=None).exclude(
        outcome="withdrawn"
    )
    entries = rows.filter(outcome="admitted")
    exits = rows.filter(outcome="exited").count()
    closed = entries.filter(exits__outcome="exited", exits__corrected_by=None).distinct().count()
    return Counts(entries.count(), exits, entries.count() - closed)


def balance(point: CrossingPoint, day: date) -> Balance:
    """The whole of a day, from the crossings as they stand."""
    start, end = _day(day)
    rows = list(
        Crossing.objects.filter(point=point, fast_lane=True, at__gte=start, at__lt=end, corrected_by=None)
        .exclude(outcome="withdrawn")
        .select_related("person", "document")
        .order_by("at")
    )
    entries = [row for row in rows if row.outcome == "admitted"]
    exits = [row for row in rows if row.outcome == "exited"]
    open_ = []
    persons = Person.objects.filter(pk__in={row.person_id for row in entries}).prefetch_related(
        Prefetch("crossings", Crossing.objects.select_related("point").order_by("at"))
    )
    still = {v.entry.pk for person in persons for v in visits_among(person.crossings.all()) if v.exit is None}
    open_ = [Open(row.person, row) for row in entries if row.pk in still]
    hours = []
    for hour in range(24):
        came = sum(timezone.localtime(row.at).hour == hour for row in entries)
        went = sum(timezone.localtime(row.at).hour == hour for row in exits)
        if came or went:
            hours.append((hour, came, went))
    return Balance(
        day=day,
        counts=Counts(len(entries), len(exits), len(open_)),
        hours=hours,
        open=open_,
        without_entry=[row for row in exits if row.closes_id is None],
    )


def registrations(point: CrossingPoint | None, text: str = "") -> list[Registration]:
    """Registrations that hold, by card, document number or the beginning of a name."""
    rows = Registration.objects.filter(ended_at=None).select_related("person", "document", "point")
    if point is not None:
        rows = rows.filter(point=point)
    if text:
        rows = rows.filter(person__primary_identifier__istartswith=text) | rows.filter(document__number=text.upper())
    return list(rows.order_by("person__primary_identifier", "person__secondary_identifier")[:200])
