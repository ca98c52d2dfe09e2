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
from itertools import islice
from typing import Final

import cv2
import numpy as np

from fanal.capture.blocks import find_chains
from fanal.capture.locate import MOST_PIXELS, Floats, Line, find_lines, levels
from fanal.capture.mrz_decode import Decoded, decode
from fanal.capture.mrz_model import BLANK, LineLogits, LineRecogniser
from fanal.capture.pictures import Pixels
from fanal.capture.reading import Character, Polygon
from fanal.capture.strips import Levels, Track, agreed, beside, measure, strip
from fanal.documents import Field, mrz
from fanal.documents.states import find_state

_MOST_CHAINS: Final = 20
_SECOND: Final = 0.35  # how even lines must be at first sight to be looked at where an MRZ was read already
_ENOUGH: Final = 5  # zones in one picture
_MOST_FINEST: Final = 17_000_000  # px: of pictures larger than this the finest octave is not looked at
_AT_A_GLANCE: Final = 0.88  # the mean confidence that a piece of other print seldom has
_LIKE_AN_MRZ: Final = 0.85  # the mean confidence that a line of other print seldom has
_PRINT: Final = 0.82  # the same, of whole zones under the grammar
_GLANCE: Final = 14.0  # letters: how much of a line is looked at first
_PLAINLY: Final = 0.04  # the difference of mean confidence that tells the right way up
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
    sure: float  # the mean confidence of its characters
    score: float  # how much like a line of an MRZ it is: sure characters, and many of them


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
    settled: list[Floats] = []  # where zones stand: nothing there is looked at again

    def open_still(line: Line) -> bool:
        ((x, y),) = line.points(np.array([line.middle])).tolist()
        return all(cv2.pointPolygonTest(quad, (x, y), measureDist=False) < 0 for quad in settled)

    for chain, even in islice(find_chains(pyramid, lines, open_still), _MOST_CHAINS):
        if even < _SECOND and any(zone.decoded.accepted for zone in zones):
            break  # another document would show more plainly
        zone = _read_chain(pyramid, chain)
        if zone is None or any(_same(zone, other) for other in zones):
            continue
        zones.append(zone)
        settled.append(np.array([*zone.outlines[0][:2], *zone.outlines[-1][2:]], np.float32))
        if len(zones) >= _ENOUGH:
            break
    return sorted(zones, key=lambda zone: zone.decoded.wrong)


def _same(zone: FoundZone, other: FoundZone) -> bool:
    x, y = zone.centre
    ox, oy = other.centre
    return float(np.hypot(x - ox, y - oy)) < 3 * max(zone.height, other.height)


def _read_chain(pyramid: Levels, chain: tuple[Track, ...]) -> FoundZone | None:
    for first in sorted(chain, key=lambda track: -track.evenness * min(track.last - track.first, 40)):
        # A glance at its middle tells most other print, and mostly which way up it is.
        ways = [first, first.turned()]
        glances = [one.sure for one in _recognise(pyramid, [_middle_of(way) for way in ways])]
        if max(glances, default=0.0) < _AT_A_GLANCE:
            continue
        if abs(glances[0] - glances[-1]) > _PLAINLY:
            ways = [ways[0 if glances[0] > glances[-1] else 1]]
        read = _recognise(pyramid, ways)
        here = max(read, key=lambda one: one.score, default=None)
        if here is not None and here.score > _LIKE_AN_MRZ:
            turned = here.track.line is not first.line
            return _read_way(pyramid, chain, first, here, turned=turned)
    return None


def _middle_of(track: Track) -> Track:
    middle = (track.first + track.last) / 2
    return replace(track, first=middle - _GLANCE / 2, last=middle + _GLANCE / 2)


