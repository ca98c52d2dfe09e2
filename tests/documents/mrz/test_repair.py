"""Repair: only where one reading is left, and never silently."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fanal.documents import Field, mrz
from fanal.documents.mrz import Format, MrzError, ProblemCode
from tests.documents.mrz.zones import SPECIMENS, zones

UPPER, LOWER = SPECIMENS[Format.TD3][0]


def test_the_alphabet_of_a_field_settles_what_was_confused() -> None:
    read = mrz.parse(
        [UPPER.replace("ERIKSSON", "ER1K55ON"), LOWER.replace("7408122F1204159", "74O8IZ2F12O4159")], repair=True
    )

    assert (read.value(Field.PRIMARY_IDENTIFIER), read.value(Field.DATE_OF_BIRTH)) == ("ERIKSSON", "74-08-12")
    assert [(r.line, r.column, r.seen, r.read) for r in read.repairs] == [
        (1, 8, "1", "I"),
        (1, 10, "5", "S"),
        (1, 11, "5", "S"),
        (2, 16, "O", "0"),
        (2, 18, "I", "1"),
        (2, 19, "Z", "2"),
        (2, 24, "O", "0"),
    ]
    assert {problem.code for problem in read.problems} == {ProblemCode.REPAIRED}
    assert not read.valid
    assert read.lines[0] != read.text[0]


def test_a_check_digit_settles_it_where_letters_and_digits_may_stand() -> None:
    read = mrz.parse([UPPER, LOWER.replace("L898902C3", "L8989O2C3")], repair=True)

    assert read.value(Field.DOCUMENT_NUMBER) == "L898902C3"
    element = read.get(Field.DOCUMENT_NUMBER)
    assert element is not None
    assert element.repaired_from == "L8989O2C3"


def test_what_more_than_one_reading_would_explain_is_left_as_it_was_read() -> None:
    # The first and the fourth character have one weight: an O in either place makes the check digit right.
    printed, other, misread = "O11011111", "011O11111", "011011111"
    digit = mrz.check_digit(printed)
    read = mrz.parse(["V<UTOERIKSSON<<ANNA" + "<" * 25, f"{misread}{digit}UTO7408122F1204159" + "<" * 16], repair=True)

    assert mrz.check_digit(other) == digit != mrz.check_digit(misread)
    assert read.value(Field.DOCUMENT_NUMBER) == misread


def test_fillers_that_were_read_as_letters_after_the_name_are_fillers() -> None:
    read = mrz.parse([UPPER[:30] + "<<KKC<<S<<<<<<", LOWER], repair=True)

    assert read.value(Field.SECONDARY_IDENTIFIER) == "ANNA MARIA"
    assert read.repairs


def test_a_line_with_a_filler_too_few_is_fitted_where_the_check_digits_leave_one_way() -> None:
    read = mrz.parse([UPPER, LOWER.replace("<<<<<1", "<<<<1")], repair=True)

    assert read.text[1] == LOWER
    assert ProblemCode.REPAIRED in {problem.code for problem in read.problems}


def test_without_being_asked_nothing_is_repaired() -> None:
    read = mrz.parse([UPPER.replace("ERIKSSON", "ER1K55ON"), LOWER])

    assert read.value(Field.PRIMARY_IDENTIFIER) == "ER1K55ON"
    assert not read.repairs


@given(zone=zones())
@example(
    zone=(
        Format.FRENCH_ID,
        {
            Field.DOCUMENT_CODE: "ID",
            Field.ISSUING_STATE: "FRA",
            Field.PRIMARY_IDENTIFIER: "BERTHIER",
            Field.SECONDARY_IDENTIFIER: "EVE LEA KELX",
            Field.DOCUMENT_NUMBER: "880692310285",
            Field.DATE_OF_BIRTH: "1965-01-03",
            Field.SEX: "F",
        },
    )
)
def test_a_right_mrz_is_never_repaired(zone: tuple[Format, dict[Field, str]]) -> None:
    lines = mrz.compose(*zone)

    assert mrz.parse(lines, repair=True) == mrz.parse(lines)


@given(zone=zones(), data=st.data())
def test_every_repair_is_reported(zone: tuple[Format, dict[Field, str]], data: st.DataObject) -> None:
    rows = list(mrz.compose(*zone))
    line = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[line]) - 1))
    rows[line] = rows[line][:column] + data.draw(st.sampled_from("0O1I2Z5S8B<K")) + rows[line][column + 1 :]
    try:
        read = mrz.parse(rows, repair=True)
    except MrzError:
        return
    if read.text != tuple(rows):
        assert ProblemCode.REPAIRED in {problem.code for problem in read.problems}


@pytest.mark.parametrize("form", Format, ids=lambda form: form.value)
def test_every_zero_that_was_read_as_a_letter_is_put_right_in_dates(form: Format) -> None:
    lines = SPECIMENS[form][0]
    printed = mrz.parse(lines)
    element = printed.get(Field.DATE_OF_BIRTH) or printed.get(Field.DATE_OF_EXPIRY)
    assert element is not None
    row = list(lines[element.line - 1])
    first, last = element.columns
    row[first - 1 : last] = "".join(row[first - 1 : last]).replace("0", "O").replace("1", "I")
    read = mrz.parse([*lines[: element.line - 1], "".join(row), *lines[element.line :]], repair=True)

    assert read.text == lines
