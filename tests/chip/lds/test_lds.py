"""The worked examples of Doc 9303-10 (8th edition), 4.6 and 4.7, the samples of DG2, and what is no such file."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fanal.chip.errors import LdsError
from fanal.chip.lds import (
    FaceImageKind,
    claims,
    parse_atr_info,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg5,
    parse_dg7,
    parse_dg11,
    parse_dg12,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_dg16,
    parse_dir,
)
from fanal.chip.tlv import encode
from fanal.documents import Field, Source


def test_the_worked_example_of_ef_com() -> None:
    """Doc 9303-10, 4.6.1: LDS 1.7, Unicode 4.0.0, with DG1, DG2, DG4 and DG12."""
    com = parse_com(bytes.fromhex("60165F0104303130375F36063034303030305C046175766C"))
    assert com == ("1.7", "4.0.0", frozenset({1, 2, 4, 12}))


def test_the_worked_example_of_dg12() -> None:
    """Doc 9303-10, 4.7.12: date of issue as eight digits, and in binary-coded decimals as older documents have it."""
    authority = encode(0x5F19, b"UNITED STATES OF AMERICA")
    for day in (b"20020531", bytes.fromhex("20020531")):
        details = parse_dg12(encode(0x6C, encode(0x5C, bytes.fromhex("5F195F26")), authority, encode(0x5F26, day)))
        assert dict(details.values) == {
            "issuing_authority": "UNITED STATES OF AMERICA",
            "date_of_issue": "2002-05-31",
        }


def dg2(record: bytes, *, tag: int = 0x5F2E, count: int = 1) -> bytes:
    instance = encode(0x7F60, encode(0xA1, encode(0x87, b"\x01\x01"), encode(0x88, b"\0\x08")), encode(tag, record))
    return encode(0x75, encode(0x7F61, encode(0x02, bytes([count])), instance))


def iso19794(image: bytes, *, points: int = 0) -> bytes:
    """One face in a record of ISO/IEC 19794-5:2005."""
    information = b"\x01\0" + (40).to_bytes(2) + (50).to_bytes(2) + bytes(6)
    size = 20 + 8 * points + 12 + len(image)
    face = size.to_bytes(4) + points.to_bytes(2) + bytes(14) + bytes(8 * points) + information + image
    return b"FAC\x00010\x00" + (14 + len(face)).to_bytes(4) + b"\0\x01" + face


def picture(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 50), "grey").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "coding", "options"),
    [
        ("JPEG", FaceImageKind.JPEG, {}),
        ("JPEG2000", FaceImageKind.JPEG2000, {}),
        ("JPEG2000", FaceImageKind.JPEG2000, {"no_jp2": True}),
        ("PNG", FaceImageKind.PNG, {}),
    ],
    ids=["JPEG", "JPEG 2000", "JPEG 2000 code stream", "PNG"],
)
@pytest.mark.parametrize("points", [0, 3])
def test_pictures_of_every_coding_are_found_and_decoded(
    kind: str, coding: FaceImageKind, options: dict[str, object], points: int
) -> None:
    (face,) = parse_dg2(dg2(iso19794(picture(kind, **options), points=points)))
    assert (face.kind, face.width, face.height) == (coding, 40, 50)
    assert face.decode().size == (40, 50)


def test_a_picture_cut_short_is_an_error_when_it_is_decoded() -> None:
    (face,) = parse_dg2(dg2(iso19794(picture("PNG")[:60])))
    with pytest.raises(LdsError, match="decoded"):
        face.decode()


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    # A PNG that says 40,000 x 40,000 in its header: nothing is allocated for it.
    header = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + b"IHDR" + (40000).to_bytes(4) * 2 + b"\x08\0\0\0\0"
    import zlib

    header += zlib.crc32(header[12:]).to_bytes(4)
    (face,) = parse_dg2(dg2(iso19794(header + bytes(20))))
    with pytest.raises(LdsError):
        face.decode()


@pytest.mark.parametrize(
    "data",
    [
        dg2(iso19794(picture("JPEG")), count=2),
        dg2(b"FAC\x00020\x00" + bytes(60)),
        dg2(iso19794(picture("JPEG"))[:40]),
        dg2(b"FAC\x00010\x00" + (14).to_bytes(4) + b"\xff\xff"),
        encode(0x75, encode(0x7F61, b"\x02\x01\x00")),
        encode(0x75, b""),
        b"\x75\x84\xff\xff\xff\xff",
    ],
    ids=["count", "version", "cut", "faces", "none", "empty", "4 GB"],
)
def test_a_dg2_that_does_not_hold_together_is_refused(data: bytes) -> None:
    with pytest.raises(LdsError):
        parse_dg2(data)


def test_displayed_portraits_are_images() -> None:
    """Doc 9303-10, 4.7.5: a count, and as many images."""
    assert parse_dg5(encode(0x65, b"\x02\x01\x02", encode(0x5F40, b"one"), encode(0x5F40, b"two"))) == (b"one", b"two")


def test_ef_dir_names_the_applications() -> None:
    """Doc 9303-10, 3.11.2: the eMRTD application, and travel records of LDS2."""
    one = encode(0x61, encode(0x4F, bytes.fromhex("A0000002471001")))
    two = encode(0x61, encode(0x4F, bytes.fromhex("A0000002472001")), encode(0x50, b"Travel"))
    found = parse_dir(one + two + b"\0\0")
    assert [(a.aid.hex(), a.label) for a in found] == [("a0000002471001", ""), ("a0000002472001", "Travel")]


def test_ef_atr_says_how_long_commands_may_be() -> None:
    """Doc 9303-10, 3.11.1: extended length in the card capabilities, and the limits."""
    limits = encode(0x7F66, encode(0x02, b"\x04\x00"), encode(0x02, b"\x08\x00"))
    assert parse_atr_info(encode(0x47, bytes.fromhex("800040")) + limits) == (True, 1024, 2048)
    assert parse_atr_info(encode(0x47, bytes.fromhex("800000"))) == (False, 0, 0)


def test_dg11_in_another_script_is_read_as_it_stands() -> None:
    details = parse_dg11(encode(0x6B, encode(0x5F0E, "DÉLVA<<JÉRÉMIE".encode()), encode(0x5F2B, b"19740000")))
    assert (details.values["name"], details.values["date_of_birth"]) == ("DÉLVA<<JÉRÉMIE", "1974")
    latin = parse_dg11(encode(0x6B, encode(0x5F11, "PÉTION".encode("latin-1"))))
    assert latin.values["place_of_birth"] == "PÉTION"


def test_claims_name_the_data_group_that_makes_them() -> None:
    dg12 = encode(0x6C, encode(0x5F19, b"ZENITH"), encode(0x5F26, b"20200131"))
    made = claims({"DG12": dg12, "DG11": b"broken", "DG1": b""}, on=date(2026, 1, 1))
    assert {(c.field, c.value, c.region.part if c.region else "") for c in made} == {
        (Field.ISSUING_AUTHORITY, "ZENITH", "DG12"),
        (Field.DATE_OF_ISSUE, "2020-01-31", "DG12"),
    }
    assert {c.source for c in made} == {Source.CHIP}


PARSERS: list[Callable[[bytes], object]] = [
    parse_com, parse_dg1, parse_dg2, parse_dg5, parse_dg7, parse_dg11, parse_dg12, parse_dg13, parse_dg14, parse_dg15,
    parse_dg16, parse_dir, parse_atr_info,
]  # fmt: skip


@given(st.data())
def test_any_octets_are_read_or_refused(data: st.DataObject) -> None:
    parse = data.draw(st.sampled_from(PARSERS))
    tag = data.draw(st.sampled_from([b"", b"\x60", b"\x61", b"\x75", b"\x6b", b"\x6e", b"\x70", b"\x47", b"\x7f\x61"]))
    try:
        parse(tag + data.draw(st.binary(max_size=300)))
    except LdsError:
        return
