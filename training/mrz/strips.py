"""Made strips: characters set in a font, printed, worn, lit and taken by a camera or a scanner.

A strip is made in the order in which the world makes it: ink (font, weight, wear), geometry (slant, rotation, bend),
paper (security print, stamps, frames, neighbouring lines), light (uneven, glare), and the sensor at its own resolution
(blur, noise, halo, JPEG), then brought to the height that the recogniser reads. `Recipe` holds a level from 0 (absent)
to 1 (hard) for each degradation, so that accuracy can be measured for one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from fanal.capture.mrz_model import ALPHABET, STRIP_HEIGHT
from training.mrz.text import Random, mixed

ROOT = Path(__file__).resolve().parents[2]
TRAINING_FONTS = ROOT / "training" / "fonts"
PRODUCT_FONTS = ROOT / "src" / "fanal" / "specimens" / "fonts"

Floats = npt.NDArray[Any]  # of float32; OpenCV's own types do not say which numbers come back
Gray = npt.NDArray[Any]  # of uint8

CAPITAL = 42  # px of a capital in the atlas: twice the nominal height in a strip
_CELL_HEIGHT, _CELL_WIDTH = 64, 72
_CANVAS_HEIGHT = 144
_MIDDLE = _CANVAS_HEIGHT // 2


class Font(NamedTuple):
    """A font, how often it is used, and how many px its strokes may be thinned or thickened at 2 x CAPITAL."""

    path: Path
    share: float
    thinner: int
    thicker: int
    proportional: bool = False


# Documents are printed in OCR-B; other fonts are met on specimens and counterfeits. There are few of them here, since
# their O is the 0 of OCR-B: what they teach costs certainty where it matters.
FONTS = (
    Font(PRODUCT_FONTS / "OCRB.otf", 66, 4, 7),
    Font(TRAINING_FONTS / "OCRBS.otf", 22, 4, 7),
    Font(TRAINING_FONTS / "OCRBL.otf", 4, 2, 4),
    Font(TRAINING_FONTS / "OCRA.ttf", 0.5, 0, 4),
    Font(TRAINING_FONTS / "b612-mono-latin-400-normal.woff", 0.8, 1, 5),
    Font(TRAINING_FONTS / "b612-mono-latin-700-normal.woff", 0.6, 4, 0),
    Font(TRAINING_FONTS / "fira-mono-latin-500-normal.woff", 0.6, 2, 4),
    Font(TRAINING_FONTS / "overpass-mono-latin-400-normal.woff", 0.8, 1, 5),
    Font(TRAINING_FONTS / "overpass-mono-latin-700-normal.woff", 0.6, 4, 0),
    Font(TRAINING_FONTS / "roboto-mono-latin-400-normal.woff", 0.8, 1, 5),
    Font(TRAINING_FONTS / "roboto-mono-latin-700-normal.woff", 0.6, 4, 0),
    Font(TRAINING_FONTS / "share-tech-mono-latin-400-normal.woff", 0.6, 1, 5),
    Font(PRODUCT_FONTS / "DejaVuSansCondensed.ttf", 0.5, 1, 3, proportional=True),
    Font(PRODUCT_FONTS / "DejaVuSansCondensed-Bold.ttf", 0.3, 3, 0, proportional=True),
)
_SHARES = np.cumsum([font.share for font in FONTS]) / sum(font.share for font in FONTS)


class Atlas(NamedTuple):
    """The characters of a font at one weight: ink from 0 to 255, [37, cell height, cell width], and their advances."""

    cells: Gray
    advances: Floats  # px at CAPITAL


@cache
def atlas(number: int, weight: int) -> Atlas:
    """FONTS[number] with strokes thicker by `weight` px at twice CAPITAL (thinner when negative)."""
    path = FONTS[number].path
    probe = ImageFont.truetype(str(path), 200)
    _, top, _, bottom = _ink_box(probe, "H")
    size = 200 * 2 * CAPITAL / (bottom - top)
    font = ImageFont.truetype(str(path), size)
    _, top, _, bottom = _ink_box(font, "H")
    middle = (top + bottom) / 2
    cells, advances = [], []
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(weight) + 1, abs(weight) + 1))
    for character in ALPHABET:
        advance = font.getlength(character)
        picture = Image.new("L", (2 * _CELL_WIDTH, 2 * _CELL_HEIGHT), 0)
        at = (_CELL_WIDTH - advance / 2, _CELL_HEIGHT - middle)
        ImageDraw.Draw(picture).text(at, character, font=font, fill=255)
        cell = np.asarray(picture)
        if weight:
            cell = (cv2.dilate if weight > 0 else cv2.erode)(cell, kernel)
        cells.append(cv2.resize(cell, (_CELL_WIDTH, _CELL_HEIGHT), interpolation=cv2.INTER_AREA))
        advances.append(advance / 2)
    return Atlas(np.stack(cells), np.asarray(advances, np.float32))


def _ink_box(font: ImageFont.FreeTypeFont, text: str) -> tuple[int, int, int, int]:
    picture = Image.new("L", (900, 900), 0)
    ImageDraw.Draw(picture).text((300, 300), text, font=font, fill=255)
    left, top, right, bottom = picture.getbbox() or (300, 300, 301, 301)
    return left - 300, top - 300, right - 300, bottom - 300


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a strip is made. Every level is from 0 (absent) to 1 (hard)."""

    fonts: float = 0.0  # 0: OCR-B as it is; 1: any font and weight
    geometry: float = 0.0  # place, height and pitch within the tolerated range
    slant: float = 0.0  # rotation, slanted letters, perspective
    bend: float = 0.0
    ground: float = 0.0  # security print, tints, text behind
    stamp: float = 0.0
    frame: float = 0.0  # neighbouring lines, rules, the edge of the picture
    wear: float = 0.0  # missing ink, scratches, specks
    ink: float = 0.0  # spread and ragged strokes
    contrast: float = 0.0
    light: float = 0.0
    glare: float = 0.0
    blur: float = 0.0  # out of focus
    motion: float = 0.0
    noise: float = 0.0
    halo: float = 0.0
    jpeg: float = 0.0
    copy: float = 0.0  # photocopied: nearly black and white
    capital: float = 21.0  # height of a capital on the sensor, px, before it is brought to the strip's

    @staticmethod
    def names() -> tuple[str, ...]:
        return tuple(name for name in Recipe.__dataclass_fields__ if name != "capital")


