"""Blocks of lines that may be an MRZ: two or three lines, parallel, one above the other, of one length.

The distance of the lines of an MRZ is 2.3 times the height of its letters (Doc 9303-3, 4.1), on specimens up to 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from fanal.capture.locate import Floats, Line
from fanal.capture.strips import Levels, Track, agreed, evenness, fits, measure

Integers = npt.NDArray[np.intp]

_SPACING: Final = 2.3
_PARALLEL: Final = float(np.cos(np.radians(12)))
MOST_BLOCKS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Lines one above the other, from the uppermost of the picture (or the leftmost) on; `score`: likely ones first."""

    tracks: tuple[Track, ...]
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    upper: int
    lower: int
    spacing: float  # px, in the middle of both
    taper: float
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Lines as rows of figures, to compare many pairs at once. `i` and `j` are rows, one for each pair."""

    origin: Floats
    along: Floats
    bend: Floats
    first: Floats
    last: Floats
    letter: Floats
    strength: Floats
    centre: Floats

    @classmethod
    def of(cls, lines: list[Line]) -> _Table:
        bend = np.zeros((len(lines), max(len(line.bend) for line in lines)))
        for n, line in enumerate(lines):
            bend[n, : len(line.bend)] = line.bend
        figures = np.array([(line.first, line.last, line.letter, line.strength) for line in lines])
        first, last, letter, strength = figures.T
        origin, along = np.array([line.origin for line in lines]), np.array([line.along for line in lines])
        table = cls(origin, along, bend, first, last, letter, strength, origin)
        ends = table.points(np.arange(len(lines)), np.stack([table.first, table.last], axis=1))
        return replace(table, centre=ends.mean(axis=1))

    @property
    def length(self) -> Floats:
        return self.last - self.first

    def v(self, i: Integers, s: Floats) -> Floats:
        """`Line.v` of lines i at places s [pairs, places]."""
        half = np.maximum(self.length[i] / 2, 1.0)[:, None]
        t = (s - ((self.first + self.last) / 2)[i, None]) / half
        inside = np.clip(t, -1.0, 1.0)
        bend = self.bend[i]
        value, slope = bend[:, -1:], np.zeros_like(bend[:, -1:])
        for n in range(bend.shape[1] - 2, -1, -1):
            slope = slope * inside + value
            value = value * inside + bend[:, n : n + 1]
        return np.asarray(value + (t - inside) * slope, np.float64)

    def points(self, i: Integers, s: Floats) -> Floats:
        """`Line.points` of lines i at places s: [pairs, places, 2]."""
        v = self.v(i, s)
        dx, dy = self.along[i, :1], self.along[i, 1:]
        x, y = self.origin[i, :1], self.origin[i, 1:]
        return np.stack([x + dx * s - dy * v, y + dy * s + dx * v], axis=-1)

    def place(self, i: Integers, points: Floats) -> tuple[Floats, Floats]:
        """`Line.place` of lines i for points [pairs, places, 2]."""
        x, y = (points - self.origin[i, None]).transpose(2, 0, 1)
        dx, dy = self.along[i, :1], self.along[i, 1:]
        s = x * dx + y * dy
        return s, y * dx - x * dy - self.v(i, s)

    def apart(self) -> tuple[Floats, Floats, Floats]:
        """[i, j]: how far j's middle is along i and below it, and the cosine of their directions."""
        between = self.centre[None] - self.centre[:, None]
        forward = np.einsum("ijk,ik->ij", between, self.along)
        below = between[..., 1] * self.along[:, None, 0] - between[..., 0] * self.along[:, None, 1]
        return forward, below, self.along @ self.along.T


def distinct(lines: list[Line]) -> list[Line]:
    """Each line once, where it was found at several scales: the longest."""
    if not lines:
        return []
    lines = sorted(lines, key=lambda line: -line.length * (0.5 + line.strength))
    table = _Table.of(lines)
    forward, below, cosine = table.apart()
    least = np.minimum(table.letter[:, None], table.letter[None])
    near = (np.abs(cosine) > _PARALLEL) & (np.abs(below) < 3 * least)
    near &= np.abs(forward) < (table.length[:, None] + table.length[None]) / 2
    # Of two that run along each other at two of three places, the one that comes first stays.
    i, j = np.nonzero(np.triu(near, 1))
    along_j = np.stack([table.first, (table.first + table.last) / 2, table.last], axis=1)[j]
    s, v = table.place(i, table.points(j, along_j))
    inside = (s >= (table.first - table.letter)[i, None]) & (s <= (table.last + table.letter)[i, None])
    same = (inside & (np.abs(v) < 0.7 * least[i, j, None])).sum(axis=1) >= 2
    over: dict[int, list[int]] = {}
    for one, other in zip(i[same].tolist(), j[same].tolist(), strict=True):
        over.setdefault(other, []).append(one)
    kept: list[int] = []
    gone: set[int] = set()
    for n in range(len(lines)):
        if all(one in gone for one in over.get(n, ())):
            kept.append(n)
        else:
            gone.add(n)
    return _like_neighbours([lines[n] for n in kept], cosine[np.ix_(kept, kept)], table.centre[kept])


