"""Registering for the fast lane, and passing in it: seconds a person, and the same checks behind."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from fanal.documents import Field, Kind, mrz
from fanal.inspection.intake import SCHEMA
from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Crossing
from fanal.station.crossings.services import Identity, decide, identify
from fanal.station.crossings.visits import Visit, open_visit, visits_of
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import Delivery, inspect_evidence
from fanal.station.journal.services import record
from fanal.station.lists.queries import needs_an_officer
from fanal.station.market.cards import new_card, read_card
from fanal.station.market.models import KINDS, Registration
from fanal.station.places.models import CrossingPoint, Lane

MAX_YEARS: Final = 2
# A card that is read twice in a row is one pass: the reader beeped late, the hand moved slowly.
SAME_PASS: Final = timedelta(seconds=60)
_DAY_RULE: Final = {"days": 1}
_BESIDE_LETTERS: Final = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of a scan in the fast lane.

    `crossing` is None where the traveller goes to the desk: the advice was not `no_objection`, or a list is to be
    compared, and an officer decides there on `inspection`. `question` is the earlier visit whose exit is not on
    record: to be asked, nothing more.
    """

    registration: Registration
    inspection: Inspection
    crossing: Crossing | None
    question: Visit | None = None

    @property
    def shown(self) -> str:
        """The sign on the screen. Who goes to the desk because of a list is told so like anybody else."""
        return "look_again" if self.inspection.advice == "no_objection" else self.inspection.advice


def register(
    *,
    request_id: uuid.UUID,
    officer: Officer,
    inspection: Inspection,
    point: CrossingPoint,
    kind: str,
    valid_until: date,
) -> Registration:
    """Register the person of an inspection. The same request twice is one registration.

    Raises:
        Refusal: the inspection is training, names nobody, or did not end in `no_objection`; a period that cannot be;
            or the person is registered here already.
    """
    if earlier := Registration.objects.filter(request_id=request_id).first():
        return earlier
    today = timezone.localdate()
    if kind not in KINDS:
        raise Refusal("registration_kind")
    if not today <= valid_until <= today.replace(year=today.year + MAX_YEARS, day=min(today.day, 28)):
        raise Refusal("registration_period", years=str(MAX_YEARS))
    if inspection.training:
        raise Refusal("training_inspection")
    if inspection.advice != "no_objection":
        raise Refusal("registration_advice")
    identity = Identity.of(inspection)
    with transaction.atomic():
        person, document = identify(identity, officer)
        if Registration.objects.filter(person=person, point=point, ended_at=None).exists():
            raise Refusal("registered_already")
        row = Registration.objects.create(
            request_id=request_id,
            card=new_card(),
            point=point,
            person=person,
            document=document,
            inspection=inspection,
            kind=kind,
            valid_from=today,
            valid_until=valid_until,
            registered_by=officer,
        )
        record(
            actor=officer,
            action="fast_lane_registered",
            subject_kind="person",
            subject=person.pk,
            why="border_control",
            data={"registration": str(row.pk), "kind": kind},
        )
    return row


def end(*, officer: Officer, registration: Registration, reason: str) -> Registration:
    """End a registration; ending it twice is ending it once.

    Raises:
        Refusal: no reason.
    """
    if not reason.strip():
        raise Refusal("note_missing")
    with transaction.atomic():
        row = Registration.objects.select_for_update().get(pk=registration.pk)
        if row.ended_at is None:
            row.ended_at, row.ended_by, row.end_reason = timezone.now(), officer, reason.strip()[:400]
            row.save(update_fields=["ended_at", "ended_by", "end_reason"])
            record(
                actor=officer,
                action="fast_lane_ended",
                subject_kind="person",
                subject=row.person_id,
                why="border_control",
                data={"registration": str(row.pk)},
            )
    return row


