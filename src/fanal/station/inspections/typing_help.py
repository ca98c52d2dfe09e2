"""Help while an MRZ is typed: how far each line is, and each check digit as soon as what it covers is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fanal.documents import mrz
from fanal.documents.mrz.parse import tidy

MAX_TYPED: Final = 4000
_LINES: Final = {30: 3, 36: 2, 44: 2}  # characters a line: lines (Doc 9303-5, -6, -4)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line as typed: its characters with "", "covered" or the state of the check digit that stands there."""

    number: int
    cells: tuple[tuple[str, str], ...]
    typed: int
    wanted: int

    @property
    def too_long(self) -> bool:
        return self.typed > self.wanted


@dataclass(frozen=True, slots=True)
class TypedDigit:
    """A check digit whose field is typed: as printed and as computed."""

    name: str
    printed: str
    computed: str
    valid: bool
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class TypingHelp:
    lines: tuple[TypedLine, ...]
    digits: tuple[TypedDigit, ...]
    complete: bool


def typing_help(text: str) -> TypingHelp:
    """What can be said of the lines so far; nothing of an empty text."""
    rows = [row for raw in text[:MAX_TYPED].splitlines() if (row := tidy(raw))]
    if not rows:
        return TypingHelp((), (), False)
    rows = _parted(rows)
    wanted = _width(rows)
    digits = _digits(rows, wanted)
    states = {(d.line, d.column): "right" if d.valid else "wrong" for d in digits}
    lines = tuple(
        TypedLine(
            number,
            tuple((character, states.get((number, column), "")) for column, character in enumerate(row, 1)),
            len(row),
            wanted,
        )
        for number, row in enumerate(rows[:3], 1)
    )
    complete = len(rows) == _LINES[wanted] and all(len(row) == wanted for row in rows)
    return TypingHelp(lines, digits, complete)


def _parted(rows: list[str]) -> list[str]:
    """Some scanners send all lines as one."""
    width = {88: 44, 90: 30, 72: 36}.get(len(rows[0])) if len(rows) == 1 else None
    return [rows[0][at : at + width] for at in range(0, len(rows[0]), width)] if width else rows


def _width(rows: list[str]) -> int:
    longest = max(map(len, rows))
    if longest > 36:
        return 44
    if longest > 30:
        return 36
    return 44 if rows[0][0] in "PV" and len(rows) < 3 else 30


def _digits(rows: list[str], wanted: int) -> tuple[TypedDigit, ...]:
    padded = [row[:wanted].ljust(wanted, "<") for row in rows[: _LINES[wanted]]]
    padded += ["<" * wanted] * (_LINES[wanted] - len(padded))
    try:
        parsed = mrz.parse(padded)
    except mrz.MrzError:
        return ()

    def typed(line: int, column: int) -> bool:
        return line <= len(rows) and column <= len(rows[line - 1])

    return tuple(
        TypedDigit(d.name, d.printed, d.computed, d.state is mrz.State.VALID, d.line, d.column)
        for d in parsed.check_digits
        if typed(d.line, d.column)
        and all(typed(line, last) for line, _, last in d.covers)
        and d.state is not mrz.State.ABSENT
    )