_OFTEN = {"fonts": 0.9, "geometry": 0.97, "slant": 0.6, "bend": 0.3, "ground": 0.6, "stamp": 0.12, "frame": 0.35} | {
    "wear": 0.25, "ink": 0.3, "contrast": 0.7, "light": 0.35, "glare": 0.12, "blur": 0.45, "motion": 0.2, "noise": 0.5,
    "halo": 0.2, "jpeg": 0.5, "copy": 0.06,
}  # fmt: skip


def training_recipe(rng: Random, hardness: float = 1.0) -> Recipe:
    """Several degradations at once, mostly light, now and then hard."""
    levels = {}
    # The more that goes wrong in one strip, the less each: few real pictures are bad in every way at once.
    gentle = rng.random() < 0.3
    for name, often in _OFTEN.items():
        if rng.random() < often * (0.5 if gentle else 1.0):
            levels[name] = hardness * float(rng.beta(1.1, 1.6))
    kind = rng.random()
    if kind < 0.4:
        capital = float(rng.uniform(5.5, 14))
    elif kind < 0.8:
        capital = float(rng.uniform(12, 24))
    else:
        capital = float(rng.uniform(20, 36))
    if capital < 11:  # what small letters cannot bear is not asked of them too often
        for name in ("blur", "motion", "noise", "jpeg", "copy"):
            if name in levels and rng.random() < 0.75:
                levels[name] *= 0.35
    return Recipe(capital=capital, **levels)


