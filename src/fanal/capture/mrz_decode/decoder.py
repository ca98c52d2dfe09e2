"""Choosing the format, reading each line under its grammar, and settling check digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from fanal.capture.mrz_decode.alignment import Alignment, Seen, align, joined, look
from fanal.capture.mrz_decode.grammar import FILLER, Floats, read_line
from fanal.capture.mrz_model import ALPHABET, LineLogits
from fanal.documents import mrz
from fanal.documents.mrz.formats import LAYOUTS, Format, Layout
from fanal.documents.mrz.parse import read as read_text

UNREAD: Final = "?"
"""Stands where a line has a character and the model saw none: the grammar fills nothing in."""

MAX_LINES: Final = 24
"""The most strips in one call."""

_SHAPES = ((30, 30, 30), (9, 30, 30), (44, 44), (36, 36), (30,))
_FEWER, _MORE = 4, (4, 12)  # how many characters too few, and too many, the model may see in a strip of a line
_SEEN = 0.08  # below it, no character was seen
_ABSENT = 0.007  # how likely a place of an evenly spaced line is empty, beside how likely it is not
_SAID = 0.5  # above it, the model by itself would have said a character

# The check digits: what a reading may cost that makes them all hold, and how much cheaper it must be than the next.
_COSTLIEST = 6.0
_MARGIN = 2.3
_CHOICES = 16
_WRONG_IN_PRINT = 0.001  # how often a document bears a wrong check digit: forgeries, misprints

_CLEARLY = 12.0  # how much better the place of a line is than the next best one along its strip

# `accepted` (docs/model-card-mrz.md says how these were set).
_VOUCHED = 0.1  # how often a misread character leaves its check digit right
_MAX_WRONG = 0.004  # the greatest probability that some character is wrong
_MAX_WRONG_AGAINST = 0.001  # the same, where a check digit does not hold
_PLAIN = 0.97  # a model as sure as this of what the grammar overruled is not passed over


class Rule(StrEnum):
    """What overruled the model."""

    LENGTH = "length"
    FIELD = "field"
    CHECK_DIGIT = "check_digit"


class Doubt(StrEnum):
    """Why lines are not accepted."""

    NO_FORMAT = "no_format"  # the strips make no format: a line is missing, or this is no MRZ
    UNREAD = "unread"  # a character was not seen
    UNSURE = "unsure"  # some character may well be wrong
    AGAINST_GRAMMAR = "against_grammar"  # the model plainly saw what the format does not allow, and was overruled
    AMBIGUOUS = "ambiguous"  # several readings make the check digits hold
    BESIDE = "beside"  # more characters than the line holds: it is not clear where it begins


class Character(NamedTuple):
    """One character of a line: how sure (0 to 1, under the grammar) and the x of its middle, px of the strip."""

    text: str
    confidence: float
    x: float


class Overruled(NamedTuple):
    """Where the grammar and the model differ. Line and column count from 1.

    `seen` is what the model said and `sure` how sure it was (0 to 1); "" where it saw nothing. `read` is what the
    lines say; "" for a character left out, whose column is that of the character after it.
    """

    line: int
    column: int
    seen: str
    sure: float
    read: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class DecodedLine:
    """One line as read. `source`: which of the given strips it is from (from 0)."""

    text: str
    characters: tuple[Character, ...]
    source: int

    @property
    def confidence(self) -> float:
        """That of the least sure character."""
        return min((character.confidence for character in self.characters), default=0.0)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the strips say. Without a format the lines are all strips as the model by itself reads them.

    `wrong`: the estimated probability that some character is wrong, 0 to 1.
    """

    format: Format | None
    lines: tuple[DecodedLine, ...]
    overruled: tuple[Overruled, ...]
    doubts: tuple[Doubt, ...]
    wrong: float

    @property
    def accepted(self) -> bool:
        return not self.doubts

    @property
    def text(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.lines)


