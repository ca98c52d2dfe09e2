"""Barcodes come with their raw bytes and their place."""

import numpy as np
import pytest
import zxingcpp

from fanal.capture.barcodes import read_barcodes

OCTETS = bytes(range(128, 168)) + b"\xdc\x03UTO"


@pytest.mark.parametrize("symbology", ["QRCode", "DataMatrix", "Aztec", "PDF417"])
def test_the_octets_of_a_barcode_are_read_as_they_are(symbology: str) -> None:
    code = zxingcpp.create_barcode(OCTETS, getattr(zxingcpp.BarcodeFormat, symbology))
    drawn = np.array(code.to_image(scale=5), np.uint8)
    picture = np.full((drawn.shape[0] + 120, drawn.shape[1] + 200), 255, np.uint8)
    picture[50 : 50 + drawn.shape[0], 80 : 80 + drawn.shape[1]] = drawn
    (found,) = read_barcodes(picture, "e")

    assert (found.symbology, found.content) == (symbology, OCTETS)
    xs = [x for x, _ in found.region.polygon]
    assert 70 < min(xs) < max(xs) < 90 + drawn.shape[1]


def test_a_picture_without_a_barcode_has_none() -> None:
    assert read_barcodes(np.full((300, 300), 200, np.uint8), "e") == ()