def _read_way(
    pyramid: Levels, chain: tuple[Track, ...], first: Track, here: _Strip, *, turned: bool
) -> FoundZone | None:
    """The zone that a chain makes, whose line `first` is read as `here`."""
    tracks = [track.turned() if turned else track for track in chain if track is not first]
    strips = _from_top(here.track, [here, *_recognise(pyramid, tracks)])
    if max(_fillers(one) for one in strips) < 2:
        return None  # there is none in other print, and no MRZ without
    decoded = decode([one.logits for one in strips])
    if decoded.format is None:
        # Of three lines the ridges of two may have been found only.
        more = [track for one in strips for track in beside(pyramid, one.track)]
        more = [track for n, track in enumerate(more) if not any(_on(track, s.track) for s in strips)
                and not any(_on(track, other) for other in more[:n])]  # fmt: skip
        if more:
            whole = _from_top(here.track, strips + _recognise(pyramid, more))
            other = decode([one.logits for one in whole])
            if other.format is not None:
                strips, decoded = whole, other
    if not decoded.accepted:
        # Other print beside the MRZ, or the edge of the page, may have bent its lines: measure them anew without it.
        alone = [_without_neighbours(one) for one in strips]
        other = decode([one.logits for one in alone])
        if other.format is not None and _doubt(other) < _doubt(decoded):
            strips, decoded = alone, other
        if decoded.format is None or not _plausible(decoded):
            return None
        if not decoded.accepted:
            anew = agreed([track for one in alone if (track := _within(pyramid, one)) is not None])
            again = [*map(_without_neighbours, _recognise(pyramid, anew))]
            other = decode([one.logits for one in again])
            if other.format is not None and _doubt(other) < _doubt(decoded):
                strips, decoded = again, other
        if not decoded.accepted:
            strips, decoded = _read_again(pyramid, strips, decoded)
    return _zone(strips, decoded) if _plausible(decoded) else None


def _recognise(pyramid: Levels, tracks: Sequence[Track]) -> list[_Strip]:
    cut = [(track, *strip(pyramid, track)) for track in tracks]
    cut = [one for one in cut if 100 < one[1].shape[1] < 2400]
    answers = _recogniser().recognise([pixels for _, pixels, _ in cut])
    return [_read(track, x, logits) for (track, _, x), logits in zip(cut, answers, strict=True)]


def _read(track: Track, x: Floats, logits: LineLogits) -> _Strip:
    said = logits.greedy().confidences
    sure = float(np.mean(said)) if said else 0.0
    return _Strip(track, x, logits, sure, sure * min(1.0, len(said) / 26))


def _without_neighbours(one: _Strip) -> _Strip:
    """The strip with the longest stretch of evenly spaced characters only: other print may stand beside an MRZ."""
    said = one.logits.greedy()
    places = np.asarray(said.positions)
    if len(places) < 20:
        return one
    gaps = np.diff(places)
    cuts = np.flatnonzero(gaps > 1.6 * float(np.median(gaps))) + 1
    bounds = np.concatenate([[0], cuts, [len(places)]])
    longest = int(np.argmax(np.diff(bounds)))
    first, last = places[bounds[longest]], places[bounds[longest + 1] - 1]
    reach = 0.7 * float(np.median(gaps))
    steps = (np.arange(len(one.logits.log_probs)) + 0.5) * one.logits.stride
    outside = (steps < first - reach) | (steps > last + reach)
    log_probs = one.logits.log_probs.copy()
    log_probs[outside] = -30.0
    log_probs[outside, BLANK] = 0.0
    return replace(one, logits=LineLogits(log_probs, one.logits.stride))


def _within(pyramid: Levels, one: _Strip) -> Track | None:
    """The track of a strip measured anew between the first and the last character that was read."""
    said = one.logits.greedy()
    if len(said.positions) < 20:
        return None
    reach = 0.75 * float(np.median(np.diff(said.positions)))
    ends = np.array([said.positions[0] - reach, said.positions[-1] + reach])
    first, last = np.interp(ends, np.arange(len(one.x)) + 0.5, one.x)
    return measure(pyramid, replace(one.track, first=float(first), last=float(last)), bounded=True)


def _fillers(one: _Strip) -> int:
    return one.logits.greedy().text.count("<")


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
        if other.format is best[1].format and _doubt(other) < _doubt(best[1]):
            best = again, other
        if best[1].accepted:
            break
    return best


def _doubt(decoded: Decoded) -> float:
    """How much a reading is to be doubted: by how sure its characters are, and by what the grammar made of them that
    the recogniser plainly saw otherwise."""
    return decoded.wrong + 0.1 * sum(change.sure for change in decoded.overruled)


def _plausible(decoded: Decoded) -> bool:
    """Whether this is an MRZ at all, and not other print that was pressed into a format."""
    characters = [character for line in decoded.lines for character in line.characters]
    sure = float(np.mean([character.confidence for character in characters]))
    changed = len(decoded.overruled) / len(characters)
    if sure < _PRINT or changed > 0.2:
        return False
    try:
        parsed = mrz.parse(decoded.text)
    except mrz.MrzError:
        return False
    # What other print shows by chance only: check digits that hold, codes of States, a run of fillers.
    signs = sum(digit.state is mrz.State.VALID for digit in parsed.check_digits)
    states = (parsed.value(Field.ISSUING_STATE), parsed.value(Field.NATIONALITY))
    signs += sum(find_state(code) is not None for code in states if code)
    signs += any("<<" in line for line in decoded.text)
    return signs >= 2


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
