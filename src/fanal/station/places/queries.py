"""Reading crossing points and lanes."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from fanal.station.places.models import Lane


def lanes() -> QuerySet[Lane]:
    """The open lanes, by point and name."""
    return (
        Lane.objects.filter(is_open=True, point__is_active=True)
        .select_related("point")
        .order_by("point__code", "fast", "name")
    )


def current_lane(request: HttpRequest) -> Lane | None:
    """The lane that the officer chose; the only one there is, where there is only one."""
    chosen = request.session.get("lane")
    if chosen and (lane := lanes().filter(pk=chosen).first()):
        return lane
    both = list(lanes()[:2])
    return both[0] if len(both) == 1 else None
