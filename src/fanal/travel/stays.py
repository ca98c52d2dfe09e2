"""Length of stay, in the two families that States use, with the sum shown.

*Per entry*: so many days or months from each entry. *Rolling window*: n days in any period of m days, the day of entry
and the day of exit both counted (as in Regulation (EU) 2016/399, article 6(1), whose 90/180 days are the best known).
An overstay that follows from the sum is a presumption that the traveller may rebut: a missing exit is a question.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

MAX_STAYS = 5000
_DAY = timedelta(days=1)


class StayError(Exception):
    """A stay or a rule that cannot be: `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Stay:
    """From the day of entry to the day of exit, both included; still here, or no exit known, where `exit` is None."""

    entry: date
    exit: date | None = None
    ref: str = ""  # the crossing it comes from

    def __post_init__(self) -> None:
        if self.exit is not None and self.exit < self.entry:
            raise StayError("exit_before_entry")


@dataclass(frozen=True, slots=True)
class PerEntry:
    """`months` and `days` from each entry; the last lawful day is the day before that period has passed.

    Days count the day of entry as the first. A month ends on the day of the same number, or on the month's last.
    """

    days: int = 0
    months: int = 0

    def __post_init__(self) -> None:
        if self.days < 0 or self.months < 0 or self.days + self.months == 0 or self.days > 36600 or self.months > 1200:
            raise StayError("rule_out_of_range")


@dataclass(frozen=True, slots=True)
class RollingWindow:
    """`days` in any period of `window` days."""

    days: int
    window: int

    def __post_init__(self) -> None:
        if not 0 < self.days < self.window <= 3660:  # as many days as the window has would be no limit
            raise StayError("rule_out_of_range")


Rule = PerEntry | RollingWindow


@dataclass(frozen=True, slots=True)
class Used:
    """One stay's part in a sum: its days within the period looked at."""

    stay: Stay
    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum as it is shown: the period looked at, each stay's part, days used and left, the last lawful day.

    `last_lawful_day` is for someone who is here, or enters, on `on` and stays without leaving; None where not even
    that day is lawful. `days_over` counts the days beyond what the rule gives, up to and with `on`.
    """

    rule: Rule
    on: date
    period: tuple[date, date]
    parts: tuple[Used, ...]
    used: int
    left: int
    last_lawful_day: date | None
    days_over: int


def add_months(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (ValueError, calendar.IllegalMonthError):
        raise StayError("rule_out_of_range") from None


def last_lawful_day(rule: PerEntry, entry: date) -> date:
    """The last lawful day of a stay that begins on `entry`."""
    return add_months(entry, rule.months) + timedelta(days=rule.days - 1)


def count(rule: Rule, stays: Iterable[Stay], on: date) -> Sum:
    """What `rule` gives on the day `on`, given the stays so far (those that begin after `on` are left out).

    An open stay is counted to `on`. Overlapping stays (a missed exit, two documents) count each day once.

    Raises:
        StayError: more stays than a record can hold.
    """
    known = sorted((s for s in stays if s.entry <= on), key=lambda s: (s.entry, s.exit or date.max))
    if len(known) > MAX_STAYS:
        raise StayError("too_many_stays")
    if isinstance(rule, PerEntry):
        return _per_entry(rule, known, on)
    return _rolling(rule, known, on)


def _per_entry(rule: PerEntry, stays: list[Stay], on: date) -> Sum:
    current = [s for s in stays if s.exit is None or s.exit >= on]
    entry = current[-1].entry if current else on
    last = last_lawful_day(rule, entry)
    used = (on - entry).days + 1 if current else 0
    parts = (Used(current[-1], entry, on, used),) if current else ()
    return Sum(
        rule=rule,
        on=on,
        period=(entry, last),
        parts=parts,
        used=used,
        left=max((last - on).days + (0 if current else 1), 0),
        last_lawful_day=last if last >= on else None,
        days_over=max((on - last).days, 0),
    )


def _rolling(rule: RollingWindow, stays: list[Stay], on: date) -> Sum:
    start = on - timedelta(days=rule.window - 1)
    present = _present(stays, on)
    parts = []
    seen: set[date] = set()
    for stay in stays:
        first, last = max(stay.entry, start), min(stay.exit or on, on)
        days = [d for d in _days(first, last) if d not in seen]
        seen.update(days)
        if days:
            parts.append(Used(stay, first, last, len(days)))
    used = len(seen)
    here = on in present
    last_day = _last_day(rule, present, on)
    return Sum(
        rule=rule,
        on=on,
        period=(start, on),
        parts=tuple(parts),
        used=used,
        left=0 if last_day is None else (last_day - on).days + (0 if here else 1),
        last_lawful_day=last_day,
        days_over=_over(rule, present, on),
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _present(stays: list[Stay], on: date) -> set[date]:
    present: set[date] = set()
    for stay in stays:
        # Far older than any window: a record without an exit must not become a million days.
        first = max(stay.entry, on - timedelta(days=2 * 3660))
        present.update(_days(first, min(stay.exit or on, on)))
    return present


def _in_window(rule: RollingWindow, present: set[date], day: date) -> int:
    start = day - timedelta(days=rule.window - 1)
    return sum(1 for d in present if start <= d <= day)


def _last_day(rule: RollingWindow, present: set[date], on: date) -> date | None:
    """How far someone may stay from `on` on: day by day, as old days leave the window."""
    inside, day = _in_window(rule, present | {on}, on), on
    if inside > rule.days:
        return None
    for _ in range(rule.window):
        following = day + _DAY
        inside += 1
        if following - timedelta(days=rule.window) in present:
            inside -= 1
        if inside > rule.days:
            break
        day = following
    return day


def _over(rule: RollingWindow, present: set[date], on: date) -> int:
    """The days present, in the window up to `on`, on which the sum was already above what the rule gives."""
    start = on - timedelta(days=rule.window - 1)
    return sum(1 for d in present if start <= d <= on and _in_window(rule, present, d) > rule.days)
