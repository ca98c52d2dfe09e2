"""What our own lists give partners: an entry is shared when it comes into force, and taken back when it ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef

from fanal.exchange import ExchangeError, Purpose
from fanal.exchange.messages import Bulletin
from fanal.station.lists.models import ListEntry, Rule
from fanal.station.sharing import effects, services
from fanal.station.sharing import place as places
from fanal.station.sharing.models import Datum

AT_ONCE: Final = 200


def came_into_force(*, entries: Iterable[ListEntry], **_signal: Any) -> None:
    share(entries)


def ended(*, entries: Iterable[ListEntry], reason: str, **_signal: Any) -> None:
    """Everyone who was given it is told."""
    now = datetime.now(UTC)
    for row in Datum.objects.filter(pk__in=[entry.pk for entry in entries], agreement=None, gone__isnull=True):
        services.withdraw(row.pk, reason=reason, at=now, actor=services.SYSTEM)


def share(entries: Iterable[ListEntry] | None = None) -> None:
    """Share what is in force on our lists that are given to partners and has not been: all of it, or these entries.

    The worker does this too, some at a time: so goes an import of many thousands.
    """
    if places.find() is None:
        return
    now = datetime.now(UTC)
    waiting = ListEntry.objects.select_related("watch_list").filter(
        ~Exists(Datum.objects.filter(pk=OuterRef("pk"))),
        state=ListEntry.State.IN_FORCE,
        expires_on__gt=now.date(),
        watch_list__sharing="given",
        watch_list__partner="",
    )
    if entries is not None:
        waiting = waiting.filter(pk__in=[entry.pk for entry in entries])
    for entry in waiting[:AT_ONCE]:
        services.share(
            effects.datum_of(entry),
            purpose=effects.purpose_of(entry),
            at=now,
            expires=datetime.combine(entry.expires_on, time(), UTC),
            actor=entry.approver or services.SYSTEM,
            request_id=entry.pk,
            handling=effects.handling_of(entry),
        )


def share_bulletin(rule: Rule, actor: object) -> Datum:
    """Give a bulletin of ours that is on to every partner whom an agreement gives it.

    Raises:
        ExchangeError: `not_ours` where it is off, or a partner's; `no_place`.
    """
    if rule.kind != Rule.Kind.BULLETIN or rule.state != Rule.State.ON or rule.came_from:
        raise ExchangeError("not_ours", str(rule.pk))
    now = datetime.now(UTC)
    return services.share(
        Bulletin(pattern=effects.pattern_of(rule)),
        purpose=Purpose.DOCUMENT_FRAUD,
        at=now,
        expires=datetime.combine(rule.expires_on, time(), UTC) + timedelta(days=1),
        actor=actor,
        request_id=rule.pk,
    )
