"""Stay arithmetic, laid beside examples that can be counted on a calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.travel import PerEntry, RollingWindow, Stay, StayError, add_months, count, last_lawful_day


def test_thirty_days_count_the_day_of_entry() -> None:
    assert last_lawful_day(PerEntry(days=30), date(2026, 11, 1)) == date(2026, 11, 30)


def test_six_months_from_the_end_of_august_end_in_february() -> None:
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert last_lawful_day(PerEntry(months=6), date(2026, 8, 31)) == date(2027, 2, 27)


def test_an_arrival_has_all_its_days_before_it() -> None:
    result = count(PerEntry(days=30), [], date(2026, 11, 1))
    assert (result.used, result.left, result.last_lawful_day, result.days_over) == (0, 30, date(2026, 11, 30), 0)


def test_an_open_stay_beyond_its_last_day_is_over_by_so_many_days() -> None:
    result = count(PerEntry(days=30), [Stay(date(2026, 11, 1))], date(2026, 12, 5))
    assert (result.used, result.left, result.last_lawful_day, result.days_over) == (35, 0, None, 5)


def test_an_earlier_stay_that_ended_does_not_count_per_entry() -> None:
    result = count(PerEntry(days=30), [Stay(date(2026, 1, 1), date(2026, 1, 20))], date(2026, 11, 1))
    assert result.parts == ()


def test_ninety_days_in_one_go() -> None:
    result = count(RollingWindow(90, 180), [], date(2026, 1, 1))
    assert result.last_lawful_day == date(2026, 3, 31)  # 31 + 28 + 31
    assert result.left == 90


def test_days_come_back_as_they_leave_the_window() -> None:
    """Ten days in January and eighty to 30 June: each day from 30 June on, one of January's leaves the window."""
    stays = [Stay(date(2026, 1, 1), date(2026, 1, 10)), Stay(date(2026, 4, 12), date(2026, 6, 29))]
    result = count(RollingWindow(90, 180), stays, date(2026, 6, 29))
    assert result.period == (date(2026, 1, 1), date(2026, 6, 29))
    assert [part.days for part in result.parts] == [10, 79]
    assert result.used == 89
    # One day left on the 30th; and as each day takes 1 January's, then 2 January's place, ten more.
    assert result.last_lawful_day == date(2026, 7, 10)


def test_two_documents_of_one_person_count_a_day_once() -> None:
    stays = [Stay(date(2026, 1, 1), date(2026, 1, 10)), Stay(date(2026, 1, 5), date(2026, 1, 12))]
    assert count(RollingWindow(90, 180), stays, date(2026, 1, 31)).used == 12


def test_days_beyond_the_rule_are_counted() -> None:
    result = count(RollingWindow(5, 30), [Stay(date(2026, 1, 1))], date(2026, 1, 8))
    assert (result.used, result.left, result.last_lawful_day, result.days_over) == (8, 0, None, 3)


@pytest.mark.parametrize(
    "make", [lambda: PerEntry(), lambda: PerEntry(days=-1), lambda: RollingWindow(0, 5), lambda: RollingWindow(6, 5)]
)
def test_a_rule_that_gives_nothing_is_refused(make: object) -> None:
    with pytest.raises(StayError):
        make()  # type: ignore[operator]


def test_an_exit_before_its_entry_is_refused() -> None:
    with pytest.raises(StayError, match="exit_before_entry"):
        Stay(date(2026, 2, 1), date(2026, 1, 1))


def test_a_missed_exit_of_long_ago_is_counted_in_bounds() -> None:
    assert count(RollingWindow(90, 180), [Stay(date(1950, 1, 1))], date(2026, 1, 1)).used == 180


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
stay_lists = st.lists(
    st.builds(lambda first, n: Stay(first, first + timedelta(days=n)), days, st.integers(0, 60)), max_size=8
)


@given(stay_lists, days, st.integers(1, 90), st.integers(91, 200))
def test_staying_to_the_last_lawful_day_is_lawful_and_a_day_longer_is_not(
    stays: list[Stay], on: date, allowed: int, window: int
) -> None:
    rule = RollingWindow(allowed, window)
    past = [Stay(s.entry, min(s.exit or on, on - timedelta(days=1))) for s in stays if s.entry < on]
    result = count(rule, past, on)
    if result.last_lawful_day is None:
        return
    until = result.last_lawful_day
    assert count(rule, [*past, Stay(on, until)], until).used <= allowed
    longer = until + timedelta(days=1)
    assert count(rule, [*past, Stay(on, longer)], longer).used > allowed


@given(stay_lists, days)
def test_the_order_of_the_record_does_not_matter(stays: list[Stay], on: date) -> None:
    rule = RollingWindow(90, 180)
    assert count(rule, stays, on).used == count(rule, reversed(stays), on).used
