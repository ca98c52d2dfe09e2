"""What stands in the fields of dates and sex, in the normal form of claims but for the century of years."""

from __future__ import annotations

_YEARS = frozenset(f"{year:02}" for year in range(100))
_LEAP_YEARS = frozenset(f"{year:02}" for year in range(0, 100, 4))
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# What may follow the year, and how it is said in ISO 8601; unknown parts are fillers (Doc 9303-3, 4.8).
_AFTER_YEAR = {f"{m:02}{d:02}": f"-{m:02}-{d:02}" for m, days in enumerate(_DAYS, 1) for d in range(1, days + 1)}
_AFTER_YEAR |= {f"{m:02}<<": f"-{m:02}" for m in range(1, 13)} | {f"<<{d:02}": "" for d in range(1, 32)} | {"<<<<": ""}
_AFTER_YEAR_MONTH = {f"{m:02}": f"-{m:02}" for m in range(1, 13)}
SEXES = {"F": "F", "M": "M", "<": "X"}


def read_day(raw: str) -> str | None:
    """YYMMDD as "74-08-12", "74-08" or "74"; "" for an empty field; None for no date."""
    year = raw[:2]
    rest = _AFTER_YEAR.get(raw[2:])
    if rest is None or year not in _YEARS:
        return "" if raw == "<<<<<<" else None
    if rest == "-02-29" and year not in _LEAP_YEARS:
        return None
    return year + rest


def read_month(raw: str) -> str | None:
    """YYMM as "94-09"; "" for an empty field; None for no month."""
    rest = _AFTER_YEAR_MONTH.get(raw[2:])
    if rest is None or raw[:2] not in _YEARS:
        return "" if raw == "<<<<" else None
    return raw[:2] + rest
