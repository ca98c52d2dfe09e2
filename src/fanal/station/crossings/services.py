"""The only place where a crossing is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fanal.documents import names
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, may
from fanal.station.crossings import codes
from fanal.station.crossings.models import Crossing, Holder, Person, TravelDocument
from fanal.station.crossings.signals import referred
from fanal.station.crossings.visits import open_visit, visits_of
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.lists.codes import UNSETTLED
from fanal.station.places.models import CrossingPoint, Lane
from fanal.travel import PerEntry, RollingWindow, Rule, Stay, Sum, count

_SAME_NAME = (names.NameOutcome.SAME, names.NameOutcome.HARMLESS, names.NameOutcome.CONFUSABLE)
_TRAITS = ("primary_identifier", "secondary_identifier", "date_of_birth", "sex", "nationality")


@dataclass(frozen=True, slots=True)
class Identity:
    """A traveller and document as an inspection understood them, or as an officer typed them."""

    issuing_state: str
    document_kind: str
    document_number: str
    primary_identifier: str
    secondary_identifier: str = ""
    date_of_birth: str = ""
    sex: str = ""
    nationality: str = ""
    date_of_expiry: str = ""

    @classmethod
    def of(cls, inspection: Inspection) -> Identity:
        """From an inspection's claims: the chip's before the MRZ's before any other.

        Raises:
            Refusal: `identity_missing`: no issuing State, number or name was read.
        """
        order = {"chip": 0, "mrz": 1, "seal": 2, "viz": 3, "officer": 4}
        values: dict[str, str] = {}
        for claim in sorted(inspection.report.get("claims", ()), key=lambda c: order.get(c["source"], 9)):
            values.setdefault(claim["field"], claim["value"])
        if not all(values.get(name) for name in ("issuing_state", "document_number", "primary_identifier")):
            raise Refusal("identity_missing")
        return cls(
            issuing_state=values["issuing_state"],
            document_kind=(values.get("document_code") or "P")[:1],
            document_number=values["document_number"],
            primary_identifier=values["primary_identifier"][:200],
            secondary_identifier=values.get("secondary_identifier", "")[:200],
            date_of_birth=values.get("date_of_birth", ""),
            sex=values.get("sex", ""),
            nationality=values.get("nationality", ""),
            date_of_expiry=values.get("date_of_expiry", ""),
        )


def identify(identity: Identity, officer: Officer, *, person: UUID | None = None) -> tuple[Person, TravelDocument]:
    """The person and document of an identity, made where they are new. In the caller's transaction.

    A known document whose holder has the same name and birth date is that person's. `person` is given where the
    officer confirmed that another document is of someone who is known here; that confirmation is kept.
    """
    document, _ = TravelDocument.objects.get_or_create(
        issuing_state=identity.issuing_state,
        kind=identity.document_kind,
        number=identity.document_number,
        defaults={"date_of_expiry": identity.date_of_expiry},
    )
    if person is not None:
        known = Person.objects.filter(pk=person).first()
        if known is None:
            raise Refusal("person_unknown")
        if not known.documents.filter(document=document, ended_at=None).exists():
            Holder.objects.create(person=known, document=document, confirmed_by=officer)
            record(
                actor=officer,
                action="same_person_confirmed",
                subject_kind="person",
                subject=known.pk,
                why="border_control",
                data={"document": str(document.pk)},
            )
        return known, document
    for holder in document.holders.filter(ended_at=None).select_related("person"):
        if names_agree(holder.person, identity):
            return holder.person, document
    traits = {name: getattr(identity, name) for name in _TRAITS}
    new = Person.objects.create(**traits)
    Holder.objects.create(person=new, document=document, confirmed_by=officer)
    return new, document


def names_agree(person: Person, identity: Identity) -> bool:
    """Whether both have one date of birth, and names that are the same but for how they are written."""
    if person.date_of_birth != identity.date_of_birth:
        return False
    held = names.Name(person.primary_identifier, person.secondary_identifier)
    read = names.Name(identity.primary_identifier, identity.secondary_identifier)
    return names.compare(held, read).outcome in _SAME_NAME


def rule_of(data: Mapping[str, Any]) -> Rule | None:
    """A rule of stay from its JSON form: {"days": 30}, {"months": 6}, {"days": 90, "window": 180}; {} is no limit."""
    if not data:
        return None
    if "window" in data:
        return RollingWindow(int(data["days"]), int(data["window"]))
    return PerEntry(days=int(data.get("days", 0)), months=int(data.get("months", 0)))


def stays_of(person: Person, *, state: str) -> list[Stay]:
    """The person's stays in a State, from the crossings that stand."""
    return [visit.stay for visit in visits_of(person, state=state)]


