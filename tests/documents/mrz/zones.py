"""Machine readable zones for tests: the published specimen of each format, and arbitrary ones for laws."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from fanal.documents import Field
from fanal.documents.mrz import Format
from fanal.documents.mrz.formats import LAYOUTS
from fanal.documents.mrz.parse import personal_check_digit

F = Field
_ERIKSSON = {F.PRIMARY_IDENTIFIER: "ERIKSSON", F.SECONDARY_IDENTIFIER: "ANNA MARIA"}
_UTOPIAN = {**_ERIKSSON, F.ISSUING_STATE: "UTO", F.NATIONALITY: "UTO", F.DATE_OF_BIRTH: "74-08-12", F.SEX: "F"}

# The lines, and the fields as the parser gives them: years have two digits.
SPECIMENS: dict[Format, tuple[tuple[str, ...], dict[Field, str]]] = {
    Format.TD1: (  # Doc 9303-5, appendix B
        ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
        {**_UTOPIAN, F.DOCUMENT_CODE: "I", F.DOCUMENT_NUMBER: "D23145890", F.DATE_OF_EXPIRY: "12-04-15"},
    ),
    Format.TD2: (  # Doc 9303-6, appendix B
        ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
        {**_UTOPIAN, F.DOCUMENT_CODE: "I", F.DOCUMENT_NUMBER: "D23145890", F.DATE_OF_EXPIRY: "12-04-15"},
    ),
    Format.TD3: (  # Doc 9303-4, appendix B
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
        {
            **_UTOPIAN,
            F.DOCUMENT_CODE: "P",
            F.DOCUMENT_NUMBER: "L898902C3",
            F.DATE_OF_EXPIRY: "12-04-15",
            F.PERSONAL_NUMBER: "ZE184226B",
        },
    ),
    Format.MRV_A: (  # Doc 9303-7, appendix B
        ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"),
        {
            **_ERIKSSON,
            F.DOCUMENT_CODE: "V",
            F.ISSUING_STATE: "UTO",
            F.DOCUMENT_NUMBER: "L8988901C",
            F.NATIONALITY: "XXX",
            F.DATE_OF_BIRTH: "40-09-07",
            F.SEX: "F",
            F.DATE_OF_EXPIRY: "96-12-10",
            F.OPTIONAL_DATA: "6ZE184226B",
        },
    ),
    Format.MRV_B: (  # Doc 9303-7, appendix B
        ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"),
        {
            **_ERIKSSON,
            F.DOCUMENT_CODE: "V",
            F.ISSUING_STATE: "UTO",
            F.DOCUMENT_NUMBER: "L8988901C",
            F.NATIONALITY: "XXX",
            F.DATE_OF_BIRTH: "40-09-07",
            F.SEX: "F",
            F.DATE_OF_EXPIRY: "96-12-10",
        },
    ),
    Format.FRENCH_ID: (  # the published specimen
        ("IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<", "9409923102854CORINNE<<<<<<<6512068F4"),
        {
            F.DOCUMENT_CODE: "ID",
            F.ISSUING_STATE: "FRA",
            F.PRIMARY_IDENTIFIER: "BERTHIER",
            F.SECONDARY_IDENTIFIER: "CORINNE",
            F.DOCUMENT_NUMBER: "940992310285",
            F.DATE_OF_ISSUE: "94-09",
            F.DATE_OF_BIRTH: "65-12-06",
            F.SEX: "F",
        },
    ),
    Format.ROMANIAN_ID: (  # made up: no specimen is published with all its digits right
        ("IDROUVZOREANU<<ILINCA<<<<<<<<<<<<<<<", "ZZ000001<3ROU8001014F310101221234527"),
        {
            F.DOCUMENT_CODE: "ID",
            F.ISSUING_STATE: "ROU",
            F.PRIMARY_IDENTIFIER: "VZOREANU",
            F.SECONDARY_IDENTIFIER: "ILINCA",
            F.DOCUMENT_NUMBER: "ZZ000001",
            F.NATIONALITY: "ROU",
            F.DATE_OF_BIRTH: "80-01-01",
            F.SEX: "F",
            F.DATE_OF_EXPIRY: "31-01-01",
            F.PERSONAL_NUMBER: "2800101123452",
        },
    ),
    Format.SWISS_DL: (  # the published specimen
        ("AAA001D<<", "FACHE305142128097<<800126<<<<<", "MARCHAND<<FABIENNE<<<<<<<<<<<<"),
        {
            F.ADMINISTRATIVE_CODE: "AAA001D",
            F.DOCUMENT_CODE: "FA",
            F.ISSUING_STATE: "CHE",
            F.DOCUMENT_NUMBER: "305142128097",
            F.DATE_OF_BIRTH: "80-01-26",
            F.PRIMARY_IDENTIFIER: "MARCHAND",
            F.SECONDARY_IDENTIFIER: "FABIENNE",
        },
    ),
    Format.FRENCH_DL: (  # the published specimen
        ("D1FRA13AA000026181231MARTIN<<9",),
        {
            F.DOCUMENT_CODE: "D1",
            F.ISSUING_STATE: "FRA",
            F.DOCUMENT_NUMBER: "13AA00002",
            F.DATE_OF_EXPIRY: "18-12-31",
            F.PRIMARY_IDENTIFIER: "MARTIN",
        },
    ),
}

# Every position that a check digit covers, by format.
COVERED = {
    form: sorted(
        {
            (line, column)
            for check in layout.checks
            for line, first, last in check.covers
            for column in range(first, last + 1)
        }
    )
    for form, layout in LAYOUTS.items()
    if layout.checks
}

_CODES = {
    Format.TD1: ("I", "ID", "AC", "C"),
    Format.TD2: ("I", "AC", "C"),
    Format.TD3: ("P", "PD", "PO"),
    Format.MRV_A: ("V", "VB"),
    Format.MRV_B: ("V", "VB"),
    Format.FRENCH_ID: ("ID",),
    Format.ROMANIAN_ID: ("ID",),
    Format.SWISS_DL: ("FA",),
    Format.FRENCH_DL: ("D1",),
}
_NATIONAL = {Format.FRENCH_ID: "FRA", Format.FRENCH_DL: "FRA", Format.ROMANIAN_ID: "ROU", Format.SWISS_DL: "CHE"}
_STATES = st.sampled_from(("UTO", "HTI", "DOM", "JAM", "CUB", "BHS", "D", "XXA", "EUE"))
_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_COMPONENT = st.text(_CHARACTERS[:26], min_size=1, max_size=12)
_DAYS = st.dates().map(lambda day: day.isoformat())
_PARTIAL = st.tuples(_DAYS, st.sampled_from((10, 10, 7, 4))).map(lambda drawn: drawn[0][: drawn[1]])


def _text(least: int, most: int, alphabet: str = _CHARACTERS) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


@st.composite
def zones(draw: st.DrawFn, formats: Sequence[Format] = tuple(Format)) -> tuple[Format, dict[Field, str]]:
    """A format and values that it carries whole: no name is shortened, every field is in its alphabet."""
    form = draw(st.sampled_from(formats))
    layout = LAYOUTS[form]
    slots = {slot.field: slot for slot in layout.named}
    length = {field: slot.last - slot.first + 1 for field, slot in slots.items()}
    values = {F.DOCUMENT_CODE: draw(st.sampled_from(_CODES[form]))}
    values[F.ISSUING_STATE] = _NATIONAL.get(form) or draw(_STATES)
    if F.NATIONALITY in slots:
        values[F.NATIONALITY] = draw(_STATES)
    if F.SEX in slots:
        values[F.SEX] = draw(st.sampled_from("FMX"))
    if F.DATE_OF_BIRTH in slots:
        values[F.DATE_OF_BIRTH] = draw(_DAYS if form is Format.ROMANIAN_ID else _PARTIAL)
    if F.DATE_OF_EXPIRY in slots:
        values[F.DATE_OF_EXPIRY] = draw(_PARTIAL)
    values |= _names(draw, form, length[F.PRIMARY_IDENTIFIER], length.get(F.SECONDARY_IDENTIFIER, 0))
    values |= _numbers(draw, form, values, length)
    return form, {field: value for field, value in values.items() if value}


def _names(draw: st.DrawFn, form: Format, primary: int, secondary: int) -> dict[Field, str]:
    first = " ".join(draw(st.lists(_COMPONENT, min_size=1, max_size=3)))
    second = " ".join(draw(st.lists(_COMPONENT, max_size=3)))
    if LAYOUTS[form].joined_name:
        first = first[: primary - 4].rstrip()
        room = primary - len(first) - 3  # a name that fills its field would be taken for a shortened one
        return {F.PRIMARY_IDENTIFIER: first, F.SECONDARY_IDENTIFIER: second[:room].rstrip()}
    first = first[: primary - 1].rstrip()
    # French given names are parted by two fillers.
    kept = second.split()
    while kept and len("<<".join(kept)) > secondary - 1:
        kept.pop()
    return {F.PRIMARY_IDENTIFIER: first, F.SECONDARY_IDENTIFIER: " ".join(kept)}


def _numbers(
    draw: st.DrawFn, form: Format, values: dict[Field, str], length: dict[Field | None, int]
) -> dict[Field, str]:
    if form is Format.FRENCH_ID:
        issued = draw(st.dates()).isoformat()[:7]
        number = issued[2:4] + issued[5:7] + draw(_text(8, 8, "0123456789"))
        return {F.DOCUMENT_NUMBER: number, F.DATE_OF_ISSUE: issued, F.ADMINISTRATIVE_CODE: draw(_text(0, 6))}
    if form is Format.SWISS_DL:
        return {
            F.DOCUMENT_NUMBER: draw(_text(12, 12, "0123456789")),
            F.ADMINISTRATIVE_CODE: draw(_text(0, 9)),
        }
    found = {F.DOCUMENT_NUMBER: draw(_text(1, 9))}
    if form is Format.ROMANIAN_ID:
        birth = values[F.DATE_OF_BIRTH].replace("-", "")[2:]
        number = draw(_text(1, 1, "0123456789")) + birth + draw(_text(5, 5, "0123456789"))
        found[F.PERSONAL_NUMBER] = number + personal_check_digit(number + "0")
    elif form is Format.TD3:
        found[F.PERSONAL_NUMBER] = draw(_text(0, 14))
    elif F.OPTIONAL_DATA in length:
        room = length[F.OPTIONAL_DATA]
        if LAYOUTS[form].long_number and draw(st.booleans()):
            found[F.DOCUMENT_NUMBER] = draw(_text(10, 9 + room - 2))
            room -= len(found[F.DOCUMENT_NUMBER]) - 9 + 2
        found[F.OPTIONAL_DATA] = draw(_text(0, room))
    if F.OPTIONAL_DATA_2 in length:
        found[F.OPTIONAL_DATA_2] = draw(_text(0, length[F.OPTIONAL_DATA_2]))
    return found
