"""What a supervisor sees: the board, overrides, statistics. Counts and codes; a name only where a decision has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Crossing
from fanal.station.inspections.services import trust_directory
from fanal.station.journal.models import SignedHead
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.secondary.models import Outcome
from fanal.station.secondary.moves import State
from fanal.station.secondary.services import visible
from fanal.travel import Table, shown

ROWS: Final = ("day", "hour", "lane", "purpose", "means", "nationality", "advice")
COLUMNS: Final = ("admitted", "exited", "referred", "refused")
MAX_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Line:
    """Something whose age matters: a list, the trust store, the link. `key` is a text; `at` is when it was last new."""

    key: str
    at: datetime | None
    values: Mapping[str, str] = field(default_factory=dict)


def lines() -> list[Line]:
    """The ages that the board shows: the station's own, then what each room of it adds.

    A room adds its own with `board = "dotted.path"` on its app's configuration: a function without arguments that
    returns lines.
    """
    found = [_trust(), _record()]
    for config in apps.get_app_configs():
        if path := getattr(config, "board", None):
            found += import_string(path)()
    return found


def _trust() -> Line:
    directory = trust_directory()
    if not directory.exists():
        return Line("board.no_trust", None)
    return Line("board.trust", datetime.fromtimestamp(directory.file.stat().st_mtime, UTC))


def _record() -> Line:
    newest = SignedHead.objects.order_by("-size").first()
    return Line("board.record" if newest else "board.no_record", newest.at if newest else None)


@dataclass(frozen=True, slots=True)
class LaneRow:
    lane: Lane
    last: datetime | None
    hour: int
    today: int


def standing(since: datetime, until: datetime | None = None) -> QuerySet[Crossing]:
    """The crossings of a time that no correction replaces."""
    rows = Crossing.objects.filter(at__gte=since, corrected_by=None).exclude(outcome="withdrawn")
    return rows if until is None else rows.filter(at__lt=until)


def lanes(point: CrossingPoint, now: datetime) -> list[LaneRow]:
    """Each lane with its last decision, and how many in the last hour and today."""
    start = day_start(timezone.localdate(now))
    hour = Q(at__gte=now - timedelta(hours=1))
    counted = {
        lane: (last, in_hour, today)
        for lane, last, in_hour, today in standing(start)
        .filter(point=point)
        .values_list("lane")
        .annotate(last=Max("at"), hour=Count("pk", filter=hour), today=Count("pk"))
    }
    return [LaneRow(lane, *counted.get(lane.pk, (None, 0, 0))) for lane in point.lanes.order_by("name")]


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of a point that the officer may know of, as counts."""

    waiting: int
    oldest_minutes: int | None
    in_work: int
    with_agency: int
    by_officer: list[tuple[str, int]]


def cases(officer: Officer, point: CrossingPoint, now: datetime) -> Cases:
    rows = visible(officer).filter(point=point)
    states = Counter(rows.exclude(state=State.CLOSED).values_list("state", flat=True))
    oldest = rows.filter(state=State.WAITING).order_by("opened_at").values_list("opened_at", flat=True).first()
    held = rows.filter(state__in=[State.IN_WORK, State.WITH_AGENCY]).values_list("holder__name", flat=True)
    return Cases(
        waiting=states[State.WAITING],
        oldest_minutes=int((now - oldest).total_seconds() // 60) if oldest else None,
        in_work=states[State.IN_WORK],
        with_agency=states[State.WITH_AGENCY],
        by_officer=sorted(Counter(str(name) for name in held).items()),
    )


def figures(officer: Officer, point: CrossingPoint, now: datetime) -> dict[str, int]:
    """The board's figures of today: what a hand-over keeps. Codes and counts only."""
    today = standing(day_start(timezone.localdate(now))).filter(point=point)
    outcomes = Counter(today.values_list("outcome", flat=True))
    found = cases(officer, point, now)
    return {
        **{name: outcomes[name] for name in COLUMNS},
        "overrides": overrides_of(today).count(),
        "waiting": found.waiting,
        "in_work": found.in_work,
        "with_agency": found.with_agency,
        "lanes_open": point.lanes.filter(is_open=True).count(),
        "lanes": point.lanes.count(),
    }


def overrides_of(rows: QuerySet[Crossing]) -> QuerySet[Crossing]:
    """Decisions against the advice to refer."""
    return rows.filter(advice="refer", outcome__in=["admitted", "exited"])


def overrides(since: date, until: date) -> list[Crossing]:
    """Who went against `refer`, who signed with them, and why; latest first."""
    rows = overrides_of(standing(day_start(since), day_start(until + timedelta(days=1))))
    return list(rows.select_related("officer", "countersigned_by", "point", "lane").order_by("-at")[:1000])


def child_overrides(officer: Officer, since: date, until: date) -> list[Outcome]:
    """Cases that went on with an open question about a child's consent, under four eyes."""
    rows = Outcome.objects.filter(
        case__in=visible(officer),
        countersigned_by__isnull=False,
        event__at__gte=day_start(since),
        event__at__lt=day_start(until + timedelta(days=1)),
    ).exclude(crossing__advice="refer")
    return list(
        rows.select_related("officer", "countersigned_by", "case__point", "event").order_by("-event__at")[:1000]
    )


def statistics(*, rows: str, since: date, until: date, point: CrossingPoint | None) -> Table:
    """Crossings by `rows` and outcome, with every small cell hidden.

    Raises:
        KeyError: there is no such division.
    """
    found = standing(day_start(since), day_start(until + timedelta(days=1)))
    if point is not None:
        found = found.filter(point=point)
    counts: Counter[tuple[str, str]] = Counter()
    path = _PATHS[rows]
    if path is not None:
        for row in found.values(path, "outcome").annotate(n=Count("pk")).order_by():
            counts[str(row[path] or "–"), row["outcome"]] += row["n"]
    else:
        for at, outcome in found.values_list("at", "outcome").iterator(5000):
            local = timezone.localtime(at)
            counts[f"{local:%Y-%m-%d}" if rows == "day" else f"{local:%H}:00", outcome] += 1
    names = tuple(sorted({name for name, _ in counts}))
    return shown(counts, names, COLUMNS)


# What each division groups by; None is told from the moment itself, in the station's time zone.
_PATHS: Final[dict[str, str | None]] = {
    "day": None,
    "hour": None,
    "lane": "lane__name",
    "purpose": "purpose",
    "means": "means",
    "nationality": "person__nationality",
    "advice": "advice",
}


def case_rows(officer: Officer, since: date, until: date) -> list[dict[str, Any]]:
    """Cases for an export: ids, times, codes. No name, no number, nothing restricted."""
    rows = visible(officer).filter(
        restricted=False, opened_at__gte=day_start(since), opened_at__lt=day_start(until + timedelta(days=1))
    )
    return [
        {
            "case": str(case.pk),
            "point": case.point.code if case.point else "",
            "opened": timezone.localtime(case.opened_at).isoformat(timespec="minutes"),
            "closed": timezone.localtime(case.closed_at).isoformat(timespec="minutes") if case.closed_at else "",
            "state": case.state,
            "reasons": " ".join(case.referral.reasons) if case.referral else "",
            "outcome": case.outcome.outcome if hasattr(case, "outcome") else "",
        }
        for case in rows.select_related("point", "referral", "outcome").order_by("opened_at")[:20000]
    ]


def day_start(day: date) -> datetime:
    """The first moment of a day, in the station's time zone."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))
