"""Dates that may be known in part, and the forms in which documents write them.

ICAO Doc 9303-3, 3.8 writes dates in the VIZ as day, month and year, the month in figures or in words, in two languages
where the State's own is not English, French or Spanish; unknown parts are X. Section 4.8 writes them in the MRZ as
YYMMDD with fillers for unknown parts. In claims they are ISO 8601, as precise as the source is.

The clock is an argument everywhere.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

MAX_LENGTH: Final = 64
"""Longest text in which a date is looked for, in characters."""


class DateError(Exception):
    """A text is no date, or no day of the calendar. `code` says why and is stable.

    too_long, not_a_date, no_such_month, no_such_day, months_disagree (a date in two languages names two months).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, or a month or a year where no more is known.

    Raises:
        DateError: there is no such day, or a day is given without its month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.year <= 9999:
            raise DateError("not_a_date", f"There is no year {self.year}.")
        if self.month is None:
            if self.day is not None:
                raise DateError("no_such_month", "A day needs its month.")
        elif not 1 <= self.month <= 12:
            raise DateError("no_such_month", f"There is no month {self.month}.")
        elif self.day is not None and not 1 <= self.day <= monthrange(self.year, self.month)[1]:
            raise DateError("no_such_day", f"There is no day {self.day} in {self.year:04}-{self.month:02}.")

    @classmethod
    def of(cls, day: date) -> PartialDate:
        return cls(day.year, day.month, day.day)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def is_whole(self) -> bool:
        return self.day is not None

    def __str__(self) -> str:
        parts = (f"{self.year:04}", f"{self.month:02}" if self.month else "", f"{self.day:02}" if self.day else "")
        return "-".join(part for part in parts if part)


