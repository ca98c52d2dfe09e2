"""Putting right what OCR confused, only where exactly one reading is left, and never silently.

1. A character that its field cannot hold becomes the one that looks like it (0 and O, 1 and I, 2 and Z, 5 and S, 6 and
   G, 8 and B; and D, Q to 0, L to 1 in numbers).
2. After the second `<<` a name field holds fillers only: K, C, S, L, E or X there are misread fillers.
3. Where a check digit over letters and digits is wrong, one confusable character of what it covers is exchanged, if
   just one such exchange makes it right and the composite check digit, where there is one, agrees.
4. A line that is too short or too long because a run of fillers was misjudged is fitted, if just one way of doing so
   makes every check digit right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fanal.documents.mrz.document import CheckDigit, Mrz, Problem, ProblemCode, Repair, State
from fanal.documents.mrz.formats import Kind, Layout, Slot
from fanal.documents.mrz.parse import TO_DIGITS, TO_LETTERS, read, tidy

_LOOKALIKES = {"0": "OQD", "O": "0", "Q": "0", "D": "0", "1": "IL", "I": "1", "L": "1", "2": "Z", "Z": "2"}
_LOOKALIKES |= {"5": "S", "S": "5", "6": "G", "G": "6", "8": "B", "B": "8"}
_AFTER_NAME = re.compile(r"^([A-Z<]*?[A-Z]<<+[A-Z]+(?:<[A-Z]+)*<<)([<KCSLEX]*[KCSLEX][<KCSLEX]*)$")
_FILLER_RUN = re.compile("<+")


def repaired(layout: Layout, given: tuple[str, ...], text: str, problems: Sequence[Problem]) -> Mrz:
    """The MRZ in `text` with its repairs; as it stands where nothing can be repaired."""
    before = _fitted(layout, given, problems) or text
    after = _looks(layout, before)
    changes = tuple(
        Repair(line, column, before[at], after[at])
        for at, (line, column) in enumerate(_places(layout))
        if before[at] != after[at]
    )
    if before != text:  # a line was fitted: its columns before and after are not the same ones
        problems = [*problems, *_refitted(layout, text, before)]
    if not changes:
        return read(layout, given, after, problems)
    return read(layout, given, after, problems, changes, before)


def _looks(layout: Layout, text: str) -> str:
    """`text` with the repairs of one character for one character (steps 1 to 3)."""
    characters = list(text)
    for span, slot in layout.parts:
        characters[span] = _by_alphabet(layout, slot, text[span])
    for slot in layout.named:  # fields inside others: the month in the French document number
        span = layout.span(slot.line, slot.first, slot.last)
        characters[span] = _by_alphabet(layout, slot, "".join(characters[span]))
    return _by_check_digits(layout, "".join(characters))


def _by_alphabet(layout: Layout, slot: Slot, raw: str) -> str:
    kind = slot.kind
    if kind is Kind.LICENCE_CODE or kind is Kind.SEX:
        return raw
    if kind.letters and not kind.digits:
        raw = raw.translate(TO_LETTERS)
        # Not on the French identity card, where << parts one given name from the next.
        if kind is Kind.NAME and layout.joined_name and (found := _AFTER_NAME.match(raw)):
            return found[1] + "<" * len(found[2])
        return raw
    if kind.digits and not kind.letters:
        return raw.translate(TO_DIGITS)
    return raw


def _by_check_digits(layout: Layout, text: str) -> str:
    """`text` with one character exchanged in each field whose check digit leaves just that one reading."""
    for check in layout.checks:
        if check.name == "composite":
            continue
        digit = _digit(layout, text, check.name)
        if digit is None or digit.state is not State.WRONG:
            continue
        candidates = []
        for cover in digit.covers:
            for at in range(layout.span(*cover).start, layout.span(*cover).stop):
                if not _mixed(layout, at):
                    continue
                for other in _LOOKALIKES.get(text[at], ""):
                    candidate = text[:at] + other + text[at + 1 :]
                    if _agrees(layout, candidate, check.name):
                        candidates.append(candidate)
        if len(candidates) == 1:
            text = candidates[0]
    return text


def _mixed(layout: Layout, at: int) -> bool:
    """Whether letters and digits may both stand at this position."""
    return all(slot.kind.letters and slot.kind.digits for span, slot in _all(layout) if span.start <= at < span.stop)


def _all(layout: Layout) -> list[tuple[slice, Slot]]:
    return [(layout.span(slot.line, slot.first, slot.last), slot) for slot in layout.slots]


def _digit(layout: Layout, text: str, name: str) -> CheckDigit | None:
    return read(layout, (), text).check_digit(name)


def _agrees(layout: Layout, text: str, name: str) -> bool:
    mrz = read(layout, (), text)
    wanted = [digit for digit in mrz.check_digits if digit.name in (name, "composite")]
    return all(digit.state is State.VALID for digit in wanted)


def _fitted(layout: Layout, given: tuple[str, ...], problems: Sequence[Problem]) -> str | None:
    """The lines fitted by the length of one run of fillers, where just one way makes all check digits right."""
    wrong = [problem for problem in problems if problem.code is ProblemCode.WRONG_LENGTH]
    if len(wrong) != 1 or len(given) != len(layout.lengths) or not layout.checks:
        return None
    line = wrong[0].line
    rows = [tidy(row) for row in given]
    row, length = rows[line - 1], layout.lengths[line - 1]
    found = set()
    for run in _FILLER_RUN.finditer(row):
        fillers = run.end() - run.start() + length - len(row)
        if fillers >= 0:
            rows[line - 1] = row[: run.start()] + "<" * fillers + row[run.end() :]
            text = "".join(rows)
            mrz = read(layout, (), _looks(layout, text))
            if len(rows[line - 1]) == length and all(digit.state is State.VALID for digit in mrz.check_digits):
                found.add(text)
    # A line that no check digit covers is told by nothing but where its fillers are: at its end.
    covered = any(cover[0] == line for check in layout.checks for cover in check.covers)
    return found.pop() if covered and len(found) == 1 else None


def _refitted(layout: Layout, text: str, fitted: str) -> list[Problem]:
    lines = []
    for number, length in enumerate(layout.lengths, 1):
        start = layout.offset(number, 1)
        seen, read_ = text[start : start + length], fitted[start : start + length]
        if seen != read_:
            lines.append(Problem(ProblemCode.REPAIRED, number, (1, length), seen, read_))
    return lines


def _places(layout: Layout) -> list[tuple[int, int]]:
    """Line and column of each position."""
    return [(n, column) for n, length in enumerate(layout.lengths, 1) for column in range(1, length + 1)]