def pass_lane(*, request_id: uuid.UUID, officer: Officer, lane: Lane, scanned: str) -> Passed:
    """One scan at a fast lane: a card, or the MRZ of the registered document.

    1. The registration is found; it is of this crossing point, has begun and has not run out.
    2. The registered document's evidence (or the MRZ as scanned now) is put to all checks, as of today.
    3. Advice other than `no_objection`, a hit to compare, or lists that could not be asked: no pass; the traveller goes
       to the desk with this inspection.
    4. Else the crossing is decided by the officer who stands there: an entry is for the day, an exit closes it.

    Raises:
        Refusal: not a fast lane, or no registration that holds (`fast_unknown`, `fast_ended`, `fast_expired`).
    """
    if not lane.fast:
        raise Refusal("fast_lane_only")
    registration, deliveries = _find(scanned, lane)
    if again := _just_passed(registration, lane):
        assert again.inspection is not None
        return Passed(registration, again.inspection, again)
    inspection = inspect_evidence(request_id=request_id, deliveries=deliveries, officer=officer, lane=lane)
    if inspection.advice != "no_objection" or needs_an_officer(inspection):
        return Passed(registration, inspection, None)
    visit = open_visit(visits_of(registration.person, state=lane.point.state))
    entering = lane.direction == "entry"
    crossing = decide(
        request_id=request_id,
        officer=officer,
        inspection=inspection,
        lane=lane,
        outcome="admitted" if entering else "exited",
        purpose="market" if entering and registration.kind != "worker" else "work" if entering else "",
        means="foot",
        rule=_DAY_RULE if entering else {},
        person=registration.person_id,
    )
    return Passed(registration, inspection, crossing, visit if entering else None)


def _find(scanned: str, lane: Lane) -> tuple[Registration, list[Delivery]]:
    """The registration that a scan names, and what is to be inspected."""
    rows = Registration.objects.select_related("person", "document", "inspection")
    text = scanned.strip()
    deliveries: list[Delivery] | None = None
    if (card := read_card(text)) is not None:
        row = rows.filter(card=card).first()
    else:
        parsed = _mrz_of(text)
        number = parsed.value(Field.DOCUMENT_NUMBER) if parsed else _BESIDE_LETTERS.sub("", text.upper())
        found = rows.filter(document__number=number or "-", point__state=lane.point.state)
        if parsed:
            found = found.filter(document__issuing_state=parsed.value(Field.ISSUING_STATE) or "-")
            deliveries = [Delivery(text.encode(), "mrz")]
        row = found.filter(ended_at=None).first() or found.order_by("-ended_at").first()
    if row is None or row.point.state != lane.point.state:
        raise Refusal("fast_unknown")
    if row.ended_at is not None:
        raise Refusal("fast_ended")
    if not row.valid_from <= timezone.localdate() <= row.valid_until:
        raise Refusal("fast_expired", day=row.valid_until.isoformat())
    return row, deliveries or _registered_evidence(row)


def _mrz_of(text: str) -> mrz.Mrz | None:
    try:
        found = mrz.find(text)
        return mrz.parse(found[0].lines) if found else None
    except mrz.MrzError:
        return None


def _registered_evidence(registration: Registration) -> list[Delivery]:
    """What the document said when it was registered: its MRZ where there is one, else its claims."""
    inspection = registration.inspection
    texts = inspection.evidence.filter(kind=Kind.MRZ_TEXT.value).exclude(content=None)
    if deliveries := [Delivery(bytes(piece.content or b""), "mrz") for piece in texts]:
        return deliveries
    for zone in inspection.report.get("mrzs", ()):
        return [Delivery("\n".join(zone["lines"]).encode(), "mrz")]
    claims = [
        {"field": claim["field"], "value": claim["value"], "source": "officer"}
        for claim in inspection.report.get("claims", ())
        if claim["source"] in ("viz", "officer")
    ]
    file: dict[str, Any] = {"schema": SCHEMA, "evidence": [{"kind": Kind.OBSERVATION.value, "claims": claims}]}
    return [Delivery(json.dumps(file).encode(), "registration")]


def _just_passed(registration: Registration, lane: Lane) -> Crossing | None:
    since = timezone.now() - SAME_PASS
    return (
        registration.person.crossings.filter(lane=lane, at__gte=since, corrected_by=None, fast_lane=True)
        .exclude(outcome="withdrawn")
        .exclude(inspection=None)
        .order_by("-at")
        .first()
    )
