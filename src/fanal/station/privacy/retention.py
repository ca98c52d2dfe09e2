"""Erasure when retention ends: what is due goes, the record says that it went and stays whole.

The periods are the administrator's (`administration.models.RETENTION`). Nothing of a person under a legal hold, and
nothing of a case that is open, is erased. A crossing is never deleted: it stops saying whose it was (`nobody`), and
what remains, a point, a day and an outcome, is what statistics are made of.

Everything here can be interrupted and repeated: each subject is one transaction, and what is erased is not due again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from fanal.station.administration.queries import retention_days
from fanal.station.crossings.models import Crossing, Holder, Person, TravelDocument
from fanal.station.immutable import ERASED
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.journal.models import Entry
from fanal.station.journal.services import record_erasure
from fanal.station.market.models import Registration
from fanal.station.privacy.models import Correction, Hold, Restriction
from fanal.station.secondary import codes
from fanal.station.secondary.models import (
    AgencyAnswer,
    AgencyReferral,
    Case,
    ConsentCheck,
    Event,
    Look,
    Measure,
    Note,
    Outcome,
    RefusalForm,
)

NOBODY = uuid.UUID(int=0)


def run() -> None:
    """What the worker does."""
    erase_due(timezone.now())


def erase_due(now: datetime) -> Counter[str]:
    """Erase what is due; how many subjects of each kind."""
    done: Counter[str] = Counter()
    steps: tuple[tuple[str, Callable[[datetime], Iterable[Any]], Callable[[Any], None]], ...] = (
        ("restricted_note", _due_notes, _erase_note),
        ("case", _due_cases, _erase_case),
        ("fast_lane", _due_registrations, _erase_registration),
        ("evidence", _due_evidence, _erase_evidence),
        ("inspection", _due_inspections, _erase_inspection),
        ("crossing", _due_crossings, _erase_crossing),
        ("person", _due_persons, _erase_person),
    )
    for kind, due, erase in steps:
        for row in due(now):
            with transaction.atomic():
                erase(row)
            done[kind] += 1
    return done


def lately() -> list[tuple[str, int]]:
    """What was erased in the last 30 days: the action on the record, and how often."""
    since = timezone.now() - timedelta(days=30)
    counted = Entry.objects.filter(why="retention", action__endswith="_erased", at__gte=since).values("action")
    return [(row["action"], row["n"]) for row in counted.annotate(n=models.Count("index")).order_by("action")]


def _before(now: datetime, kind: str) -> datetime:
    return now - timedelta(days=retention_days(kind))


def _held() -> models.QuerySet[Hold, Any]:
    return Hold.objects.filter(lifted_at=None).values("person")


def _standing_cases() -> models.QuerySet[Case]:
    """Cases that are open, or whose own retention has not ended: they keep what belongs to them."""
    return Case.objects.exclude(pk__in=_erased_cases())


def _erased_cases() -> models.QuerySet[Event, Any]:
    return Event.objects.filter(words=ERASED).values("case")


# --- cases ------------------------------------------------------------------------------------------------------------


def _due_notes(now: datetime) -> Iterable[Note]:
    before = _before(now, "restricted_note")
    return list(
        Note.objects.filter(
            kind__in=list(codes.RESTRICTED_NOTES), event__at__lt=before, event__case__closed_at__isnull=False
        )
        .exclude(text__in=["", ERASED])
        .exclude(event__case__person__in=_held())
    )


def _erase_note(note: Note) -> None:
    Note.objects.filter(pk=note.pk).update(text=ERASED)
    _record("case_note_erased", "case", note.event.case_id, [note])


def _due_cases(now: datetime) -> Iterable[Case]:
    return list(
        Case.objects.filter(closed_at__lt=_before(now, "case"))
        .exclude(pk__in=_erased_cases())
        .exclude(person__in=_held())
    )


def _erase_case(case: Case) -> None:
    """The words of a case, its form and its papers; that there was a case, and how it ended, stays."""
    rows: list[models.Model] = []
    for model, path, emptied in (
        (Note, "event__case", {"text": ERASED}),
        (Measure, "event__case", {"label": ""}),
        (ConsentCheck, "event__case", {"companion": "", "relationship": "", "certificate": None}),
        (AgencyReferral, "event__case", {"reason": ERASED}),
        (AgencyAnswer, "event__case", {"text": ERASED}),
        (Outcome, "case", {"note": ERASED}),
        (RefusalForm, "outcome__case", {"content": None}),
        (Event, "case", {"words": ERASED}),
    ):
        found = model._base_manager.filter(**{path: case})
        rows += list(found)
        found.update(**emptied)
    _record("case_erased", "case", case.pk, rows)


# --- the fast lane ----------------------------------------------------------------------------------------------------


def _registered() -> models.QuerySet[Registration]:
    """Registrations that are not erased: each pass puts their evidence to the checks again."""
    return Registration.objects.exclude(person=NOBODY)


def _due_registrations(now: datetime) -> Iterable[Registration]:
    before = _before(now, "fast_lane")
    ended = models.Q(ended_at__lt=before) | models.Q(ended_at=None, valid_until__lt=before.date())
    return list(_registered().filter(ended).exclude(person__in=_held()))


def _erase_registration(row: Registration) -> None:
    person, document = nobody()
    Registration.objects.filter(pk=row.pk).update(
        person=person,
        document=document,
        card=row.pk.hex[:16],
        ended_at=row.ended_at or timezone.now(),
        end_reason=ERASED,
    )
    _record("registration_erased", "person", row.person_id, [row])


# --- inspections ------------------------------------------------------------------------------------------------------


def _loose_inspections() -> models.QuerySet[Inspection]:
    """Inspections that no standing case and no held person keeps."""
    standing = _standing_cases()
    return (
        Inspection.objects.exclude(pk__in=standing.exclude(inspection=None).values("inspection"))
        .exclude(pk__in=Look.objects.filter(event__case__in=standing).values("inspection"))
        .exclude(pk__in=_registered().values("inspection"))
        .exclude(crossings__person__in=_held())
        .exclude(pk__in=_of_held_documents())
    )


def _of_held_documents() -> list[uuid.UUID]:
    """Inspections of a held person's documents that led to no crossing."""
    found: list[uuid.UUID] = []
    for document in TravelDocument.objects.filter(holders__person__in=_held()).exclude(number=""):
        found += Inspection.objects.filter(
            issuing_state=document.issuing_state, document_number=document.number
        ).values_list("pk", flat=True)
    return found