def decode(strips: Sequence[LineLogits], *again: Sequence[LineLogits]) -> Decoded:
    """The MRZ in these strips, which lie under each other from top to bottom. Raises nothing for what they say.

    `again`: the same strips in the same order, cut a little otherwise (height, pitch, another octave). What all cuts
    say counts together, which is surer than the best of several readings: a cut that happens to be sure of a wrong
    character is outvoted.
    """
    seen = [look(strip) for strip in strips[:MAX_LINES]]
    cuts = [[look(strip) for strip in cut[:MAX_LINES]] for cut in again]
    aligned: dict[tuple[int, int], list[Alignment]] = {}
    best: _Reading | None = None
    # First as if nothing stood beside the lines, which is soon seen and mostly so.
    for more in _MORE:
        for shape in _SHAPES:
            for first in range(len(seen) - len(shape) + 1):
                if all(_may_hold(seen[first + n], length, more) for n, length in enumerate(shape)):
                    for n, length in enumerate(shape, first):
                        if (n, length) not in aligned:
                            others = [align(cut[n], length) for cut in cuts if n < len(cut)]
                            aligned[n, length] = joined(align(seen[n], length), others)
                    choices = [aligned[n, length] for n, length in enumerate(shape, first)]
                    reading = _read(seen, first, shape, choices)
                    if reading is not None and (best is None or reading.score > best.score):
                        best = reading
        if best is not None:
            break
    return _plain(seen) if best is None else _settled(best)


