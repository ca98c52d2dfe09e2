"""Where long lines of print run in a picture, whatever their direction: the places where an MRZ may be.

A line of print is a ridge of ink: in a map of how much fine dark detail stands where, it is high along the line and low
on both sides. So, for each octave of letter heights:

1. Fine dark strokes: the black top-hat of the picture at that scale.
2. Their density, smoothed over about half a letter, so that letters flow together and lines do not (the lines of an
   MRZ are 2.3 letters apart: Doc 9303-3, 4.1).
3. The ridges of the density: the eigenvalue of its Hessian, relative to the density around, so that contrast, shade
   and glare do not matter.
4. Ridge pixels of like direction that touch make pieces; pieces in line make lines; a parabola through each.

Lengths in this module are in px of the picture unless they are said to be of a level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from fanal.capture.pictures import Pixels

Floats = npt.NDArray[np.float64]

# Of the map of a level, in its own px (half the level's): letters of 3 to 6 px are found there.
_LETTER: Final = 4.2
_SIGMA: Final = 2.0
_RIDGE: Final = 0.25
_FLOOR: Final = 3.0  # gray values: what noise makes of nothing is no ridge
_PIECE: Final = 10.0  # the least length of a piece
_SECTORS: Final = (0.0, 45.0, 90.0, 135.0)
_HALF_SECTOR: Final = 35.0
_MOST_PIECES: Final = 450
_SHORTEST: Final = 16.0  # letters: the least length of a line that is looked at (30 characters seen from the side)
MOST_PIXELS: Final = 2_600_000
"""A finer level than this is made only where the coarser ones show no MRZ."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of print: `origin` + s `along` + v(s) `across`, from s = `first` to `last`.

    `along` and `across` are unit vectors, `across` 90° clockwise (down, where `along` is to the right). Which of its
    two directions is that of reading is not known. v is a polynomial of (s - `middle`) / `half` with the coefficients
    `bend`, and goes on straight beyond the ends. `letter` is about the height of a letter.
    """

    origin: tuple[float, float]
    along: tuple[float, float]
    bend: tuple[float, ...]
    first: float
    last: float
    letter: float
    strength: float

    @property
    def length(self) -> float:
        return self.last - self.first

    @property
    def middle(self) -> float:
        return (self.first + self.last) / 2

    @property
    def half(self) -> float:
        return max(self.length / 2, 1.0)

    def v(self, s: Floats) -> Floats:
        """How far aside of the straight line through `origin` the line runs at s."""
        t = (s - self.middle) / self.half
        inside = np.clip(t, -1.0, 1.0)
        return np.asarray(_value(self.bend, inside) + (t - inside) * _value(_derived(self.bend), inside), np.float64)

    def slope(self, s: Floats) -> Floats:
        t = np.clip((s - self.middle) / self.half, -1.0, 1.0)
        return np.asarray(_value(_derived(self.bend), t) / self.half, np.float64)

    def points(self, s: Floats) -> Floats:
        """The points of the picture [n, 2] at places along the line."""
        v = self.v(s)
        dx, dy = self.along
        return np.stack([self.origin[0] + dx * s - dy * v, self.origin[1] + dy * s + dx * v], axis=-1)

    def turned(self) -> Line:
        """The same line from its other end."""
        return replace(
            self,
            along=(-self.along[0], -self.along[1]),
            bend=tuple(-c if n % 2 == 0 else c for n, c in enumerate(self.bend)),
            first=-self.last,
            last=-self.first,
        )

    def place(self, points: Floats) -> tuple[Floats, Floats]:
        """Where points of the picture [n, 2] stand: how far along, and how far aside of the line."""
        x, y = points[:, 0] - self.origin[0], points[:, 1] - self.origin[1]
        s = x * self.along[0] + y * self.along[1]
        return s, y * self.along[0] - x * self.along[1] - self.v(s)


def _value(coefficients: tuple[float, ...], t: Floats) -> Floats:
    value = np.full_like(t, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * t + coefficient
    return value


def _derived(coefficients: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(n * c for n, c in enumerate(coefficients) if n) or (0.0,)


def levels(gray: Pixels) -> list[tuple[Pixels, float]]:
    """The picture at each octave, finest first, with the px of the picture for one of the level."""
    found = [(gray, 1.0)]
    while min(found[-1][0].shape) >= 96:
        level, scale = found[-1]
        found.append((np.asarray(cv2.pyrDown(level), np.uint8), scale * 2))
    return found


def find_lines(level: Pixels, scale: float) -> list[Line]:
    """The long lines of print of one octave."""
    pieces = _pieces(*_ridges(level))
    if pieces is None:
        return []
    return _fitted(pieces, _in_line(pieces), 2 * scale)


def _ridges(level: Pixels) -> tuple[Any, Any]:
    """How much of a ridge each px is (1: as much as it can), and the direction of its crest in degrees, 0 to 180."""
    smooth = cv2.GaussianBlur(level, (3, 3), 0)
    ink = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8))
    ink = cv2.resize(ink, (ink.shape[1] // 2, ink.shape[0] // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
    density = cv2.GaussianBlur(ink, (0, 0), _SIGMA)
    around = cv2.boxFilter(ink, -1, (15, 15))
    xx = cv2.Sobel(density, cv2.CV_32F, 2, 0, ksize=3, scale=0.25)
    yy = cv2.Sobel(density, cv2.CV_32F, 0, 2, ksize=3, scale=0.25)
    xy = cv2.Sobel(density, cv2.CV_32F, 1, 1, ksize=3, scale=0.25)
    half = (xx - yy) * 0.5
    size, angle = cv2.cartToPolar(half, xy, angleInDegrees=True)
    ridge = (size - (xx + yy) * 0.5) * (_SIGMA * _SIGMA) / (around + _FLOOR)
    # (xx - yy)/2 and xy turn twice as fast as the normal of the crest; the crest is at right angles to it.
    return ridge, angle * 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Pieces of ridges, as rows of figures in px of the map. Piece n has the points `order`[`start`[n]:`stop`[n]]."""

    x: Floats
    y: Floats
    weight: Floats
    order: npt.NDArray[np.intp]
    start: npt.NDArray[np.intp]
    stop: npt.NDArray[np.intp]
    along: Floats  # [n, 2] unit vectors
    length: Floats
    ends: Floats  # [n, 2, 2]: where it begins and ends
    out: Floats  # [n, 2, 2]: unit vectors that lead out of it there

    def members(self, n: int) -> npt.NDArray[np.intp]:
        return self.order[self.start[n] : self.stop[n]]


