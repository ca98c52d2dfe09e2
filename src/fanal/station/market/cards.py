"""The code of a fast-lane card: ten characters and a check character, without look-alikes.

It says nothing of its holder: whoever finds a card learns no name. ISO/IEC 7064, MOD 37-2 is for all letters; here the
alphabet has 31 characters (a prime), so that a weighted sum notices each single error and each exchange of neighbours.
"""

from __future__ import annotations

import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXY"  # no 0 O 1 I Z
_LENGTH: Final = 10
PREFIX: Final = "F"


def new_card() -> str:
    """A card's code, from the system's own source of randomness."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    return PREFIX + body + check_character(body)


def check_character(body: str) -> str:
    """The character that makes the weighted sum a multiple of 31."""
    total = sum((at + 2) * ALPHABET.index(character) for at, character in enumerate(body))
    return ALPHABET[-total % len(ALPHABET)]


def read_card(text: str) -> str | None:
    """The code in what a scanner or a hand typed; None where it is none, or one with a slip."""
    code = "".join(text.split()).replace("-", "").upper()
    body = code[1:-1]
    if len(code) != _LENGTH + 2 or code[0] != PREFIX or any(c not in ALPHABET for c in code[1:]):
        return None
    return code if check_character(body) == code[-1] else None
