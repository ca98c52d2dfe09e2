"""The outbox as the node sees it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fanal.station.sharing import place as places
from fanal.station.sharing import register
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Outbox


def relay() -> None:
    """At a hub: write what our checkpoints have not been given yet."""
    place = places.find()
    if place is not None and place.hub is None:
        register.relay(place.id, agreements(place.id), datetime.now(UTC))


def waiting(most: int, but: Iterable[str] = ()) -> list[tuple[int, str, str, bytes]]:
    """What is to be published, the oldest first: number, partner, its id for the stream, envelope.

    `but`: partners whose link is full or down just now; the others' do not wait behind theirs.
    """
    rows = Outbox.objects.filter(published__isnull=True).exclude(partner__in=tuple(but)).order_by("id")[:most]
    return [
        (row.pk, row.partner, f"{row.message}.{row.round}" if row.round else str(row.message), bytes(row.envelope))
        for row in rows
    ]


def published(numbers: list[int], at: datetime) -> None:
    """The stream has them on disk. A node killed before this publishes them again, and the stream knows their ids."""
    Outbox.objects.filter(pk__in=numbers).update(published=at, problem="")


def troubled(number: int, code: str) -> None:
    """Why one waits: shown on the sharing pages."""
    Outbox.objects.filter(pk=number).exclude(problem=code).update(problem=code)
