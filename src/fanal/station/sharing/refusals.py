"""Questions that are refused: on the record, and kept as they came."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from fanal.exchange import ExchangeError
from fanal.station.journal.services import record
from fanal.station.sharing.inbox import name_of
from fanal.station.sharing.models import Inbox


def refuse_question(partner: str, data: bytes, error: ExchangeError) -> None:
    """The partner is answered with silence; here stands why."""
    name = name_of(data)
    with transaction.atomic():
        Inbox.objects.get_or_create(
            partner=partner,
            message=name,
            defaults={
                "outcome": "refused",
                "code": error.code,
                "clause": error.clause,
                "envelope": data[:65536],
                "received": datetime.now(UTC),
            },
        )
        record(
            actor="system",
            action="question_refused",
            subject_kind="envelope",
            subject=name,
            why="oversight",
            data={"from": partner, "code": error.code, "clause": error.clause},
        )