def _pieces(ridge: Any, direction: Any) -> _Pieces | None:
    ys, xs = np.nonzero(ridge > _RIDGE)
    # Where the eigenvalue is least the ridge falls off: `direction` there is along the crest.
    crest, strong = direction[ys, xs], ridge[ys, xs].astype(np.float64)
    mask = np.zeros(ridge.shape, np.uint8)
    orders, starts, stops, rows = [], [], [], []
    base = 0
    for sector in _SECTORS:
        off = np.abs((crest - sector + 90.0) % 180.0 - 90.0)
        of_sector = np.flatnonzero(off < _HALF_SECTOR)
        if not len(of_sector):
            continue
        y, x, w = ys[of_sector], xs[of_sector], strong[of_sector]
        mask[:] = 0
        mask[y, x] = 1
        count, labels = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
        label = labels[y, x]
        n = np.bincount(label, minlength=count)
        total = np.maximum(np.bincount(label, w, count), 1e-9)
        mx, my = np.bincount(label, w * x, count) / total, np.bincount(label, w * y, count) / total
        dx, dy = x - mx[label], y - my[label]
        sxx, syy = np.bincount(label, w * dx * dx, count) / total, np.bincount(label, w * dy * dy, count) / total
        sxy = np.bincount(label, w * dx * dy, count) / total
        turn = 0.5 * np.arctan2(2 * sxy, sxx - syy)
        spread = np.sqrt(((sxx - syy) / 2) ** 2 + sxy**2)
        length = np.sqrt(12 * ((sxx + syy) / 2 + spread))
        width = np.sqrt(12 * np.maximum((sxx + syy) / 2 - spread, 0.05))
        # A piece keeps to the sector that its own direction lies in, so that none is there twice.
        own = np.abs((np.degrees(turn) - sector + 90.0) % 180.0 - 90.0) <= 22.5
        keep = np.flatnonzero((length > _PIECE) & (length > 2.2 * width) & own & (n > 8))
        order = np.argsort(label, kind="stable")
        begin = np.searchsorted(label[order], keep)
        orders.append(of_sector[order])
        starts.append(begin + base)
        stops.append(begin + n[keep] + base)
        rows.append(np.stack([mx[keep], my[keep], np.cos(turn[keep]), np.sin(turn[keep]), length[keep]], axis=1))
        base += len(order)
    if not rows or not sum(map(len, rows)):
        return None
    table, start, stop = np.concatenate(rows), np.concatenate(starts), np.concatenate(stops)
    if len(table) > _MOST_PIECES:
        longest = np.argsort(-table[:, 4])[:_MOST_PIECES]
        table, start, stop = table[longest], start[longest], stop[longest]
    along, length = table[:, 2:4], table[:, 4]
    reach = along * length[:, None] / 2
    ends = np.stack([table[:, :2] - reach, table[:, :2] + reach], axis=1)
    pieces = _Pieces(
        xs.astype(np.float64), ys.astype(np.float64), strong, np.concatenate(orders), start, stop,
        along, length, ends, np.stack([-along, along], axis=1),
    )  # fmt: skip
    _bend_ends(pieces, np.flatnonzero(length > 30.0))  # long enough to turn on their way
    return pieces


