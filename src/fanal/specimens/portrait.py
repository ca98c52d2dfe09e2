"""A drawn portrait: a face out of flat shapes, from a seed. Clearly artificial, so that no living person is like it."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

_SKINS = ((240, 207, 178), (224, 178, 142), (198, 147, 108), (160, 110, 78), (120, 80, 56), (88, 58, 42))
_HAIRS = ((24, 20, 18), (46, 32, 24), (84, 56, 36), (128, 96, 60), (150, 146, 142))
_CLOTHES = ((52, 78, 110), (110, 58, 62), (58, 92, 74), (88, 84, 96), (128, 106, 64))
_OVER = 3  # drawn larger and reduced, for smooth edges


def _shade(colour: tuple[int, int, int], percent: int) -> tuple[int, int, int]:
    return tuple(min(255, channel * percent // 100) for channel in colour)  # type: ignore[return-value]


def draw_portrait(seed: int, size: tuple[int, int]) -> Image.Image:
    """A face of `size` (width, height) in pixels, frontal, on a plain light ground (Doc 9303-3, 3.9)."""
    rng = random.Random(f"fanal portrait {seed}")
    width, height = size[0] * _OVER, size[1] * _OVER
    picture = Image.new("RGB", (width, height), (222, 228, 232))
    draw = ImageDraw.Draw(picture)
    skin, hair, cloth = rng.choice(_SKINS), rng.choice(_HAIRS), rng.choice(_CLOTHES)

    def at(x: float, y: float) -> tuple[int, int]:
        """Hundredths of the width from the middle, hundredths of the height from the top."""
        return round(width * (50 + x) / 100), round(height * y / 100)

    def oval(x: float, y: float, rx: float, ry: float, fill: tuple[int, int, int]) -> None:
        draw.ellipse((at(x - rx, y - ry), at(x + rx, y + ry)), fill=fill)

    face, jaw = rng.uniform(23, 26), rng.uniform(27, 30)
    long_hair, style = rng.random() < 0.5, rng.choice(("round", "high", "parted", "bald"))
    if long_hair:  # behind everything
        oval(0, 46, face + 8, 34, _shade(hair, 90))
        draw.rectangle((at(-face - 8, 46), at(face + 8, 82)), fill=_shade(hair, 90))
    draw.polygon([at(-12, 62), at(12, 62), at(14, 84), at(-14, 84)], fill=_shade(skin, 82))  # neck
    oval(0, 104, 46, 24, cloth)
    draw.polygon([at(-13, 81), at(0, 94), at(13, 81), at(9, 80), at(0, 88), at(-9, 80)], fill=_shade(cloth, 135))
    for side in (-1, 1):
        oval(side * face, 47, 4, 6, _shade(skin, 88))
    if style != "bald":  # behind the face, so that a rim of it stays over the brow
        lift = {"round": 4, "high": 8, "parted": 5}[style]
        draw.chord((at(-face - 2.5, 46 - jaw - lift), at(face + 2.5, 48 + jaw)), 180, 360, fill=hair)
    oval(0, 46, face, jaw - 1, skin)
    if style == "parted":
        draw.polygon(
            [at(-face + 1, 33), at(-face + 6, 25), at(4, 18), at(16, 21), at(2, 14), at(-face + 4, 20)], fill=hair
        )
    eye_y, eye_x = 44.0, rng.uniform(9.5, 11)
    iris = rng.choice(((60, 40, 26), (38, 28, 22), (84, 98, 70), (70, 92, 116)))
    for side in (-1, 1):
        oval(side * eye_x, eye_y, 4.6, 2.2, (246, 246, 242))
        oval(side * eye_x, eye_y, 2.3, 2.0, iris)
        oval(side * eye_x, eye_y, 1.1, 0.9, (12, 12, 12))
        brow = rng.uniform(38.2, 39.4)
        draw.line(
            [at(side * (eye_x - 5.5), brow + 0.8), at(side * eye_x, brow - 0.6), at(side * (eye_x + 5.5), brow + 1)],
            fill=_shade(hair, 80),
            width=round(height * rng.uniform(0.010, 0.016)),
            joint="curve",
        )
        draw.arc(
            (at(side * eye_x - 5, eye_y - 3.4), at(side * eye_x + 5, eye_y + 3.4)),
            195,
            345,
            fill=_shade(skin, 60),
            width=round(height * 0.006),
        )
    nose = rng.uniform(3.2, 5)
    draw.line(
        [at(-1.6, 45), at(-nose, 55), at(-1, 57), at(nose, 55.4)],
        fill=_shade(skin, 76),
        width=round(height * 0.008),
        joint="curve",
    )
    mouth = rng.uniform(6.5, 9)
    oval(0, 63.4, mouth, 1.9, _shade((178, 96, 92), 70 + sum(skin) // 16))
    draw.line([at(-mouth, 63.2), at(0, 63.8), at(mouth, 63.2)], fill=_shade(skin, 45), width=round(height * 0.006))
    if not long_hair and rng.random() < 0.3:  # a beard
        draw.chord((at(-face * 0.8, 50), at(face * 0.8, 45 + jaw + 0.5)), 20, 160, fill=_shade(hair, 115))
        oval(0, 63.4, mouth, 1.7, _shade((178, 96, 92), 90))
    return picture.reduce(_OVER)
