"""A specimen page as a camera or a scanner sees it: hard pictures, repeatable by seed, with the truth carried along.

Everything is drawn by lot within a `Difficulty`, and what a picture got is recorded as its `Conditions`, so that a
benchmark can say what it measured. Letters are never covered: a finger stays off the MRZ and glare leaves at least a
quarter of the contrast, so every picture can be read by a good enough reader.

With the same releases of numpy and OpenCV on the same kind of machine the same arguments give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from fanal.specimens.conditions import HARD, Camera, Conditions, Difficulty
from fanal.specimens.pages import DPI, Item, ItemKind, Page, lettering
from fanal.specimens.pictures import PictureFormat

# OpenCV says little about the types of what it returns: `Any` where a value goes through it.
Pixels = npt.NDArray[Any]  # uint8
Floats = npt.NDArray[Any]  # float32
Points = npt.NDArray[np.float64]  # (n, 2)


@dataclass(frozen=True, slots=True)
class Capture:
    """A picture of a page. `pixels` (height, width, 3; RGB) as shown, before compression; `items` in its pixels."""

    pixels: Pixels
    items: tuple[Item, ...]
    conditions: Conditions

    def encode(self, picture_format: PictureFormat = PictureFormat.JPEG) -> bytes:
        """The picture as a file, compressed as its conditions say; a PNG holds what the compression left."""
        stored = Image.fromarray(self.pixels)
        orientation = self.conditions.orientation
        if orientation != 1:
            # Stored so that a viewer that obeys the orientation shows `pixels`.
            undo = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
            stored = stored.transpose(undo[orientation])
        if self.conditions.grey:
            stored = stored.convert("L")
        exif = Image.Exif()
        exif[0x0112] = orientation
        out = io.BytesIO()
        stored.save(out, "JPEG", quality=self.conditions.compression, exif=exif if orientation != 1 else b"")
        if picture_format is PictureFormat.JPEG:
            return out.getvalue()
        stored = Image.open(io.BytesIO(out.getvalue()))
        out = io.BytesIO()
        stored.save(out, "PNG", exif=exif if orientation != 1 else b"")
        return out.getvalue()

    def truth(self) -> dict[str, Any]:
        """The conditions as plain values, for JSON."""
        return {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in asdict(self.conditions).items()
        }


def _rng(*parts: object) -> np.random.Generator:
    digest = hashlib.sha256(" ".join(str(part) for part in parts).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def _strength(rng: np.random.Generator) -> float:
    """By lot between 0 and 1, seldom near 1: a picture that is at its worst in every way is not read by anybody."""
    share: float = rng.random() ** 1.8
    return share


# -- where the page comes to lie --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pose:
    """Page pixels to picture pixels: first the bend of the paper, then a homography."""

    matrix: Points
    bow: float  # pixels of the page: how far the middle of a horizontal line is pushed down
    slope: float  # pixels of the page: how far the left end of a horizontal line is pushed down, as by a book's spine
    width: int

    def bent(self, x: Points) -> Points:
        place = x / self.width
        return np.asarray(4 * self.bow * place * (1 - place) + self.slope * np.exp(-5 * place), np.float64)

    def to_picture(self, points: Points) -> Points:
        x, y = points[:, 0], points[:, 1] + self.bent(points[:, 0])
        projected = np.stack([x, y, np.ones_like(x)]).T @ self.matrix.T
        return np.asarray(projected[:, :2] / projected[:, 2:], np.float64)


def _smallest_letter(pose: _Pose, page: Page) -> float:
    cells = [item.polygon for item in page.items if item.kind is ItemKind.MRZ_CHARACTER]
    if not cells:  # the side of a card without MRZ: a row of cells where another side has it
        w, h = page.picture.size
        cells = [
            ((x, h - 100.0), (x + 30.0, h - 100.0), (x + 30.0, h - 67.0), (x, h - 67.0)) for x in range(60, w - 90, 120)
        ]
    corners = pose.to_picture(np.asarray(cells, np.float64).reshape(-1, 2)).reshape(-1, 4, 2)
    heights = np.linalg.norm((corners[:, 3] + corners[:, 2] - corners[:, 0] - corners[:, 1]) / 2, axis=1)
    widths = np.linalg.norm((corners[:, 1] + corners[:, 2] - corners[:, 0] - corners[:, 3]) / 2, axis=1)
    # A letter seen from the side is narrow rather than low: hold the width to the same measure (a cell is 30 by 33).
    return float(np.minimum(heights, widths * 33 / 30).min())


def _perspective(page: Page, turn: float, slant: float, direction: float, distance: float) -> Points:
    """The homography of a flat page turned by `turn` and tilted by `slant` about an axis at `direction` (degrees)."""
    w, h = page.picture.size
    a, s, d = np.radians([turn, slant, direction])
    in_plane = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    to_axis = np.array([[np.cos(d), -np.sin(d), 0], [np.sin(d), np.cos(d), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(s), -np.sin(s)], [0, np.sin(s), np.cos(s)]])
    rotation = to_axis @ tilt @ to_axis.T @ in_plane
    far = distance * float(np.hypot(w, h))
    # Columns: what the page's x, y and its origin (moved to the middle) become; the camera is `far` away.
    basis = np.stack([rotation[:, 0], rotation[:, 1], [0.0, 0.0, far]], axis=1)
    camera = np.diag([far, far, 1.0])
    middle = np.array([[1, 0, -w / 2], [0, 1, -h / 2], [0, 0, 1.0]])
    return np.asarray(camera @ basis @ middle, np.float64)


def _moved(pose: _Pose, scale: float, dx: float, dy: float) -> _Pose:
    return replace(pose, matrix=np.array([[scale, 0, dx], [0, scale, dy], [0, 0, 1.0]]) @ pose.matrix)


def _outline(pose: _Pose, page: Page) -> Points:
    w, h = page.picture.size
    along = np.linspace(0, 1, 17)
    edge = np.concatenate(
        [
            np.stack([along * w, np.zeros(17)], 1),
            np.stack([np.full(17, w), along * h], 1),
            np.stack([along[::-1] * w, np.full(17, h)], 1),
            np.stack([np.zeros(17), along[::-1] * h], 1),
        ]
    )
    return pose.to_picture(edge.astype(np.float64))


def _render(page: Page, pose: _Pose, size: tuple[int, int]) -> tuple[Pixels, Floats]:
    """The page in a picture of `size` (width, height), and how much of each pixel it covers."""
    source: Pixels = np.asarray(page.picture)
    mask: Pixels = np.full(source.shape[:2], 255, np.uint8)
    if page.corner:
        mask[:] = 0
        r, h, w = page.corner, source.shape[0], source.shape[1]
        cv2.rectangle(mask, (r, 0), (w - 1 - r, h - 1), 255, -1)
        cv2.rectangle(mask, (0, r), (w - 1, h - 1 - r), 255, -1)
        for x in (r, w - 1 - r):
            for y in (r, h - 1 - r):
                cv2.circle(mask, (x, y), r, 255, -1, cv2.LINE_AA)
    # Shrink first, so that fine print is averaged rather than skipped.
    corners = _outline(pose, page)[::17]
    length = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[2])
    shrink = min(1.0, 1.4 * float(max(length)) / source.shape[1])
    if shrink < 0.9:
        small = max(1, round(source.shape[1] * shrink)), max(1, round(source.shape[0] * shrink))
        source, mask = (cv2.resize(layer, small, interpolation=cv2.INTER_AREA) for layer in (source, mask))
    fx, fy = source.shape[1] / page.picture.size[0], source.shape[0] / page.picture.size[1]
    # Every picture pixel looks up its place on the page: the homography undone, then the bend.
    inverse = np.linalg.inv(pose.matrix)
    xs, ys = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)[:, None]
    m = inverse.astype(np.float32)
    below = m[2, 0] * xs + m[2, 1] * ys + m[2, 2]
    u = (m[0, 0] * xs + m[0, 1] * ys + m[0, 2]) / below
    v = (m[1, 0] * xs + m[1, 1] * ys + m[1, 2]) / below
    if pose.bow or pose.slope:
        table = pose.bent(np.arange(-64, pose.width + 65, dtype=np.float64)).astype(np.float32)
        v = v - table[np.clip(u.astype(np.int32) + 64, 0, len(table) - 1)]
    u, v = (u + 0.5) * fx - 0.5, (v + 0.5) * fy - 0.5
    page_pixels = cv2.remap(source, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.remap(mask, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return page_pixels, cover.astype(np.float32) / 255


# -- what lies around it ----------------------------------------------------------------------------------------------


def _smooth_noise(rng: np.random.Generator, size: tuple[int, int], cells: tuple[int, int]) -> Floats:
    """Noise between 0 and 1 with so many cells across and down."""
    coarse = rng.random((max(2, cells[1]), max(2, cells[0])), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC).clip(0, 1), np.float32)


def _wood(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    tone = np.array(((150, 104, 66), (92, 60, 38), (196, 160, 118))[rng.integers(3)], np.float32)
    grain = (
        _smooth_noise(rng, size, (3, max(8, size[1] // 9))) * 0.6 + _smooth_noise(rng, size, (6, size[1] // 3)) * 0.4
    )
    return np.asarray(tone * (0.72 + 0.5 * grain[..., None]), np.float32)


def _cloth(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    tone = rng.uniform(40, 200, 3).astype(np.float32)
    xs, ys = np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32)[:, None]
    period = rng.uniform(4, 9)
    weave = 0.06 * np.sin(xs * (6.283 / period)) + 0.06 * np.sin(ys * (6.283 / period))
    return np.asarray(tone * (0.9 + weave + 0.25 * _smooth_noise(rng, size, (5, 5)))[..., None], np.float32)


def _desk(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    tone = rng.uniform(60, 235, 3).astype(np.float32).mean() + rng.uniform(-14, 14, 3).astype(np.float32)
    return np.asarray(tone * (0.9 + 0.2 * _smooth_noise(rng, size, (4, 4)))[..., None], np.float32)


_WORDS = (
    "Notice to travellers Please keep this form until departure BOARDING PASS GATE 07 SEAT 14C "
    "Declaration de bagages Nombre de colis Firma del pasajero Fecha de salida PORT OF ENTRY 2026 No "
    "smoking 12:40 Ferry terminal Tarif 450 HAVE A PLEASANT STAY Reference 88213-AA Customs Aduana Douane "
    "total < less than 100 > received RECIBO 0001 4471 9902"
)


def _papers(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """A table with printed papers on it: text that is not the MRZ."""
    words = _WORDS.split()
    table = Image.fromarray(_desk(rng, size).clip(0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(2, 5))):
        w, h = (int(size[i] * rng.uniform(0.35, 0.8)) for i in range(2))
        shade = int(rng.integers(215, 252))
        paper = Image.new("RGB", (w, h), (shade, shade, int(shade * rng.uniform(0.9, 1.0))))
        draw = ImageDraw.Draw(paper)
        em = max(9, int(size[0] * rng.uniform(0.009, 0.022)))
        font = lettering(str(rng.choice(("sans", "bold", "ocrb"))), em)
        for y in range(em, h - em, int(em * 1.5)):
            line = " ".join(rng.choice(words, 8))
            if rng.random() < 0.06:
                line = "".join(rng.choice(list("ABCDEFGHIKLMNOPRSTUVXYZ0123456789<"), 44))
            draw.text((em, y), line, fill=(40, 40, 46), font=font, anchor="ls")
        angle, whole = float(rng.uniform(-40, 40)), Image.new("L", paper.size, 255)
        turned, cover = (layer.rotate(angle, Image.Resampling.BILINEAR, expand=True) for layer in (paper, whole))
        table.paste(turned, (int(rng.integers(-w // 2, size[0])), int(rng.integers(-h // 2, size[1]))), cover)
    return np.asarray(table, np.float32)


def _room(rng: np.random.Generator, size: tuple[int, int]) -> Floats:
    """A room out of focus behind a webcam's document."""
    small: Floats = np.zeros((36, 64, 3), np.float32) + rng.uniform(50, 200, 3).astype(np.float32)
    for _ in range(int(rng.integers(4, 9))):
        x, y = int(rng.integers(0, 64)), int(rng.integers(0, 36))
        w, h = int(rng.integers(4, 30)), int(rng.integers(4, 24))
        cv2.rectangle(small, (x, y), (x + w, y + h), [float(c) for c in rng.uniform(20, 240, 3)], -1)
    small = cv2.GaussianBlur(small, (0, 0), float(rng.uniform(0.8, 2.2)))
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), np.float32)


