"""Reading the machine readable zones of a picture: chains of evenly spaced lines, read by the recogniser, decoded.

1. Lines of print (`locate`), of which those that are evenly spaced make chains (`blocks`), made straight (`strips`).
2. Which way up: one line of a chain is read both ways, the rest as that one is read better.
3. The lines of a chain together go to the decoder, which knows the formats. A chain that makes none is looked at once
   more with the lines beside it whose ridges were not found.
4. What is not accepted is read again from strips cut a little otherwise, which costs time only where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from fanal.capture.blocks import find_chains
from fanal.capture.locate import MOST_PIXELS, Floats, find_lines, levels
from fanal.capture.mrz_decode import Decoded, decode
from fanal.capture.mrz_model import LineLogits, LineRecogniser
from fanal.capture.pictures import Pixels
from fanal.capture.reading import Character, Polygon
from fanal.capture.strips import Levels, Track, beside, strip
from fanal.documents import mrz

_MOST_CHAINS: Final = 8
_ENOUGH: Final = 5  # zones in one picture
_MOST_FINEST: Final = 17_000_000  # px: of pictures larger than this the finest octave is not looked at
_PRINT: Final = 0.78  # the mean confidence that print has which the recogniser knows
_AGAIN: Final = ((0.94, 1.0), (1.07, 1.0), (1.0, 1.06), (1.0, 0.95))  # heights and pitches to try, of those measured


@dataclass(frozen=True, slots=True, eq=False)
class FoundZone:
    """A zone as it stands in the picture: its lines in reading order, each with where its characters are."""

    decoded: Decoded
    lines: tuple[str, ...]
    characters: tuple[tuple[Character, ...], ...]
    outlines: tuple[Polygon, ...]
    height: float  # of a capital, px

    @property
    def centre(self) -> tuple[float, float]:
        points = [point for outline in self.outlines for point in outline]
        return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


@dataclass(frozen=True, slots=True, eq=False)
class _Strip:
    """A strip as read, and how its columns map back."""

    track: Track
    x: Floats
    logits: LineLogits
    score: float


@lru_cache(maxsize=1)
def _recogniser() -> LineRecogniser:
    return LineRecogniser()


def prepare() -> None:
    """Load the recogniser, which the first picture would wait for otherwise."""
    _recogniser()


def find_zones(gray: Pixels) -> list[FoundZone]:
    """The zones in a picture, surest first."""
    pyramid = levels(gray)
    coarse = [level for level in pyramid if level[0].size <= MOST_PIXELS]
    found = _search(pyramid, coarse)
    fine = [level for level in pyramid if MOST_PIXELS < level[0].size <= _MOST_FINEST]
    if fine and not any(zone.decoded.accepted for zone in found):
        found = _search(pyramid, fine + coarse[:1]) or found
    return found


def _search(pyramid: Levels, wanted: Levels) -> list[FoundZone]:
    lines = [line for level, scale in wanted for line in find_lines(level, scale)]
    zones: list[FoundZone] = []
    for chain in find_chains(pyramid, lines)[:_MOST_CHAINS]:
        zone = _read_chain(pyramid, chain)
        if zone is not None and not any(_same(zone, other) for other in zones):
            zones.append(zone)
            if len(zones) >= _ENOUGH:
                break
    return sorted(zones, key=lambda zone: zone.decoded.wrong)


def _same(zone: FoundZone, other: FoundZone) -> bool:
    x, y = zone.centre
    ox, oy = other.centre
    return float(np.hypot(x - ox, y - oy)) < 3 * max(zone.height, other.height)


def _read_chain(pyramid: Levels, chain: tuple[Track, ...]) -> FoundZone | None:
    first = max(chain, key=lambda track: track.evenness * min(track.last - track.first, 40))
    ways = _recognise(pyramid, [first, first.turned()])
    if not ways or max(way.score for way in ways) < 0.5:
        return None
    turned = len(ways) == 2 and ways[1].score > ways[0].score
    here = ways[1 if turned else 0]
    strips = [here]
    tracks = [track.turned() if turned else track for track in chain if track is not first]
    strips += _recognise(pyramid, tracks)
    strips = _from_top(here.track, strips)
    decoded = decode([one.logits for one in strips])
    if decoded.format is None:
        more = [track for one in strips for track in beside(pyramid, one.track)]
        more = [track for n, track in enumerate(more) if not any(_on(track, s.track) for s in strips)
                and not any(_on(track, other) for other in more[:n])]  # fmt: skip
        if not more:
            return None
        strips = _from_top(here.track, strips + _recognise(pyramid, more))
        decoded = decode([one.logits for one in strips])
    if decoded.format is None:
        return None
    if not decoded.accepted:
        strips, decoded = _read_again(pyramid, strips, decoded)
    return _zone(strips, decoded) if _plausible(decoded) else None


def _recognise(pyramid: Levels, tracks: Sequence[Track]) -> list[_Strip]:
    cut = [(track, *strip(pyramid, track)) for track in tracks]
    cut = [one for one in cut if 100 < one[1].shape[1] < 2400]
    answers = _recogniser().recognise([pixels for _, pixels, _ in cut])
    return [_Strip(track, x, logits, _likelihood(logits)) for (track, _, x), logits in zip(cut, answers, strict=True)]


def _likelihood(logits: LineLogits) -> float:
    """How much like print of an MRZ a strip is read, 0 to 1: sure characters, and many of them."""
    said = logits.greedy()
    if not said.text:
        return 0.0
    return float(np.mean(said.confidences)) * min(1.0, len(said.text) / 26)


def _from_top(here: Track, strips: Iterable[_Strip]) -> list[_Strip]:
    """In the order in which they stand under each other, for one who reads along `here`."""
    x, y = here.grid(np.array([0.0]), np.array([0.0, 1.0]))
    down = float(x[1, 0] - x[0, 0]), float(y[1, 0] - y[0, 0])

    def depth(one: _Strip) -> float:
        mid = (one.track.first + one.track.last) / 2
        px, py = one.track.grid(np.array([mid]), np.array([0.0]))
        return float(px[0, 0]) * down[0] + float(py[0, 0]) * down[1]

    return sorted(strips, key=depth)


def _on(track: Track, other: Track) -> bool:
    """Whether two tracks are of the same line of print."""
    x, y = track.grid(np.array([(track.first + track.last) / 2]), np.array([0.0]))
    s, v = other.line.place(np.array([[float(x[0, 0]), float(y[0, 0])]]))
    v = v + other.line.v(s) - other.v(s)
    return abs(float(v[0])) < 0.8 * other.letter


def _read_again(pyramid: Levels, strips: list[_Strip], decoded: Decoded) -> tuple[list[_Strip], Decoded]:
    """The best of several readings, cut at other heights and pitches."""
    chosen = [strips[line.source] for line in decoded.lines]
    best = chosen, decode([one.logits for one in chosen])
    if best[1].format is None:
        return strips, decoded
    for height, pitch in _AGAIN:
        tracks = [
            replace(
                one.track,
                letter=one.track.letter * height,
                first=one.track.first / height,
                last=one.track.last / height,
                pitch=one.track.pitch * pitch,
            )
            for one in chosen
        ]
        again = _recognise(pyramid, tracks)
        if len(again) != len(chosen):
            continue
        other = decode([one.logits for one in again])
        if other.format is best[1].format and other.wrong < best[1].wrong:
            best = again, other
        if best[1].accepted:
            break
    return best


def _plausible(decoded: Decoded) -> bool:
    """Whether this is an MRZ at all, and not other print that was pressed into a format."""
    characters = [character for line in decoded.lines for character in line.characters]
    sure = float(np.mean([character.confidence for character in characters]))
    changed = len(decoded.overruled) / len(characters)
    fillers = sum(character.text == "<" for character in characters)
    if sure < _PRINT or changed > 0.2 or fillers < 2:
        return False
    try:
        mrz.parse(decoded.text)
    except mrz.MrzError:
        return False
    return True


def _zone(strips: Sequence[_Strip], decoded: Decoded) -> FoundZone:
    characters, outlines, heights = [], [], []
    for line in decoded.lines:
        one = strips[line.source]
        places = np.array([character.x for character in line.characters])
        x = np.interp(places, np.arange(len(one.x)) + 0.5, one.x)
        half = float(np.median(np.diff(x))) / 2 if len(x) > 1 else 0.5
        edges = np.concatenate([[x[0] - half], (x[1:] + x[:-1]) / 2, [x[-1] + half]])
        across, down = one.track.grid(edges, np.array([-0.55, 0.55]))
        corners = np.stack([across, down], axis=-1).round(1)
        cells = [_quad(corners, n, n + 1) for n in range(len(x))]
        characters.append(
            tuple(Character(c.text, c.confidence, cell) for c, cell in zip(line.characters, cells, strict=True))
        )
        outlines.append(_quad(corners, 0, len(x)))
        heights.append(one.track.letter)
    return FoundZone(decoded, decoded.text, tuple(characters), tuple(outlines), float(np.median(heights)))


def _quad(corners: Floats, first: int, last: int) -> Polygon:
    points = corners[0, first], corners[0, last], corners[1, last], corners[1, first]
    return tuple((float(x), float(y)) for x, y in points)