def _due_evidence(now: datetime) -> Iterable[Inspection]:
    with_bytes = EvidenceFile.objects.exclude(content=None).values("inspection")
    return list(_loose_inspections().filter(at__lt=_before(now, "evidence"), pk__in=with_bytes))


def _erase_evidence(inspection: Inspection) -> None:
    pieces = list(inspection.evidence.exclude(content=None).defer("content"))
    inspection.evidence.update(content=None, label="")
    _record(
        "evidence_erased", "inspection", inspection.pk, pieces, data={"evidence": [piece.sha256 for piece in pieces]}
    )


def _due_inspections(now: datetime) -> Iterable[Inspection]:
    return list(_loose_inspections().filter(at__lt=_before(now, "inspection")).exclude(report={}))


def _erase_inspection(inspection: Inspection) -> None:
    """What was read of the document; that something was inspected here that day, and the advice, stays."""
    inspection.evidence.update(content=None, label="", captured={})
    Inspection.objects.filter(pk=inspection.pk).update(report={}, document_number="", issuing_state="")
    inspection.hits.update(found={})
    _record("inspection_erased", "inspection", inspection.pk, [inspection])


# --- crossings and persons --------------------------------------------------------------------------------------------


def nobody() -> tuple[Person, TravelDocument]:
    """Whose an erased crossing is."""
    person, _ = Person.objects.get_or_create(pk=NOBODY, defaults={"primary_identifier": ""})
    document, _ = TravelDocument.objects.get_or_create(
        pk=NOBODY, defaults={"issuing_state": "", "kind": "", "number": ""}
    )
    return person, document


def _due_crossings(now: datetime) -> Iterable[Crossing]:
    """Counted from the exit; without one, from the last lawful day or from the crossing itself."""
    before = _before(now, "crossing")
    standing = _standing_cases()
    rows = (
        Crossing.objects.filter(at__lt=before)
        .exclude(person=NOBODY)
        .exclude(person__in=_held())
        .exclude(pk__in=standing.exclude(referral=None).values("referral"))
        .exclude(pk__in=Outcome.objects.filter(case__in=standing).exclude(crossing=None).values("crossing"))
    )
    late = set(Crossing.objects.filter(closes__in=rows, at__gte=before).values_list("closes", flat=True))
    closed = set(Crossing.objects.filter(closes__in=rows).values_list("closes", flat=True))
    for row in rows:
        open_until = row.permitted_until if row.pk not in closed else None
        if row.pk not in late and (open_until is None or open_until < before.date()):
            yield row


def _erase_crossing(crossing: Crossing) -> None:
    person, document = nobody()
    emptied: dict[str, Any] = {"person": person, "document": document, "conveyance": ""}
    if crossing.note:
        emptied["note"] = ERASED
    Crossing.objects.filter(pk=crossing.pk).update(**emptied)
    _record("crossing_erased", "person", crossing.person_id, [crossing])


def _due_persons(now: datetime) -> Iterable[Person]:
    """Persons of whom nothing is left but who they were."""
    return list(
        Person.objects.exclude(pk=NOBODY)
        .exclude(primary_identifier="")
        .filter(created_at__lt=_before(now, "crossing"))
        .exclude(pk__in=Crossing.objects.values("person"))
        .exclude(pk__in=_registered().values("person"))
        .exclude(pk__in=_standing_cases().exclude(person=None).values("person"))
        .exclude(pk__in=_held())
    )


def _erase_person(person: Person) -> None:
    rows: list[models.Model] = [person]
    for document in TravelDocument.objects.filter(holders__person=person).distinct():
        others = Holder.objects.filter(document=document).exclude(person=person).exclude(person__primary_identifier="")
        used = Crossing.objects.filter(document=document).exists() or _registered().filter(document=document).exists()
        if not others.exists() and not used:
            # The number stays unique, so what stands there instead is the row's own id.
            TravelDocument.objects.filter(pk=document.pk).update(
                issuing_state="", number=str(document.pk), date_of_expiry=""
            )
            rows.append(document)
    Correction.objects.filter(person=person).update(before="", after="", reason=ERASED)
    Restriction.objects.filter(person=person).update(reason=ERASED)
    Hold.objects.filter(person=person).update(reason=ERASED)
    Person.objects.filter(pk=person.pk).update(
        primary_identifier="", secondary_identifier="", date_of_birth="", sex="", nationality=""
    )
    _record("person_erased", "person", person.pk, rows)


def _record(action: str, kind: str, subject: object, rows: list[Any], *, data: dict[str, object] | None = None) -> None:
    record_erasure(
        rows=rows, actor="system", action=action, subject_kind=kind, subject=subject, why="retention", data=data or {}
    )