def _like_neighbours(lines: list[Line], cosine: Floats, centre: Floats) -> list[Line]:
    """The lines, each running the way in which the nearest like it runs: which way a vertical one runs is chance."""
    apart = np.hypot(*(centre[None] - centre[:, None]).transpose(2, 0, 1))
    apart = np.where(np.abs(cosine) > _PARALLEL, apart, np.inf)
    sign = np.zeros(len(lines))
    nearest, beside = np.full(len(lines), np.inf), np.zeros(len(lines), np.intp)
    for _ in lines:
        # The line nearest to any that is settled already; where none is like those, the next one begins anew.
        waiting = np.where(sign == 0, nearest, np.nan)
        n = int(np.nanargmin(waiting))
        sign[n] = sign[beside[n]] * np.sign(cosine[n, beside[n]]) if np.isfinite(waiting[n]) else 1
        closer = apart[n] < nearest
        nearest[closer], beside[closer] = apart[n][closer], n
    return [line if way > 0 else line.turned() for line, way in zip(lines, sign, strict=True)]


def find_blocks(lines: list[Line]) -> list[Block]:
    """The blocks that these lines make, likely ones first. A line may be in several."""
    pairs = _pairs(lines)
    blocks = []
    for pair in pairs:
        blocks.append(_block(lines, [pair.upper, pair.lower], [pair]))
        blocks.extend(
            _block(lines, [pair.upper, pair.lower, below.lower], [pair, below])
            for below in pairs
            if below.upper == pair.lower and 0.75 < below.spacing / pair.spacing < 1.33
        )
    return sorted(blocks, key=lambda block: -block.score)[:MOST_BLOCKS]


def _pairs(lines: list[Line]) -> list[_Pair]:
    if not lines:
        return []
    table = _Table.of(lines)
    forward, below, cosine = table.apart()
    letter = np.sqrt(table.letter[:, None] * table.letter[None])
    shorter = np.minimum(table.length[:, None], table.length[None])
    longer = np.maximum(table.length[:, None], table.length[None])
    good = (cosine > _PARALLEL) & (below > 0.8 * letter) & (below < 6 * letter)
    good &= (shorter > 0.5 * longer) & (np.abs(forward) < 0.5 * longer)
    i, j = np.nonzero(good)
    ends, _ = table.place(i, table.points(j, np.stack([table.first, table.last], axis=1)[j]))
    first, last = np.maximum(table.first[i], ends[:, 0]), np.minimum(table.last[i], ends[:, 1])
    longer = np.maximum(table.length[i], ends[:, 1] - ends[:, 0])
    good = last - first >= 0.55 * longer
    i, j, first, last, longer = i[good], j[good], first[good], last[good], longer[good]
    # How far the other line is, measured across it.
    at = first[:, None] + np.linspace(0.0, 1.0, 5) * (last - first)[:, None]
    s, v = table.place(j, table.points(i, at))
    slope = table.v(j, s + 0.5) - table.v(j, s - 0.5)
    values = -v / np.sqrt(1 + slope * slope)
    spacing = values.mean(axis=1)
    least = np.sqrt(table.letter[i] * table.letter[j])
    alike = table.letter[i] / table.letter[j]
    shape = longer / np.maximum(spacing, 1e-9)
    good = (alike > 0.4) & (alike < 2.5) & (spacing > 1.3 * least) & (spacing < 4.6 * least)
    good &= (values.min(axis=1) > 0.5 * spacing) & (shape > 7) & (shape < 30)
    steps = at - at.mean(axis=1, keepdims=True)
    taper = (steps * values).sum(axis=1) / np.maximum((steps * steps).sum(axis=1), 1e-9) / np.maximum(spacing, 1e-9)
    overlap = (last - first) / longer
    likely = np.where((shape > 10) & (shape < 21), 1.0, 0.6)
    score = overlap * likely * np.sqrt(table.strength[i] * table.strength[j]) * np.minimum(longer / (25 * least), 1.2)
    return [
        _Pair(int(i[n]), int(j[n]), float(spacing[n]), float(taper[n]), float(score[n])) for n in np.flatnonzero(good)
    ]