def sum_for(person: Person | None, rule: Rule, *, state: str, on: date) -> Sum:
    """The sum for someone who would be admitted on `on`; nobody whom we know has no stays yet.

    *Per entry* counts from this entry, whatever an earlier one without an exit says.
    """
    stays = [] if person is None or isinstance(rule, PerEntry) else stays_of(person, state=state)
    return count(rule, stays, on)


def decide(
    *,
    request_id: UUID,
    officer: Officer,
    inspection: Inspection,
    lane: Lane,
    outcome: str,
    reasons: Sequence[str] = (),
    note: str = "",
    purpose: str = "",
    means: str = "",
    conveyance: str = "",
    rule: Mapping[str, Any] | None = None,
    countersigned_by: Officer | None = None,
    person: UUID | None = None,
    at: datetime | None = None,
    in_secondary: bool = False,
) -> Crossing:
    """Decide a crossing. The same request twice is one crossing.

    1. The outcome fits the lane's direction, and the reasons are of the closed lists.
    2. Against `refer` a second officer who may countersign, and a reason in words. Nobody passes with a hit of a list
       that is not settled: it is compared first, or the traveller is referred.
    3. Person and document are found or made; an exit closes the open entry.
    4. The crossing and its entry on the record are written in one transaction.

    Raises:
        Refusal: with nothing written.
    """
    if earlier := Crossing.objects.filter(request_id=request_id).first():
        return earlier
    _check_outcome(outcome, lane.direction, in_secondary=in_secondary)
    _check_codes(outcome, reasons, purpose, means)
    if inspection.training:
        raise Refusal("training_inspection")
    against = inspection.advice == "refer" and outcome in ("admitted", "exited")
    if against:
        check_countersign(officer, countersigned_by, note)
    identity = Identity.of(inspection)
    with transaction.atomic():
        # The inspection's row is the lock: two clicks on one traveller wait for each other here.
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        if earlier := Crossing.objects.filter(request_id=request_id).first():
            return earlier
        standing = locked.crossings.filter(corrected_by=None).exclude(outcome="referred")
        if standing.exists() or (not in_secondary and locked.crossings.exists()):
            raise Refusal("already_decided")
        if outcome in ("admitted", "exited") and locked.hits.filter(sure=True, state__in=UNSETTLED).exists():
            raise Refusal("hits_open")
        who, document = identify(identity, officer, person=person)
        # And the person's is the lock of their visits: two documents at two lanes close one entry once.
        Person.objects.select_for_update().get(pk=who.pk)
        when = at or timezone.now()
        permitted: dict[str, Any] = {}
        if outcome == "admitted" and (limit := rule_of(rule or {})) is not None:
            permitted = _permitted(who, limit, dict(rule or {}), state=lane.point.state, on=timezone.localdate(when))
        crossing = Crossing.objects.create(
            request_id=request_id,
            inspection=locked,
            point=lane.point,
            lane=lane,
            direction=lane.direction,
            at=when,
            person=who,
            document=document,
            means=means,
            conveyance=conveyance[:64],
            purpose=purpose,
            fast_lane=lane.fast,
            advice=locked.advice,
            outcome=outcome,
            reasons=list(reasons),
            note=note[:4000],
            officer=officer,
            countersigned_by=countersigned_by if against else None,
            permitted_until=permitted.get("until"),
            rule=permitted.get("rule", {}),
            closes=_open_entry(who, lane.point) if outcome == "exited" else None,
        )
        if outcome == "referred":
            referred.send(sender=Crossing, crossing=crossing)
        record(
            actor=officer,
            action=f"crossing_{outcome}",
            subject_kind="person",
            subject=who.pk,
            why="border_control",
            data={
                "crossing": str(crossing.pk),
                "advice": locked.advice,
                "countersigned_by": str(countersigned_by.pk) if against and countersigned_by else None,
            },
            rows=(crossing, who, document),
        )
    return crossing


def correct(*, request_id: UUID, officer: Officer, crossing: Crossing, note: str, **changes: Any) -> Crossing:
    """Correct a crossing: a new one that points to it, with what was wrong in words. The old one stays as it was.

    Raises:
        Refusal: no reason in words, a field that may not be corrected, or already corrected.
    """
    if earlier := Crossing.objects.filter(request_id=request_id).first():
        return earlier
    if not note.strip():
        raise Refusal("note_missing")
    allowed = {"purpose", "means", "conveyance", "permitted_until", "outcome", "at"}
    if set(changes) - allowed:
        raise Refusal("not_correctable")
    _check_codes("", (), changes.get("purpose", ""), changes.get("means", ""))
    if (at := changes.get("at")) is not None and at > timezone.now():
        raise Refusal("day_in_future")
    until = changes.get("permitted_until", crossing.permitted_until)
    if until is not None and until < timezone.localdate(changes.get("at", crossing.at)):
        raise Refusal("until_before_entry")
    if changes.get("outcome", crossing.outcome) not in (crossing.outcome, "withdrawn"):
        raise Refusal("not_correctable")
    with transaction.atomic():
        old = Crossing.objects.select_for_update().get(pk=crossing.pk)
        if Crossing.objects.filter(corrects=old).exists():
            raise Refusal("already_corrected")
        fields = {
            f.attname: getattr(old, f.attname)
            for f in Crossing._meta.concrete_fields
            if f.name not in ("id", "request_id", "corrects", "closes", "officer", "note")
        }
        new = Crossing(**(fields | changes), request_id=request_id, corrects=old, officer=officer, note=note[:4000])
        if new.countersigned_by_id == officer.pk:
            raise Refusal("countersign_same")
        new.save(force_insert=True)
        record(
            actor=officer,
            action="crossing_corrected",
            subject_kind="person",
            subject=old.person_id,
            why="correction",
            data={"crossing": str(new.pk), "corrects": str(old.pk), "fields": sorted(changes)},
            rows=(new,),
        )
    return new


