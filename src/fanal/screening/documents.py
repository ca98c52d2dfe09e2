"""Lost, stolen, revoked, invalid and stolen-blank documents: by issuing State, type and number.

Exact look-up, and *possible* for numbers that a scanner confuses with a listed one (see `numbers.py`). A hit is a
lead: the number on the list may itself be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from fanal.screening.numbers import Found, Kind, NumberIndex


class Status(StrEnum):
    """Why a document is listed."""

    LOST = "lost"
    STOLEN = "stolen"
    STOLEN_BLANK = "stolen_blank"
    REVOKED = "revoked"
    INVALID = "invalid"


class Answer(StrEnum):
    """The answer to "is this document listed?"."""

    NO_HIT = "no_hit"
    POSSIBLE = "possible"
    HIT = "hit"


def find_document(
    index: NumberIndex, number: str, *, state: str = "", type_: str = "", lengths: Sequence[int] = ()
) -> list[Found]:
    """What is listed under a document number, hits first.

    The type is the document code's first letter ("P", "I", "V"); `lengths` are those of the profile's number pattern.
    """
    return index.find(Kind.DOCUMENT, number, state=state, type_=type_[:1], lengths=lengths)


def answer(found: Sequence[Found]) -> Answer:
    """What a look-up says as a whole."""
    if not found:
        return Answer.NO_HIT
    return Answer.HIT if any(one.is_hit for one in found) else Answer.POSSIBLE


def marked(number: str, one: Found) -> str:
    """A number with the characters in brackets in which it differs from the listed one: "AB12[0]45"."""
    from fanal.screening.numbers import Likeness, plain

    asked = plain(number)
    if one.likeness is Likeness.ONE_MORE:
        at = one.differing[0]
        return f"{asked[:at]}[_]{asked[at:]}"
    return "".join(f"[{c}]" if i in one.differing else c for i, c in enumerate(asked))