_TABLES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
    "wood": _wood,
    "cloth": _cloth,
    "desk": _desk,
    "papers": _papers,
}


# -- light, hands, lens ------------------------------------------------------------------------------------------------


def _soft_ellipse(
    size: tuple[int, int], centre: Points, axes: tuple[float, float], angle: float, soft: float
) -> Floats:
    """1 inside, falling to 0 over the share `soft` of the axes; drawn small and enlarged, since it has no detail."""
    shrink = max(1, max(size) // 256)
    small = size[0] // shrink + 1, size[1] // shrink + 1
    xs = np.arange(small[0], dtype=np.float32) * shrink - float(centre[0])
    ys = np.arange(small[1], dtype=np.float32)[:, None] * shrink - float(centre[1])
    c, s = float(np.cos(angle)), float(np.sin(angle))
    far = np.sqrt(((xs * c + ys * s) / axes[0]) ** 2 + ((ys * c - xs * s) / axes[1]) ** 2)
    level = ((1 + soft - far) / (2 * soft)).clip(0, 1)
    level = level * level * (3 - 2 * level)
    return np.asarray(cv2.resize(level.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)


def _light(rng: np.random.Generator, picture: Floats, outline: Points, shade: float, glare: float) -> Floats:
    size = picture.shape[1], picture.shape[0]
    extent = float(np.ptp(outline, axis=0).max())
    if shade > 0.02:
        # Light from one side, and now and then the shadow of a hand or a head.
        angle = rng.uniform(0, 2 * np.pi)
        xs = np.linspace(-0.5, 0.5, size[0], dtype=np.float32) * float(np.cos(angle))
        ys = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None] * float(np.sin(angle))
        level = 1 - shade * 0.6 * (xs + ys + 0.5).clip(0, 1)
        if rng.random() < 0.6:
            centre = outline[rng.integers(len(outline))] + rng.normal(0, 0.12 * extent, 2)
            axes = float(rng.uniform(0.25, 0.7)) * extent, float(rng.uniform(0.15, 0.4)) * extent
            soft = float(rng.uniform(0.04, 0.5))
            level = level * (1 - 0.5 * shade * _soft_ellipse(size, centre, axes, rng.uniform(0, 3.1), soft))
        picture = picture * np.asarray(level, np.float32)[..., None]
    if glare > 0.02:
        for _ in range(int(rng.integers(1, 4))):
            weights = rng.dirichlet(np.ones(4))
            centre = weights @ outline[::17][:4]
            axes = float(rng.uniform(0.03, 0.2)) * extent, float(rng.uniform(0.02, 0.09)) * extent
            blob = _soft_ellipse(size, centre, axes, rng.uniform(0, 3.1), float(rng.uniform(0.3, 0.9)))[..., None]
            # Each takes at most its part, so that all together leave the contrast that is promised.
            picture = picture + (255 - picture) * (blob * glare)
            glare *= 0.3
    return np.asarray(picture, np.float32)


def _fingers(
    rng: np.random.Generator, picture: Floats, outline: Points, lines: Points, px_per_mm: float, count: int
) -> tuple[Floats, int]:
    """Fingers that reach over an edge of the page, beside the MRZ; also how many of them found room."""
    finger_width = 17.0 * px_per_mm
    middle = outline.mean(axis=0)
    skin = np.array(((226, 182, 150), (182, 130, 98), (120, 82, 60), (84, 56, 42))[rng.integers(4)], np.float32)
    drawn = 0
    layer: Floats = np.zeros(picture.shape[:2], np.float32)
    forbidden: Pixels = np.zeros(picture.shape[:2], np.uint8)
    for line in lines.reshape(-1, 4, 2):
        cv2.fillConvexPoly(forbidden, np.rint(line).astype(np.int32), 1)
    if len(lines):
        reach = max(3, round(1.5 * px_per_mm))
        forbidden = cv2.dilate(forbidden, np.ones((reach, reach), np.uint8))
    for _ in range(count * 4):
        if drawn == count:
            break
        root = outline[rng.integers(len(outline))]
        inward = (middle - root) / (np.linalg.norm(middle - root) + 1e-9)
        tip = root + inward * px_per_mm * float(rng.uniform(2, 12))
        away = root - inward * px_per_mm * 90 + rng.normal(0, 14 * px_per_mm, 2)
        thick = max(4, round(finger_width * float(rng.uniform(0.8, 1.2))))
        finger = np.zeros(picture.shape[:2], np.uint8)
        ends = [(round(float(x)), round(float(y))) for x, y in (tip, away)]
        cv2.line(finger, ends[0], ends[1], 255, thick, cv2.LINE_AA)
        if bool(((finger > 0) & (forbidden > 0)).any()):
            continue
        layer = np.maximum(layer, finger.astype(np.float32) / 255)
        drawn += 1
    if drawn:
        layer = cv2.GaussianBlur(layer, (0, 0), max(0.8, 0.2 * px_per_mm))
        # Rounded by light: brighter in the middle of the finger than at its sides.
        depth = cv2.GaussianBlur(layer, (0, 0), max(1.0, finger_width * 0.16))
        tone = skin * (0.62 + 0.45 * depth[..., None])
        picture = picture * (1 - layer[..., None]) + tone * layer[..., None]
    return picture, drawn


def _lens(rng: np.random.Generator, picture: Floats, letter: float, defocus: float, motion: float) -> Floats:
    if defocus * letter > 0.2:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), defocus * letter), np.float32)
    if motion * letter > 1.0:
        length = motion * letter
        side = 2 * int(np.ceil(length / 2)) + 1
        kernel = np.zeros((side * 8, side * 8), np.uint8)
        centre, angle = side * 4, rng.uniform(0, np.pi)
        dx, dy = np.cos(angle) * length * 4, np.sin(angle) * length * 4
        ends = [(round(centre + sign * float(dx)), round(centre + sign * float(dy))) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 255, 8)
        small = cv2.resize(kernel.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
        picture = np.asarray(cv2.filter2D(picture, -1, small / small.sum()), np.float32)
    return picture


def _sensor(rng: np.random.Generator, picture: Floats, noise: float) -> Pixels:
    if noise > 0.3:
        tile = rng.standard_normal((384, 384, 3), dtype=np.float32)
        tile[..., :] += rng.standard_normal((384, 384, 1), dtype=np.float32)  # mostly luminance
        tile *= noise / 1.41
        down, across = -(-picture.shape[0] // 384), -(-picture.shape[1] // 384)
        field = np.tile(tile, (down, across, 1))[: picture.shape[0], : picture.shape[1]]
        picture = picture + field
    return np.asarray(np.rint(picture).clip(0, 255), np.uint8)


# -- the three cameras -------------------------------------------------------------------------------------------------


def _carried(page: Page, pose: _Pose) -> tuple[Item, ...]:
    """The page's items in pixels of the picture."""
    points = np.asarray([item.polygon for item in page.items], np.float64)
    moved = pose.to_picture(points.reshape(-1, 2)).reshape(-1, 4, 2)
    return tuple(
        replace(item, polygon=tuple((round(float(x), 2), round(float(y), 2)) for x, y in polygon))
        for item, polygon in zip(page.items, moved, strict=True)
    )


def _lines(items: tuple[Item, ...]) -> Points:
    return np.asarray([item.polygon for item in items if item.kind is ItemKind.MRZ_LINE], np.float64).reshape(-1, 2)


def _posed(
    rng: np.random.Generator, page: Page, turn: float, slant: float, bend: float, letter: float
) -> tuple[_Pose, Points]:
    """The page at this turn and slant with its smallest letter so high, its outline's least x and y at 0."""
    w = page.picture.size[0]
    reach = bend * 33 * (w / 300)  # pixels of the page: 33 is the height of a digit, 300 ten characters
    bow, slope = (reach, 0.0) if rng.random() < 0.5 else (reach * 0.2, reach)
    if rng.random() < 0.5:
        bow, slope = -bow, -slope
    matrix = _perspective(page, turn, slant, float(rng.uniform(0, 360)), float(rng.uniform(1.3, 3.0)))
    pose = _Pose(matrix, bow, slope, w)
    pose = _moved(pose, letter / _smallest_letter(pose, page), 0, 0)
    outline = _outline(pose, page)
    pose = _moved(pose, 1.0, -float(outline[:, 0].min()), -float(outline[:, 1].min()))
    return pose, _outline(pose, page)


def _letter(rng: np.random.Generator, difficulty: Difficulty) -> float:
    low, high = np.log(difficulty.smallest_letter), np.log(difficulty.largest_letter)
    return float(np.exp(rng.uniform(low, high)))


def _compression(rng: np.random.Generator, difficulty: Difficulty, letter: float) -> int:
    # Small letters in a heavily compressed picture are beyond reading: the floor rises under 14 px.
    floor = difficulty.compression + max(0.0, 14 - letter) * 4
    return round(floor + (95 - floor) * (1 - _strength(rng)))


def _finish(
    rng: np.random.Generator,
    picture: Floats,
    page: Page,
    pose: _Pose,
    conditions: Conditions,
    *,
    tint: float,
) -> Capture:
    outline, items = _outline(pose, page), _carried(page, pose)
    edges = np.linalg.norm(outline[17] - outline[0]), np.linalg.norm(outline[51] - outline[34])
    px_per_mm = float(max(edges)) / (page.picture.size[0] / DPI * 25.4)
    picture, fingers = _fingers(rng, picture, outline, _lines(items), px_per_mm, conditions.fingers)
    picture = _light(rng, picture, outline, conditions.shade, conditions.glare)
    # White balance and exposure.
    balance = (1 + rng.normal(0, tint, 3)).astype(np.float32) * float(1 + rng.normal(0, tint * 1.5))
    picture = _lens(rng, picture * balance.clip(0.6, 1.25), conditions.letter, conditions.defocus, conditions.motion)
    pixels = _sensor(rng, picture, conditions.noise)
    if conditions.grey:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return Capture(pixels, items, replace(conditions, fingers=fingers))


def _photo(rng: np.random.Generator, page: Page, limits: Difficulty) -> Capture:
    letter = _letter(rng, limits)
    turn = float(rng.uniform(-limits.turn, limits.turn))
    if rng.random() < 0.5:  # half of all people hold the telephone about straight
        turn = float(np.clip(rng.normal(0, 6), -limits.turn, limits.turn))
    slant = limits.slant * _strength(rng)
    bend = limits.bend * _strength(rng) if not page.corner and rng.random() < 0.6 else 0.0  # a card does not bend
    pose, outline = _posed(rng, page, turn, slant, bend, letter)
    width, height = (float(v) for v in outline.max(axis=0))
    room = float(rng.uniform(1.06, 1.7))
    size = round(max(480.0, width * room)), round(max(480.0, height * room))
    dx = (size[0] - width) * float(rng.uniform(0.2, 0.8))
    dy = (size[1] - height) * float(rng.uniform(0.2, 0.8))
    pose = _moved(pose, 1.0, dx, dy)
    name = str(rng.choice(list(_TABLES)))
    picture = _TABLES[name](rng, size)
    outline = _outline(pose, page)
    # The page's own shadow on the table.
    thrown = np.zeros((size[1], size[0]), np.uint8)
    offset = rng.uniform(-0.012, 0.012, 2) * max(width, height)
    cv2.fillPoly(thrown, [np.rint(outline + offset).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(thrown, (0, 0), max(1.0, 0.006 * max(width, height))).astype(np.float32) / 255
    picture = picture * (1 - 0.45 * soft[..., None])
    drawn, cover = _render(page, pose, size)
    picture = picture * (1 - cover[..., None]) + drawn.astype(np.float32) * cover[..., None]
    conditions = Conditions(
        camera=Camera.PHOTO,
        letter=letter,
        turn=turn,
        slant=slant,
        bend=bend,
        defocus=limits.defocus * _strength(rng),
        motion=limits.motion * _strength(rng) if rng.random() < 0.4 else 0.0,
        noise=limits.noise * _strength(rng),
        glare=limits.glare * _strength(rng) if rng.random() < 0.5 else 0.0,
        shade=limits.shade * _strength(rng),
        compression=_compression(rng, limits, letter),
        orientation=int(rng.choice((1, 1, 1, 3, 6, 8))),
        grey=bool(rng.random() < 0.04),
        fingers=int(rng.integers(1, 4)) if limits.glare and rng.random() < 0.3 else 0,
        background=name,
    )
    return _finish(rng, picture, page, pose, conditions, tint=0.05)


def _scan(rng: np.random.Generator, page: Page, limits: Difficulty) -> Capture:
    letter = max(_letter(rng, limits), 9.0)
    quarter = int(rng.choice((0, 0, 90, 180, 270))) if limits.turn >= 90 else 0
    turn = quarter + float(np.clip(rng.normal(0, 1.8), -limits.turn, limits.turn))
    pose, outline = _posed(rng, page, turn, 0.0, 0.0, letter)
    width, height = (float(v) for v in outline.max(axis=0))
    # A flatbed of 216 by 297 mm, or a scan that was cut near the page.
    whole = rng.random() < 0.35
    scale = float(np.hypot(*(outline[17] - outline[0]))) / page.picture.size[0]
    bed = tuple(side / 25.4 * 300 * scale for side in (216, 297))
    size = (
        (round(max(width * 1.02, bed[0])), round(max(height * 1.02, bed[1])))
        if whole
        else (round(width * float(rng.uniform(1.02, 1.5))), round(height * float(rng.uniform(1.02, 1.5))))
    )
    pose = _moved(
        pose,
        1.0,
        (size[0] - width) * float(rng.uniform(0.05, 0.95)),
        (size[1] - height) * float(rng.uniform(0.05, 0.95)),
    )
    name, tone = (("white lid", 246.0), ("grey lid", 205.0), ("open lid", 14.0))[rng.integers(3)]
    picture = np.full((size[1], size[0], 3), tone, np.float32)
    drawn, cover = _render(page, pose, size)
    picture = picture * (1 - cover[..., None]) + drawn.astype(np.float32) * cover[..., None]
    for _ in range(int(40 * _strength(rng))):  # dust and hairs
        x, y = (float(rng.uniform(0, side)) for side in size)
        dx, dy = rng.normal(0, letter * 0.35, 2)
        colour = [float(rng.choice((30.0, 235.0)))] * 3
        cv2.line(picture, (round(x), round(y)), (round(x + float(dx)), round(y + float(dy))), colour, 1, cv2.LINE_AA)
    if rng.random() < 0.15:  # a streak of the sensor
        x = int(rng.integers(size[0]))
        picture[:, x : x + 1] = picture[:, x : x + 1] * 0.8 + 40
    grey = bool(rng.random() < 0.4)
    if grey and rng.random() < 0.35 and limits.noise:  # a photocopy: hard contrast
        gain = float(rng.uniform(1.3, 2.0))
        picture = ((picture - 150) * gain + 165).clip(0, 255)
        name += ", photocopy"
    conditions = Conditions(
        camera=Camera.SCAN,
        letter=letter,
        turn=turn,
        slant=0.0,
        bend=0.0,
        defocus=limits.defocus * 0.7 * _strength(rng),
        motion=0.0,
        noise=limits.noise * 0.5 * _strength(rng),
        glare=0.0,
        shade=limits.shade * 0.15 * _strength(rng),
        compression=_compression(rng, limits, letter),
        orientation=1,
        grey=grey,
        fingers=0,
        background=name,
    )
    return _finish(rng, picture, page, pose, conditions, tint=0.02)


_WEBCAM = (1280, 720)


def _webcam(rng: np.random.Generator, page: Page, limits: Difficulty) -> Capture:
    turn = float(np.clip(rng.normal(0, 10), -min(limits.turn, 30), min(limits.turn, 30)))
    slant = limits.slant * 0.7 * _strength(rng)
    bend = limits.bend * 0.6 * _strength(rng) if not page.corner and rng.random() < 0.5 else 0.0
    pose, outline = _posed(rng, page, turn, slant, bend, 20.0)
    width, height = (float(v) for v in outline.max(axis=0))
    fill = min(_WEBCAM[0] / width, _WEBCAM[1] / height)
    # Between nearly all of the picture and as far away as the smallest letter allows.
    least = min(limits.smallest_letter / 20.0, fill * 0.97)
    scale = float(rng.uniform(max(least, fill * 0.6), fill * 0.97))
    pose = _moved(pose, scale, 0, 0)
    letter = 20.0 * scale
    dx = (_WEBCAM[0] - width * scale) * float(rng.uniform(0.1, 0.9))
    dy = (_WEBCAM[1] - height * scale) * float(rng.uniform(0.1, 0.9))
    pose = _moved(pose, 1.0, dx, dy)
    picture = _room(rng, _WEBCAM)
    drawn, cover = _render(page, pose, _WEBCAM)
    picture = picture * (1 - cover[..., None]) + drawn.astype(np.float32) * cover[..., None]
    conditions = Conditions(
        camera=Camera.WEBCAM,
        letter=letter,
        turn=turn,
        slant=slant,
        bend=bend,
        defocus=limits.defocus * _strength(rng),
        motion=limits.motion * 0.8 * _strength(rng) if rng.random() < 0.5 else 0.0,
        noise=limits.noise * (0.3 + 0.7 * _strength(rng)),
        glare=limits.glare * _strength(rng) if rng.random() < 0.4 else 0.0,
        shade=limits.shade * 0.7 * _strength(rng),
        compression=_compression(rng, limits, letter),
        orientation=1,
        grey=False,
        fingers=int(rng.integers(1, 4)) if limits.glare else 0,
        background="room",
    )
    return _finish(rng, picture, page, pose, conditions, tint=0.06)


_CAMERAS = {Camera.PHOTO: _photo, Camera.SCAN: _scan, Camera.WEBCAM: _webcam}


def capture_page(page: Page, camera: Camera, seed: int | str, difficulty: Difficulty = HARD) -> Capture:
    """The page as `camera` sees it. The whole page is in the picture; no camera mirrors it."""
    return _CAMERAS[camera](_rng("fanal capture", camera.value, page.side, seed), page, difficulty)
