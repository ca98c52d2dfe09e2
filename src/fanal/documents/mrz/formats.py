"""The formats of machine readable zones: which data element stands where, and what each check digit covers.

Positions are written as the standards write them: lines and columns from 1.

| format | source |
| --- | --- |
| TD1, TD2, TD3 | ICAO Doc 9303-5, -6 and -4, section 4.2.2 |
| MRV-A, MRV-B | ICAO Doc 9303-7, sections 4.2.2 and 7.2.2 |
| old French identity card (1988 to 2021) | Arrêté du 24 avril 1991 and published specimens |
| Romanian identity card (ID-2, 1997 to 2031) | TD2, with the personal number less the birth date as optional data |
| Swiss driving licence (2003 to 2023) | published specimens; it has no check digits |
| French driving licence (since 2013) | Arrêté du 20 avril 2012 and published specimens; one line |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from fanal.documents.claims import Field
from fanal.documents.mrz.checkdigit import DIGITS, CheckDigit, State


class Format(StrEnum):
    """A format of machine readable zone."""

    __hash__ = str.__hash__  # Enum's own is computed in Python, and formats are looked up for every document

    TD1 = "td1"
    TD2 = "td2"
    TD3 = "td3"
    MRV_A = "mrv_a"
    MRV_B = "mrv_b"
    FRENCH_ID = "french_id"
    ROMANIAN_ID = "romanian_id"
    SWISS_DL = "swiss_dl"
    FRENCH_DL = "french_dl"


class Kind(Enum):
    """What may stand in a field: the pattern of a field without a fault, and what the field is made of."""

    CODE = "document code"
    LICENCE_CODE = "document code of a driving licence"
    STATE = "State or organization"
    NAME = "name"
    NUMBER = "document number"
    DIGITS = "number of digits only"
    DATE = "date, YYMMDD"
    MONTH = "month, YYMM"
    SEX = "sex"
    OPTIONAL = "optional data"
    CHECK = "check digit"
    FILLER = "filler"

    @property
    def letters(self) -> bool:
        """Whether a letter may stand here."""
        return self not in (Kind.DIGITS, Kind.DATE, Kind.MONTH, Kind.CHECK, Kind.FILLER)

    @property
    def digits(self) -> bool:
        """Whether a digit may stand here."""
        return self not in (Kind.CODE, Kind.STATE, Kind.NAME, Kind.SEX, Kind.FILLER)

    def pattern(self, length: int) -> str:
        fixed = {
            Kind.CODE: "[A-Z][A-Z<]",
            Kind.LICENCE_CODE: "[A-Z][A-Z0-9<]",
            Kind.STATE: "[A-Z](?:[A-Z]{2}|[A-Z]<|<<)",
            Kind.NUMBER: f"[A-Z0-9][A-Z0-9<]{{{length - 1}}}",
            Kind.SEX: "[MF<]",
        }
        if self in fixed:
            return fixed[self]
        letters, digits = "A-Z" if self.letters else "", "0-9" if self.digits else ""
        return f"[{letters}{digits}<]{{{length}}}"


class Slot(NamedTuple):
    """One field: its place (line and columns from 1) and what may stand there."""

    kind: Kind
    line: int
    first: int
    last: int
    field: Field | None = None  # None: no data element (check digits, fillers)


class Check(NamedTuple):
    """A check digit: its name, its place, and the stretches (line, first, last) it covers."""

    name: str
    line: int
    column: int
    covers: tuple[tuple[int, int, int], ...]
    may_be_filler: bool = False  # over an empty field both 0 and < are right (Doc 9303-4, 4.2.2.2)


# How a two-digit year becomes one of four digits; see fanal.documents.mrz.claims.
class Century(Enum):
    PAST = "past"  # birth, issue: never after the day of inspection
    NEAR = "near"  # expiry: within fifty years of it


_CENTURIES = {
    Field.DATE_OF_BIRTH: Century.PAST,
    Field.DATE_OF_ISSUE: Century.PAST,
    Field.DATE_OF_EXPIRY: Century.NEAR,
}

Pick = Callable[[Any], tuple[Any, ...]]


def _picker(slices: Sequence[slice]) -> Pick:
    """A function that cuts all slices out at once (two at least: of one, itemgetter would make no tuple)."""
    return itemgetter(*slices)


@dataclass(frozen=True)
class Layout:
    """A format's fields in reading order and its check digits, with what parsing needs computed once."""

    format: Format
    lengths: tuple[int, ...]
    slots: tuple[Slot, ...]
    checks: tuple[Check, ...] = ()
    long_number: bool = False  # a number of more than nine characters goes on in the optional data (9303-5, 9303-6)
    joined_name: bool = True  # one name field with << between the identifiers
    others: tuple[str, ...] = ()  # how documents begin that have lines as long but another format

    def offset(self, line: int, column: int) -> int:
        """Where line and column (from 1) stand in the lines set end to end (from 0)."""
        return sum(self.lengths[: line - 1]) + column - 1

    def span(self, line: int, first: int, last: int) -> slice:
        return slice(self.offset(line, first), self.offset(line, last) + 1)

    @cached_property
    def named(self) -> tuple[Slot, ...]:
        """The slots that hold data elements."""
        return tuple(slot for slot in self.slots if slot.field is not None)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(slot.field for slot in self.named if slot.field is not None)

    @cached_property
    def lines(self) -> tuple[int, ...]:
        return tuple(slot.line for slot in self.named)

    @cached_property
    def columns(self) -> tuple[tuple[int, int], ...]:
        return tuple((slot.first, slot.last) for slot in self.named)

    @cached_property
    def places(self) -> tuple[tuple[int, tuple[int, int]], ...]:
        return tuple(zip(self.lines, self.columns, strict=True))

    @cached_property
    def pick(self) -> Pick:
        return _picker([self.span(slot.line, slot.first, slot.last) for slot in self.named])

    @cached_property
    def dates(self) -> tuple[int, ...]:
        return tuple(i for i, slot in enumerate(self.named) if slot.kind is Kind.DATE)

    @cached_property
    def months(self) -> tuple[int, ...]:
        return tuple(i for i, slot in enumerate(self.named) if slot.kind is Kind.MONTH)

    @cached_property
    def centuries(self) -> tuple[Century | None, ...]:
        return tuple(_CENTURIES.get(field) for field in self.fields)

    def index(self, field: Field) -> int:
        """Where `field` stands among `fields`; -1 where the format has none."""
        return self.fields.index(field) if field in self.fields else -1

    @cached_property
    def primary(self) -> int:
        return self.index(Field.PRIMARY_IDENTIFIER)

    @cached_property
    def secondary(self) -> int:
        return self.index(Field.SECONDARY_IDENTIFIER)

    @cached_property
    def sex(self) -> int:
        return self.index(Field.SEX)

    @cached_property
    def number(self) -> int:
        return self.index(Field.DOCUMENT_NUMBER)

    @cached_property
    def optional(self) -> int:
        return self.index(Field.OPTIONAL_DATA)

    @cached_property
    def parts(self) -> tuple[tuple[slice, Slot], ...]:
        """Every field and check digit once, in reading order; of fields inside others, the outer one only."""
        slots = [*self.slots, *(Slot(Kind.CHECK, c.line, c.column, c.column) for c in self.checks)]
        placed = [(self.span(slot.line, slot.first, slot.last), slot) for slot in slots]
        found: list[tuple[slice, Slot]] = []
        for span, slot in sorted(placed, key=lambda part: (part[0].start, -part[0].stop)):
            if not found or span.start >= found[-1][0].stop:
                found.append((span, slot))
        return tuple(found)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the lines set end to end where every character stands in a field that may hold it."""
        fields = "".join(slot.kind.pattern(slot.last - slot.first + 1) for _, slot in self.parts)
        return re.compile("".join(f"(?!{other})" for other in self.others) + fields)

    @cached_property
    def sums(self) -> tuple[tuple[Check, int, tuple[slice, ...], tuple[CheckDigit, ...]], ...]:
        """Each check digit, its offset, the stretches it covers, and what is to be said where it is right, 0 to 9."""
        return tuple(
            (
                check,
                self.offset(check.line, check.column),
                tuple(self.span(*cover) for cover in check.covers),
                tuple(CheckDigit(check.name, d, d, State.VALID, *check[1:4]) for d in DIGITS),
            )
            for check in self.checks
        )

    @cached_property
    def dated(self) -> tuple[tuple[int, bool], ...]:
        """The fields whose year needs a century, by number, and whether they are past."""
        return tuple((n, c is Century.PAST) for n, c in enumerate(self.centuries) if c is not None)


_F = Field
_NUMBER, _BIRTH, _EXPIRY = "document_number", "date_of_birth", "date_of_expiry"


def _name(line: int, first: int, last: int) -> tuple[Slot, Slot]:
    """The two identifiers, which share one field."""
    return (
        Slot(Kind.NAME, line, first, last, _F.PRIMARY_IDENTIFIER),
        Slot(Kind.NAME, line, first, last, _F.SECONDARY_IDENTIFIER),
    )


def _upper(length: int) -> tuple[Slot, ...]:
    """The upper line that TD2, TD3 and the visas share but for its length."""
    return (
        Slot(Kind.CODE, 1, 1, 2, _F.DOCUMENT_CODE),
        Slot(Kind.STATE, 1, 3, 5, _F.ISSUING_STATE),
        *_name(1, 6, length),
    )


def _lower() -> tuple[Slot, ...]:
    """The lower line that TD2, TD3 and the visas share up to position 28."""
    return (
        Slot(Kind.NUMBER, 2, 1, 9, _F.DOCUMENT_NUMBER),
        Slot(Kind.STATE, 2, 11, 13, _F.NATIONALITY),
        Slot(Kind.DATE, 2, 14, 19, _F.DATE_OF_BIRTH),
        Slot(Kind.SEX, 2, 21, 21, _F.SEX),
        Slot(Kind.DATE, 2, 22, 27, _F.DATE_OF_EXPIRY),
    )


_LOWER_CHECKS = (
    Check(_NUMBER, 2, 10, ((2, 1, 9),)),
    Check(_BIRTH, 2, 20, ((2, 14, 19),)),
    Check(_EXPIRY, 2, 28, ((2, 22, 27),)),
)

LAYOUTS: dict[Format, Layout] = {
    layout.format: layout
    for layout in (
        Layout(
            Format.TD1,
            (30, 30, 30),
            (
                Slot(Kind.CODE, 1, 1, 2, _F.DOCUMENT_CODE),
                Slot(Kind.STATE, 1, 3, 5, _F.ISSUING_STATE),
                Slot(Kind.NUMBER, 1, 6, 14, _F.DOCUMENT_NUMBER),
                Slot(Kind.OPTIONAL, 1, 16, 30, _F.OPTIONAL_DATA),
                Slot(Kind.DATE, 2, 1, 6, _F.DATE_OF_BIRTH),
                Slot(Kind.SEX, 2, 8, 8, _F.SEX),
                Slot(Kind.DATE, 2, 9, 14, _F.DATE_OF_EXPIRY),
                Slot(Kind.STATE, 2, 16, 18, _F.NATIONALITY),
                Slot(Kind.OPTIONAL, 2, 19, 29, _F.OPTIONAL_DATA_2),
                *_name(3, 1, 30),
            ),
            (
                Check(_NUMBER, 1, 15, ((1, 6, 14),)),
                Check(_BIRTH, 2, 7, ((2, 1, 6),)),
                Check(_EXPIRY, 2, 15, ((2, 9, 14),)),
                Check("composite", 2, 30, ((1, 6, 30), (2, 1, 7), (2, 9, 15), (2, 19, 29))),
            ),
            long_number=True,
        ),
        Layout(
            Format.TD2,
            (36, 36),
            (*_upper(36), *_lower(), Slot(Kind.OPTIONAL, 2, 29, 35, _F.OPTIONAL_DATA)),
            (*_LOWER_CHECKS, Check("composite", 2, 36, ((2, 1, 10), (2, 14, 20), (2, 22, 35)))),
            long_number=True,
            others=("IDFRA", "IDROU"),
        ),
        Layout(
            Format.TD3,
            (44, 44),
            (*_upper(44), *_lower(), Slot(Kind.OPTIONAL, 2, 29, 42, _F.PERSONAL_NUMBER)),
            (
                *_LOWER_CHECKS,
                Check("personal_number", 2, 43, ((2, 29, 42),), may_be_filler=True),
                Check("composite", 2, 44, ((2, 1, 10), (2, 14, 20), (2, 22, 43))),
            ),
        ),
        Layout(
            Format.MRV_A,
            (44, 44),
            (*_upper(44), *_lower(), Slot(Kind.OPTIONAL, 2, 29, 44, _F.OPTIONAL_DATA)),
            _LOWER_CHECKS,
        ),
        Layout(
            Format.MRV_B,
            (36, 36),
            (*_upper(36), *_lower(), Slot(Kind.OPTIONAL, 2, 29, 36, _F.OPTIONAL_DATA)),
            _LOWER_CHECKS,
        ),
        Layout(
            Format.FRENCH_ID,
            (36, 36),
            (
                Slot(Kind.CODE, 1, 1, 2, _F.DOCUMENT_CODE),
                Slot(Kind.STATE, 1, 3, 5, _F.ISSUING_STATE),
                Slot(Kind.NAME, 1, 6, 30, _F.PRIMARY_IDENTIFIER),
                Slot(Kind.OPTIONAL, 1, 31, 36, _F.ADMINISTRATIVE_CODE),
                # The number begins with the year and month of issue and the department.
                Slot(Kind.NUMBER, 2, 1, 12, _F.DOCUMENT_NUMBER),
                Slot(Kind.MONTH, 2, 1, 4, _F.DATE_OF_ISSUE),
                Slot(Kind.NAME, 2, 14, 27, _F.SECONDARY_IDENTIFIER),
                Slot(Kind.DATE, 2, 28, 33, _F.DATE_OF_BIRTH),
                Slot(Kind.SEX, 2, 35, 35, _F.SEX),
            ),
            (
                Check(_NUMBER, 2, 13, ((2, 1, 12),)),
                Check(_BIRTH, 2, 34, ((2, 28, 33),)),
                Check("composite", 2, 36, ((1, 1, 36), (2, 1, 35))),
            ),
            joined_name=False,
        ),
        Layout(
            Format.ROMANIAN_ID,
            (36, 36),
            # The personal number's own check digit is added by the parser: it has weights of its own.
            (*_upper(36), *_lower(), Slot(Kind.DIGITS, 2, 29, 35, _F.PERSONAL_NUMBER)),
            (*_LOWER_CHECKS, Check("composite", 2, 36, ((2, 1, 10), (2, 14, 20), (2, 22, 35)))),
        ),
        Layout(
            Format.SWISS_DL,
            (9, 30, 30),
            (
                # The number of the blank and the letter of its language.
                Slot(Kind.OPTIONAL, 1, 1, 9, _F.ADMINISTRATIVE_CODE),
                Slot(Kind.CODE, 2, 1, 2, _F.DOCUMENT_CODE),
                Slot(Kind.STATE, 2, 3, 5, _F.ISSUING_STATE),
                Slot(Kind.DIGITS, 2, 6, 17, _F.DOCUMENT_NUMBER),  # the holder's number and the licence's version
                Slot(Kind.FILLER, 2, 18, 19),
                Slot(Kind.DATE, 2, 20, 25, _F.DATE_OF_BIRTH),
                Slot(Kind.FILLER, 2, 26, 30),
                *_name(3, 1, 30),
            ),
        ),
        Layout(
            Format.FRENCH_DL,
            (30,),
            (
                Slot(Kind.LICENCE_CODE, 1, 1, 2, _F.DOCUMENT_CODE),
                Slot(Kind.STATE, 1, 3, 5, _F.ISSUING_STATE),
                Slot(Kind.NUMBER, 1, 6, 14, _F.DOCUMENT_NUMBER),
                Slot(Kind.DATE, 1, 16, 21, _F.DATE_OF_EXPIRY),
                Slot(Kind.NAME, 1, 22, 29, _F.PRIMARY_IDENTIFIER),
            ),
            (
                Check(_NUMBER, 1, 15, ((1, 1, 14),)),
                Check("composite", 1, 30, ((1, 1, 29),)),
            ),
            joined_name=False,
        ),
    )
}
