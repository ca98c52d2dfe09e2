"""Reading MRZs: the standard's specimens, what is wrong where, and that nothing but MrzError is ever raised."""

from __future__ import annotations

import contextlib
import random
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fanal.documents import Field, mrz
from fanal.documents.mrz import Format, MrzError, ProblemCode, State
from fanal.documents.mrz.formats import LAYOUTS
from fanal.documents.mrz.parse import read
from tests.documents.mrz.zones import COVERED, SPECIMENS, zones

ALL = pytest.mark.parametrize("form", Format, ids=lambda form: form.value)


# ICAO Doc 9303-4, appendix B; 9303-5, appendix B; 9303-6, appendix B; 9303-7, appendices; and for the national formats
# the specimens that the States published.
@ALL
def test_the_specimen_of_each_format_is_read_without_a_problem(form: Format) -> None:
    lines, fields = SPECIMENS[form]
    read = mrz.parse(lines)

    assert read.format is form
    assert read.valid
    assert {element.field: element.value for element in read.elements if element.value} == fields
    for element in read.elements:
        if element.field is Field.SECONDARY_IDENTIFIER or element.field is Field.PRIMARY_IDENTIFIER:
            continue  # the two identifiers may share one field
        assert lines[element.line - 1][element.columns[0] - 1 : element.columns[1]] == element.raw


@ALL
def test_lines_come_as_a_list_a_text_bytes_or_one_unbroken_line(form: Format) -> None:
    lines = SPECIMENS[form][0]
    text = "\r\n".join(lines) + "\r\n"
    expected = mrz.parse(lines)

    assert mrz.parse(list(lines)) == mrz.parse(text) == mrz.parse(text.encode()) == expected
    if len({len(line) for line in lines}) == 1:
        assert mrz.parse("".join(lines)) == expected


