"""Lines of print made straight: from a line found in a picture to the strip that the line recogniser takes, and back.

A page seen at a slant makes its print smaller towards one end, and leans it. Along a line of a flat page, seen by any
camera, the height of letters falls linearly from one end to the other and the distance between letters with its
square; both are undone with one figure, the `taper`. The lean of the letters and their distance (the pitch) are
measured in the strip itself, and so is what the paper bends beyond a parabola.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np

from fanal.capture.locate import Floats, Line
from fanal.capture.pictures import Pixels

LETTER: Final = 21.0  # px of a strip: what the recogniser takes (fanal.capture.mrz_model)
PITCH: Final = 22.0
HEIGHT: Final = 32
_BAND: Final = 14.0  # px a letter of the band in which a line is measured
_HALF: Final = 17  # rows of that band above and below the line
_LEANS: Final = np.arange(-0.6, 0.61, 0.1)  # px aside a px up
_MARGIN: Final = 3.0  # letters that a band goes beyond the ends of its line

_STROKE: Final = np.ones((9, 9), np.uint8)

Levels = list[tuple[Pixels, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A line with its measures: how to go along it at an even pace, and across it at the height of its letters.

    At place s the letters are `letter` · (1 + `taper` · (s - `middle`)) px high; x, counted in letters from `middle`,
    goes on there by 1 / (`letter` · (1 + taper · (s - middle))²) a px. The line's own v(s) is put right by
    `correction` (s, px); letters lean by `lean`[0] + `lean`[1] · x aside, for each up.
    """

    line: Line
    middle: float
    letter: float
    taper: float
    first: float  # letters from `middle`: where the print begins and ends
    last: float
    pitch: float = 1.05  # letters from one character to the next
    lean: tuple[float, float] = (0.0, 0.0)
    correction: tuple[Floats, Floats] | None = None
    evenness: float = 0.0  # how much the print repeats itself with the pitch: 0 to 1
    leaning: tuple[float, ...] = ()  # how sharp the print is at each of the leans that were tried

    def s(self, x: Floats) -> Floats:
        """Places along the line, px, of x in letters."""
        return np.asarray(self.middle + x * self.letter / (1 - x * self.letter * self.taper), np.float64)

    def x(self, s: float) -> float:
        t = s - self.middle
        return t / (self.letter * (1 + self.taper * t))

    def v(self, s: Floats) -> Floats:
        """How far aside the middle of the letters runs at places s of the line, px."""
        v = self.line.v(s)
        return v if self.correction is None else v + np.interp(s, *self.correction)

    def grid(self, x: Floats, rows: Floats) -> tuple[Any, Any]:
        """Points of the picture, as two maps [rows, x], for x along and `rows` down from the line, in letters."""
        s = self.s(x)
        high = self.letter * (1 + self.taper * (s - self.middle))
        line = self.line
        v, slope = line.v(s), line.slope(s)
        if self.correction is not None:
            places, values = self.correction
            v += np.interp(s, places, values)
            slope += (np.interp(s + 1, places, values) - np.interp(s - 1, places, values)) / 2
        norm = np.sqrt(1 + slope * slope)
        down = rows[:, None] * high[None]
        lean = self.lean[0] + self.lean[1] * x
        # Up the letter by 1 is aside by `lean`; rows count downwards.
        lean = lean * high / self.letter  # px along a px up
        along = s[None] - down * (slope / norm)[None] - down * lean[None]
        aside = v[None] + down / norm[None] - down * (lean * slope)[None]
        dx, dy = line.along
        return line.origin[0] + dx * along - dy * aside, line.origin[1] + dy * along + dx * aside

    def turned(self) -> Track:
        """The same line read from its other end."""
        correction = None
        if self.correction is not None:
            correction = -self.correction[0][::-1], -self.correction[1][::-1]
        return replace(
            self,
            line=self.line.turned(),
            middle=-self.middle,
            taper=-self.taper,
            first=-self.last,
            last=-self.first,
            lean=(self.lean[0], -self.lean[1]),
            correction=correction,
        )