def record_exit(*, request_id: UUID, officer: Officer, entry: Crossing, at: datetime, note: str) -> Crossing:
    """Record an exit that this station missed: what rebuts the presumption of an overstay.

    `note` says what the traveller showed: a stamp, a ticket, the neighbour's entry.

    Raises:
        Refusal: no words, a day that cannot be, or the entry is closed already.
    """
    if earlier := Crossing.objects.filter(request_id=request_id).first():
        return earlier
    if not note.strip():
        raise Refusal("note_missing")
    if at > timezone.now():
        raise Refusal("day_in_future")
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=entry.person_id)
        visit = next((v for v in visits_of(entry.person) if v.entry.pk == entry.pk), None)
        if visit is None or visit.exit is not None:
            raise Refusal("entry_closed")
        if timezone.localdate(at) < timezone.localdate(entry.at):
            raise Refusal("exit_before_entry")
        row = Crossing.objects.create(
            request_id=request_id,
            point=entry.point,
            direction="exit",
            at=max(at, entry.at),
            person=entry.person,
            document=entry.document,
            outcome="exited",
            note=note[:4000],
            officer=officer,
            closes=entry,
        )
        record(
            actor=officer,
            action="exit_recorded_later",
            subject_kind="person",
            subject=entry.person_id,
            why="correction",
            data={"crossing": str(row.pk), "closes": str(entry.pk)},
            rows=(row,),
        )
    return row


def _check_outcome(outcome: str, direction: str, *, in_secondary: bool) -> None:
    allowed = {"entry": {"admitted", "referred"}, "exit": {"exited", "referred"}}[direction]
    if in_secondary:
        allowed = {"entry": {"admitted", "refused"}, "exit": {"exited"}}[direction]
    if outcome not in allowed:
        raise Refusal("outcome_not_here")


def _check_codes(outcome: str, reasons: Sequence[str], purpose: str, means: str) -> None:
    if outcome == "refused" and not reasons:
        raise Refusal("reason_missing")
    known = codes.REFUSAL_REASONS if outcome == "refused" else codes.REFERRAL_REASONS
    if any(reason not in known for reason in reasons):
        raise Refusal("reason_unknown")
    if purpose and purpose not in codes.PURPOSES:
        raise Refusal("purpose_unknown")
    if means and means not in codes.MEANS:
        raise Refusal("means_unknown")


def check_countersign(officer: Officer, second: Officer | None, note: str) -> None:
    """That a second officer who may do so has signed, with a reason in words.

    Raises:
        Refusal: they have not.
    """
    if second is None:
        raise Refusal("countersign_missing")
    if second.pk == officer.pk:
        raise Refusal("countersign_same")
    if not may(second, Action.COUNTERSIGN):
        raise Refusal("countersign_role")
    if not note.strip():
        raise Refusal("note_missing")


def _permitted(person: Person, rule: Rule, data: dict[str, Any], *, state: str, on: date) -> dict[str, Any]:
    """Until when someone admitted today may stay, with the sum as it was shown."""
    result = sum_for(person, rule, state=state, on=on)
    if result.last_lawful_day is None:
        raise Refusal("no_days_left", used=str(result.used))
    return {"until": result.last_lawful_day, "rule": {**data, "sum": sum_json(result)}}


def sum_json(result: Sum) -> dict[str, Any]:
    """The sum as it is kept beside a crossing, and shown again later."""
    return {
        "used": result.used,
        "left": result.left,
        "period": [day.isoformat() for day in result.period],
        "parts": [[p.stay.ref, p.first.isoformat(), p.last.isoformat(), p.days] for p in result.parts],
    }


def _open_entry(person: Person, point: CrossingPoint) -> Crossing | None:
    """The latest entry into this State that no exit closes."""
    visit = open_visit(visits_of(person, state=point.state))
    return visit.entry if visit else None
