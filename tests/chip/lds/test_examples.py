"""The worked examples of Doc 9303-10 as files, and the samples of DG2, from the shared test material."""

import pytest

from fanal.chip.errors import LdsError
from fanal.chip.lds import (
    FaceImageKind,
    mrz_text,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg7,
    parse_dg11,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_dg16,
)
from fanal.chip.lds.faces import parse_record
from fanal.chip.tlv import encode
from fanal.documents import Field
from tests.shared import SHARED_DATA

EXAMPLES = SHARED_DATA / "chip" / "dg"


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def dg2(record: bytes) -> bytes:
    return encode(0x75, encode(0x7F61, b"\x02\x01\x01", encode(0x7F60, encode(0xA1), encode(0x5F2E, record))))


def test_the_shared_examples_of_the_small_files_are_read() -> None:
    assert parse_com(example("icao_example_Com.bin")) == ("1.6", "4.0.0", frozenset({1, 2}))
    lines = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
    assert mrz_text(example("icao_example_Dg1.bin")) == lines
    assert parse_dg1(example("icao_example_Dg1.bin")).value(Field.DOCUMENT_NUMBER) == "D23145890"
    (signature,) = parse_dg7(example("icao_example_Dg7.bin"))
    assert signature[:3] == b"\xff\xd8\xff"
    details = parse_dg11(example("icao_example_Dg11.bin"))
    assert details.values["name"] == "SMITH<<JOHN<J"
    assert details.values["profession"] == "TRAVEL<AGENT"
    assert parse_dg13(example("icao_example_Dg13.bin")).hex() == "01234567890123456789"
    infos = parse_dg14(example("icao_example_Dg14.bin"))
    assert len(infos.chip_authentication_keys) == 1
    assert parse_dg15(example("icao_example_Dg15.bin"))[:1] == b"\x30"
    first, second = parse_dg16(example("icao_example_Dg16.bin"))
    assert (first.primary_identifier, first.secondary_identifier, first.recorded) == (
        "SMITH",
        "CHARLES R",
        "2002-01-01",
    )
    assert (second.primary_identifier, second.telephone) == ("BROWN", "14155551212")


def test_a_record_of_iso_19794_5_holds_its_picture() -> None:
    (face,) = parse_record(example("ISO19794_Test1_Data.bin"))
    assert (face.kind, face.width, face.height, face.standard) == (FaceImageKind.JPEG, 148, 70, "ISO/IEC 19794-5")
    assert face.decode().size == (148, 70)
    assert parse_dg2(dg2(example("ISO19794_Test1_Data.bin"))) == (face,)


def test_a_record_whose_picture_is_broken_is_refused() -> None:
    with pytest.raises(LdsError, match="coding"):
        parse_record(example("ISO19794_Test2_Data_InvalidImage.bin"))


@pytest.mark.parametrize(("name", "said"), [("MandFields", (0, 0)), ("AllFields", (572, 731))])
def test_the_samples_of_iso_39794_5_hold_their_pictures(name: str, said: tuple[int, int]) -> None:
    """The samples of ICAO's application profile of ISO/IEC 39794-5: mandatory fields only, and all fields."""
    (face,) = parse_dg2(example(f"ICAO_39794_5_AP_DG2_{name}.dat"))
    assert (face.kind, face.standard) == (FaceImageKind.JPEG2000, "ISO/IEC 39794-5")
    assert (face.width, face.height) == said  # the sample's own statement; its picture is of another size
    assert face.decode().size == (413, 531)
