"""Reading what the station holds of a person, and who looked at it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from fanal.station.accounts.models import Officer
from fanal.station.api.models import Token
from fanal.station.crossings.models import Crossing, Person, TravelDocument
from fanal.station.inspections.models import Inspection
from fanal.station.journal.models import Entry
from fanal.station.lists.queries import put_right, told_apart
from fanal.station.privacy.models import Restriction
from fanal.station.secondary.models import Case

SCHEMA = "fanal.access/1"
MAX_FOUND = 50


def restricted() -> list[UUID]:
    """The persons whose data is kept and may not be used."""
    return list(Restriction.objects.filter(lifted_at=None).values_list("person_id", flat=True))


def find(*, name: str = "", date_of_birth: str = "", document_number: str = "") -> list[Person]:
    """Persons by the beginning of their name, their birth date and a document's number: all that are given must fit."""
    wanted = Q()
    if name.strip():
        wanted &= Q(primary_identifier__istartswith=name.strip())
    if date_of_birth.strip():
        wanted &= Q(date_of_birth=date_of_birth.strip())
    if document_number.strip():
        wanted &= Q(documents__document__number__iexact=document_number.strip(), documents__ended_at=None)
    if not wanted:
        return []
    return list(Person.objects.filter(wanted).exclude(primary_identifier="").distinct()[:MAX_FOUND])


@dataclass(frozen=True, slots=True)
class Looked:
    """Someone did something with a person's data: who, what, why, when."""

    at: datetime
    who: str
    kind: str  # officer, machine, station
    action: str
    why: str
    index: int


def documents_of(person: Person) -> list[TravelDocument]:
    return list(TravelDocument.objects.filter(holders__person=person).distinct())


def crossings_of(person: Person) -> list[Crossing]:
    return list(
        Crossing.objects.filter(person=person).select_related("point", "lane", "document", "officer").order_by("at")
    )


def inspections_of(person: Person) -> list[Inspection]:
    """The inspections that led to a crossing or a case of the person, and those of their documents that led nowhere."""
    wanted = Q(crossings__person=person) | Q(pk__in=Case.objects.filter(person=person).values("inspection"))
    for document in documents_of(person):
        if document.number:
            wanted |= Q(issuing_state=document.issuing_state, document_number=document.number, crossings=None)
    return list(Inspection.objects.filter(wanted).distinct().order_by("at"))


def cases_of(person: Person) -> list[Case]:
    return list(Case.objects.filter(person=person).order_by("opened_at"))


def who_looked(person: Person, *, limit: int = 1000) -> list[Looked]:
    """Every entry about the person, their inspections, what these met on lists, and their cases, newest first."""
    inspections = [str(row.pk) for row in inspections_of(person)]
    hits = [
        str(pk)
        for pk in Inspection.objects.filter(pk__in=inspections, hits__isnull=False).values_list("hits", flat=True)
    ]
    cases = [str(row.pk) for row in cases_of(person)]
    entries = list(
        Entry.objects.filter(
            Q(subject_kind="person", subject=str(person.pk))
            | Q(subject_kind="inspection", subject__in=inspections)
            | Q(subject_kind="hit", subject__in=hits)
            | Q(subject_kind="case", subject__in=cases)
        ).order_by("-index")[:limit]
    )
    actors = {entry.actor for entry in entries}
    ids = [actor for actor in actors if _is_id(actor)]
    officers = {str(o.pk): o.name for o in Officer.objects.filter(pk__in=ids)}
    machines = {str(m.pk): m.name for m in Token.objects.filter(pk__in=ids)}
    looked = []
    for entry in entries:
        kind = "officer" if entry.actor in officers else "machine" if entry.actor in machines else "station"
        who = officers.get(entry.actor) or machines.get(entry.actor) or entry.actor
        looked.append(Looked(entry.at, who, kind, entry.action, entry.why, entry.index))
    return looked


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def access_file(person: Person) -> dict[str, Any]:
    """Everything that the station holds of a person, for that person (an access request).

    Officers and machines stand in it by what they are, not by name. Notes of the restricted kinds are never part of
    it, whether there are any or not: a file on paper may be read by whoever stands behind the person.
    """
    return {
        "schema": SCHEMA,
        "made_at": timezone.now().isoformat(),
        "person": {name: getattr(person, name) for name in _PERSON} | {"id": str(person.pk)},
        "restricted": person.pk in restricted(),
        "documents": [{name: getattr(d, name) for name in _DOCUMENT} for d in documents_of(person)],
        "crossings": [_crossing(row) for row in crossings_of(person)],
        "inspections": [_inspection(row) for row in inspections_of(person)],
        "cases": [
            {"opened_at": c.opened_at.isoformat(), "state": c.state, "closed_at": _iso(c.closed_at)}
            for c in cases_of(person)
            if not c.restricted
        ],
        # Alerts in force are their owners'; what was settled in the person's favour is the person's to know.
        "told_apart": told_apart(_pks(person)),
        "mistakes_put_right": put_right(_pks(person)),
        "corrections": [
            {"at": c.at.isoformat(), "trait": c.trait, "before": c.before, "after": c.after, "reason": c.reason}
            for c in person.corrections.all()
        ],
        "used": [
            {"at": looked.at.isoformat(), "by": looked.kind, "action": looked.action, "why": looked.why}
            for looked in who_looked(person)
        ],
    }


def _pks(person: Person) -> list[UUID]:
    return [inspection.pk for inspection in inspections_of(person)]


_PERSON = ("primary_identifier", "secondary_identifier", "date_of_birth", "sex", "nationality")
_DOCUMENT = ("issuing_state", "kind", "number", "date_of_expiry")


def _crossing(row: Crossing) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "point": row.point.name,
        "direction": row.direction,
        "outcome": row.outcome,
        "reasons": row.reasons,
        "purpose": row.purpose,
        "means": row.means,
        "conveyance": row.conveyance,
        "permitted_until": row.permitted_until.isoformat() if row.permitted_until else None,
        "note": row.note,
        "corrects_an_earlier_one": row.corrects_id is not None,
    }


def _inspection(row: Inspection) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "advice": row.advice,
        "claims": row.report.get("claims", []),
        "findings": row.report.get("findings", []),
        "evidence": [
            {
                "sha256": piece.sha256,
                "kind": piece.kind,
                "media_type": piece.media_type,
                "base64": base64.b64encode(bytes(piece.content)).decode() if piece.content is not None else None,
            }
            for piece in row.evidence.all()
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def as_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode()
