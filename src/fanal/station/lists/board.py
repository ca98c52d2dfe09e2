"""What the shift board says of the lists: when each last changed here, or that there is none."""

from __future__ import annotations

from django.db.models import Max

from fanal.station.lists.models import WatchList
from fanal.station.supervision.queries import Line


def lines() -> list[Line]:
    rows = WatchList.objects.annotate(approved=Max("entries__approved_at"), ended=Max("entries__ended_at"))
    found = [
        Line("board.list", max((at for at in (row.approved, row.ended) if at), default=None), {"name": row.name})
        for row in rows
    ]
    return found or [Line("board.no_lists", None)]
