"""A person's visits: each entry as it stands, with the exit that closes it as that stands.

Crossings are never changed, so a corrected entry or exit is a chain of rows. An exit closes the entry whose first row
it points to, whichever correction came before or after; an exit that was withdrawn closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from fanal.station.crossings.models import Crossing, Person
from fanal.travel import Stay


@dataclass(frozen=True, slots=True)
class Visit:
    entry: Crossing
    exit: Crossing | None

    @property
    def stay(self) -> Stay:
        """The visit in days of the station's time zone. An exit before its entry (two desks' clocks) is of its day."""
        entered = timezone.localdate(self.entry.at)
        left = max(timezone.localdate(self.exit.at), entered) if self.exit else None
        return Stay(entered, left, str(self.entry.pk))

    def days_over(self, on: date) -> int:
        """Days beyond the last lawful day, up to the exit or to `on`: a presumption that may be rebutted."""
        until = self.entry.permitted_until
        if until is None:
            return 0
        return max(((self.stay.exit or on) - until).days, 0)


def visits_of(person: Person, *, state: str | None = None) -> list[Visit]:
    """The person's visits, in order of entry; to one State where it is named."""
    rows = person.crossings.select_related("point", "lane", "officer").order_by("at")
    return visits_among([row for row in rows if state is None or row.point.state == state])


def visits_among(rows: Iterable[Crossing]) -> list[Visit]:
    """The visits that these crossings of one person make."""
    known = {row.pk: row for row in rows}
    corrected_by = {row.corrects_id: row for row in known.values() if row.corrects_id}

    def first(row: Crossing) -> Crossing:
        while row.corrects_id in known:
            row = known[row.corrects_id]
        return row

    def last(row: Crossing) -> Crossing:
        while row.pk in corrected_by:
            row = corrected_by[row.pk]
        return row

    exits = {}
    for row in known.values():
        if row.closes_id in known and (standing := last(row)).outcome == "exited":
            exits[first(known[row.closes_id]).pk] = standing
    return [
        Visit(row, exits.get(first(row).pk))
        for row in known.values()
        if row.pk not in corrected_by and row.direction == "entry" and row.outcome == "admitted"
    ]


def open_visit(visits: Iterable[Visit]) -> Visit | None:
    """The latest visit that no exit closes."""
    return next((visit for visit in reversed(list(visits)) if visit.exit is None), None)
