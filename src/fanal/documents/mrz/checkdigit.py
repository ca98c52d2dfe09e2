"""Check digits (ICAO Doc 9303-3, 4.9): weights 7, 3, 1 over and over, modulo 10; A to Z count as 10 to 35."""

from __future__ import annotations

from enum import StrEnum
from operator import mul
from typing import NamedTuple

from fanal.documents.mrz.errors import MrzError

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABET = frozenset(DIGITS + LETTERS + "<")

# For bytes.translate: each character's value; `<` and whatever is no MRZ character count as 0.
VALUES = bytes(int(chr(code), 36) if chr(code) in DIGITS + LETTERS else 0 for code in range(256))
WEIGHTS = (7, 3, 1) * 40  # enough for the longest composite (French identity card, 71 characters)


class State(StrEnum):
    """What is to be said of a check digit."""

    VALID = "valid"
    WRONG = "wrong"
    ABSENT = "absent"  # a filler stands in its place
    UNREADABLE = "unreadable"  # no digit stands there, or what it covers holds a character that has no value


class CheckDigit(NamedTuple):
    """One check digit: as printed, as computed, and what it covers as (line, first column, last column)."""

    name: str  # "document_number", "date_of_birth", "date_of_expiry", "personal_number", "composite"
    printed: str
    computed: str
    state: State
    line: int
    column: int
    covers: tuple[tuple[int, int, int], ...]


def check_digit(text: str) -> str:
    """The check digit of `text`. Raises MrzError where `text` has other characters than A-Z, 0-9 and `<`."""
    if not ALPHABET.issuperset(text):
        raise MrzError("invalid_character", "A check digit exists only for the characters A-Z, 0-9 and <.")
    values = text.encode().translate(VALUES)
    weights = WEIGHTS if len(values) <= len(WEIGHTS) else (7, 3, 1) * (len(values) // 3 + 1)
    return DIGITS[sum(map(mul, values, weights)) % 10]