def sample(levels: Levels, track: Track, x: Floats, rows: Floats, px: float) -> Pixels:
    """Gray values at a grid, from the level where a letter is at least `px` high, so that nothing is skipped."""
    gray, scale = levels[0]
    for level, by in levels[1:]:
        if track.letter / by < px:
            break
        gray, scale = level, by
    across, down = track.grid(x, rows)
    if scale != 1:  # pyrDown keeps px 0 where it was
        across, down = across / scale, down / scale
    how = cv2.INTER_CUBIC if track.letter / scale < px else cv2.INTER_LINEAR
    return np.asarray(
        cv2.remap(gray, across.astype(np.float32), down.astype(np.float32), how, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def _band(levels: Levels, track: Track, first: float, last: float, half: int) -> tuple[Any, Floats]:
    """The dark strokes along a track, `half` rows above and below it, and the x of the columns."""
    x = np.arange(first * _BAND, last * _BAND + 1) / _BAND
    band = sample(levels, track, x, np.arange(-half, half + 1) / _BAND, _BAND)
    return cv2.morphologyEx(band, cv2.MORPH_BLACKHAT, _STROKE).astype(np.float32), x


def fits(track: Track) -> bool:
    """Whether a track is about as long as a line of an MRZ may be: 24 to 70 letters."""
    return 22 < track.last - track.first < 75


def evenness(levels: Levels, track: Track) -> float:
    """How evenly spaced the print along a track is, at a first look: 0 to 1."""
    ink, _ = _band(levels, track, track.first, track.last, 6)
    return _pitch(ink.mean(axis=0))[1]


def measure(levels: Levels, track: Track, *, bounded: bool = False) -> Track | None:
    """The track with its ends, middle, height, lean and pitch measured; None where no print runs along it.

    `bounded`: its ends are known already, and what stands beyond them is left out.
    """
    margin = 0.0 if bounded else _MARGIN
    ink, x = _band(levels, track, track.first - margin, track.last + margin, _HALF)
    span = (0, ink.shape[1] - 1) if bounded else _span(ink)
    if span is None or span[1] - span[0] < 8 * _BAND:
        return None
    a, b = span
    track = replace(track, first=float(x[a]), last=float(x[b]))
    track = _centred(track, ink[:, a:b], x[a:b])
    if not fits(track):
        return None
    # Once more with the line in its middle, where lean and pitch can be seen.
    ink, x = _band(levels, track, track.first, track.last, 8)
    lean, leaning, profile = _lean(ink, x)
    pitch, even = _pitch(profile)
    return replace(track, lean=lean, pitch=pitch, evenness=even, leaning=leaning)


def agreed(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Measured tracks that stand under each other, with what their print has in common: height, pitch and lean.

    The higher of two heights is that of capitals: a line of fillers shows less. A line whose height is quite another is
    of another print, and stays as it is.
    """
    if len(tracks) < 2:
        return tuple(tracks)
    heights = np.array([track.letter for track in tracks])
    highest = float(heights.max() if heights.max() < 1.35 * np.median(heights) else np.median(heights))
    of_one = [track for track in tracks if 0.6 * highest < track.letter < 1.2 * highest]
    if len(of_one) < 2:
        return tuple(tracks)
    weights = np.array([track.evenness for track in of_one])
    # The pitch that most of the print has: cloth beside it may be more even than any print.
    pitches = np.array([track.pitch * track.letter for track in of_one])
    alike = np.abs(pitches[:, None] - pitches[None]) < 0.08 * pitches[:, None]
    alike = alike[int((alike @ weights).argmax())]
    pitch = float(np.average(pitches[alike], weights=weights[alike]))
    leaning = np.sum([np.asarray(track.leaning) / max(max(track.leaning), 1e-9) for track in of_one], axis=0)
    slope = float(np.average([track.lean[1] for track in of_one], weights=weights))
    level = _peak(leaning)

    def fit(track: Track) -> Track:
        by = highest / track.letter
        return replace(
            track,
            letter=highest,
            first=track.first / by,
            last=track.last / by,
            pitch=pitch / highest,
            lean=(level, slope * by),
        )

    return tuple(fit(track) if track in of_one else track for track in tracks)


def _span(ink: Any) -> tuple[int, int] | None:
    """The first and the last column of print in a band."""
    columns = cv2.blur(ink[_HALF - 9 : _HALF + 10].mean(axis=0)[None], (15, 1))[0]
    typical = float(np.percentile(columns, 70))
    if typical < 1.0:
        return None
    on = (columns > 0.3 * typical).astype(np.uint8)
    # Characters may be missing to the eye for as long as three letters.
    closed = cv2.morphologyEx(on[None], cv2.MORPH_CLOSE, np.ones((1, int(3.2 * _BAND)), np.uint8))[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed, [0]])))
    if not len(edges):
        return None
    runs = edges.reshape(-1, 2)
    a, b = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    return max(0, int(a)), min(len(columns) - 1, int(b))


def _centred(track: Track, ink: Any, x: Floats) -> Track:
    """The track through the middle of its letters, and with their height, by pieces of the line."""
    size = int(3 * _BAND)
    count = max(4, ink.shape[1] // size)
    edges = np.linspace(0, ink.shape[1], count + 1).astype(int)
    middles, heights, places = [], [], []
    rows = np.arange(-_HALF, _HALF + 1) / _BAND
    profiles = cv2.blur(np.add.reduceat(ink, edges[:-1], axis=1) / np.diff(edges), (1, 3)).T
    tops = np.percentile(profiles[:, _HALF - 8 : _HALF + 9], 75, axis=1)
    for a, b, profile, top in zip(edges[:-1], edges[1:], profiles, tops.tolist(), strict=True):
        if top < 1.0:
            continue
        # The run of rows of print that holds most of the ink: neighbours and rules are other runs.
        on = np.concatenate([[False], profile > 0.45 * top, [False]])
        bounds = np.flatnonzero(on[1:] != on[:-1]).reshape(-1, 2).tolist()
        mass = [float(profile[p:q].sum()) - 0.3 * abs((p + q) / 2 - _HALF - 0.5) * top for p, q in bounds]
        p, q = bounds[mass.index(max(mass))]
        middles.append((rows[p] + rows[q - 1]) / 2)
        heights.append((q - p) / _BAND)
        places.append(float(x[(a + b) // 2]))
    if len(middles) < 4:
        return track
    # Letters and digits are all as high as each other; fillers and what is worn are lower.
    high = float(np.percentile(heights, 65))
    s = track.s(np.asarray(places))
    off = np.asarray(middles) * track.letter * (1 + track.taper * (s - track.middle))
    weight = np.minimum(np.asarray(heights) / high, 1.2)
    keep = np.abs(np.asarray(heights) - high) < 0.35 * high
    if keep.sum() < 4:
        return replace(track, letter=track.letter * high)
    degree = 3 if keep.sum() >= 8 else 1
    centre, spread = float(s.mean()), max(float(np.ptp(s)) / 2, 1.0)
    t = (s - centre) / spread
    fit = np.polynomial.polynomial.polyfit(t[keep], off[keep], degree, w=weight[keep])
    rest = np.abs(off - np.polynomial.polynomial.polyval(t, fit))
    keep &= rest < max(0.2 * track.letter, 2.5 * float(np.median(rest[keep])))
    if keep.sum() > degree + 1:
        fit = np.polynomial.polynomial.polyfit(t[keep], off[keep], degree, w=weight[keep])
    ends = track.s(np.linspace(track.first, track.last, 33))
    values = np.polynomial.polynomial.polyval(np.clip((ends - centre) / spread, -1.0, 1.0), fit)
    if track.correction is not None:
        values = values + np.interp(ends, *track.correction)
    # Letters are counted anew in the new height.
    return replace(
        track,
        letter=track.letter * high,
        first=track.first / high,
        last=track.last / high,
        correction=(np.asarray(ends, np.float64), np.asarray(values, np.float64)),
    )


def _lean(ink: Any, x: Floats) -> tuple[tuple[float, float], tuple[float, ...], Floats]:
    """How much letters lean, as a straight line over x, how sharp each lean is, and the profile of the columns."""
    height, width = ink.shape
    middle = (height - 1) / 2
    profiles = []
    for lean in _LEANS:
        moved = cv2.warpAffine(
            ink,
            np.array([[1, -lean, lean * middle], [0, 1, 0]]),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        profiles.append(moved.mean(axis=0))
    stack = np.stack(profiles)
    sharp = np.diff(cv2.blur(stack.astype(np.float32), (3, 1)), axis=1) ** 2
    whole = sharp.sum(axis=1)
    pieces = max(1, min(6, int(width / (8 * _BAND))))
    edges = np.linspace(0, width - 1, pieces + 1).astype(int)
    found, places, weights = [], [], []
    for a, b in pairwise(edges):
        # What the whole line says keeps a piece that says little from going astray.
        score = sharp[:, a:b].sum(axis=1) + 0.5 * whole / pieces
        found.append(_peak(score))
        places.append(float(x[(a + b) // 2]))
        weights.append(float(score.max() - np.median(score)))
    total = _peak(whole)
    if pieces < 3:
        slope, level = 0.0, total
    else:
        slope, level = np.polyfit(places, found, 1, w=np.sqrt(np.asarray(weights) + 1e-6))
        slope = float(np.clip(slope, -0.02, 0.02))
        level = float(np.mean(found) - slope * np.mean(places))
    best = int(np.argmin(np.abs(_LEANS - total)))
    return (float(level), float(slope)), tuple(whole.tolist()), stack[best]


def _peak(score: Any) -> float:
    at = int(np.argmax(score))
    if 0 < at < len(score) - 1:
        a, b, c = (float(v) for v in score[at - 1 : at + 2])
        if a + c != 2 * b:
            return float(_LEANS[at] + (_LEANS[1] - _LEANS[0]) * 0.5 * (a - c) / (a - 2 * b + c))
    return float(_LEANS[at])


def _pitch(profile: Any) -> tuple[float, float]:
    """The distance at which the profile repeats itself, in letters, and how well it does."""
    values = profile - cv2.blur(profile[None].astype(np.float32), (int(2 * _BAND) + 1, 1))[0]
    size = 1 << int(np.ceil(np.log2(2 * len(values))))
    spectrum = np.abs(np.fft.rfft(values, size)) ** 2
    echo = np.fft.irfft(spectrum, size)[: int(4.2 * _BAND)]
    if echo[0] <= 0:
        return 1.05, 0.0
    echo = echo / echo[0]
    lags = np.arange(0.5 * _BAND, 1.6 * _BAND, 0.1)
    at = np.arange(len(echo))
    # A pitch shows at its length and at twice that. What shows at half a lag as well repeats itself at the half.
    score = (np.interp(lags, at, echo) + np.interp(2 * lags, at, echo)) / 2
    best = int(np.argmax(score))
    half = np.flatnonzero(np.abs(lags - lags[best] / 2) < 0.08 * _BAND)
    if len(half) and score[half].max() > 0.6 * score[best]:
        best = int(half[np.argmax(score[half])])
    return float(lags[best] / _BAND), float(max(score[best], 0.0))


def beside(levels: Levels, track: Track) -> list[Track]:
    """The lines of print next above and next below a measured track, measured: those whose ridge was not found."""
    found = []
    x = np.arange(track.first * _BAND, track.last * _BAND + 1) / _BAND
    half = int(4.4 * _BAND)
    rows = np.arange(-half, half + 1) / _BAND
    band = sample(levels, track, x, rows, _BAND)
    ink = cv2.morphologyEx(band, cv2.MORPH_BLACKHAT, _STROKE).astype(np.float32)
    profile = cv2.blur(ink.mean(axis=1)[:, None], (1, 5))[:, 0]
    own = float(profile[half - 4 : half + 5].mean())
    on = profile > 0.35 * own
    runs = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8))).reshape(-1, 2)
    middles = [(float(rows[a]) + float(rows[b - 1])) / 2 for a, b in runs if 0.5 * _BAND < b - a < 1.7 * _BAND]
    for side in (-1, 1):
        away = [middle for middle in middles if 1.5 < middle * side < 3.8]
        if away:
            moved = measure(levels, shifted(track, min(away, key=abs)))
            if moved is not None:
                found.append(moved)
    return found


def shifted(track: Track, letters: float) -> Track:
    """The track so many letters below (above, where negative), not measured yet."""
    s = track.s(np.linspace(track.first - 1, track.last + 1, 41))
    old = np.interp(s, *track.correction) if track.correction is not None else np.zeros_like(s)
    down = letters * track.letter * (1 + track.taper * (s - track.middle))
    slope = track.line.slope(s)
    return replace(track, correction=(s, old + down * np.sqrt(1 + slope * slope)))


def strip(levels: Levels, track: Track) -> tuple[Pixels, Floats]:
    """The strip of a track for the recogniser, and the x (in letters) of its columns."""
    step = track.pitch / PITCH
    x = np.arange((track.first - 1.2) / step, (track.last + 1.2) / step) * step
    rows = (np.arange(float(HEIGHT)) - (HEIGHT - 1) / 2) / LETTER
    return sample(levels, track, x, rows, LETTER), x
