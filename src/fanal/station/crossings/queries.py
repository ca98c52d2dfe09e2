"""What this station knows of a traveller: earlier crossings, open visits, and who they may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from fanal.station.crossings import codes
from fanal.station.crossings.models import Crossing, Person, TravelDocument
from fanal.station.crossings.services import Identity, names_agree, rule_of, sum_for, sum_json
from fanal.station.crossings.visits import Visit, open_visit, visits_of
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.privacy.queries import restricted


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone known here who may be the same person: the officer confirms it, or does not."""

    person: Person
    last: Crossing | None
    documents: list[TravelDocument]


@dataclass(frozen=True, slots=True)
class Known:
    """What this station knows of whom an inspection may be about.

    `person` holds this document by our record; None where the document is new here, or two persons hold it.
    `candidates` have the same date of birth and a name that is the same but for how it is written.
    """

    identity: Identity
    person: Person | None
    candidates: list[Candidate]
    crossings: list[Crossing]  # with this document, latest first
    visits: list[Visit]  # of `person` in the point's State, in order
    open: Visit | None
    days_over: int


def known(inspection: Inspection, *, state: str, on: date) -> Known | None:
    """None where the inspection did not read who the traveller is."""
    try:
        identity = Identity.of(inspection)
    except Refusal:
        return None
    document = TravelDocument.objects.filter(
        issuing_state=identity.issuing_state, kind=identity.document_kind, number=identity.document_number
    ).first()
    held = document.holders.filter(ended_at=None).select_related("person") if document else ()
    holders = [holder.person for holder in held if names_agree(holder.person, identity)]
    person = holders[0] if len(holders) == 1 else None
    hidden = set(restricted())
    # What may not be used is not shown; the law's own sums (an exit that closes an entry) still count it.
    shown = person is not None and person.pk not in hidden
    visits = visits_of(person, state=state) if person and shown and state else []
    current = open_visit(visits)
    return Known(
        identity=identity,
        person=person,
        candidates=[] if person else [_candidate(p) for p in _similar(identity)[:5] if p.pk not in hidden],
        crossings=list(standing(document.crossings.exclude(person__in=hidden))[:8]) if document else [],
        visits=visits,
        open=current,
        days_over=current.days_over(on) if current else 0,
    )


def _similar(identity: Identity) -> list[Person]:
    if not identity.date_of_birth:
        return []
    born = Person.objects.filter(date_of_birth=identity.date_of_birth)[:300]
    return [person for person in born if names_agree(person, identity)]


def _candidate(person: Person) -> Candidate:
    held = person.documents.filter(ended_at=None).select_related("document")
    return Candidate(person, standing(person.crossings.all()).first(), [h.document for h in held])


@dataclass(frozen=True, slots=True)
class StayChoice:
    """One rule of stay as it would be granted today, with its sum."""

    code: str
    until: date | None
    limited: bool
    sum: dict[str, Any] | None

    @property
    def possible(self) -> bool:
        return self.until is not None or not self.limited


def stay_choices(person: Person | None, *, state: str, on: date) -> list[StayChoice]:
    """Every rule of the closed list, as it would be granted today."""
    choices = []
    for code, data in codes.STAYS.items():
        rule = rule_of(data)
        if rule is None:
            choices.append(StayChoice(code, None, False, None))
            continue
        result = sum_for(person, rule, state=state, on=on)
        choices.append(StayChoice(code, result.last_lawful_day, True, sum_json(result)))
    return choices


def standing(rows: QuerySet[Crossing]) -> QuerySet[Crossing]:
    """Those that no correction replaces, latest first."""
    return (
        rows.filter(corrected_by=None)
        .exclude(outcome="withdrawn")
        .select_related("point", "officer", "document")
        .order_by("-at")
    )


def history(person: Person) -> list[Crossing]:
    """A person's crossings, the latest first; those that were corrected as well, each with what replaced it."""
    return list(
        person.crossings.select_related("point", "officer", "document", "corrected_by").order_by("-at", "-pk")[:400]
    )


def recent(*, number: str = "", name: str = "", limit: int = 50) -> list[Crossing]:
    """Crossings by document number or by the beginning of a name, for the search page."""
    rows = Crossing.objects.select_related("person")
    if number:
        rows = rows.filter(document__number=number.upper().replace(" ", ""))
    if name:
        rows = rows.filter(person__primary_identifier__istartswith=name.strip())
    rows = rows.exclude(person__in=restricted())
    return list(standing(rows)[:limit]) if number or name else []