class Strip(NamedTuple):
    """A made strip and what it says: characters as places in ALPHABET, and the x of their middles, px."""

    pixels: Gray
    characters: npt.NDArray[np.int64]
    middles: Floats


class StripMaker:
    """Makes strips. Holds what is made once: textures of security print, noise and wear."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng([seed, 77])
        self._grounds = [_ground(rng) for _ in range(120)]
        self._noise = rng.standard_normal((256, 4096)).astype(np.float32)
        self._clouds = [_clouds(rng, scale) for scale in (3, 5, 8, 14, 24, 60) for _ in range(3)]
        self._stamps = [_stamp(rng) for _ in range(40)]

    def strip(self, rng: Random, width: int, recipe: Recipe, text: str | None = None) -> Strip:
        """A strip of `width` px with `text` on it (chosen by lot when None) as `recipe` says."""
        ink, scale, characters, centres = self._set(rng, width, recipe, text)
        ink = self._worn(rng, ink, recipe)

        # 1. Where each pixel of the strip looks on the canvas.
        u, v = self._looks(rng, width, recipe, scale)
        native = recipe.capital / (CAPITAL / scale[1])  # px on the sensor for each px of the strip
        native = min(max(native, 0.2), 1.5)
        size = (max(8, round(width * native)), max(8, round(STRIP_HEIGHT * native)))
        seen = cv2.remap(ink, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        if size[1] < STRIP_HEIGHT:
            seen = cv2.resize(seen, size, interpolation=cv2.INTER_AREA)
        elif size[1] > STRIP_HEIGHT:
            seen = cv2.remap(
                ink,
                cv2.resize(u, size, interpolation=cv2.INTER_LINEAR),
                cv2.resize(v, size, interpolation=cv2.INTER_LINEAR),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
            )
        # 2. Paper, ink and light, then the sensor.
        middle_row = u[STRIP_HEIGHT // 2]
        middles = np.interp(centres, middle_row, np.arange(width) + 0.5).astype(np.float32)
        picture = self._printed(rng, seen, recipe, middles * native)
        picture = self._taken(rng, picture, recipe)
        if picture.shape[1] != width or picture.shape[0] != STRIP_HEIGHT:
            how = cv2.INTER_AREA if native > 1 else (cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_LINEAR)
            picture = cv2.resize(picture, (width, STRIP_HEIGHT), interpolation=how)
        inside = (centres >= middle_row[0]) & (centres <= middle_row[-1])
        return Strip(picture, characters[inside], middles[inside])

    def _set(
        self, rng: Random, width: int, recipe: Recipe, text: str | None
    ) -> tuple[Gray, tuple[float, float], npt.NDArray[np.int64], Floats]:
        """The line and its neighbours as ink on a canvas; px of the canvas for one of the strip, along and upright;
        the characters and the x of their middles on the canvas."""
        number, weight = 0, 0
        if rng.random() < recipe.fonts:
            number = int(np.searchsorted(_SHARES, rng.random()))
        if recipe.fonts:
            font = FONTS[number]
            weight = round(float(rng.triangular(-font.thinner - 0.5, 0, font.thicker + 0.5)) * recipe.fonts)
        font, letters = FONTS[number], atlas(number, weight)
        g = recipe.geometry
        tall = 2.0 * float(rng.uniform(1 - 0.18 * g, 1 + 0.2 * g))  # px of the canvas for one of the strip, upright
        wide = tall * float(rng.uniform(1 - 0.14 * g, 1 + 0.14 * g))
        advances = letters.advances.copy()
        if font.proportional:
            advances += float(rng.uniform(0, 6))
        else:
            # OCR-B is set 1.03 of its capitals apart; other fonts on specimens are spaced to fill the same line.
            pitch = float(advances[0]) if number < 3 else CAPITAL * float(rng.uniform(0.8, 1.1))
            pitch = max(
                pitch * float(rng.uniform(1 - 0.1 * g, 1 + 0.16 * g)), float(advances[0]) * 0.9, 33.0 * wide / 2
            )
            advances[:] = pitch
        span = width * wide
        average = float(advances.mean())
        place = rng.random()
        if text is None:
            room = span / average
            if place < 0.03:
                count, start = 0, 0.0
            elif place < 0.5:  # the strip is full
                count = int(room) + 2
                start = -average * float(rng.uniform(0, 1))
            else:  # ground to the left, to the right, or both
                count = max(1, int(room * float(rng.uniform(0.3, 1.0))))
                start = float(rng.uniform(0, max(1.0, span - count * average)))
                if rng.random() < 0.3:
                    start = float(rng.uniform(0, 0.3)) * average
            text = mixed(rng, count) if count else ""
        else:
            start = (span - average * len(text)) * float(rng.uniform(0.1, 0.9))
        characters = np.asarray([ALPHABET.index(c) for c in text], np.int64)
        ends = start + np.cumsum(advances[characters]) if len(characters) else np.zeros(0)
        centres = ends - advances[characters] / 2 if len(characters) else np.zeros(0)
        # A character cut by the edge of the strip is left out: it may be said or not, and is no lesson.
        whole = (centres > 0.42 * average) & (centres < span - 0.42 * average)
        if len(characters) and text and place < 0.5:
            characters, centres = characters[whole], centres[whole]
        pad = _CELL_WIDTH
        canvas = np.zeros((_CANVAS_HEIGHT, int(span) + 2 * pad + 2), np.uint8)
        self._lay(canvas, letters, characters, centres + pad, _MIDDLE, rng, 0.6 * g)
        if recipe.frame and rng.random() < 0.8:
            gap = CAPITAL * float(rng.uniform(1.35, 1.9))
            for side in (-1, 1):
                if rng.random() < 0.6:
                    other = rng.integers(len(ALPHABET), size=len(characters) + 1)
                    if rng.random() < 0.5:
                        other[:] = len(ALPHABET) - 1
                    at = float(rng.uniform(0, average)) + average * np.arange(len(other)) + pad + max(start, 0.0)
                    self._lay(canvas, letters, other, at, _MIDDLE + side * gap, rng, 0.0)
        return canvas, (wide, tall), characters, (centres + pad).astype(np.float32)

    @staticmethod
    def _lay(
        canvas: Gray, letters: Atlas, characters: Any, centres: Any, middle: float, rng: Random, jitter: float
    ) -> None:
        rise = rng.normal(0, jitter, len(characters)) if jitter else np.zeros(len(characters))
        limit = canvas.shape[1] - _CELL_WIDTH
        for character, centre, up in zip(characters, centres, rise, strict=True):
            x, y = round(float(centre) - _CELL_WIDTH / 2), round(middle + float(up) - _CELL_HEIGHT / 2)
            top, bottom = max(y, 0), min(y + _CELL_HEIGHT, canvas.shape[0])
            if 0 <= x <= limit and bottom > top:
                there = canvas[top:bottom, x : x + _CELL_WIDTH]
                np.maximum(there, letters.cells[character, top - y : bottom - y], out=there)

    def _worn(self, rng: Random, ink: Gray, recipe: Recipe) -> Gray:
        if recipe.ink:
            kind = rng.random()
            if kind < 0.5:  # spread: what the paper drinks
                soft = cv2.GaussianBlur(ink, (0, 0), 0.6 + 2.2 * recipe.ink)
                gain = float(rng.uniform(1.0, 2.2))
                ink = cv2.convertScaleAbs(soft, alpha=gain)
            else:  # ragged edges: a printer of dots
                cloud = self._cloud(rng, ink.shape, small=True)
                soft = cv2.GaussianBlur(ink, (0, 0), 1.5).astype(np.float32)
                ink = np.clip((soft - 110 + cloud * 110 * recipe.ink) * 4 + 128, 0, 255).astype(np.uint8)
                ink[soft < 6] = 0
        if recipe.wear:
            cloud = self._cloud(rng, ink.shape)
            worn = np.clip(1.0 - np.maximum(cloud - (1.5 - 1.4 * recipe.wear), 0) * 2.5, 0.25, 1)
            ink = (ink * worn).astype(np.uint8)
            for _ in range(int(rng.integers(0, 2 + int(4 * recipe.wear)))):
                ends = rng.integers(0, (ink.shape[1], ink.shape[0]), size=(2, 2))
                if rng.random() < 0.5:
                    ends[1] = ends[0] + rng.integers(-60, 60, 2)
                colour = int(rng.choice((0, 0, 200)))
                cv2.line(ink, ends[0].tolist(), ends[1].tolist(), colour, int(rng.integers(1, 3)), cv2.LINE_AA)
            for _ in range(int(rng.integers(0, 1 + int(8 * recipe.wear)))):
                at = rng.integers(0, (ink.shape[1], ink.shape[0])).tolist()
                cv2.circle(ink, at, int(rng.integers(1, 5)), int(rng.choice((0, 255))), -1, cv2.LINE_AA)
        return ink

    def _looks(self, rng: Random, width: int, recipe: Recipe, scale: tuple[float, float]) -> tuple[Floats, Floats]:
        wide, tall = scale
        x = np.arange(width, dtype=np.float32)[None, :]
        y = np.arange(STRIP_HEIGHT, dtype=np.float32)[:, None] - (STRIP_HEIGHT / 2 - 0.5)
        drop = float(rng.uniform(-4, 4)) * recipe.geometry
        turn = np.tan(np.radians(float(rng.uniform(-2.5, 2.5)) * recipe.slant))
        # A turned line wanders off the strip over its length; whoever cuts the strip follows it, up to a residue.
        limit = 3.0 / (width / 2)
        rise = float(np.clip(turn, -limit, limit))
        lean = float(np.tan(np.radians(rng.uniform(-6, 6)))) * recipe.slant + rise
        keystone = float(rng.uniform(-0.1, 0.1)) * recipe.slant
        along = (x - width / 2) / width
        size = 1 + keystone * along
        bend = np.zeros_like(x)
        if recipe.bend:
            waves, phase = float(rng.uniform(0.3, 1.3)), float(rng.uniform(0, 2 * np.pi))
            bend = (3.0 * recipe.bend * np.sin(2 * np.pi * waves * along + phase)).astype(np.float32)
        v = _MIDDLE + tall * ((y + drop + bend) * size + rise * (x - width / 2))
        u = _CELL_WIDTH + wide * (x + 0.5 * keystone * along * (x - width / 2)) + tall * lean * y
        if recipe.bend:
            u = u + 1.5 * recipe.bend * np.sin(2 * np.pi * float(rng.uniform(0.3, 2)) * along) * wide
        u, v = np.broadcast_arrays(u, v)
        return np.ascontiguousarray(u, np.float32), np.ascontiguousarray(v, np.float32)

    def _printed(self, rng: Random, ink: Gray, recipe: Recipe, middles: Floats) -> Floats:
        """Ink on paper in light: gray from 0 to 255."""
        height, width = ink.shape
        paper = float(rng.uniform(185, 250))
        if recipe.contrast:
            paper -= float(rng.uniform(0, 130)) * recipe.contrast
        black = float(rng.uniform(0, 40))
        if recipe.contrast:
            black += (paper - 28 - black) * float(rng.uniform(0.0, 0.85)) * recipe.contrast
        ground = np.full((height, width), paper, np.float32)
        room = paper - black
        if recipe.ground:
            texture = self._crop(rng, self._grounds[int(rng.integers(len(self._grounds)))], (height, width))
            ground += (texture - 0.5) * 2 * room * 0.45 * recipe.ground
            if rng.random() < 0.3:
                texture = self._crop(rng, self._grounds[int(rng.integers(len(self._grounds)))], (height, width))
                ground += (texture - 0.5) * room * 0.4 * recipe.ground
        share = ink.astype(np.float32) * (1 / 255)
        picture = ground + (black - ground) * share
        if recipe.stamp:
            stamp = self._crop(rng, self._stamps[int(rng.integers(len(self._stamps)))], (height, width))
            picture -= stamp * room * float(rng.uniform(0.2, 0.75)) * recipe.stamp
        if recipe.frame:
            self._frame(rng, picture, middles, room, paper, black)
        if recipe.light:
            ends = 1 + 0.55 * recipe.light * rng.uniform(-1, 0.6, 2)
            picture *= np.linspace(ends[0], ends[1], width, dtype=np.float32)[None, :]
            if rng.random() < 0.4:
                cloud = self._cloud(rng, (height, width))
                picture *= 1 + 0.1 * recipe.light * cloud
        if recipe.glare:
            x = np.arange(width, dtype=np.float32)[None, :]
            y = np.arange(height, dtype=np.float32)[:, None]
            for _ in range(int(rng.integers(1, 3))):
                cx, cy = float(rng.uniform(0, width)), float(rng.uniform(-0.3, 1.3)) * height
                rx, ry = float(rng.uniform(0.6, 5)) * height, float(rng.uniform(0.4, 2)) * height
                spot = np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2)
                picture += (255 - picture) * spot * (0.25 + 0.6 * recipe.glare)
        return picture

    @staticmethod
    def _frame(rng: Random, picture: Floats, middles: Floats, room: float, paper: float, black: float) -> None:
        """Rules along the strip, and what lies beside the text: the edge of the picture, a table, a frame."""
        height, width = picture.shape
        if rng.random() < 0.3:
            y = int(rng.choice((0, 1, 2, height - 1, height - 2, height - 3)))
            picture[y : y + int(rng.integers(1, 3))] -= room * float(rng.uniform(0.2, 0.9))
        if rng.random() < 0.2:  # beyond the page
            rows = int(rng.integers(1, max(2, height // 7)))
            shade = float(rng.uniform(0, 255))
            if rng.random() < 0.5:
                picture[:rows] = shade
            else:
                picture[-rows:] = shade
        if not len(middles):
            return
        pitch = (middles[-1] - middles[0]) / max(1, len(middles) - 1) if len(middles) > 1 else height * 0.7
        for side in (0, 1):
            first, last = (0, middles[0] - 0.85 * pitch) if side == 0 else (middles[-1] + 0.85 * pitch, width)
            first, last = int(first), int(last)
            if last - first < 3 or rng.random() < 0.5:
                continue
            kind = rng.random()
            at = int(rng.integers(first, last))
            if kind < 0.4:
                picture[:, at : at + int(rng.integers(1, 4))] -= room * float(rng.uniform(0.2, 1))
            elif kind < 0.8:
                beyond = slice(0, at) if side == 0 else slice(at, width)
                picture[:, beyond] = float(rng.uniform(0, 255))
                if rng.random() < 0.5:
                    texture = rng.normal(0, 25, (height, max(1, picture[:, beyond].shape[1] // 3))).astype(np.float32)
                    shape = picture[:, beyond].shape
                    if shape[1]:
                        picture[:, beyond] += cv2.resize(texture, (shape[1], shape[0]))
            else:
                x2 = int(rng.integers(first, last))
                low, high = sorted((at, x2))
                top = int(rng.integers(0, height))
                picture[top : top + int(rng.integers(1, height)), low:high] = float(rng.uniform(black, paper))

    def _taken(self, rng: Random, picture: Floats, recipe: Recipe) -> Gray:
        """What the sensor makes of it at its own resolution."""
        height = picture.shape[0]
        capital = height * 21 / STRIP_HEIGHT
        if recipe.blur:
            sigma = 0.3 + recipe.blur * 0.11 * capital
            if rng.random() < 0.6:
                picture = cv2.GaussianBlur(picture, (0, 0), sigma)
            else:
                radius = max(1, round(sigma * 1.7))
                disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2).astype(np.float32)
                picture = cv2.filter2D(picture, -1, disc / disc.sum())
        if recipe.motion:
            length = max(2, round(recipe.motion * 0.36 * capital))
            kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
            angle = float(rng.uniform(0, np.pi))
            dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
            ends = [(round(length - dx), round(length - dy)), (round(length + dx), round(length + dy))]
            cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
            picture = cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
        if recipe.copy:
            low, high = np.percentile(picture, (4, 80))
            cut = low + (high - low) * float(rng.uniform(0.4, 0.65))
            steep = 2 + 14 * recipe.copy
            picture = 255 / (1 + np.exp(np.clip(-(picture - cut) / max(high - low, 8.0) * steep, -30, 30)))
        if recipe.noise:
            spread = float(picture.std()) + 4
            noise = self._crop(rng, self._noise, picture.shape)
            if rng.random() < 0.3:
                noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * 2
            picture = picture + noise * min(4 + 0.8 * spread, 40.0) * recipe.noise
            if rng.random() < 0.1:
                specks = self._crop(rng, self._noise, picture.shape)
                picture = np.where(specks > 3.1 - 0.6 * recipe.noise, rng.choice((0.0, 255.0)), picture)
        if recipe.halo:
            soft = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.7, 2.2)))
            picture = picture + (picture - soft) * (0.5 + 2.5 * recipe.halo)
        taken: Gray = np.clip(picture, 0, 255).astype(np.uint8)
        if recipe.jpeg:
            quality = int(92 - 75 * recipe.jpeg)
            # A strip is cut from a larger picture, so the blocks of the JPEG begin anywhere.
            top, left = (int(n) for n in rng.integers(0, 8, 2))
            padded = cv2.copyMakeBorder(taken, top, 8, left, 8, cv2.BORDER_REPLICATE)
            _, data = cv2.imencode(".jpg", padded, [cv2.IMWRITE_JPEG_QUALITY, quality])
            decoded = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
            assert decoded is not None
            taken = decoded[top : top + taken.shape[0], left : left + taken.shape[1]]
        return np.ascontiguousarray(taken)

    @staticmethod
    def _crop(rng: Random, texture: Floats, shape: tuple[int, ...]) -> Floats:
        height, width = shape
        if texture.shape[0] < height or texture.shape[1] < width:
            texture = np.tile(texture, (-(-height // texture.shape[0]), -(-width // texture.shape[1])))
        top = int(rng.integers(texture.shape[0] - height + 1))
        left = int(rng.integers(texture.shape[1] - width + 1))
        crop = texture[top : top + height, left : left + width]
        return crop[:, ::-1] if rng.random() < 0.5 else crop

    def _cloud(self, rng: Random, shape: tuple[int, ...], small: bool = False) -> Floats:
        among = self._clouds[:6] if small else self._clouds
        return self._crop(rng, among[int(rng.integers(len(among)))], shape)


def _clouds(rng: Random, scale: float) -> Floats:
    """Smooth noise, deviation 1, with features of `scale` px."""
    size = (int(2400 / scale) + 2, int(320 / scale) + 2)
    coarse = rng.standard_normal(size[::-1]).astype(np.float32)
    fine = cv2.resize(coarse, (2400, 320), interpolation=cv2.INTER_CUBIC)
    return np.asarray((fine - fine.mean()) / fine.std(), np.float32)


def _ground(rng: Random) -> Floats:
    """Security print: lines in waves, tints, small text, rosettes; 0 (dark) to 1 (light), mean near 0.5."""
    height, width = 160, 1600
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    kind = rng.random()
    texture: Floats
    if kind < 0.5:  # guilloche: families of waving lines
        texture = np.zeros((height, width), np.float32)
        for _ in range(int(rng.integers(1, 4))):
            angle, period = float(rng.uniform(0, np.pi)), float(rng.uniform(3, 16))
            wave = float(rng.uniform(0, 14)) * np.sin(
                2 * np.pi * (x * np.sin(angle) - y * np.cos(angle)) / float(rng.uniform(30, 260))
            )
            lines = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle) + wave) / period)
            texture += np.clip(lines * float(rng.uniform(1, 4)), -1, 1)
    elif kind < 0.65:  # small text over and over
        canvas = np.zeros((height, width), np.uint8)
        font = ImageFont.truetype(str(PRODUCT_FONTS / "DejaVuSansCondensed.ttf"), int(rng.integers(7, 40)))
        picture = Image.fromarray(canvas)
        draw = ImageDraw.Draw(picture)
        words = "".join(ALPHABET[i] for i in rng.integers(10, 36, 12)) + " "
        step = int(font.size * float(rng.uniform(1.0, 1.8)))
        for row in range(-step, height, step):
            draw.text((int(rng.integers(-80, 0)), row), words * 60, font=font, fill=int(rng.integers(90, 255)))
        texture = 1 - np.asarray(picture).astype(np.float32) / 128
    elif kind < 0.8:  # tints and patches
        texture = np.tanh(_clouds(rng, float(rng.uniform(8, 80)))[:height, :width] * float(rng.uniform(1, 4)))
    else:  # rosettes
        texture = np.zeros((height, width), np.float32)
        for _ in range(int(rng.integers(2, 9))):
            cx, cy = float(rng.uniform(0, width)), float(rng.uniform(-60, height + 60))
            radius, angle = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
            petals = float(rng.integers(5, 24))
            bent = radius + float(rng.uniform(0, 12)) * np.sin(petals * angle)
            reach = np.exp(-((radius / float(rng.uniform(40, 220))) ** 2))
            texture += np.sin(2 * np.pi * bent / float(rng.uniform(4, 14))) * reach
    texture = np.clip(texture, -1.5, 1.5)
    texture = (texture - texture.mean()) / (np.abs(texture).max() + 1e-3)
    return np.asarray(0.5 + 0.5 * texture, np.float32)


def _stamp(rng: Random) -> Floats:
    """Part of an entry stamp or a seal: rings, bars and text; 0 (none) to 1 (full)."""
    height, width = 160, 1000
    picture = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(PRODUCT_FONTS / "DejaVuSerif-Bold.ttf"), int(rng.integers(16, 60)))
    for _ in range(int(rng.integers(3, 9))):
        cx, cy, r = (int(n) for n in rng.integers((0, -100, 40), (width, height + 100, 240)))
        thick = int(rng.integers(2, 9))
        if rng.random() < 0.6:
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), outline=255, width=thick)
        else:
            draw.rectangle((cx - r, cy - r // 2, cx + r, cy + r // 2), outline=255, width=thick)
        word = "".join(ALPHABET[i] for i in rng.integers(0, 36, int(rng.integers(3, 10))))
        draw.text((cx - r // 2, cy), word, font=font, fill=255)
    turned = picture.rotate(float(rng.uniform(-25, 25)), resample=Image.Resampling.BILINEAR)
    stamp = np.asarray(turned).astype(np.float32) / 255
    patchy = np.clip(0.7 + 0.4 * _clouds(rng, 12)[:height, :width], 0, 1)
    return np.asarray(stamp * patchy, np.float32)


def targets(strip: Strip, width: int, step: int) -> npt.NDArray[np.int64]:
    """The class of each step: a character where its middle is nearest, -1 (no lesson) beside it, else 0 (blank)."""
    count = width // step
    at = (np.arange(count) + 0.5) * step
    labels = np.zeros(count, np.int64)
    for middle in strip.middles:
        labels[np.abs(at - middle) <= 1.25 * step] = -1
    for character, middle in zip(strip.characters, strip.middles, strict=True):
        labels[min(max(int(middle / step), 0), count - 1)] = character + 1
    return labels
