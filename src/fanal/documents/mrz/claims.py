"""From a parsed MRZ to claims: each data element with its place, and years of four digits.

A two-digit year says no century (Doc 9303-3, 4.8). A date of birth or of issue is never after the day of inspection;
a date of expiry is the one nearest to it, within fifty years either way. The digits as read stay in `raw`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from fanal.documents.claims import Claim, Region, Source
from fanal.documents.mrz.document import Mrz
from fanal.documents.mrz.formats import LAYOUTS, Century, Format

_claim = Claim._make
_PAST = Century.PAST


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
    regular = layout.number < 0 or mrz.elements[layout.number].columns is layout.columns[layout.number]
    if regular:
        regions = _regions(layout.format, evidence or "", part)
    else:
        regions = tuple(Region(evidence or "", (), e.line, e.columns, part) for e in mrz.elements)
    found = []
    for (field, raw, value, _, _, was), region, century in zip(mrz.elements, regions, layout.centuries, strict=True):
        if not value:
            continue
        if century is not None:
            if century is not _PAST:
                value = clock.near[value[:2]] + value
            else:
                value = (clock.past if value[:8] <= clock.today else clock.before) + value
            if value[4:] == "-02-29" and not _leap(value[:4]):
                continue  # the century it must be of has no such day
        found.append(_claim((field, value, source, confidence, region, raw if raw != value else None, was)))
    return tuple(found)


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
    return tuple(
        Region(evidence, (), line, columns, part) for line, columns in zip(layout.lines, layout.columns, strict=True)
    )


def _leap(year: str) -> bool:
    number = int(year)
    return number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
