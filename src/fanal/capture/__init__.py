"""From pictures to what they show: machine readable zones, visual zones, barcodes, portraits and picture quality.

>>> from fanal import capture
>>> page = capture.read_page(content, evidence=sha256, on=today)                # doctest: +SKIP
>>> page.mrzs[0].lines, page.mrzs[0].accepted                                   # doctest: +SKIP

OpenCV and onnxruntime are loaded when the first picture is read, not when this package is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanal.capture.errors import CODES, CaptureError
from fanal.capture.reading import Barcode, Character, Measure, MrzZone, Overruled, PageReading

if TYPE_CHECKING:
    from datetime import date


def prepare() -> None:
    """Load what the first picture would wait for otherwise (a quarter of a second): OpenCV and the recogniser."""
    from fanal.capture import zones

    zones.prepare()


def read_page(
    content: bytes,
    *,
    evidence: str,
    on: date,
    infrared: bytes | None = None,
    ultraviolet: bytes | None = None,
    visual: bool = True,
    barcodes: bool = True,
) -> PageReading:
    """Everything that the picture `content` (JPEG, PNG, TIFF, WebP or BMP) shows of travel documents.

    `evidence` is the SHA-256 that regions and claims point to; `on` settles the centuries of two-digit years.
    `infrared` and `ultraviolet` are pictures of the same page from the same place (a page reader's); the MRZ is read
    from the infrared one where it is read better there. Without `visual` the visual zone is not read, which takes
    most of the time; without `barcodes` these are not looked for.

    Raises:
        CaptureError: what is given is no picture, or over the limits. A picture that shows nothing is no error.
    """
    from fanal.capture.page import read

    return read(
        content,
        evidence=evidence,
        on=on,
        infrared=infrared,
        ultraviolet=ultraviolet,
        visual=visual,
        barcodes=barcodes,
    )


__all__ = [
    "CODES",
    "Barcode",
    "CaptureError",
    "Character",
    "Measure",
    "MrzZone",
    "Overruled",
    "PageReading",
    "prepare",
    "read_page",
]
