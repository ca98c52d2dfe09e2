"""From a parsed MRZ to claims: each data element with its place, and years of four digits.

A two-digit year says no century (Doc 9303-3, 4.8). A date of birth or of issue is never after the day of inspection;
a date of expiry is the one nearest to it, within fifty years either way. The digits as read stay in `raw`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from itertools import repeat
from typing import NamedTuple

from fanal.documents.claims import Claim, Field, Region, Source
from fanal.documents.mrz.document import Mrz
from fanal.documents.mrz.formats import LAYOUTS, Format

_claim = partial(tuple.__new__, Claim)  # what the constructor does, without its call


def claims(
    mrz: Mrz,
    *,
    on: date,
    evidence: str | None = None,
    source: Source = Source.MRZ,
    confidence: float = 1.0,
    part: str = "mrz",
) -> tuple[Claim, ...]:
    """What `mrz` states, on the day of inspection `on`. Empty fields and those without meaning make no claim.

    `evidence` is the SHA-256 of what was read; `part` names the part of it ("mrz"; "DG1" for an eMRTD's copy).
    """
    if evidence is None and (made := _stating(mrz.format, on, source, confidence, part)(mrz)) is not None:
        return made
    if mrz.places is LAYOUTS[mrz.format].places:
        regions = _regions(mrz.format, evidence or "", part)
    else:
        regions = tuple(Region(evidence or "", (), line, columns, part) for line, columns in mrz.places)
    values = _with_centuries(mrz, on)
    raws = [None if raw == value else raw for raw, value in zip(mrz.raws, values, strict=True)]
    rows = zip(mrz.fields, values, repeat(source), repeat(confidence), regions, raws, mrz.repaired_from or repeat(None))
    return tuple(_claim(row) for row in rows if row[1])


_UNIQUE = (Field.PRIMARY_IDENTIFIER, Field.SECONDARY_IDENTIFIER, Field.DOCUMENT_NUMBER)
_COMMON = (
    Field.DOCUMENT_CODE,
    Field.ISSUING_STATE,
    Field.NATIONALITY,
    Field.DATE_OF_BIRTH,
    Field.SEX,
    Field.DATE_OF_EXPIRY,
)
_MAX_KNOWN = 1 << 15  # claims that are kept of one field; ninety years have 32,872 days


@lru_cache(maxsize=32)
def _stating(
    form: Format, on: date, source: Source, confidence: float, part: str
) -> Callable[[Mrz], tuple[Claim, ...] | None]:
    """The short way to the claims of a usual zone of Doc 9303, one without repairs that lies in no evidence; None where
    the long way must be gone.

    Codes, dates and sexes have few values: their claims are made once and given again. What stands there decides what
    it means, so that is what they are known by. Names and numbers are made each time.
    """
    layout, regions = LAYOUTS[form], _regions(form, "", part)
    places, is_td1, new = layout.places, form is Format.TD1, tuple.__new__
    if not {*_COMMON, *_UNIQUE} < set(layout.fields):
        return lambda mrz: None  # a national format
    known: dict[Field, dict[str, Claim]] = {field: {} for field in _COMMON}
    codes, states, nationalities, births, sexes, expiries = known.values()
    of_primary, of_secondary, of_number = _UNIQUE
    of_rest = next(field for field in layout.fields if field not in (*_COMMON, *_UNIQUE))
    of_more = Field.OPTIONAL_DATA_2  # in TD1 alone
    at_primary, at_secondary, at_number = (regions[layout.index(field)] for field in _UNIQUE)
    at_rest, at_more = regions[layout.index(of_rest)], regions[layout.index(of_more)]

    def learn(mrz: Mrz) -> None:
        values = _with_centuries(mrz, on)
        for field, by_raw in known.items():
            n = layout.index(field)
            raw, value = mrz.raws[n], values[n]
            if len(by_raw) >= _MAX_KNOWN:
                by_raw.clear()
            if value:
                by_raw[raw] = Claim(field, value, source, confidence, regions[n], None if raw == value else raw)

    def state(mrz: Mrz) -> tuple[Claim, ...] | None:
        if mrz.places is not places or mrz.repaired_from:
            return None
        more: str | None = None
        if is_td1:
            code, issuer, number_raw, rest_raw, birth, sex, expiry, national, more_raw, *names = mrz.raws
            primary_raw, secondary_raw = names
            _, _, number, rest, _, _, _, _, more, primary, secondary = mrz.values
        else:
            code, issuer, primary_raw, secondary_raw, number_raw, national, birth, sex, expiry, rest_raw = mrz.raws
            _, _, primary, secondary, number, _, _, _, _, rest = mrz.values
        if not primary or not secondary or not number:
            return None
        try:
            of, by, born, is_, expires = codes[code], states[issuer], births[birth], sexes[sex], expiries[expiry]
            of_state = nationalities[national]
        except KeyError:
            learn(mrz)
            return None
        stood = None if primary == primary_raw else primary_raw
        named = new(Claim, (of_primary, primary, source, confidence, at_primary, stood, None))
        stood = None if secondary == secondary_raw else secondary_raw
        given = new(Claim, (of_secondary, secondary, source, confidence, at_secondary, stood, None))
        stood = None if number == number_raw else number_raw
        numbered = new(Claim, (of_number, number, source, confidence, at_number, stood, None))
        rests: tuple[Claim, ...] = ()
        if rest:
            stood = None if rest == rest_raw else rest_raw
            rests = (new(Claim, (of_rest, rest, source, confidence, at_rest, stood, None)),)
        if not is_td1:
            return of, by, named, given, numbered, of_state, born, is_, expires, *rests
        mores: tuple[Claim, ...] = ()
        if more:
            stood = None if more == more_raw else more_raw
            mores = (new(Claim, (of_more, more, source, confidence, at_more, stood, None)),)
        return of, by, numbered, *rests, born, is_, expires, of_state, *mores, named, given

    return state


def _with_centuries(mrz: Mrz, on: date) -> list[str | None]:
    """The values with years of four digits; None for a 29 February that the century has not."""
    clock = _clock(on)
    values = list(mrz.values)
    for at, past in LAYOUTS[mrz.format].dated:
        if value := values[at]:
            if past:
                value = (clock.past if value[:8] <= clock.today else clock.before) + value
            else:
                value = clock.near[value[:2]] + value
            # The century it must be of may have no such day.
            values[at] = value if value[4:] != "-02-29" or _leap(value[:4]) else None
    return values


class _Clock(NamedTuple):
    """What a day of inspection makes of two-digit years."""

    today: str  # "26-11-24"
    past: str  # the century of that day: "20"
    before: str  # the one before: "19"
    near: dict[str, str]  # year of two digits to the century that brings it within fifty years


@lru_cache(maxsize=64)
def _clock(on: date) -> _Clock:
    century, first = on.year // 100, on.year - 50
    near = {f"{(first + n) % 100:02}": f"{(first + n) // 100:02}" for n in range(100)}
    return _Clock(on.isoformat()[2:], f"{century:02}", f"{century - 1:02}", near)


@lru_cache(maxsize=256)
def _regions(form: Format, evidence: str, part: str) -> tuple[Region, ...]:
    layout = LAYOUTS[form]
    return tuple(Region(evidence, (), line, columns, part) for line, columns in layout.places)


def _leap(year: str) -> bool:
    number = int(year)
    return number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
