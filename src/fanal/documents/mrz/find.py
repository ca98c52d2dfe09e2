"""Finding machine readable zones in free text: text files, and what OCR makes of a page.

A line may be an MRZ line where it has about the length of one (30, 36 or 44 characters without spaces), hardly anything
but capital letters, digits and fillers, and a filler among them. Lines that stand together and make a format are found.
"""

from __future__ import annotations

from typing import NamedTuple

from fanal.documents.mrz.checkdigit import ALPHABET
from fanal.documents.mrz.errors import MrzError
from fanal.documents.mrz.parse import parse, tidy

MAX_TEXT = 2_000_000
_MOST = 6  # foreign characters that a line may hold and still be one


class Found(NamedTuple):
    """A group of MRZ lines as they stand, the number of the first (from 1), and where it begins and ends."""

    lines: tuple[str, ...]
    line: int
    start: int
    end: int


def find(text: str) -> list[Found]:
    """The groups of lines in `text` that `parse` takes for machine readable zones, in order. Empty lines between the
    lines of a group are passed over. Raises MrzError for a text of more than two million characters."""
    if len(text) > MAX_TEXT:
        raise MrzError("too_long", f"A text to search has at most {MAX_TEXT} characters.")
    rows: list[tuple[str, int, int]] = []  # what stands there, its line number, where it begins
    start = 0
    for number, row in enumerate(text.splitlines(keepends=True), 1):
        stripped = row.strip()
        if stripped:
            rows.append((stripped, number, start + row.index(stripped)))
        start += len(row)

    found = []
    at = 0
    while at < len(rows):
        size = _group(rows, at)
        if size:
            group = rows[at : at + size]
            last, _, begin = group[-1]
            found.append(Found(tuple(row for row, _, _ in group), group[0][1], group[0][2], begin + len(last)))
        at += size or 1
    return found


def _group(rows: list[tuple[str, int, int]], at: int) -> int:
    """How many lines from `at` on make one MRZ; 0 for none."""
    for size in (3, 2, 1):
        group = [row for row, _, _ in rows[at : at + size]]
        if len(group) < size or not all(_likely(row, short=i == 0 and size == 3) for i, row in enumerate(group)):
            continue
        try:
            mrz = parse(group)
        except MrzError:
            continue
        if len(mrz.lines) == len(group) or size == 1:
            return size
    return 0


def _likely(row: str, *, short: bool) -> bool:
    """Whether a line looks like one of an MRZ; `short`: the first of a Swiss driving licence has nine characters."""
    if len(row) > 200:
        return False
    row = tidy(row)
    foreign = sum(character not in ALPHABET for character in row)
    if short and len(row) == 9:
        return foreign == 0 and row.endswith("<")
    return (25 <= len(row) <= 49 or len(row) in (72, 88, 90)) and foreign <= _MOST and _marked(row)


def _marked(row: str) -> bool:
    """A filler, or as many digits as only a number line has."""
    return "<" in row or sum(character.isdecimal() for character in row) >= 8
