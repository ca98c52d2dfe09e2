"""The document's place in a picture: which way its page lies, its four corners, and the page seen straight.

The characters of an MRZ are ten to an inch, its lines 6.35 mm apart, and stand in the 23.2 mm at the bottom of the page
(Doc 9303-3, 4.1 to 4.11), so that an MRZ that was read tells about where the edges of its page must be. Each edge is
then looked for near there; where three of the four are seen, the outline is said to be visible. A page whose MRZ was
not read is looked for as the largest convex quadrilateral.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from fanal.capture.locate import Floats
from fanal.capture.pictures import Pixels
from fanal.capture.reading import Polygon
from fanal.documents.mrz import Format

PX_PER_MM: Final = 8.0
"""Of a page seen straight."""

_SIZES: Final = {  # mm: Doc 9303-4 to -7, and ISO/IEC 7810 for the national cards
    Format.TD1: (85.6, 54.0),
    Format.TD2: (105.0, 74.0),
    Format.TD3: (125.0, 88.0),
    Format.MRV_A: (120.0, 80.0),
    Format.MRV_B: (105.0, 74.0),
    Format.FRENCH_ID: (105.0, 74.0),
    Format.ROMANIAN_ID: (105.0, 74.0),
    Format.SWISS_DL: (85.6, 54.0),
    Format.FRENCH_DL: (85.6, 54.0),
}
_PITCH, _LINES, _LETTER, _ZONE = 2.54, 6.35, 2.8, 23.2
_REACH: Final = 9.0  # mm: how far from where an edge must be it is looked for
_STEPS: Final = 48


class Page(NamedTuple):
    """A page: its size in mm, the homography from its mm to px of the picture, and whether its edges were seen."""

    size: tuple[float, float]
    matrix: Floats
    seen: bool

    def polygon(self) -> Polygon:
        w, h = self.size
        return _points(to_picture(self.matrix, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)))


def mrz_height(lines: int) -> float:
    """mm from the bottom of a page to the top of the letters of its MRZ."""
    return _ZONE / 2 + (lines - 1) * _LINES / 2 + _LETTER / 2


def widened(page: Page, by: float) -> Page:
    """The page with `by` mm more on every side."""
    w, h = page.size
    moved = page.matrix @ np.array([[1, 0, -by], [0, 1, -by], [0, 0, 1.0]])
    return Page((w + 2 * by, h + 2 * by), np.asarray(moved, np.float64), page.seen)


def to_picture(matrix: Floats, points: Floats) -> Floats:
    moved = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def _points(points: Floats) -> Polygon:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)


def page_of_mrz(gray: Pixels, form: Format, characters: list[list[Polygon]]) -> Page:
    """The page that an MRZ stands on. `characters`: the corners of each of its characters, line by line."""
    w, h = _SIZES[form]
    count = max(len(line) for line in characters)
    left = (w - count * _PITCH) / 2
    block = (len(characters) - 1) * _LINES
    top = h - _ZONE / 2 - block / 2
    here, there = [], []
    for n, line in enumerate(characters):
        for column, corners in enumerate(line):
            here.append((left + (column + 0.5) * _PITCH, top + n * _LINES))
            there.append((sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4))
    matrix = _leaning(np.asarray(here), np.asarray(there))
    if len(characters) == 1:
        w, h = w, h * 0.5  # one line says nothing of what is above it
    page = Page((w, h), matrix, seen=False)
    refined = _refined(gray, page)
    # An edge that leaves no room for the MRZ is that of something else.
    inverse = np.asarray(np.linalg.inv(refined.matrix), np.float64)
    x, y = to_picture(inverse, np.asarray(there, np.float64)).T
    inside = x.min() > _PITCH / 2 and x.max() < w - _PITCH / 2 and y.max() < h - _LETTER / 2
    return refined if inside else page


def _leaning(here: Floats, there: Floats) -> Floats:
    """The homography from `here` to `there`, its perspective along the lines only: across them they are too narrow."""
    x, y = here[:, 0], here[:, 1]
    u, v = there[:, 0], there[:, 1]
    centre = float(x.mean())
    x = x - centre
    zero, one = np.zeros_like(x), np.ones_like(x)
    rows = np.concatenate(
        [
            np.stack([x, y, one, zero, zero, zero, -u * x], axis=1),
            np.stack([zero, zero, zero, x, y, one, -v * x], axis=1),
        ]
    )
    a = np.linalg.lstsq(rows, np.concatenate([u, v]), rcond=None)[0]
    matrix = np.array([[a[0], a[1], a[2]], [a[3], a[4], a[5]], [a[6], 0.0, 1.0]])
    return np.asarray(matrix @ np.array([[1, 0, -centre], [0, 1, 0], [0, 0, 1.0]]), np.float64)


def _refined(gray: Pixels, page: Page) -> Page:
    """The page with those of its edges that are seen near where they must be."""
    w, h = page.size
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float64)
    smooth = cv2.GaussianBlur(gray, (5, 5), 0).astype(np.float32)
    edges, found = [], 0
    for n in range(4):
        a, b = corners[n], corners[(n + 1) % 4]
        line = _edge(smooth, page, a, b)
        found += line is not None
        if line is None:
            p, q = to_picture(page.matrix, np.stack([a, b]))
            line = _through(p, q)
        edges.append(line)
    quad = [_crossing(edges[n - 1], edges[n]) for n in range(4)]
    if found < 3 or any(point is None for point in quad):
        return page
    points = np.array(quad, np.float32)
    limits = np.array([gray.shape[1], gray.shape[0]])
    if (points < -0.25 * limits).any() or (points > 1.25 * limits).any() or not cv2.isContourConvex(points):
        return page
    expected = to_picture(page.matrix, corners)
    if np.abs(points - expected).max() > 0.35 * np.hypot(*(expected[0] - expected[2])):
        return page
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), points)
    return Page(page.size, np.asarray(matrix, np.float64), seen=True)


def _edge(smooth: Any, page: Page, a: Floats, b: Floats) -> tuple[float, float, float] | None:
    """The straight line (n·p = c) along which the picture changes most near the page's edge from `a` to `b`, in mm."""
    along = (b - a) / np.linalg.norm(b - a)
    out = np.array([along[1], -along[0]])
    share = np.linspace(0.08, 0.92, _STEPS)
    away = np.linspace(-_REACH, _REACH, 73)
    places = a + share[:, None, None] * (b - a) + away[None, :, None] * out
    points = to_picture(page.matrix, places.reshape(-1, 2)).astype(np.float32).reshape(_STEPS, 73, 2)
    profile = cv2.remap(smooth, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = (
        (points[..., 0] > 1) & (points[..., 0] < smooth.shape[1] - 2)
        & (points[..., 1] > 1) & (points[..., 1] < smooth.shape[0] - 2)
    )  # fmt: skip
    step = np.abs(profile[:, 3:] - profile[:, :-3])
    step = np.where(inside[:, 3:] & inside[:, :-3], step, 0.0)
    # The edge of a page is one straight line: the way through all profiles that collects most, by a vote of lines.
    strong = np.minimum(step, 40.0)
    width = strong.shape[1]
    ways = _ways(width)
    way = ways[int(strong[np.arange(_STEPS), ways].sum(axis=1).argmax())]
    near = np.clip(way[:, None] + np.arange(-3, 4)[None], 0, width - 1)
    at = near[np.arange(_STEPS), step[np.arange(_STEPS)[:, None], near].argmax(axis=1)]
    value = step[np.arange(_STEPS), at]
    good = value > max(8.0, 0.35 * float(np.percentile(value, 80)))
    if good.sum() < 0.55 * _STEPS:
        return None
    px = points[np.arange(_STEPS), np.minimum(at + 1, 72)][good]
    vx, vy, x0, y0 = cv2.fitLine(px, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
    return (-vy, vx, -vy * x0 + vx * y0)


@cache
def _ways(width: int) -> npt.NDArray[np.intp]:
    """The straight ways through the profiles, [ways, profiles]: which place of each they pass."""
    ends = [(a, b) for a in range(0, width, 2) for b in range(max(0, a - 22), min(width, a + 23), 2)]
    first, last = np.array(ends, np.float64).T
    return np.rint(np.linspace(first, last, _STEPS, axis=1)).astype(np.intp)


def _through(p: Floats, q: Floats) -> tuple[float, float, float]:
    dx, dy = (q - p) / np.linalg.norm(q - p)
    return (-float(dy), float(dx), float(-dy * p[0] + dx * p[1]))


def _crossing(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float] | None:
    (a, b, c), (d, e, f) = one, other
    turn = a * e - b * d
    if abs(turn) < 1e-3:
        return None
    return ((c * e - b * f) / turn, (a * f - c * d) / turn)


def find_page(gray: Pixels) -> Page | None:
    """The largest convex quadrilateral of a picture that has the shape of a document; which edge is its top is open."""
    scale = max(1.0, max(gray.shape) / 640)
    small = cv2.resize(gray, (round(gray.shape[1] / scale), round(gray.shape[0] / scale)), interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.GaussianBlur(small, (5, 5), 0), 30, 90)
    edges = cv2.dilate(edges, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    best, largest = None, 0.06 * small.size
    for contour in contours:
        if len(contour) < 4 or cv2.contourArea(cv2.convexHull(contour)) < largest:
            continue
        hull = cv2.convexHull(contour)
        corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True).reshape(-1, 2)
        area = float(cv2.contourArea(hull))
        if len(corners) != 4 or area > 0.97 * small.size or cv2.contourArea(corners) < 0.88 * area:
            continue
        if _like_a_document(corners.astype(np.float64)):
            best, largest = corners, area
    if best is None:
        return None
    corners = best.astype(np.float64) * scale
    if np.linalg.norm(corners[1] - corners[0]) < np.linalg.norm(corners[2] - corners[1]):
        corners = np.roll(corners, -1, axis=0)
    if corners[:2, 1].mean() > corners[2:, 1].mean():  # the upper of the two long edges is more often the top
        corners = np.roll(corners, 2, axis=0)
    long = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    short = (np.linalg.norm(corners[2] - corners[1]) + np.linalg.norm(corners[3] - corners[0])) / 2
    size = (125.0, 125.0 * float(short / long))
    here = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(here, corners.astype(np.float32))
    return Page(size, np.asarray(matrix, np.float64), seen=True)


def _like_a_document(corners: Floats) -> bool:
    """Whether a quadrilateral is a card or a page, seen not too steeply: about rectangular, 1.25 to 1.8 times as long
    as high (a portrait that fills the picture is less)."""
    ways = np.roll(corners, -1, axis=0) - corners
    sides = np.linalg.norm(ways, axis=1)
    ways = ways / np.maximum(sides, 1e-9)[:, None]
    square = np.abs((ways * np.roll(ways, -1, axis=0)).sum(axis=1)).max()  # the cosine of the corner farthest off 90
    shape = (sides[0] + sides[2]) / (sides[1] + sides[3])
    even = min(sides[0] / sides[2], sides[2] / sides[0], sides[1] / sides[3], sides[3] / sides[1])
    return bool(square < 0.42 and even > 0.65 and 1.25 < max(shape, 1 / shape) < 1.8)


def straight(rgb: Pixels, page: Page, px_per_mm: float = PX_PER_MM) -> Pixels:
    """The page seen straight."""
    w, h = page.size
    scale = np.diag([1 / px_per_mm, 1 / px_per_mm, 1.0])
    size = round(w * px_per_mm), round(h * px_per_mm)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(rgb, page.matrix @ scale, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