def _block(lines: list[Line], members: list[int], pairs: list[_Pair]) -> Block:
    spacing = sum(pair.spacing for pair in pairs) / len(pairs)
    taper = sum(pair.taper for pair in pairs) / len(pairs)
    whole = [lines[n] for n in members]
    first, last = _extent(whole)
    tracks = tuple(_track(line, spacing / _SPACING, taper, first, last) for line in whole)
    score = min(pair.score for pair in pairs) * (1.1 if len(members) == 3 else 1.0)
    return Block(tracks, score)


def _extent(lines: list[Line]) -> tuple[Floats, Floats]:
    """The two points between which the longest line runs."""
    longest = max(lines, key=lambda line: line.length)
    ends = longest.points(np.array([longest.first, longest.last]))
    return ends[0], ends[1]


def _track(line: Line, letter: float, taper: float, first: Floats, last: Floats) -> Track:
    """A line from where its own ridge or that of the longest of its block begins, whichever is further out."""
    places, _ = line.place(np.stack([first, last]))
    a, b = min(line.first, float(places[0])), max(line.last, float(places[1]))
    middle = (a + b) / 2
    taper = float(np.clip(taper, -0.6 / (b - a), 0.6 / (b - a)))
    track = Track(line, middle, letter, taper, 0.0, 0.0)
    return Track(line, middle, letter, taper, track.x(a), track.x(b))


_EVEN_AT_FIRST: Final = 0.16
_EVEN: Final = 0.24
_MOST_LOOKS: Final = 90
_MOST_MEASURED: Final = 40
_MOST_ALONE: Final = 14
_LEAN: Final = 0.5  # what leans more is an edge that runs slightly aside of the line


def find_chains(
    levels: Levels, lines: list[Line], open_still: Callable[[Line], bool]
) -> Iterator[tuple[tuple[Track, ...], float]]:
    """Evenly spaced lines one below the other, measured, from the uppermost of the picture on; likely ones first.

    `open_still` is asked of a line before it is measured: what was read meanwhile need not be looked at again.

    Each may be an MRZ or hold one. Evenly spaced print is what tells an MRZ from most other print, so lines are looked
    at for that first, and only those that have it are measured with care. With each chain comes how even it was then.
    """
    lines = distinct(lines)
    blocks = find_blocks(lines)
    looks: dict[tuple[int, int], float] = {}

    def look(track: Track) -> float:
        key = (id(track.line), round(8 * np.log(track.letter)))
        if key not in looks:
            looks[key] = evenness(levels, track) if fits(track) and len(looks) < _MOST_LOOKS else 0.0
        return looks[key]

    even = []
    for block in blocks:
        of_block = [look(track) for track in block.tracks]
        if max(of_block) > _EVEN_AT_FIRST:
            even.append((block.score * sum(of_block), sorted(of_block)[-2], block))
    measured: dict[int, Track | None] = {}
    used: set[int] = set()
    for _, at_first, block in sorted(even, key=lambda found: -found[0]):
        keys = [id(track.line) for track in block.tracks]
        if used.issuperset(keys) or not all(open_still(track.line) for track in block.tracks):
            continue
        for key, wanted in zip(keys, block.tracks, strict=True):
            if key not in measured and len(measured) < _MOST_MEASURED:
                measured[key] = measure(levels, wanted)
        chain = tuple(track for key in keys if (track := measured.get(key)) is not None and _is_print(track))
        if chain:
            used.update(keys)
            yield agreed(chain), at_first
    # A line whose neighbour's ridge runs on into something else is in no block.
    alone = [line for line in lines if id(line) not in used and open_still(line)]
    alone.sort(key=lambda line: -line.strength * min(line.length / line.letter, 40))
    for line in alone[:_MOST_ALONE]:
        track = Track(line, line.middle, line.letter, 0.0, -line.half / line.letter, line.half / line.letter)
        if open_still(line) and fits(track) and (at_first := evenness(levels, track)) > _EVEN:
            found = measure(levels, track)
            if found is not None and _is_print(found):
                yield (found,), at_first


def _is_print(track: Track) -> bool:
    return track.evenness > _EVEN and abs(track.lean[0]) < _LEAN