def _bend_ends(pieces: _Pieces, which: npt.NDArray[np.intp]) -> None:
    """Put right where these long pieces end and which way they lead there."""
    if not len(which):
        return
    at, owner = _together([pieces.members(int(n)) for n in which])
    x, y, along = pieces.x[at], pieces.y[at], pieces.along[which]
    places = x * along[owner, 0] + y * along[owner, 1]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    for end, (extreme, sign) in enumerate(((np.minimum, -1.0), (np.maximum, 1.0))):
        inward = (extreme.reduceat(places, starts)[owner] - places) * sign
        tips, _ = _means(x, y, owner, inward < 4.0, len(which))
        inner, enough = _means(x, y, owner, (inward >= 8.0) & (inward < 20.0), len(which))
        way = tips - inner
        way /= np.hypot(way[:, 0], way[:, 1])[:, None] + 1e-9
        out = np.where(enough[:, None], way, pieces.out[which, end])
        pieces.out[which, end] = out
        pieces.ends[which, end] = tips + out * 2.0


def _together(parts: list[npt.NDArray[np.intp]]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Parts end to end, and for each member the number of its part."""
    return np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def _means(
    x: Floats, y: Floats, owner: npt.NDArray[np.intp], keep: npt.NDArray[np.bool_], count: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The mean point of what is kept of each owner's, and whether there is any."""
    owner = owner[keep]
    n = np.bincount(owner, minlength=count)
    sums = np.stack([np.bincount(owner, values[keep], count) for values in (x, y)], axis=1)
    return sums / np.maximum(n, 1)[:, None], n > 0


def _in_line(pieces: _Pieces) -> list[list[int]]:
    """Pieces that run on from one another, together."""
    count = len(pieces.length)
    ends, out = pieces.ends.reshape(-1, 2), pieces.out.reshape(-1, 2)
    # Ends that face each other, few letters apart and hardly aside, seen from either.
    x, y = out.astype(np.float32).T  # no matrix product: BLAS would wake a thread a core for this little
    facing = np.argwhere(np.triu(np.outer(x, x) + np.outer(y, y) < -np.cos(np.radians(16)), 1))
    i, j = facing[:, 0], facing[:, 1]
    apart = ends[j] - ends[i]
    near = np.abs(apart).max(axis=1) < 5 * _LETTER
    i, j, apart = i[near], j[near], apart[near]
    good = i // 2 != j // 2
    for one, way in ((i, apart), (j, -apart)):
        forward = (way * out[one]).sum(axis=1)
        aside = np.abs(way[:, 1] * out[one, 0] - way[:, 0] * out[one, 1])
        good &= (forward > -2 * _LETTER) & (aside < 0.3 * _LETTER + 0.16 * np.abs(forward))
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for one, other in zip(i[good] // 2, j[good] // 2, strict=True):
        a, b = root(int(one)), root(int(other))
        if a != b:
            parent[a] = b
    groups: dict[int, list[int]] = {}
    for n in range(count):
        groups.setdefault(root(n), []).append(n)
    short = pieces.length < _SHORTEST * 3.0 - 4.0
    return [group for group in groups.values() if len(group) > 1 or not short[group[0]]]


def _fitted(pieces: _Pieces, groups: list[list[int]], scale: float) -> list[Line]:
    """The lines through groups of pieces, of those that make a long one. `scale`: px of the picture for one of the map.

    All are fitted together, step by step: there are a hundred in a picture, and each alone would take longer than
    reading it.
    """
    groups = [
        group for group in groups if _reach(pieces, group) >= _SHORTEST * 3.0
    ]  # the lowest letters of a map: 3 px
    if not groups:
        return []
    at, owner = _together([np.concatenate([pieces.members(n) for n in group]) for group in groups])
    x, y, weight = pieces.x[at], pieces.y[at], pieces.weight[at]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    stops = np.append(starts[1:], len(owner))
    count = len(groups)

    # 1. The straight line through each: centre and direction.
    total = np.bincount(owner, weight, count)
    cx, cy = np.bincount(owner, weight * x, count) / total, np.bincount(owner, weight * y, count) / total
    dx, dy = x - cx[owner], y - cy[owner]
    sxx, syy, sxy = (np.bincount(owner, weight * product, count) for product in (dx * dx, dy * dy, dx * dy))
    turn = 0.5 * np.arctan2(2 * sxy, sxx - syy)  # -90 to 90 degrees: to the right
    ux, uy = np.cos(turn), np.sin(turn)
    s, v = dx * ux[owner] + dy * uy[owner], dy * ux[owner] - dx * uy[owner]
    first, last = np.minimum.reduceat(s, starts), np.maximum.reduceat(s, starts)
    middle, half = (first + last) / 2, np.maximum((last - first) / 2, 0.5)

    # 2. A spine bends paper more sharply than a parabola; with gaps in the line there is too little to tell by.
    cells = ((s - first[owner]) / 2).astype(np.intp)
    seats = np.concatenate([[0], np.cumsum((last - first) / 2 + 2).astype(np.intp)])
    taken = np.zeros(seats[-1] + 1, np.intp)
    taken[seats[owner] + cells] = 1
    covered = np.add.reduceat(taken, seats[:-1]) / np.maximum(last - first, 1.0) * 2
    stiff = ~((covered > 0.75) & (last - first > 60))

    # 3. The curve, twice: the second time without what lies far off the first.
    t = (s - middle[owner]) / half[owner]
    powers = np.empty((len(t), 6))
    powers[:, 0] = 1.0
    for n in range(1, 5):
        powers[:, n] = powers[:, n - 1] * t
    powers[:, 5] = v
    keep = np.ones(len(t), bool)
    for _ in range(2):
        enough = np.add.reduceat(keep.astype(np.intp), starts) >= 12
        weighed = powers * np.where(keep, weight, 0.0)[:, None]
        sums = np.stack([powers[a:b].T @ weighed[a:b] for a, b in zip(starts, stops, strict=True)])
        matrix, right = sums[:, :5, :5], sums[:, :5, 5]
        matrix[stiff, 3:], matrix[stiff, :, 3:], right[stiff, 3:] = 0.0, 0.0, 0.0
        matrix[:, range(5), range(5)] += np.where(stiff[:, None] & (np.arange(5) > 2), 1.0, 1e-9 * total[:, None])
        bend = np.linalg.solve(matrix, right[..., None])[..., 0]
        off = np.abs(v - (powers[:, :5] * bend[owner]).sum(axis=1))
        usual = _medians(off, owner, stops - starts)
        keep = off < np.maximum(_LETTER * 0.6, 2.5 * usual)[owner]
    good = enough & (usual <= 0.4 * _LETTER)
    kept = np.maximum(np.add.reduceat(keep.astype(np.intp), starts), 1)
    strength = np.add.reduceat(np.where(keep, np.minimum(weight, 1.0), 0.0), starts) / kept

    # 4. px of the map to px of the picture; its px 0 begins where theirs does.
    return [
        Line(
            (float((cx[n] + 0.5) * scale - 0.5), float((cy[n] + 0.5) * scale - 0.5)),
            (float(ux[n]), float(uy[n])),
            tuple(float(c) * scale for c in bend[n][: 3 if stiff[n] else 5]),
            float(first[n]) * scale,
            float(last[n]) * scale,
            _LETTER * scale,
            float(strength[n]),
        )
        for n in np.flatnonzero(good)
    ]


def _reach(pieces: _Pieces, group: list[int]) -> float:
    if len(group) == 1:
        (x, y), (x2, y2) = pieces.ends[group[0]].tolist()
        return float(np.hypot(x2 - x, y2 - y))
    ends = pieces.ends[group].reshape(-1, 2)
    return float(np.hypot(*(ends.max(axis=0) - ends.min(axis=0))))


def _medians(off: Floats, owner: npt.NDArray[np.intp], sizes: npt.NDArray[np.intp]) -> Floats:
    """The median of each owner's distances, to a sixteenth of a px."""
    bins = np.minimum(off * 16, 127).astype(np.intp)
    below = np.bincount(owner * 128 + bins, minlength=len(sizes) * 128).reshape(-1, 128).cumsum(axis=1)
    return np.asarray(((below * 2 >= sizes[:, None]).argmax(axis=1) + 0.5) / 16, np.float64)
