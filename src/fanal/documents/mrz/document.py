"""What a parsed machine readable zone is: frozen values, as read, with what is wrong where."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from fanal.documents.claims import Field
from fanal.documents.mrz.checkdigit import CheckDigit, State
from fanal.documents.mrz.formats import Format


class ProblemCode(StrEnum):
    """What can be wrong in a machine readable zone beside its check digits. The codes are stable."""

    WRONG_LENGTH = "wrong_length"
    MISSING_LINE = "missing_line"
    NOT_AS_PRINTED = "not_as_printed"  # spaces, small letters or other fillers than <: the reader's doing
    INVALID_CHARACTER = "invalid_character"
    LETTER_IN_NUMBER_FIELD = "letter_in_number_field"
    DIGIT_IN_LETTER_FIELD = "digit_in_letter_field"
    FILLER_EXPECTED = "filler_expected"
    FILLER_INSIDE_CODE = "filler_inside_code"
    EMPTY_FIELD = "empty_field"
    IMPOSSIBLE_DATE = "impossible_date"
    DATE_WITHOUT_YEAR = "date_without_year"
    UNKNOWN_SEX = "unknown_sex"
    NAME_WITHOUT_FILLER = "name_without_filler"
    PRIMARY_IDENTIFIER_EMPTY = "primary_identifier_empty"
    REPEATED_SEPARATOR = "repeated_separator"
    REPAIRED = "repaired"


class Element(NamedTuple):
    """One data element as it stands.

    `value` is in the normal form of `fanal.documents.claims`, except that years have two digits still ("74-08-12").
    It is "" where the field is empty and None where what stands there has no meaning (a `Problem` says why).
    The two identifiers of a name share one field, and so their place.
    """

    field: Field
    raw: str
    value: str | None
    line: int
    columns: tuple[int, int]
    repaired_from: str | None = None


class Problem(NamedTuple):
    """Something that the format does not allow: where it stands, what was seen and what is expected there."""

    code: ProblemCode
    line: int
    columns: tuple[int, int]
    seen: str
    expected: str
    field: Field | None = None


class Repair(NamedTuple):
    """A character that was read as another: the only reading left by the field's alphabet or the check digits."""

    line: int
    column: int
    seen: str
    read: str


class Mrz(NamedTuple):
    """A machine readable zone, read. `lines` are as given; `text` is what was parsed: the lines repaired and fitted.

    `fields`, `raws`, `values`, `places` and `repaired_from` are the columns of the table whose rows are `elements`.
    A tuple of columns, because many are read and few are asked for all of it.
    """

    format: Format
    lines: tuple[str, ...]
    text: tuple[str, ...]
    fields: tuple[Field, ...]
    raws: tuple[str, ...]
    values: tuple[str | None, ...]
    places: tuple[tuple[int, tuple[int, int]], ...]  # line and columns
    repaired_from: tuple[str | None, ...]  # empty where nothing was repaired
    check_digits: tuple[CheckDigit, ...]
    name_truncated: bool  # the name fills its field: it may go on (Doc 9303-4, 4.2.2.1)
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        """Every data element of the format, in the order of the standard."""
        return tuple(map(self._element, range(len(self.fields))))

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong: no problem, and every check digit right. It does not say that the document is."""
        return not self.problems and all(digit.state is State.VALID for digit in self.check_digits)

    def get(self, field: Field) -> Element | None:
        """The element of `field`, or None where the format has none."""
        return self._element(self.fields.index(field)) if field in self.fields else None

    def value(self, field: Field) -> str | None:
        """The value of `field` ("" where it is empty); None where the format has none or it has no meaning."""
        return self.values[self.fields.index(field)] if field in self.fields else None

    def check_digit(self, name: str) -> CheckDigit | None:
        """The check digit of that name, or None where the format has none."""
        return next((digit for digit in self.check_digits if digit.name == name), None)

    def _element(self, at: int) -> Element:
        was = self.repaired_from[at] if self.repaired_from else None
        return Element(self.fields[at], self.raws[at], self.values[at], *self.places[at], was)


__all__ = ["CheckDigit", "Element", "Mrz", "Problem", "ProblemCode", "Repair", "State"]
