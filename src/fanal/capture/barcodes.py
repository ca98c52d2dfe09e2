"""Barcodes of a picture, with their raw bytes, by zxing-cpp."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import cv2

from fanal.capture.pictures import Pixels
from fanal.capture.reading import Barcode
from fanal.documents import Region

MOST: Final = 16
_LARGEST: Final = 4_000_000  # px: larger pictures are looked at in half their size first


@lru_cache(maxsize=1)
def _formats() -> Any:
    import zxingcpp

    return (
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Aztec,
        zxingcpp.BarcodeFormat.PDF417,
    )


def read_barcodes(gray: Pixels, evidence: str) -> tuple[Barcode, ...]:
    """The QR, DataMatrix, Aztec and PDF417 codes in a picture. What cannot be decoded is not there."""
    if gray.size > _LARGEST:
        half = cv2.resize(gray, (gray.shape[1] // 2, gray.shape[0] // 2), interpolation=cv2.INTER_AREA)
        found = _read(half, evidence, 2.0)
        if found:
            return found
    return _read(gray, evidence, 1.0)


def _read(gray: Any, evidence: str, scale: float) -> tuple[Barcode, ...]:
    import zxingcpp

    found = []
    for code in zxingcpp.read_barcodes(gray, formats=_formats())[:MOST]:
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        polygon = tuple((point.x * scale, point.y * scale) for point in corners)
        symbology = str(code.format).rpartition(".")[2].replace(" ", "")
        found.append(Barcode(symbology, bytes(code.bytes), Region(evidence, polygon, part="barcode")))
    return tuple(found)
