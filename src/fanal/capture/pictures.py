"""Bytes to pixels, within bounds: what is refused is refused before it is decoded.

A picture's header says its size; nothing is allocated for pixels before that is under the limit. Of a file with
several frames only the first is decoded.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from fanal.capture.errors import CaptureError

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_PIXELS: Final = 64_000_000
"""An A4 sheet at 800 dots an inch, or the largest picture that telephones usually take."""
MIN_SIDE: Final = 24
"""Three lines of the smallest letters that are read, with what lies between them, are not less high than this."""
MAX_SCANS: Final = 100
"""Of a progressive JPEG: each is decoded over the whole picture, and usual are ten."""

_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_OTHERS: Final = (
    (0, b"GIF8", "GIF"),
    (4, b"ftyp", "HEIF"),
    (0, b"%PDF-", "PDF"),
    (0, b"\x00\x00\x00\x0cjP", "JPEG 2000"),
)
_WORKING: Final = 4096  # px: JPEGs larger than this both ways are decoded at a half, a quarter or an eighth

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture as shown. `scale`: pixels of the file for one of `rgb` (1, or more for huge JPEGs)."""

    rgb: Pixels  # [height, width, 3]
    gray: Pixels  # [height, width]
    scale: float = 1.0

    @property
    def width(self) -> int:
        return round(float(self.gray.shape[1]) * self.scale)

    @property
    def height(self) -> int:
        return round(float(self.gray.shape[0]) * self.scale)


def decode(content: bytes) -> Picture:
    """The picture in `content`.

    Raises:
        CaptureError: it is none that is read here, is cut short, or is over the limits.
    """
    if len(content) > MAX_BYTES:
        raise CaptureError("too_large", size=str(len(content)), limit=str(MAX_BYTES))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata: what matters raises
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                return _loaded(opened, content)
    except CaptureError:
        raise
    except Image.DecompressionBombError as error:
        found = re.search(r"\d{6,}", str(error))
        raise CaptureError("too_many_pixels", size=_millions(int(found[0]) if found else 0), limit=_LIMIT) from None
    except UnidentifiedImageError:
        for at, magic, name in _OTHERS:
            if content[at : at + len(magic)] == magic:
                raise CaptureError("unsupported", format=name) from None
        raise CaptureError("not_a_picture") from None
    except OSError as error:
        cut = any(word in str(error) for word in ("truncated", "incomplete", "unexpected end", "not processed"))
        raise CaptureError("truncated" if cut else "not_a_picture") from None
    except MemoryError:
        raise CaptureError("too_many_pixels", size="–", limit=_LIMIT) from None
    except Exception:  # noqa: BLE001 - hostile files make Pillow's plug-ins raise whatever their parsing runs into
        raise CaptureError("not_a_picture") from None


def _millions(pixels: int) -> str:
    return f"{pixels / 1e6:.0f} MP"


_LIMIT: Final = _millions(MAX_PIXELS)


def _loaded(opened: Image.Image, content: bytes) -> Picture:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise CaptureError("too_many_pixels", size=_millions(width * height), limit=_LIMIT)
    if min(width, height) < MIN_SIDE:
        raise CaptureError("too_small", size=f"{width} x {height}", limit=str(MIN_SIDE))
    if opened.format in ("JPEG", "MPO"):
        if content.count(b"\xff\xda") > MAX_SCANS:
            raise CaptureError("unsupported", format=f"JPEG, > {MAX_SCANS} scans")
        if min(width, height) > _WORKING // 2 and max(width, height) > _WORKING:
            opened.draft(None, (width // 2 + 1, height // 2 + 1) if max(width, height) <= 2 * _WORKING else (1, 1))
    picture = ImageOps.exif_transpose(opened)
    rgb = _rgb(picture)
    gray = np.asarray(Image.fromarray(rgb).convert("L"), np.uint8) if picture.mode != "L" else rgb[..., 0].copy()
    turned = (width > height) != (rgb.shape[1] > rgb.shape[0]) and width != height
    return Picture(rgb, gray, (height if turned else width) / rgb.shape[1])


def _rgb(picture: Image.Image) -> Pixels:
    """Red, green and blue of 8 bits each, whatever the file holds; what is transparent becomes white."""
    mode: str = picture.mode
    if mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float64)
        low, high = float(values.min()), float(values.max())
        top = (
            255.0 if high <= 255 and low >= 0 else 65535.0 if mode.startswith("I") and high <= 65535 and low >= 0 else 0
        )
        scaled = values * (255 / top) if top else (values - low) * (255 / (high - low or 1))
        return np.repeat(np.rint(scaled).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(ground, layered)
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    return np.array(picture, np.uint8)
