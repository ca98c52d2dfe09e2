"""Bytes to pixels: what is no picture is refused by one typed error, and before anything large is decoded."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fanal.capture import CODES, CaptureError
from fanal.capture.pictures import MAX_PIXELS, decode

KINDS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")


def gradient(width: int = 64, height: int = 40) -> Image.Image:
    across = np.linspace(0, 255, width).astype(np.uint8)
    return Image.fromarray(np.stack([np.tile(across, (height, 1))] * 3, axis=2))


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def header_only_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_every_format_is_decoded(kind: str) -> None:
    picture = decode(encoded(gradient(), kind))
    assert (picture.width, picture.height, picture.scale) == (64, 40, 1.0)
    assert picture.rgb.shape == (40, 64, 3)
    assert abs(int(picture.gray[20, 60]) - int(np.asarray(gradient())[20, 60, 0])) < 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_pixels_of_every_kind_become_the_same_gray(mode: str) -> None:
    if mode == "I;16":
        source = Image.fromarray(np.asarray(gradient())[..., 0].astype(np.uint16) * 257)
    else:
        source = gradient().convert("L").convert("RGB").convert(mode) if mode != "1" else gradient().convert("1")
    picture = decode(encoded(source, "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"))
    assert picture.gray[:, -8:].mean() > 225
    assert picture.gray[:, :8].mean() < 30


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert decode(encoded(clear, "PNG")).gray.min() == 255


@pytest.mark.parametrize(("orientation", "shown"), [(1, (64, 40)), (3, (64, 40)), (6, (40, 64)), (8, (40, 64))])
def test_a_picture_is_shown_as_its_orientation_says(orientation: int, shown: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(encoded(gradient(), "JPEG", exif=exif))
    assert (picture.width, picture.height) == shown


def test_a_picture_of_fifty_thousand_pixels_a_side_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(CaptureError) as refused:
        decode(header_only_png(50_000, 50_000))
    assert refused.value.code == "too_many_pixels"
    assert refused.value.values["size"] == "2500 MP"


def test_a_picture_just_over_the_limit_is_refused() -> None:
    with pytest.raises(CaptureError) as refused:
        decode(header_only_png(MAX_PIXELS // 8000 + 1, 8000))
    assert refused.value.code == "too_many_pixels"


def test_a_jpeg_of_many_scans_is_refused() -> None:
    content = encoded(gradient(), "JPEG", progressive=True)
    at = content.index(b"\xff\xda")
    with pytest.raises(CaptureError) as refused:
        decode(content[:at] + content[at:-2] * 200 + content[-2:])
    assert refused.value.code == "unsupported"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF"])
def test_half_a_file_is_refused(kind: str) -> None:
    content = encoded(gradient(300, 200), kind)
    with pytest.raises(CaptureError) as refused:
        decode(content[: len(content) // 2])
    assert refused.value.code in ("truncated", "not_a_picture")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_picture"),
        (b"hello", "not_a_picture"),
        (b"GIF89a" + bytes(20), "unsupported"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "unsupported"),
        (encoded(gradient(8, 8), "PNG"), "too_small"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(CaptureError) as refused:
        decode(content)
    assert refused.value.code == code
    assert code in CODES


@settings(max_examples=300)
@given(st.sampled_from(KINDS), st.data())
def test_no_bytes_make_the_decoder_raise_anything_but_its_own_error(kind: str, data: st.DataObject) -> None:
    content = bytearray(encoded(gradient(), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(1, len(content)))
    try:
        picture = decode(bytes(content[:end]))
    except CaptureError as error:
        assert error.code in CODES
    else:
        assert picture.rgb.shape[:2] == picture.gray.shape


@given(st.binary(max_size=400), st.sampled_from((b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"BM")))
def test_noise_is_refused(noise: bytes, start: bytes) -> None:
    with pytest.raises(CaptureError):
        decode(start + noise)


def test_the_room_is_imported_without_opencv_or_onnxruntime() -> None:
    code = "import sys, fanal.capture; print(*[m for m in ('cv2', 'onnxruntime', 'PIL', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
