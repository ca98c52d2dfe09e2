"""Writing a machine readable zone: the inverse of reading it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fanal.documents.claims import Field
from fanal.documents.mrz.checkdigit import DIGITS, LETTERS, check_digit
from fanal.documents.mrz.errors import ComposeError, MrzError
from fanal.documents.mrz.formats import LAYOUTS, Format, Kind, Layout, Slot
from fanal.documents.mrz.names import name_field
from fanal.documents.mrz.parse import personal_check_digit
from fanal.documents.mrz.transliteration import transliterate

_REQUIRED = frozenset(
    {
        Field.DOCUMENT_CODE,
        Field.ISSUING_STATE,
        Field.PRIMARY_IDENTIFIER,
        Field.DOCUMENT_NUMBER,
        Field.NATIONALITY,
    }
)
_SEXES = {"F": "F", "M": "M", "X": "<", "": "<"}
_CARRIED = frozenset(DIGITS + LETTERS)


def compose(format: Format, values: Mapping[Field, str]) -> tuple[str, ...]:  # noqa: A002 - the standard's word
    """The lines of an MRZ of `format`, check digits and all, from values in the normal form of claims.

    Dates are ISO 8601 and may lack the day or the month; names may be in any letters of Doc 9303-3, section 6; sex is
    F, M or X. Raises ComposeError, naming the field, for what is missing, unknown to the format or does not fit.
    """
    layout = LAYOUTS[format]
    given = {field: value for field, value in values.items() if value}
    for field in given:
        if field not in layout.fields:
            raise ComposeError("not_in_format", Field(field), f"a {format.value} has no such field.")
    for field in layout.fields:
        if field in _REQUIRED and field not in given:
            raise ComposeError("missing", field, f"a {format.value} must have one.")

    text = ["<"] * sum(layout.lengths)
    number, overflow = given.get(Field.DOCUMENT_NUMBER, ""), ""
    if layout.long_number and len(number) > 9:
        number, overflow = _long_number(layout, number, given.get(Field.OPTIONAL_DATA, ""))
    for slot in layout.named:
        assert slot.field is not None
        written: str | None
        if slot.field is Field.DOCUMENT_NUMBER:
            written = _number(slot, number)
        elif slot.field is Field.OPTIONAL_DATA and overflow:
            written = overflow
        else:
            written = _write(layout, slot, given)
        if written is not None:
            text[layout.span(slot.line, slot.first, slot.last)] = written
    _check_digits(layout, text, overflow)
    whole = "".join(text)
    return tuple(whole[layout.offset(n, 1) :][:length] for n, length in enumerate(layout.lengths, 1))


def _check_digits(layout: Layout, text: list[str], overflow: str) -> None:
    for check, at, cuts, _ in layout.sums:
        covered = "".join("".join(text[cut]) for cut in cuts)
        if check.name == "document_number" and overflow:
            continue  # it stands at the end of the number; `<` in its place says so
        if check.may_be_filler and not covered.strip("<"):
            continue  # 0 and < are both right; < is what most States print
        text[at] = check_digit(covered)


def _write(layout: Layout, slot: Slot, given: Mapping[Field, str]) -> str | None:
    """What stands in a slot, filled up; None where another slot writes it."""
    field = slot.field
    assert field is not None
    length = slot.last - slot.first + 1
    value = given.get(field, "")
    if slot.kind is Kind.NAME:
        if layout.joined_name:
            if field is Field.SECONDARY_IDENTIFIER:
                return None
            secondary = _name(Field.SECONDARY_IDENTIFIER, given.get(Field.SECONDARY_IDENTIFIER, ""))
            return name_field(_name(field, value), secondary, length)
        if field is Field.SECONDARY_IDENTIFIER:  # French given names have two fillers between them
            names = [_name(field, name).replace(" ", "<") for name in value.split()]
            return "<<".join(names)[:length].ljust(length, "<")
        return _name(field, value).replace(" ", "<")[:length].ljust(length, "<")
    if slot.kind is Kind.MONTH:
        _same_month(field, value, given)
        return None  # the document number begins with it
    if slot.kind is Kind.DATE:
        return _date(field, value)
    if slot.kind is Kind.SEX:
        if value.upper() not in _SEXES:
            raise ComposeError("not_a_sex", field, f"F, M or X, not {value!r}.")
        return _SEXES[value.upper()]
    if slot.kind in (Kind.STATE, Kind.CODE, Kind.LICENCE_CODE):
        return _code(slot, value)
    if slot.kind is Kind.DIGITS and field is Field.PERSONAL_NUMBER:
        return _personal_number(field, value, given)
    return _number(slot, value)


def _name(field: Field, value: str) -> str:
    try:
        name = transliterate(value)
    except MrzError as error:
        raise ComposeError(error.code, field, str(error)) from error
    if any(character in DIGITS for character in name):
        raise ComposeError("digit_in_name", field, "a name has no digits (Doc 9303-3, 4.6); write Roman numerals.")
    if value and not name:
        raise ComposeError("empty", field, f"{value!r} has no letters.")
    return name


def _code(slot: Slot, value: str) -> str:
    assert slot.field is not None
    length = slot.last - slot.first + 1
    code = value.upper()
    allowed = _CARRIED if slot.kind is Kind.LICENCE_CODE else frozenset(LETTERS)
    if not code or len(code) > length or not allowed.issuperset(code) or code[0] not in LETTERS:
        raise ComposeError("not_a_code", slot.field, f"one to {length} letters, not {value!r}.")
    return code.ljust(length, "<")


def _number(slot: Slot, value: str) -> str:
    """A number or optional data; spaces and special characters become fillers (Doc 9303-4, 4.2.2.2)."""
    assert slot.field is not None
    length = slot.last - slot.first + 1
    written = _fillers(slot.field, value)
    if len(written) > length:
        raise ComposeError("too_long", slot.field, f"at most {length} characters, not {len(written)}.")
    if slot.kind is Kind.DIGITS and not set(written) <= set(DIGITS):
        raise ComposeError("not_digits", slot.field, f"digits only, not {value!r}.")
    if slot.kind is Kind.DIGITS and value and len(written) != length:
        raise ComposeError("wrong_length", slot.field, f"{length} digits, not {len(written)}.")
    if slot.field is Field.DOCUMENT_NUMBER and slot.last - slot.first == 11 and len(written) != length:
        raise ComposeError("wrong_length", slot.field, f"{length} characters, not {len(written)}.")
    return written.ljust(length, "<")


def _fillers(field: Field, value: str) -> str:
    written = "".join(c if c in _CARRIED else "<" if c.isascii() and not c.isalnum() else c for c in value.upper())
    if not (_CARRIED | {"<"}).issuperset(written):
        raise ComposeError("invalid_character", field, f"A-Z, 0-9 and signs only, not {value!r}.")
    if written.startswith("<") or written.endswith("<"):
        raise ComposeError("invalid_character", field, "it must begin and end with a letter or a digit.")
    return written


def _long_number(layout: Layout, number: str, optional: str) -> tuple[str, str]:
    """The first nine characters, and the optional field with the rest, its check digit and the optional data."""
    field = Field.DOCUMENT_NUMBER
    slot = layout.named[layout.optional]
    length = slot.last - slot.first + 1
    written = _fillers(field, number)
    if "<" in written:
        raise ComposeError("invalid_character", field, "a number of more than nine characters has no signs in it.")
    # The check digit is followed by a filler, so that its end can be seen.
    most = 9 + length - 2
    if len(written) > most:
        raise ComposeError("too_long", field, f"at most {most} characters in a {layout.format.value}.")
    rest = written[9:] + check_digit(written) + "<"
    more = _fillers(Field.OPTIONAL_DATA, optional) if optional else ""
    if len(rest) + len(more) > length:
        room = length - len(rest)
        raise ComposeError("too_long", Field.OPTIONAL_DATA, f"at most {room} characters beside so long a number.")
    return written[:9], (rest + more).ljust(length, "<")


def _date(field: Field, value: str) -> str:
    """YYMMDD with fillers for what is unknown (Doc 9303-3, 4.8)."""
    if not value:
        return "<" * 6
    parts = value.split("-")
    try:
        if [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]) or not value.replace("-", "").isdecimal():
            raise ValueError(value)
        date(*(int(part) for part in [*parts, "01", "01"][:3]))
    except ValueError:
        raise ComposeError("not_a_date", field, f"YYYY-MM-DD, YYYY-MM or YYYY, not {value!r}.") from None
    return ("".join(parts)[2:]).ljust(6, "<")


def _same_month(field: Field, value: str, given: Mapping[Field, str]) -> None:
    """The date of issue of a French identity card stands in its number: the two must agree."""
    if value and _date(field, value)[:4] != given.get(Field.DOCUMENT_NUMBER, "")[:4]:
        raise ComposeError("contradiction", field, "the document number begins with the year and month of issue.")


def _personal_number(field: Field, value: str, given: Mapping[Field, str]) -> str:
    """The Romanian personal number without the date of birth, which stands in its own place."""
    if not value:
        return "<" * 7
    if len(value) != 13 or not (value.isascii() and value.isdecimal()):
        raise ComposeError("wrong_length", field, "thirteen digits.")
    if value[1:7] != _date(Field.DATE_OF_BIRTH, given.get(Field.DATE_OF_BIRTH, "")):
        raise ComposeError("contradiction", field, "it must hold the date of birth.")
    if value[12] != personal_check_digit(value):
        raise ComposeError("wrong_check_digit", field, "its last digit is not its check digit.")
    return value[0] + value[7:]
