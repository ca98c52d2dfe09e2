"""From a parsed MRZ to claims: each data element with its place, and years of four digits.

A two-digit year says no century (Doc 9303-3, 4.8). A date of birth or of issue is never after the day of inspection;
a date of expiry is the one nearest to it, within fifty years either way. The digits as read stay in `raw`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial
from itertools import compress, repeat
from typing import NamedTuple

from fanal.documents.claims import Claim, Region, Source
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
    layout = LAYOUTS[mrz.format]
    clock = _clock(on)
    values = list(mrz.values)
    for at, past in layout.dated:
        if value := values[at]:
            if past:
                value = (clock.past if value[:8] <= clock.today else clock.before) + value
            else:
                value = clock.near[value[:2]] + value
            # The century it must be of may have no such day.
            values[at] = value if value[4:] != "-02-29" or _leap(value[:4]) else None
    if mrz.places is layout.places:
        regions = _regions(mrz.format, evidence or "", part)
    else:
        regions = tuple(Region(evidence or "", (), line, columns, part) for line, columns in mrz.places)
    raws = [None if raw == value else raw for raw, value in zip(mrz.raws, values, strict=True)]
    rows = zip(mrz.fields, values, repeat(source), repeat(confidence), regions, raws, mrz.repaired_from or repeat(None))
    return tuple(compress(map(_claim, rows), values))


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
