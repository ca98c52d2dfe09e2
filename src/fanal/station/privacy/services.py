"""What the data protection officer does to a person's data, each on the record."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fanal.documents.dates import DateError, parse_iso
from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Person
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.privacy.models import TRAITS, Correction, Hold, Restriction

Placed = TypeVar("Placed", Restriction, Hold)


def correct(*, request_id: UUID, officer: Officer, person: Person, trait: str, value: str, reason: str) -> Correction:
    """Correct a trait of a person. What it was stays beside it, with the reason, until the person is erased.

    The documents and crossings say what they said: they are what was presented and decided.

    Raises:
        Refusal: with nothing written.
    """
    if earlier := Correction.objects.filter(request_id=request_id).first():
        return earlier
    if trait not in TRAITS:
        raise Refusal("trait_unknown")
    if not reason.strip():
        raise Refusal("reason_missing")
    value = value.strip()[:200]
    if trait == "primary_identifier" and not value:
        raise Refusal("trait_value")
    if trait == "date_of_birth" and value:
        try:
            parse_iso(value)
        except DateError:
            raise Refusal("trait_value") from None
    if trait == "sex" and value not in ("", "F", "M", "X"):
        raise Refusal("trait_value")
    if trait == "nationality" and not (value == "" or (value.isascii() and value.isalpha() and len(value) <= 3)):
        raise Refusal("trait_value")
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        before = getattr(locked, trait)
        if before == value:
            raise Refusal("trait_same")
        setattr(locked, trait, value)
        locked.save(update_fields=[trait])
        row = Correction.objects.create(
            request_id=request_id,
            person=locked,
            trait=trait,
            before=before,
            after=value,
            reason=reason.strip()[:4000],
            officer=officer,
            at=timezone.now(),
        )
        record(
            actor=officer,
            action="person_corrected",
            subject_kind="person",
            subject=locked.pk,
            why="correction",
            data={"correction": str(row.pk), "trait": trait},
            rows=(locked,),
        )
    return row


def restrict(*, request_id: UUID, officer: Officer, person: Person, reason: str) -> Restriction:
    """Keep a person's data and let nobody use it, until it is lifted."""
    return _place(Restriction, "restriction", request_id, officer, person, reason)


def hold(*, request_id: UUID, officer: Officer, person: Person, reason: str) -> Hold:
    """Erase nothing of a person's, until it is lifted."""
    return _place(Hold, "hold", request_id, officer, person, reason)


def lift(*, officer: Officer, kind: type[Restriction] | type[Hold], placed: UUID, person: Person) -> None:
    """End a restriction or a hold. One that was lifted already stays as it is.

    Raises:
        Refusal: `placed_unknown`.
    """
    with transaction.atomic():
        row: Any = kind.objects.select_for_update().filter(pk=placed, person=person).first()
        if row is None:
            raise Refusal("placed_unknown")
        if row.lifted_at is None:
            row.lifted_at, row.lifted_by = timezone.now(), officer
            row.save(update_fields=["lifted_at", "lifted_by"])
            record(
                actor=officer,
                action=f"{kind.__name__.lower()}_lifted",
                subject_kind="person",
                subject=row.person_id,
                why="data_protection",
                data={"id": str(row.pk)},
            )


def _place(kind: type[Placed], name: str, request_id: UUID, officer: Officer, person: Person, reason: str) -> Placed:
    if earlier := kind.objects.filter(request_id=request_id).first():
        return earlier
    if not reason.strip():
        raise Refusal("reason_missing")
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if standing := kind.objects.filter(person=person, lifted_at=None).first():
            return standing
        row = kind.objects.create(
            request_id=request_id, person=person, reason=reason.strip()[:4000], placed_by=officer, at=timezone.now()
        )
        record(
            actor=officer,
            action=f"{name}_placed",
            subject_kind="person",
            subject=person.pk,
            why="data_protection",
            data={"id": str(row.pk)},
        )
    return row