def _may_hold(seen: Seen, length: int, more: int) -> bool:
    """Whether a strip may hold a line of this length, with so many characters of other print beside it."""
    return -min(_FEWER, length // 4) <= len(seen.peaks) - length <= min(more, length // 2)


def _plain(seen: Sequence[Seen]) -> Decoded:
    lines = []
    for n, strip in enumerate(seen):
        said = strip.logits.greedy()
        characters = map(Character, said.text, said.confidences, said.positions)
        lines.append(DecodedLine(said.text, tuple(characters), n))
    return Decoded(None, tuple(lines), (), (Doubt.NO_FORMAT,), 1.0)


@dataclass(slots=True)
class _Reading:
    """Lines of one layout, set end to end: `logs` [characters, 37] under the grammar and `best` the likeliest."""

    layout: Layout
    first: int
    strips: list[Seen]
    lines: list[Alignment]
    logs: Floats
    best: npt.NDArray[np.int64]
    score: float
    beside: bool  # whether another place along a strip would do nearly as well

    @property
    def text(self) -> str:
        return "".join(ALPHABET[c] for c in self.best)


def _read(seen: Sequence[Seen], first: int, shape: tuple[int, ...], choices: list[list[Alignment]]) -> _Reading | None:
    strips = list(seen[first : first + len(shape)])
    if not all(choices):
        return None
    # 1. The format, as the beginning of the line that bears the document code says it.
    layouts = {_layout(shape, choice.characters) for choice in choices[1 if shape[0] == 9 else 0]}
    best: _Reading | None = None
    for layout in layouts:
        if layout is None:
            continue
        # 2. Each line under the grammar, at the place that fits it best.
        lines, rows, score, beside = [], [], 0.0, False
        for n, found in enumerate(choices, 1):
            read = []
            for place in found:
                logs, cost = read_line(layout, n, place.characters)
                read.append((place.score + cost + _held(logs, layout, n), place, logs))
            fit, alignment, row = max(read, key=lambda r: r[0])
            lines.append(alignment)
            rows.append(row)
            score += fit
            beside = beside or any(other > fit - _CLEARLY for other, a, _ in read if a is not alignment)
        if best is None or score > best.score:
            logs = np.concatenate(rows)
            best = _Reading(layout, first, strips, lines, logs, logs.argmax(axis=1), score, beside)
    return best


def _held(logs: Floats, layout: Layout, line: int) -> float:
    """What the check digits of a line say for its place: one in ten holds by chance."""
    held = 0.0
    text = "".join(ALPHABET[c] for c in logs.argmax(axis=1))
    for check in layout.checks:
        if check.line == line and all(cover[0] == line for cover in check.covers):
            covered = "".join(text[a - 1 : b] for _, a, b in check.covers)
            held += 2.3 * (mrz.check_digit(covered) == text[check.column - 1])
    return held


def _layout(shape: tuple[int, ...], characters: Floats) -> Layout | None:
    """The layout of these lengths whose line with the document code begins like this."""
    logs = np.log(characters[:5] + 1e-9)

    def said(start: str) -> float:
        """How much likelier the best reading is than one that begins so (0: it begins so; ? may be anything)."""
        pairs = [(n, ALPHABET.index(c)) for n, c in enumerate(start) if c != "?"]
        return float(sum(logs[n, c] - logs[n].max() for n, c in pairs))

    if shape == (44, 44):
        return LAYOUTS[Format.MRV_A if said("V") > -1 else Format.TD3]
    if shape == (36, 36):
        for form, start in ((Format.FRENCH_ID, "IDFRA"), (Format.ROMANIAN_ID, "IDROU")):
            if said(start) > -8:
                return LAYOUTS[form]
        return LAYOUTS[Format.MRV_B if said("V") > -1 else Format.TD2]
    if shape == (30, 30, 30):
        return LAYOUTS[Format.TD1]
    if shape == (9, 30, 30):
        return LAYOUTS[Format.SWISS_DL] if said("FACHE") > -12 else None
    return LAYOUTS[Format.FRENCH_DL] if said("D?FRA") > -8 else None


class _Sum(NamedTuple):
    """A check digit as arithmetic: the weight of each position set end to end, and its own place."""

    name: str
    at: int
    weights: npt.NDArray[np.int64]


_VALUES = np.array([0 if c == "<" else int(c, 36) for c in ALPHABET])


@cache
def _sums(layout: Layout) -> tuple[_Sum, ...]:
    found = []
    for check in layout.checks:
        places = [at for cover in check.covers for at in range(*layout.span(*cover).indices(10_000))]
        weights = np.zeros(sum(layout.lengths), np.int64)
        for n, at in enumerate(places):
            weights[at] = (7, 3, 1)[n % 3]
        found.append(_Sum(check.name, layout.offset(check.line, check.column), weights))
    return tuple(found)


def _settled(reading: _Reading) -> Decoded:
    """The reading with its check digits settled, and all that is to be said of it."""
    layout, logs = reading.layout, reading.logs
    by_field = reading.best.copy()
    doubts: list[Doubt] = []
    fixed = 0.0
    if not _holds(layout, reading.best):
        fixes = _fixes(reading)
        if fixes and (len(fixes) == 1 or fixes[1].cost - fixes[0].cost > _MARGIN):
            for at, character in fixes[0].changes:
                reading.best[at] = character
            # Among this reading, the others that hold, and that a wrong check digit was printed.
            weights = [float(np.exp(-fix.cost)) for fix in fixes]
            fixed = weights[0] / (sum(weights) + _WRONG_IN_PRINT)
        elif fixes:
            doubts.append(Doubt.AMBIGUOUS)
    seen = np.concatenate([line.seen for line in reading.lines])
    sure = np.exp(logs[np.arange(len(logs)), reading.best])
    changed = reading.best != by_field
    # The pitch says that a character stands here; only where little was seen is that a guess.
    sure = np.where(changed, fixed, sure) * (seen / (seen + (1 - seen) * _ABSENT + 1e-9))
    unread = seen < _SEEN
    if reading.beside:
        doubts.append(Doubt.BESIDE)
    if unread.any():
        doubts.append(Doubt.UNREAD)

    lines, overruled, at = [], [], 0
    for n, (strip, line) in enumerate(zip(reading.strips, reading.lines, strict=True), 1):
        own = slice(at, at + len(line.steps))
        text = "".join(
            UNREAD if missing else ALPHABET[c] for c, missing in zip(reading.best[own], unread[own], strict=True)
        )
        places = (line.steps + 0.5) * strip.logits.stride
        characters = map(Character, text, map(float, np.where(unread[own], 0.0, sure[own])), map(float, places))
        lines.append(DecodedLine(text, tuple(characters), reading.first + n - 1))
        overruled += _overruled(n, line, reading.best[own], by_field[own])
        at += len(line.steps)
    if any(o.rule is Rule.FIELD and o.sure > _PLAIN and o.seen != o.read for o in overruled):
        doubts.append(Doubt.AGAINST_GRAMMAR)

    holds = _holds(layout, reading.best)
    errors = 1 - sure
    if holds:
        # What was changed to make a check digit hold is not vouched for by it a second time.
        vouched = _vouched(layout, reading.best) & ~changed
        errors = np.where(vouched, errors * _VOUCHED, errors)
    wrong = float(min(1.0, errors.sum()))
    if wrong > (_MAX_WRONG if holds else _MAX_WRONG_AGAINST):
        doubts.append(Doubt.UNSURE)
    return Decoded(layout.format, tuple(lines), tuple(overruled), tuple(dict.fromkeys(doubts)), wrong)


def _overruled(number: int, line: Alignment, read: Any, by_field: Any) -> list[Overruled]:
    found = []
    own = line.characters.argmax(axis=1)
    for k, (said, field, final) in enumerate(zip(own, by_field, read, strict=True)):
        sure = float(line.characters[k, said] * line.seen[k])
        if line.seen[k] < _SEEN:
            found.append(Overruled(number, k + 1, "", float(1 - line.seen[k]), UNREAD, Rule.LENGTH))
        elif said != final:
            rule = Rule.FIELD if field == final else Rule.CHECK_DIGIT
            found.append(Overruled(number, k + 1, ALPHABET[said], sure, ALPHABET[final], rule))
        elif line.seen[k] < _SAID:
            found.append(Overruled(number, k + 1, "", float(1 - line.seen[k]), ALPHABET[final], Rule.LENGTH))
    for peak in line.extra:
        column = int(np.searchsorted(line.steps, peak.step)) + 1
        found.append(Overruled(number, column, ALPHABET[peak.label - 1], peak.probability, "", Rule.LENGTH))
    return sorted(found, key=lambda o: o.column)


def _holds(layout: Layout, best: Any) -> bool:
    """Whether no check digit is wrong (one that is absent, as of a number longer than nine characters, is not)."""
    states = {digit.state for digit in read_text(layout, (), "".join(ALPHABET[c] for c in best)).check_digits}
    return not states & {mrz.State.WRONG, mrz.State.UNREADABLE}


def _vouched(layout: Layout, best: Any) -> npt.NDArray[np.bool_]:
    """The characters that a check digit covers which is printed and right, and those digits themselves."""
    places = np.arange(len(best))
    vouched: npt.NDArray[np.bool_] = np.zeros(len(best), np.bool_)
    for total in _sums(layout):
        if best[total.at] != FILLER:
            vouched |= total.weights > 0
            vouched |= places == total.at
    return vouched


class _Fix(NamedTuple):
    cost: float
    changes: tuple[tuple[int, int], ...]


def _fixes(reading: _Reading) -> list[_Fix]:
    """The cheapest exchanges of one to three characters that make every check digit hold, cheapest first."""
    layout, logs, best = reading.layout, reading.logs, reading.best
    sums = [total for total in _sums(layout) if best[total.at] != FILLER]
    if not sums:
        return []
    weights = np.stack([total.weights for total in sums])
    covered = weights.any(axis=0) | np.isin(np.arange(len(best)), [total.at for total in sums])
    # A check digit covers its stretch with its weights; it counts itself with -1.
    matrix = weights.copy()
    for row, total in enumerate(sums):
        matrix[row, total.at] -= 1
    off = (matrix @ _VALUES[best]) % 10

    costs = logs[np.arange(len(best)), best][:, None] - logs
    costs[~covered] = np.inf
    costs[np.arange(len(best)), best] = np.inf
    flat = np.argsort(costs, axis=None)[:_CHOICES]
    options = []
    for place in flat:
        at, character = divmod(int(place), len(ALPHABET))
        cost = float(costs[at, character])
        if cost > _COSTLIEST:
            break
        options.append((at, character, cost, matrix[:, at] * (_VALUES[character] - _VALUES[best[at]])))
    found = []
    for size in (1, 2, 3):
        for some in combinations(options, size):
            cost = sum(option[2] for option in some)
            if cost > _COSTLIEST or any(a[0] == b[0] for a, b in combinations(some, 2)):
                continue
            if not ((off + sum(option[3] for option in some)) % 10).any():
                changes = tuple((at, character) for at, character, _, _ in some)
                candidate = best.copy()
                for at, character in changes:
                    candidate[at] = character
                if _holds(layout, candidate):
                    found.append(_Fix(cost, changes))
    return sorted(found)
