"""Dates known in part, the forms of the VIZ (ICAO Doc 9303-3, 3.8) and the arithmetic of ages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.dates import (
    Century,
    DateAgreement,
    DateError,
    PartialDate,
    Years,
    add_months,
    add_years,
    age_on,
    compare,
    day_and_month_swapped,
    find_month,
    months_between,
    parse_iso,
    read_date,
    whole_year,
    years_between,
)

ON = date(2026, 11, 24)

DATES = st.builds(PartialDate.of, st.dates())
MONTHS_EN = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS_FR = ("JANV", "FÉV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOÛT", "SEPT", "OCT", "NOV", "DÉC")
PARTIAL_DATES = st.one_of(
    DATES,
    st.builds(PartialDate, st.integers(1, 9999)),
    st.builds(PartialDate, st.integers(1, 9999), st.integers(1, 12)),
)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("12 AUG 1974", "1974-08-12"),
        ("12 AUG/AOUT 1974", "1974-08-12"),
        ("12 AOÛT / AUG 74", "1974-08-12"),
        ("12 AGO/AUG 74", "1974-08-12"),
        ("12AUG1974", "1974-08-12"),
        ("12 JUL/JUIL 1994", "1994-07-12"),
        ("12 juin 1994", "1994-06-12"),
        ("12 de septiembre de 2001", "2001-09-12"),
        ("1er janvier 1980", "1980-01-01"),
        ("1º ENE 1980", "1980-01-01"),
        ("12 באוג/AUG 1974", "1974-08-12"),
        ("August 12, 1974", "1974-08-12"),
        ("2nd March 1969", "1969-03-02"),
        ("12 dawout 1974", "1974-08-12"),
        ("3 jiyè 1974", "1974-07-03"),
        ("3 me 1974", "1974-05-03"),
        ("1 desanm 1974", "1974-12-01"),
        ("12 ELO/AUG 1974", "1974-08-12"),  # a language that the table does not have beside one that it has
        ("12.08.1974", "1974-08-12"),
        ("12/08/1974", "1974-08-12"),
        ("12-08-74", "1974-08-12"),
        ("12 08 1974", "1974-08-12"),
        ("12081974", "1974-08-12"),
        ("19740812", "1974-08-12"),
        ("1974-08-12", "1974-08-12"),
        ("08/31/1974", "1974-08-31"),
        ("29 FEB 2024", "2024-02-29"),
        ("AUG 1974", "1974-08"),
        ("08/1974", "1974-08"),
        ("XX AUG 1974", "1974-08"),
        ("XX XX 1974", "1974"),
        ("00.00.1974", "1974"),
        ("** AUG 1974", "1974-08"),
        ("1974", "1974"),
    ],
)
def test_the_forms_of_the_visual_zone_are_read(text: str, iso: str) -> None:
    assert str(read_date(text, on=ON).date) == iso


def test_figures_that_could_be_month_first_show_the_other_date() -> None:
    assert read_date("03/04/1974", on=ON).other == PartialDate(1974, 3, 4)
    assert read_date("13/04/1974", on=ON).other is None
    assert read_date("04/04/1974", on=ON).other is None
    assert read_date("3 APR 1974", on=ON).other is None


def test_a_year_of_two_digits_is_in_the_past_for_births_and_near_for_expiry() -> None:
    assert read_date("24 NOV 26", on=ON) == (PartialDate(2026, 11, 24), None, True)
    assert read_date("25 NOV 26", on=ON).date == PartialDate(1926, 11, 25)
    assert read_date("XX NOV 26", on=ON).date == PartialDate(2026, 11)
    assert read_date("XX DEC 26", on=ON).date == PartialDate(1926, 12)
    assert read_date("25 NOV 33", on=ON, century=Century.NEAR).date == PartialDate(2033, 11, 25)
    assert read_date("29 FEB 00", on=ON).date == PartialDate(2000, 2, 29)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_date"),
        ("UTOPIA", "not_a_date"),
        ("12 FOO 1974", "not_a_date"),
        ("12 AUG/SEP 1974", "months_disagree"),
        ("31 FEB 1974", "no_such_day"),
        ("29 FEB 1973", "no_such_day"),
        ("32.13.1974", "no_such_month"),
        ("12 JUI 1974", "not_a_date"),  # June or July
        ("120874", "not_a_date"),  # of six figures nobody knows the order
        ("12 AUG", "not_a_date"),
        ("AUG 74", "not_a_date"),
        ("12_AUG_1974!", "not_a_date"),
        ("12 AUG 1974 2", "not_a_date"),
        ("1" * 100, "too_long"),
        ("١٢ AUG 1974", "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(DateError) as caught:
        read_date(text, on=ON)
    assert caught.value.code == code


def test_month_names_are_known_in_four_languages() -> None:
    full = {
        "en": "January February March April May June July August September October November December",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "ht": "janvye fevriye mas avril me jen jiyè out septanm oktòb novanm desanm",
    }
    for words in full.values():
        assert [find_month(word) for word in words.split()] == list(range(1, 13))
    short = "ENE FEB MAR ABR MAY JUN JUL AGO SET OCT NOV DIC"
    assert [find_month(word) for word in short.split()] == list(range(1, 13))


@given(PARTIAL_DATES)
def test_what_is_written_in_iso_is_read_again(day: PartialDate) -> None:
    assert parse_iso(str(day)) == day


@given(
    st.builds(PartialDate.of, st.dates(min_value=date(1000, 1, 1))), st.sampled_from(["{d:02} {m} {y}", "{m} {d}, {y}"])
)
def test_what_is_written_in_words_is_read_again(day: PartialDate, form: str) -> None:
    assert day.month is not None
    for months in (MONTHS_EN, MONTHS_FR):
        text = form.format(d=day.day, m=months[day.month - 1], y=day.year)
        assert read_date(text, on=ON) == (day, None, False)


@given(st.text(max_size=80))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    for parse in (parse_iso, lambda t: read_date(t, on=ON).date, lambda t: read_date(t, on=date.min).date):
        try:
            found = parse(text)
        except DateError:
            continue
        assert parse_iso(str(found)) == found


@given(st.text(alphabet="0123456789X*/. AUGMEJN", max_size=12), st.dates())
def test_any_text_made_of_parts_of_dates_is_a_date_or_refused(text: str, on: date) -> None:
    for century in Century:
        try:
            found = read_date(text, on=on, century=century)
        except DateError:
            continue
        assert found.date.first_day <= found.date.last_day


def test_what_is_not_iso_is_refused() -> None:
    for text in ("1974-8-12", "74-08-12", "1974-08-12T00:00", "1974-", "1974-02-30", "٢٠٢٦"):
        with pytest.raises(DateError):
            parse_iso(text)


def test_a_partial_date_is_a_range_of_days() -> None:
    assert (PartialDate(2024, 2).first_day, PartialDate(2024, 2).last_day) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (PartialDate(2024).first_day, PartialDate(2024).last_day) == (date(2024, 1, 1), date(2024, 12, 31))
    with pytest.raises(DateError):
        PartialDate(2024, None, 3)
    with pytest.raises(DateError):
        PartialDate(0)


def test_dates_agree_as_far_as_both_are_known() -> None:
    assert compare(PartialDate(1974), PartialDate(1974, 8, 12)) is DateAgreement.COMPATIBLE
    assert compare(PartialDate(1974, 9), PartialDate(1974, 8, 12)) is DateAgreement.DIFFERENT
    assert compare(PartialDate(1974, 8, 12), PartialDate(1974, 8, 12)) is DateAgreement.EQUAL


@given(PARTIAL_DATES, PARTIAL_DATES)
def test_agreement_does_not_depend_on_the_order(a: PartialDate, b: PartialDate) -> None:
    assert compare(a, b) is compare(b, a)
    assert day_and_month_swapped(a, b) is day_and_month_swapped(b, a)
    overlap = max(a.first_day, b.first_day) <= min(a.last_day, b.last_day)
    assert overlap is (compare(a, b) is not DateAgreement.DIFFERENT)


def test_a_clerks_swap_of_day_and_month_is_known() -> None:
    assert day_and_month_swapped(PartialDate(1974, 3, 4), PartialDate(1974, 4, 3))
    assert not day_and_month_swapped(PartialDate(1974, 3, 4), PartialDate(1974, 3, 4))
    assert not day_and_month_swapped(PartialDate(1974, 3), PartialDate(1974, 3))


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (PartialDate(2008, 11, 24), date(2026, 11, 23), (17, 17)),
        (PartialDate(2008, 11, 24), date(2026, 11, 24), (18, 18)),
        (PartialDate(2008, 2, 29), date(2026, 2, 28), (17, 17)),
        (PartialDate(2008, 2, 29), date(2026, 3, 1), (18, 18)),
        (PartialDate(2008, 11), date(2026, 11, 24), (17, 18)),
        (PartialDate(2008), date(2026, 11, 24), (17, 18)),
        (PartialDate(2008), date(2026, 12, 31), (18, 18)),
        (PartialDate(2027, 1, 1), date(2026, 11, 24), (-1, -1)),
    ],
)
def test_an_age_is_as_exact_as_the_date_of_birth(born: PartialDate, on: date, age: Years) -> None:
    assert age_on(born, on) == age


@given(PARTIAL_DATES, st.dates())
def test_an_age_lies_between_those_of_the_first_and_the_last_day(born: PartialDate, on: date) -> None:
    age = age_on(born, on)
    assert age.least <= years_between(born.first_day, on) == age.most
    assert age.most - age.least <= 1


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(0, 5000))
def test_months_added_are_the_months_between(day: date, months: int) -> None:
    later = add_months(day, months)
    assert months_between(day, later) == months
    assert months_between(later, day) == 0


@given(st.dates(), st.dates())
def test_completed_months_never_reach_beyond_the_end(start: date, end: date) -> None:
    months = months_between(start, end)
    assert months == 0 if end < start else add_months(start, months) <= end


def test_the_leap_day_has_no_anniversary_in_common_years() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    with pytest.raises(DateError):
        add_years(date(2024, 2, 29), 9000)


@given(st.integers(0, 99), st.dates(min_value=date(1000, 1, 1), max_value=date(9900, 1, 1)))
def test_whole_years_keep_their_digits_and_stay_within_their_range(two_digits: int, on: date) -> None:
    past, near = (whole_year(two_digits, century, on) for century in Century)
    assert past % 100 == near % 100 == two_digits
    assert on.year - 99 <= past <= on.year
    assert on.year - 50 <= near < on.year + 50