@pytest.mark.parametrize(
    ("lines", "number", "rest"),
    [
        # Doc 9303-5, 4.2.2.2, note j.
        (("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "S<<P" + "<" * 26), "D23145890734", ""),
        (
            ("I<UTOD23145890<7349<ABC<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "S<<P" + "<" * 26),
            "D23145890734",
            "ABC",
        ),
    ],
)
def test_a_long_number_goes_on_in_the_optional_data(lines: tuple[str, ...], number: str, rest: str) -> None:
    read = mrz.parse(lines)
    digit = read.check_digit("document_number")

    assert read.value(Field.DOCUMENT_NUMBER) == number
    assert read.value(Field.OPTIONAL_DATA) == rest
    assert digit is not None
    assert (digit.state, digit.line, digit.column) == (State.VALID, 1, 19)


def test_a_belgian_card_that_counts_the_filler_of_its_long_number_is_right() -> None:
    """docs/divergences.md; the published specimen of the card of 2003 to 2020."""
    lines = ("IDBEL000590240<6013<<<<<<<<<<<", "8512017F1311048BEL851201002007", "REINARTZ<<ULRIKE<KATIA<E<<<<<<")

    assert mrz.parse(lines).valid
    assert not mrz.parse((lines[0].replace("BEL", "UTO"), *lines[1:])).valid


@pytest.mark.parametrize("digit", ["0", "<"])
def test_the_check_digit_of_an_empty_optional_field_is_zero_or_a_filler(digit: str) -> None:
    # Doc 9303-4, 4.2.2.2.
    upper = "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<"

    assert mrz.parse([upper, f"C01X0006H1D<<6408125F1710319<<<<<<<<<<<<<<{digit}0"]).valid


@pytest.mark.parametrize(
    ("birth", "value", "claimed"),
    [
        ("740812", "74-08-12", "1974-08-12"),
        ("7408<<", "74-08", "1974-08"),
        ("74<<<<", "74", "1974"),
        ("<<<<<<", "", None),
        ("74<<12", "74", "1974"),
        ("261125", "26-11-25", "1926-11-25"),  # a date of birth is not in the future
        ("261124", "26-11-24", "2026-11-24"),
        ("000229", "00-02-29", "2000-02-29"),
    ],
)
def test_dates_are_as_precise_as_the_mrz_and_births_are_past(birth: str, value: str, claimed: str | None) -> None:
    read = with_birth(birth)
    claims = {claim.field: claim for claim in mrz.claims(read, on=date(2026, 11, 24))}

    assert read.value(Field.DATE_OF_BIRTH) == value
    assert (claims[Field.DATE_OF_BIRTH].value if Field.DATE_OF_BIRTH in claims else None) == claimed


def with_birth(birth: str) -> mrz.Mrz:
    upper, lower = SPECIMENS[Format.MRV_A][0]
    return mrz.parse([upper, lower[:13] + birth + mrz.check_digit(birth) + lower[20:]])


@pytest.mark.parametrize(
    ("birth", "code"),
    [
        ("741332", ProblemCode.IMPOSSIBLE_DATE),
        ("750229", ProblemCode.IMPOSSIBLE_DATE),
        ("<<0812", ProblemCode.DATE_WITHOUT_YEAR),
        ("74081Z", ProblemCode.LETTER_IN_NUMBER_FIELD),
    ],
)
def test_a_date_that_is_none_is_a_problem_with_its_place(birth: str, code: ProblemCode) -> None:
    (problem,) = with_birth(birth).problems

    assert (problem.code, problem.line, problem.field) == (code, 2, Field.DATE_OF_BIRTH)
    assert problem.columns == ((19, 19) if code is ProblemCode.LETTER_IN_NUMBER_FIELD else (14, 19))


@pytest.mark.parametrize(("on", "expiry"), [("2026-11-24", "2012-04-15"), ("2063-01-01", "2112-04-15")])
def test_an_expiry_is_the_one_nearest_to_the_day_of_inspection(on: str, expiry: str) -> None:
    claims = {c.field: c.value for c in mrz.claims(mrz.parse(SPECIMENS[Format.TD3][0]), on=date.fromisoformat(on))}

    assert claims[Field.DATE_OF_EXPIRY] == expiry


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        (lambda a, b: (a[:10] + "5" + a[11:], b), ProblemCode.DIGIT_IN_LETTER_FIELD, (1, (11, 11))),
        (lambda a, b: (a[:2] + "U<O" + a[5:], b), ProblemCode.FILLER_INSIDE_CODE, (1, (3, 5))),
        (lambda a, b: (a, b[:20] + "Q" + b[21:]), ProblemCode.UNKNOWN_SEX, (2, (21, 21))),
        (lambda a, b: (a, b[:10] + "<<<" + b[13:]), ProblemCode.EMPTY_FIELD, (2, (11, 13))),
        (lambda a, b: (a[:5] + "<<" + a[5:-2], b), ProblemCode.PRIMARY_IDENTIFIER_EMPTY, (1, (6, 44))),
        (lambda a, b: (a[:25] + "<<X" + a[28:], b), ProblemCode.REPEATED_SEPARATOR, (1, (6, 44))),
        (lambda a, b: (a[:5] + "A" * 39, b), ProblemCode.NAME_WITHOUT_FILLER, (1, (6, 44))),
        (lambda a, b: (a[:-1], b), ProblemCode.WRONG_LENGTH, (1, (1, 43))),
        (lambda a, b: (a.lower(), b), ProblemCode.NOT_AS_PRINTED, (1, (1, 44))),
        (lambda a, b: (a[:9] + "Ñ" + a[10:], b), ProblemCode.INVALID_CHARACTER, (1, (10, 10))),
    ],
)
def test_what_is_wrong_is_said_with_line_and_columns(change, code, place) -> None:  # type: ignore[no-untyped-def]
    problems = {problem.code: (problem.line, problem.columns) for problem in mrz.parse(change(*TD3)).problems}

    assert problems[code] == place


TD3 = SPECIMENS[Format.TD3][0]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("", "empty"),
        ([], "empty"),
        ("Dear colleague, the passport is attached.", "not_mrz"),
        (["<" * 20, "<" * 20], "wrong_shape"),
        (["A<" * 15], "lines_missing"),
        (["A<" * 15] * 4, "too_many_lines"),
        ("<" * 2000, "too_long"),
        (["<"] * 2000, "too_many_lines"),
        (7, "not_text"),
        ([7, 8], "not_text"),
        (None, "not_text"),
    ],
)
def test_what_is_no_mrz_at_all_raises_the_one_error_that_says_why(lines: object, code: str) -> None:
    with pytest.raises(MrzError) as raised:
        mrz.parse(lines)  # type: ignore[arg-type]

    assert raised.value.code == code


@given(zone=zones())
def test_reading_what_was_composed_gives_it_back(zone) -> None:  # type: ignore[no-untyped-def]
    form, values = zone
    lines = mrz.compose(form, values)
    read = mrz.parse(lines)

    assert read.format is form
    assert read.valid, read.problems
    assert read.lines == read.text == lines
    assert {element.field: element.value for element in read.elements if element.value} == as_read(form, values)
    assert mrz.compose(form, {**values, **names(read)}) == lines


def names(read: mrz.Mrz) -> dict[Field, str]:
    return {
        field: read.value(field) or ""
        for field in (Field.PRIMARY_IDENTIFIER, Field.SECONDARY_IDENTIFIER)
        if read.get(field) is not None
    }


def as_read(form: Format, values: dict[Field, str]) -> dict[Field, str]:
    """Values as an MRZ gives them back: years of two digits."""
    dates = (Field.DATE_OF_BIRTH, Field.DATE_OF_EXPIRY, Field.DATE_OF_ISSUE)
    return {field: value[2:] if field in dates else value for field, value in values.items() if value}