_ISO: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def parse_iso(text: str) -> PartialDate:
    """The date in "1974-08-12", "1974-08" or "1974": the inverse of `str`.

    Raises:
        DateError: it is none of these, or there is no such day.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise DateError("not_a_date", "Not a date in ISO 8601.")
    year, month, day = found.groups()
    return PartialDate(int(year), None if month is None else int(month), None if day is None else int(day))


# --- centuries --------------------------------------------------------------------------------------------------------


class Century(StrEnum):
    """How the century of a year of two digits is found (Doc 9303-3, 4.8 leaves it to the reader)."""

    PAST = "past"  # births and days of issue: not after the day of inspection
    NEAR = "near"  # days of expiry: within fifty years of the day of inspection


def whole_year(two_digits: int, century: Century, on: date) -> int:
    """The year of four digits for a year of two (0 to 99), seen from the day `on`."""
    if century is Century.NEAR:
        first = on.year - 50
        return first + (two_digits - first) % 100
    return on.year - (on.year - two_digits) % 100


def _in_past(two_digits: int, month: int | None, day: int | None, on: date) -> PartialDate:
    """The latest such date that has begun by the day `on`; in this very year it may be later than that day."""
    year = whole_year(two_digits, Century.PAST, on)
    if month is not None and (year, month, day or 1) > (on.year, on.month, on.day):
        year -= 100
    return PartialDate(year, month, day)


# --- the forms of the VIZ ---------------------------------------------------------------------------------------------


class DateReading(NamedTuple):
    """A date as it stood in words or figures.

    `other` is the date it also can be: "03/04/1974" is 3 April, and 4 March for those who write the month first.
    `century_derived` says that only two digits of the year stood there.
    """

    date: PartialDate
    other: PartialDate | None = None
    century_derived: bool = False


# English, Spanish, French and Haitian Creole. A word is a month if it begins one of these and no other month's, with
# three letters at least; shorter ones and such as begin two are in _SHORT.
_MONTHS: Final = (
    ("JANUARY", "ENERO", "JANVIER", "JANVYE"),
    ("FEBRUARY", "FEBRERO", "FEVRIER", "FEVRIYE"),
    ("MARCH", "MARZO", "MARS", "MAS"),
    ("APRIL", "ABRIL", "AVRIL"),
    ("MAY", "MAYO", "MAI"),
    ("JUNE", "JUNIO", "JUIN", "JEN"),
    ("JULY", "JULIO", "JUILLET", "JIYE"),
    ("AUGUST", "AGOSTO", "AOUT", "OUT", "DAWOUT"),
    ("SEPTEMBER", "SEPTIEMBRE", "SETIEMBRE", "SEPTEMBRE", "SEPTANM"),
    ("OCTOBER", "OCTUBRE", "OCTOBRE", "OKTOB"),
    ("NOVEMBER", "NOVIEMBRE", "NOVEMBRE", "NOVANM"),
    ("DECEMBER", "DICIEMBRE", "DECEMBRE", "DESANM"),
)
_SHORT: Final = {"ME": 5, "AOU": 8}

_BETWEEN: Final = frozenset({"DE", "DEL", "OF", "THE", "DU", "LE", "AN"})
_ORDINAL: Final = frozenset({"ST", "ND", "RD", "TH", "ER", "RO", "YE", "O"})
_UNKNOWN: Final = re.compile(r"X{1,2}|[*]{1,2}")
_PARTING: Final = frozenset(" .,/-|\u2013\u2010\t\n")
_TOKEN: Final = re.compile(r"[0-9]+|[*]+|[^\W\d_]+")


def read_date(text: str, *, on: date, century: Century = Century.PAST) -> DateReading:
    """The date in a text of the VIZ, day first where figures leave it open.

    "12 AUG/AOUT 1974", "12 AGO/AUG 74", "12.08.1974", "12 de agosto de 1974", "AUG 1974", "XX XX 1974", "1974-08-12".

    Raises:
        DateError: it is no date, or no day of the calendar.
    """
    if len(text) > MAX_LENGTH:
        raise DateError("too_long", "Too long for a date.")
    bare = _bare(text)
    if not _PARTING.issuperset(_TOKEN.sub("", bare)):
        raise DateError("not_a_date", "Other signs than a date has.")
    tokens = [token for token in _TOKEN.findall(bare) if token not in _BETWEEN]
    month, rest = _month_word(tokens)
    if month is not None:
        return _with_month_word(month, rest, on, century)
    return _in_figures(rest, on, century)


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text).upper()
    return "".join(c for c in apart if not unicodedata.combining(c))


def _month_word(tokens: list[str]) -> tuple[int | None, list[str]]:
    """The month that is named in words, and the other tokens: figures, and the marks of unknown parts."""
    months, rest, unknown_words = set(), [], 0
    for at, token in enumerate(tokens):
        if token[0] in "0123456789*" or _UNKNOWN.fullmatch(token):
            rest.append(token)
        elif token in _ORDINAL and at and tokens[at - 1].isdecimal():
            continue
        elif (number := find_month(token)) is not None:
            months.add(number)
        else:
            unknown_words += 1
    if len(months) > 1:
        raise DateError("months_disagree", "The date names two months.")
    # A word beside a known month is the same month in another language; alone it is none.
    if unknown_words > len(months):
        raise DateError("not_a_date", "A word is not a month.")
    return (months.pop() if months else None), rest


def find_month(word: str) -> int | None:
    """The month (1 to 12) that a name or an abbreviation of at least three letters means."""
    bare = _bare(word)
    if bare in _SHORT:
        return _SHORT[bare]
    if len(bare) < 3:
        return None
    exact = [n for n, names in enumerate(_MONTHS, 1) if bare in names]
    begun = exact or [n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(bare) for name in names)]
    return begun[0] if len(begun) == 1 else None


def _with_month_word(month: int, rest: list[str], on: date, century: Century) -> DateReading:
    if len(rest) == 1 and len(rest[0]) == 4:  # of two figures beside a month nobody knows whether they are the day
        return _reading(rest[0], month, None, on, century)
    if len(rest) != 2:
        raise DateError("not_a_date", "Not the parts of a date.")
    # Year first only where it has four digits and stands first.
    day, year = reversed(rest) if len(rest[0]) == 4 else rest
    return _reading(year, month, _number(day), on, century)


def _in_figures(rest: list[str], on: date, century: Century) -> DateReading:
    if len(rest) == 1 and len(rest[0]) == 8:  # DDMMYYYY, and YYYYMMDD where that is no day
        whole = rest[0]
        try:
            return _in_figures([whole[:2], whole[2:4], whole[4:]], on, century)
        except DateError:
            return _in_figures([whole[:4], whole[4:6], whole[6:]], on, century)
    if len(rest) == 1 and len(rest[0]) == 4:
        return _reading(rest[0], None, None, on, century)
    if len(rest) == 2 and 4 in map(len, rest):
        month, year = reversed(rest) if len(rest[0]) == 4 else rest
        return _reading(year, _number(month), None, on, century)
    if len(rest) != 3:
        raise DateError("not_a_date", "Not the parts of a date.")
    if len(rest[0]) == 4:
        return _reading(rest[0], _number(rest[1]), _number(rest[2]), on, century)
    first, second = _number(rest[0]), _number(rest[1])
    if first is not None and second is not None and second > 12 >= first:
        return _reading(rest[2], first, second, on, century)  # the month first: no other reading is a date
    found = _reading(rest[2], second, first, on, century)
    if first is None or second is None or first > 12 or first == second:
        return found
    return found._replace(other=_reading(rest[2], first, second, on, century).date)


def _number(part: str) -> int | None:
    """A day or month in figures; None for one that is marked as unknown ("XX", "00")."""
    if _UNKNOWN.fullmatch(part) or part == "00":
        return None
    if not part.isdecimal() or len(part) > 2:
        raise DateError("not_a_date", "Not a day or a month.")
    return int(part)


def _reading(year: str, month: int | None, day: int | None, on: date, century: Century) -> DateReading:
    if not year.isdecimal() or len(year) not in (2, 4):
        raise DateError("not_a_date", "There is no year.")
    if month is None:
        day = None  # a day of an unknown month says nothing
    if len(year) == 4:
        return DateReading(PartialDate(int(year), month, day))
    if century is Century.PAST:
        return DateReading(_in_past(int(year), month, day, on), century_derived=True)
    return DateReading(PartialDate(whole_year(int(year), century, on), month, day), century_derived=True)


# --- comparison and arithmetic ----------------------------------------------------------------------------------------


class DateAgreement(StrEnum):
    """Whether two dates can be one day."""

    EQUAL = "equal"
    COMPATIBLE = "compatible"  # the one is a part of the other
    DIFFERENT = "different"


def compare(first: PartialDate, second: PartialDate) -> DateAgreement:
    """Compare two dates as far as both are known."""
    if first == second:
        return DateAgreement.EQUAL
    pairs = zip(_parts(first), _parts(second), strict=True)
    if all(a is None or b is None or a == b for a, b in pairs):
        return DateAgreement.COMPATIBLE
    return DateAgreement.DIFFERENT


def day_and_month_swapped(first: PartialDate, second: PartialDate) -> bool:
    """Whether two different dates are one, if a clerk wrote the month where the day belongs."""
    return first != second and first.is_whole and _parts(first) == (second.year, second.day, second.month)


def _parts(day: PartialDate) -> tuple[int | None, ...]:
    return (day.year, day.month, day.day)


class Years(NamedTuple):
    """A number of completed years as a range: both ends are the same where the dates are whole."""

    least: int
    most: int


def years_between(start: date, end: date) -> int:
    """Completed years from `start` to `end`; negative where `end` is before it.

    Who is born on 29 February completes a year on 1 March where the year has no such day.
    """
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def age_on(born: PartialDate, on: date) -> Years:
    """The holder's age on a day: as young, and as old, as the known parts of the date of birth allow."""
    return Years(years_between(born.last_day, on), years_between(born.first_day, on))


def add_months(day: date, months: int) -> date:
    """The same day so many months later (or earlier); the last of a month that is too short.

    Raises:
        DateError: the year is beyond 1 to 9999.
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    if not 1 <= year <= 9999:
        raise DateError("not_a_date", "Beyond the calendar.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """The same day so many years later (or earlier); 29 February becomes 28 February in a common year.

    Raises:
        DateError: the year is beyond 1 to 9999.
    """
    return add_months(day, 12 * years)


def months_between(start: date, end: date) -> int:
    """Completed months from `start` to `end`, by the same rule as `add_months`; 0 where `end` is before `start`.

    `add_months(start, months_between(start, end)) <= end` wherever `start <= end`.
    """
    if end < start:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def is_leap_day(day: PartialDate) -> bool:
    """29 February: of dates that documents print, the one whose anniversaries differ by custom."""
    return (day.month, day.day) == (2, 29) and isleap(day.year)
