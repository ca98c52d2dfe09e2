"""Handing a shift over, and opening and closing lanes."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, may
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.supervision import queries
from fanal.station.supervision.models import ShiftHandover


def hand_shift_over(
    *, request_id: uuid.UUID, outgoing: Officer, incoming: Officer | None, point: CrossingPoint, note: str
) -> ShiftHandover:
    """Hand a point over to the next supervisor, who signs in place. The same request twice is one hand-over.

    Raises:
        Refusal: no words, nobody who signs, or someone who is not another supervisor.
    """
    if incoming is None:
        raise Refusal("incoming_missing")
    if incoming.pk == outgoing.pk or not may(incoming, Action.SUPERVISE):
        raise Refusal("incoming_role")
    if not note.strip():
        raise Refusal("note_missing")
    with transaction.atomic():
        CrossingPoint.objects.select_for_update().get(pk=point.pk)
        if earlier := ShiftHandover.objects.filter(request_id=request_id).first():
            return earlier
        now = timezone.now()
        made = ShiftHandover.objects.create(
            request_id=request_id,
            point=point,
            at=now,
            outgoing=outgoing,
            incoming=incoming,
            note=note[:8000],
            state=queries.figures(outgoing, point, now),
        )
        record(
            actor=outgoing,
            action="shift_handed_over",
            subject_kind="point",
            subject=point.pk,
            why="supervision",
            data={"handover": str(made.pk), "incoming": str(incoming.pk)},
        )
    return made


def set_lane_open(*, officer: Officer, lane: uuid.UUID, is_open: bool) -> Lane | None:
    """Open or close a lane; None where there is none."""
    with transaction.atomic():
        row = Lane.objects.select_for_update().filter(pk=lane).first()
        if row is not None and row.is_open != is_open:
            row.is_open = is_open
            row.save(update_fields=["is_open"])
            record(
                actor=officer,
                action="lane_opened" if is_open else "lane_closed",
                subject_kind="lane",
                subject=row.pk,
                why="supervision",
            )
    return row