@given(zone=zones(sorted(COVERED)), data=st.data())
def test_a_substituted_character_in_a_checked_field_is_noticed(zone, data) -> None:  # type: ignore[no-untyped-def]
    """But for those that weigh the same modulo 10 (Doc 9303-3, 4.9): 0, A, K, U and < alike, 1, B, L, V and so on."""
    form, values = zone
    lines = mrz.compose(form, values)
    line, column = data.draw(st.sampled_from(COVERED[form]))
    old = lines[line - 1][column - 1]
    new = data.draw(st.sampled_from(sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<") - {old})))
    if weight(old) == weight(new):
        return
    changed = list(lines)
    changed[line - 1] = changed[line - 1][: column - 1] + new + changed[line - 1][column:]

    with contextlib.suppress(MrzError):  # it may be no such MRZ any more
        assert not mrz.parse(changed).valid


def weight(character: str) -> int:
    return 0 if character == "<" else int(character, 36) % 10


JUNK = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<\n", max_size=140),
    st.lists(st.text("PIVACD<UTOFRA0123456789«ßŉ ", min_size=25, max_size=46), min_size=1, max_size=3),
)


@given(lines=JUNK, repair=st.booleans())
@example(lines="ŉ" * 44 + "\n" + "<" * 44, repair=True)
@example(lines=["ß" * 44, "<" * 44], repair=True)
@example(lines=b"\xff" * 90, repair=False)
def test_arbitrary_input_raises_nothing_but_the_one_error(lines, repair) -> None:  # type: ignore[no-untyped-def]
    try:
        read = mrz.parse(lines, repair=repair)
    except MrzError:
        return
    assert len(read.text) == len(read.lines) or any(p.code is ProblemCode.MISSING_LINE for p in read.problems)
    mrz.claims(read, on=date(2026, 11, 24))


def test_arbitrary_strings_and_bytes_raise_nothing_but_the_one_error() -> None:
    """`python -m bench.fuzz` goes on where this stops: it mutates specimens a hundred thousand times and more."""
    rng = random.Random(9303)
    specimens = ["\n".join(lines) for lines, _ in SPECIMENS.values()]
    alphabets = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<", "P<\n0OI1 «é\x00\ud800", "<" * 9 + "ABC123\n")
    refused = 0
    for number in range(10_000):
        kind = number % 4
        given_: str | bytes
        if kind == 0:
            given_ = rng.randbytes(rng.randrange(120))
        elif kind == 1:
            given_ = "".join(rng.choices(rng.choice(alphabets), k=rng.randrange(130)))
        else:  # a specimen, damaged
            characters = list(rng.choice(specimens))
            for _ in range(rng.randrange(8)):
                characters[rng.randrange(len(characters))] = rng.choice(rng.choice(alphabets))
            given_ = "".join(characters)[rng.randrange(4) :]
        try:
            mrz.parse(given_, repair=number % 50 == 0)
        except MrzError:
            refused += 1
    assert 2_000 < refused < 8_000


@given(text=st.one_of(st.text(max_size=300), st.text("ABCMRZ<0123456789\n \r", max_size=400)))
def test_a_search_in_arbitrary_text_raises_nothing(text: str) -> None:
    for found in mrz.find(text):
        mrz.parse(found.lines)


@given(zones(), st.data())
def test_the_short_way_and_the_long_way_give_the_same(zone, data) -> None:  # type: ignore[no-untyped-def]
    form, values = zone
    lines = list(mrz.compose(form, values))
    if data.draw(st.booleans()):  # with a character that need not belong there
        n = data.draw(st.integers(0, len(lines) - 1))
        at = data.draw(st.integers(0, len(lines[n]) - 1))
        lines[n] = lines[n][:at] + data.draw(st.sampled_from("<0179AKOVX")) + lines[n][at + 1 :]
    try:
        short = mrz.parse(lines)
    except MrzError:  # one line that no longer begins as a French driving licence
        assume(False)

    assert read(LAYOUTS[short.format], tuple(lines), "".join(lines)) == short
    assert mrz.parse("\n".join(lines)) == mrz.parse("\r\n".join(lines)) == short

    on = date(2026, 11, 24)
    long = mrz.claims(short, on=on, evidence="0" * 64)  # what lies in evidence goes the long way
    moved = tuple(c._replace(region=c.region and c.region._replace(evidence="")) for c in long)
    assert mrz.claims(short, on=on) == moved  # made for the first time,
    assert mrz.claims(short, on=on) == moved  # and given again


@pytest.mark.parametrize("text", ["{0}\n{1}\n", " {0} \r\n\r\n {1}", "{0} {1}", "\f{0}\n{1}"])
def test_white_space_about_the_lines_of_a_text_changes_nothing(text: str) -> None:
    lines = SPECIMENS[Format.TD3][0]
    assert mrz.parse(text.format(*lines)).value(Field.DOCUMENT_NUMBER) == "L898902C3"


def test_a_line_end_inside_a_line_does_not_make_two_of_it() -> None:
    upper, middle, lower = SPECIMENS[Format.TD1][0]
    with pytest.raises(MrzError):
        mrz.parse((f"{upper}\n{middle}", lower))
