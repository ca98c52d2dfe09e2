"""A window into a picture, cut out and enlarged by the station, with the marked points drawn: so that a second look
and a measure need no script in the browser."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from fanal.station.errors import Refusal
from fanal.station.secondary.measures import Point

SHOWN: Final = (880, 620)  # pixels of the window on the page
MAX_PIXELS: Final = 80_000_000
ZOOMS: Final = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class View:
    """Where the window lies: its upper left corner in the picture, the scale to the page, and its size there."""

    left: float
    top: float
    scale: float
    width: int
    height: int

    def to_picture(self, x: float, y: float) -> Point:
        """The picture's pixel under a click in the window."""
        return (round(self.left + x / self.scale, 2), round(self.top + y / self.scale, 2))


def view(size: tuple[int, int], zoom: int, centre: Point | None) -> View:
    """The window at a zoom around a point: at 1 the whole picture fits, at 2 half of it in each direction."""
    width, height = size
    fit = min(SHOWN[0] / width, SHOWN[1] / height, 1.0)
    scale = fit * zoom
    shown_w, shown_h = min(SHOWN[0], int(width * scale)), min(SHOWN[1], int(height * scale))
    x, y = centre or (width / 2, height / 2)
    left = min(max(x - shown_w / scale / 2, 0), max(width - shown_w / scale, 0))
    top = min(max(y - shown_h / scale / 2, 0), max(height - shown_h / scale, 0))
    return View(left, top, scale, max(shown_w, 1), max(shown_h, 1))


def open_picture(content: bytes) -> Image.Image:
    """The picture upright and in colours that any page shows.

    Raises:
        Refusal: `picture_unreadable`: it is none, or too large.
    """
    try:
        opened = Image.open(io.BytesIO(content))
        if opened.width * opened.height > MAX_PIXELS:
            raise Refusal("picture_unreadable")
        upright: Image.Image = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal("picture_unreadable") from None
    return upright


def cut(picture: Image.Image, window: View, points: Sequence[Point]) -> bytes:
    """The window as a PNG, with the points numbered and their distances drawn."""
    box = (
        window.left,
        window.top,
        window.left + window.width / window.scale,
        window.top + window.height / window.scale,
    )
    shown = picture.resize((window.width, window.height), Image.Resampling.LANCZOS, box=box)
    draw = ImageDraw.Draw(shown)
    at = [((x - window.left) * window.scale, (y - window.top) * window.scale) for x, y in points]
    for first, second in zip(at[::2], at[1::2], strict=False):
        draw.line([first, second], fill="#000000", width=5)
        draw.line([first, second], fill="#f3b23c", width=3)
    for number, (x, y) in enumerate(at, start=1):
        draw.ellipse((x - 7, y - 7, x + 7, y + 7), outline="#000000", width=3)
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), outline="#f3b23c", width=2)
        draw.text((x + 9, y - 16), str(number), fill="#f3b23c", stroke_width=2, stroke_fill="#000000", font_size=16)
    out = io.BytesIO()
    shown.save(out, "PNG")
    return out.getvalue()
