"""Pictures as files: the same pixels give the same bytes."""

from __future__ import annotations

import io
from enum import StrEnum

from PIL import Image

from fanal.specimens.pages import DPI


class PictureFormat(StrEnum):
    """The kinds of file; the value is the file name's ending."""

    PNG = "png"
    JPEG = "jpg"


def encode(picture: Image.Image, picture_format: PictureFormat) -> bytes:
    """A flat page as a file. No time, place or machine goes into it."""
    out = io.BytesIO()
    if picture_format is PictureFormat.PNG:
        picture.save(out, "PNG", dpi=(DPI, DPI), compress_level=6)
    else:
        picture.save(out, "JPEG", dpi=(DPI, DPI), quality=90)
    return out.getvalue()
