"""Vehicles, vessels, aircraft, containers and goods, by number.

Numbers that carry a check digit say themselves whether they were read well: containers (ISO 6346), vessels (the IMO
ship identification number, IMO resolution A.1117(30)) and vehicle identification numbers (ISO 3779; the check digit
at position 9 is compulsory in North America only, so a wrong one there proves nothing elsewhere).
"""

from __future__ import annotations

import re
from typing import Final

from fanal.screening.numbers import Found, Kind, NumberIndex, plain

THINGS: Final = (Kind.PLATE, Kind.VIN, Kind.VESSEL, Kind.AIRCRAFT, Kind.CONTAINER, Kind.GOODS)


def find_thing(index: NumberIndex, kind: Kind, number: str, *, state: str = "") -> list[Found]:
    """What is listed under a number, hits first; plates with what a camera confuses."""
    return index.find(kind, number, state=state)


def check_digit_fits(kind: Kind, number: str) -> bool | None:
    """Whether a number's check digit follows from the rest; None where the kind has none or the form is another."""
    digits = plain(number)
    if kind is Kind.CONTAINER:
        return container_check_digit(digits[:10]) == int(digits[10]) if _CONTAINER.fullmatch(digits) else None
    if kind is Kind.VESSEL:
        return _imo(digits.removeprefix("IMO"))
    if kind is Kind.VIN:
        return _vin(digits)
    return None


_CONTAINER: Final = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
_CONTAINER_BODY: Final = re.compile(r"[A-Z]{4}[0-9]{6}")
# ISO 6346, annex A: letters from 10 on, leaving out the multiples of 11.
_LETTER_VALUES: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


def container_check_digit(body: str) -> int:
    """The check digit of owner code, category and serial number ("CSQU305438" has 3). ISO 6346, annex A.

    A remainder of 10 is written as 0.

    Raises:
        ValueError: the body is not of that form.
    """
    if not _CONTAINER_BODY.fullmatch(body):
        raise ValueError("four letters and six figures")
    values = (_LETTER_VALUES[c] if c.isalpha() else int(c) for c in body)
    return sum(value << at for at, value in enumerate(values)) % 11 % 10


def _imo(digits: str) -> bool | None:
    if not re.fullmatch(r"[0-9]{7}", digits):
        return None
    return sum(int(c) * (7 - at) for at, c in enumerate(digits[:6])) % 10 == int(digits[6])


_VIN_FORM: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_VALUES: Final = {c: int(v) for c, v in zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)}
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vin(digits: str) -> bool | None:
    if not _VIN_FORM.fullmatch(digits) or digits[8] not in "0123456789X":
        return None
    total = sum((int(c) if c.isdigit() else _VIN_VALUES[c]) * w for c, w in zip(digits, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == digits[8]
