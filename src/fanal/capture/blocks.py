"""Blocks of lines that may be an MRZ: two or three lines, parallel, one above the other, of one length.

The distance of the lines of an MRZ is 2.3 times the height of its letters (Doc 9303-3, 4.1), on specimens up to 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from fanal.capture.locate import Floats, Line
from fanal.capture.strips import Levels, Track, agreed, evenness, fits, measure

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
    overlap: float  # share of the longer
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Lines as rows of figures, to see at once which pairs are worth a closer look."""

    centre: Floats
    along: Floats
    length: Floats
    letter: Floats

    @classmethod
    def of(cls, lines: list[Line]) -> _Table:
        spans = np.stack([line.points(np.array([line.first, line.last])) for line in lines])
        return cls(
            spans.mean(axis=1),
            np.array([line.along for line in lines]),
            np.array([line.length for line in lines]),
            np.array([line.letter for line in lines]),
        )

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
    kept: list[int] = []
    for n, line in enumerate(lines):
        middle = None
        for k in kept:
            if not near[k, n]:
                continue
            if middle is None:
                middle = line.points(np.array([line.first, line.middle, line.last]))
            other = lines[k]
            s, v = other.place(middle)
            inside = (s >= other.first - other.letter) & (s <= other.last + other.letter)
            if (inside & (np.abs(v) < 0.7 * min(line.letter, other.letter))).sum() >= 2:
                break
        else:
            kept.append(n)
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
    found = []
    for i, j in zip(*np.nonzero(good), strict=True):
        if (pair := _pair(int(i), lines[i], int(j), lines[j])) is not None:
            found.append(pair)
    return found


def _pair(i: int, one: Line, j: int, other: Line) -> _Pair | None:
    """`other` as the line below `one`, or None."""
    if one.along[0] * other.along[0] + one.along[1] * other.along[1] < _PARALLEL:
        return None
    if not 0.4 < one.letter / other.letter < 2.5:
        return None
    (a, b), _ = one.place(other.points(np.array([other.first, other.last])))
    first, last = max(one.first, float(a)), min(one.last, float(b))
    longer = max(one.length, float(b - a))
    if last - first < 0.55 * longer:
        return None
    overlap = (last - first) / longer
    at = np.linspace(first, last, 5)
    # How far the other line is, measured across it.
    s, v = other.place(one.points(at))
    slope = other.slope(s)
    values = -v / np.sqrt(1 + slope * slope)
    spacing = float(values.mean())
    letter = (one.letter * other.letter) ** 0.5
    if not 1.3 * letter < spacing < 4.6 * letter or values.min() < 0.5 * spacing:
        return None
    if not 7 < longer / spacing < 30:
        return None
    taper = float(np.polyfit(at - at.mean(), values / spacing, 1)[0])
    shape = longer / spacing
    likely = 1.0 if 10 < shape < 21 else 0.6
    score = overlap * likely * (one.strength * other.strength) ** 0.5 * min(longer / (25 * letter), 1.2)
    return _Pair(i, j, spacing, taper, overlap, score)


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


def find_chains(levels: Levels, lines: list[Line]) -> Iterator[tuple[tuple[Track, ...], float]]:
    """Evenly spaced lines one below the other, measured, from the uppermost of the picture on; likely ones first.

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
        if used.issuperset(keys):
            continue
        for key, wanted in zip(keys, block.tracks, strict=True):
            if key not in measured and len(measured) < _MOST_MEASURED:
                measured[key] = measure(levels, wanted)
        chain = tuple(track for key in keys if (track := measured.get(key)) is not None and _is_print(track))
        if chain:
            used.update(keys)
            yield agreed(chain), at_first
    # A line whose neighbour's ridge runs on into something else is in no block.
    alone = [line for line in lines if id(line) not in used]
    alone.sort(key=lambda line: -line.strength * min(line.length / line.letter, 40))
    for line in alone[:_MOST_ALONE]:
        track = Track(line, line.middle, line.letter, 0.0, -line.half / line.letter, line.half / line.letter)
        if fits(track) and (at_first := evenness(levels, track)) > _EVEN:
            found = measure(levels, track)
            if found is not None and _is_print(found):
                yield (found,), at_first


def _is_print(track: Track) -> bool:
    return track.evenness > _EVEN and abs(track.lean[0]) < _LEAN
