"""What a format lets stand where, as prices: the natural logarithm of how much less likely it is than the rule.

A price is no prohibition. `_AGAINST` is what a character costs that its field cannot hold: the model must be surer than
about 8,000 to 1 of a digit in a name for it to be said. On a plain print it is, on a blurred one never.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fanal.capture.mrz_model import ALPHABET
from fanal.documents.mrz.formats import Kind, Layout, Slot
from fanal.documents.states import all_states

Floats = npt.NDArray[Any]

FILLER = ALPHABET.index("<")
_AGAINST = -9.0
_UNUSUAL = -3.0  # allowed, seldom seen
_STRUCTURE = -6.0  # a name after the fillers that end it; a filler inside a code
_SWITCH = -1.0  # from digits to letters inside a number, or back
_LETTER_IN_NUMBER = -1.5  # most numbers are of digits, and most States leave out the letters that look like them
_UNKNOWN_STATE = -2.5
_CLEAR = 12.0

_DIGITS = np.array([c.isdigit() for c in ALPHABET])
_LETTERS = np.array([c.isalpha() for c in ALPHABET])


def _only(characters: str, unusual: str = "") -> Floats:
    return np.array([0.0 if c in characters else _UNUSUAL if c in unusual else _AGAINST for c in ALPHABET])


_NUMERALS, _CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _prices(slot: Slot, place: int) -> Floats:
    """Of the 37 characters at `place` (from 0) of a field."""
    kind = slot.kind
    if kind is Kind.CODE or (kind is Kind.LICENCE_CODE and place == 0):
        return _only("PVIACD", _CAPITALS) if place == 0 else _only(_CAPITALS + "<")
    if kind is Kind.LICENCE_CODE:
        return _only(_NUMERALS + _CAPITALS + "<")
    if kind is Kind.STATE or kind is Kind.NAME:
        return _only(_CAPITALS + "<")
    if kind is Kind.SEX:
        return _only("MF<")
    if kind is Kind.FILLER:
        return _only("<")
    if kind is Kind.CHECK:
        return _only(_NUMERALS, "<")
    if kind is Kind.DIGITS:
        return _only(_NUMERALS + "<")
    if kind in (Kind.DATE, Kind.MONTH):
        usual = {2: "01<", 4: "0123<"}.get(place, _NUMERALS + "<")
        return _only(usual, _NUMERALS)
    return np.where(_LETTERS, _LETTER_IN_NUMBER, 0.0)


class _Automaton(NamedTuple):
    """States of a field with, for each class of character (letter, digit, filler), the next state and the price."""

    steps: tuple[tuple[tuple[int, float], tuple[int, float], tuple[int, float]], ...]


_S, _U = _STRUCTURE, _UNUSUAL
# Two identifiers: 0 start, 1 primary, 2 filler in the primary, 3 after <<, 4 secondary, 5 filler in it, 6 the end.
_JOINED = _Automaton(
    (
        ((1, 0.0), (1, 0.0), (2, _S)),
        ((1, 0.0), (1, 0.0), (2, 0.0)),
        ((1, 0.0), (1, 0.0), (3, 0.0)),
        ((4, 0.0), (4, 0.0), (6, 0.0)),
        ((4, 0.0), (4, 0.0), (5, 0.0)),
        ((4, 0.0), (4, 0.0), (6, 0.0)),
        ((4, _S), (4, _S), (6, 0.0)),
    )
)
# One identifier: 0 start, 1 letters, 2 one filler, 3 the end. Swiss and French licences, the French card.
_SINGLE = _Automaton(
    (
        ((1, 0.0), (1, 0.0), (2, _S)),
        ((1, 0.0), (1, 0.0), (2, 0.0)),
        ((1, 0.0), (1, 0.0), (3, 0.0)),
        ((1, _U), (1, _U), (3, 0.0)),
    )
)
# Numbers and optional data: 0 start, 1 letters, 2 digits, 3 one filler, 4 more fillers.
_FREE = _Automaton(
    (
        ((1, 0.0), (2, 0.0), (3, 0.0)),
        ((1, 0.0), (2, _SWITCH), (3, 0.0)),
        ((1, _SWITCH), (2, 0.0), (3, 0.0)),
        ((1, _SWITCH), (2, _SWITCH), (4, 0.0)),
        ((1, _U), (2, _U), (4, 0.0)),
    )
)


class Part(NamedTuple):
    """One field of a line: its columns (from 0, the last one excluded) and what it is."""

    slot: Slot
    first: int
    last: int
    joined: bool
    prices: Floats  # [columns, 37]


@cache
def parts(layout: Layout, line: int) -> tuple[Part, ...]:
    """The fields and check digits of a line (from 1), in order."""
    found = []
    for span, slot in layout.parts:
        if slot.line == line:
            first, length = slot.first - 1, span.stop - span.start
            prices = np.array([_prices(slot, place) for place in range(length)])
            found.append(Part(slot, first, first + length, layout.joined_name, prices))
    return tuple(found)


def read_line(layout: Layout, line: int, said: Floats) -> tuple[Floats, float]:
    """Log probabilities [columns, 37] of the characters of a line under the grammar, and what its best reading costs.

    `said`: those of the model. At each place the answer is what stands there in the likeliest reading of its field
    that has that character there, so that the largest of each row together are the likeliest reading. The cost (0 or
    less) is the logarithm of what the model gives that reading, and the prices it pays.
    """
    logs, cost = np.log(said + 1e-9), 0.0
    for part in parts(layout, line):
        field = logs[part.first : part.last]
        if part.slot.kind is Kind.STATE and len(field) == 3:
            scores = _state(field)
            cost += float(scores.max())
        elif part.slot.kind is Kind.NAME:
            scores, price = _walk(field + part.prices, _JOINED if part.joined else _SINGLE)
            cost += price
        elif part.slot.kind in (Kind.NUMBER, Kind.OPTIONAL):
            scores, price = _walk(field + part.prices, _FREE)
            cost += price
        else:
            scores = field + part.prices
            cost += float(scores.max(axis=1).sum())
        top = scores.max(axis=1, keepdims=True)
        logs[part.first : part.last] = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return logs, cost


def _state(field: Floats) -> Floats:
    """The code of a State or organization: known ones are likelier, others of the right form possible."""
    scores = np.full(field.shape, -1e9)
    # 1. Any one, two or three letters, then fillers.
    letters, filler = field + np.where(_LETTERS, 0.0, _AGAINST), field[:, FILLER]
    for size in (1, 2, 3):
        best = letters[:size].max(axis=1)
        whole = best.sum() + filler[size:].sum() + _UNKNOWN_STATE
        scores[:size] = np.maximum(scores[:size], letters[:size] - best[:, None] + whole)
        scores[size:, FILLER] = np.maximum(scores[size:, FILLER], whole)
    # 2. Those that are known.
    codes = _codes()
    totals = field[np.arange(3), codes].sum(axis=1)
    for place in range(3):
        np.maximum.at(scores[place], codes[:, place], totals)
    return scores


@cache
def _codes() -> npt.NDArray[np.int64]:
    """All codes of the standard as places in ALPHABET, [codes, 3]."""
    codes = sorted({state.code for state in all_states() if len(state.code) <= 3})
    return np.array([[ALPHABET.index(c) for c in code.ljust(3, "<")] for code in codes])


def _walk(scores: Floats, automaton: _Automaton) -> tuple[Floats, float]:
    """For each place and character the best whole reading of the field that has that character there; the best one."""
    steps = automaton.steps
    two = np.partition(scores, -2, axis=1)
    if (two[:, -1] - two[:, -2]).min() > _CLEAR:  # no structure can change what is as plain as this
        state, total = 0, float(two[:, -1].sum())
        for character in scores.argmax(axis=1):
            state, price = steps[state][0 if _LETTERS[character] else 1 if _DIGITS[character] else 2]
            total += price
        return scores, total
    classes = np.stack(
        [scores[:, _LETTERS].max(axis=1), scores[:, _DIGITS].max(axis=1), scores[:, FILLER]], axis=1
    ).tolist()
    low = -1e9
    forward = [[low] * len(steps) for _ in range(len(classes) + 1)]
    forward[0][0] = 0.0
    for n, costs in enumerate(classes):
        here, then = forward[n], forward[n + 1]
        for state, moves in enumerate(steps):
            value = here[state]
            if value > -1e8:
                for (following, price), cost in zip(moves, costs, strict=True):
                    if value + price + cost > then[following]:
                        then[following] = value + price + cost
    backward = [0.0] * len(steps)
    through = np.zeros((len(classes), 3))
    for n in range(len(classes) - 1, -1, -1):
        costs, here, before = classes[n], forward[n], [low] * len(steps)
        best = [low] * 3
        for state, moves in enumerate(steps):
            for kind, (following, price) in enumerate(moves):
                onward = price + backward[following]
                if here[state] + onward > best[kind]:
                    best[kind] = here[state] + onward
                if costs[kind] + onward > before[state]:
                    before[state] = costs[kind] + onward
        through[n] = best
        backward = before
    answer = scores.copy()
    answer[:, _LETTERS] += through[:, :1]
    answer[:, _DIGITS] += through[:, 1:2]
    answer[:, FILLER] += through[:, 2]
    return answer, max(forward[-1])
