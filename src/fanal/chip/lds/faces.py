"""DG2: the facial image (Doc 9303-10, 4.7.2), in records of ISO/IEC 19794-5:2005 or of ISO/IEC 39794-5.

What is returned is the encoded image (JPEG, JPEG 2000, PNG) as it stands there; `decode` opens it within bounds.
"""

from __future__ import annotations

import io
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from fanal.chip import tlv
from fanal.chip.errors import LdsError
from fanal.chip.lds.files import DATA_GROUPS
from fanal.chip.lds.parsing import lds

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_INSTANCES: Final = 9
MAX_FACES: Final = 32
MAX_PIXELS: Final = 16_000_000


class FaceImageKind(StrEnum):
    """How an image is coded, by its first octets."""

    JPEG = "jpeg"
    JPEG2000 = "jpeg2000"
    PNG = "png"


_SIGNATURES: Final = (
    (b"\xff\xd8\xff", FaceImageKind.JPEG),
    (b"\0\0\0\x0cjP  \r\n\x87\n", FaceImageKind.JPEG2000),
    (b"\xff\x4f\xff\x51", FaceImageKind.JPEG2000),  # a code stream without the file format around it
    (b"\x89PNG\r\n\x1a\n", FaceImageKind.PNG),
)


class Face(NamedTuple):
    """One facial image: `width` and `height` are what the record says (0: nothing), `standard` is its format."""

    image: bytes
    kind: FaceImageKind
    width: int
    height: int
    standard: str

    def decode(self) -> Image:
        """The picture, decoded.

        Raises:
            LdsError: it cannot be decoded, or has more than 16 million pixels.
        """
        from PIL import Image

        try:
            picture = Image.open(io.BytesIO(self.image), formats=["JPEG", "JPEG2000", "PNG"])
            if picture.width * picture.height > MAX_PIXELS:
                raise LdsError(f"DG2: a picture of {picture.width} x {picture.height} pixels")
            picture.load()
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise LdsError("DG2: a picture that cannot be decoded") from error
        return picture


@lds("DG2")
def parse_dg2(data: bytes) -> tuple[Face, ...]:
    """The faces, in their order; there is at least one.

    Raises:
        LdsError: it is no DG2, or a record of it is malformed.
    """
    group = tlv.parse_one(tlv.parse_one(data, DATA_GROUPS[2].tag, trailing=True).value, 0x7F61)
    parts = tlv.parse(group.value, most=MAX_INSTANCES + 1)
    count = int.from_bytes(tlv.get(parts, 0x02)[:2])
    instances = [one.value for one in parts if one.tag == 0x7F60]
    if not 1 <= count <= MAX_INSTANCES or len(instances) != count:
        raise LdsError(f"DG2: {len(instances)} instances where it says {count}")
    faces: list[Face] = []
    for instance in instances:
        objects = tlv.parse(instance, most=16)
        record = tlv.find(objects, 0x5F2E)  # primitive: 19794-5; constructed: 39794-5, or either
        if record is None:
            record = tlv.get(objects, 0x7F2E)
        faces += parse_record(record)
    if not 1 <= len(faces) <= MAX_FACES:
        raise LdsError(f"DG2: {len(faces)} faces")
    return tuple(faces)


def parse_record(record: bytes) -> list[Face]:
    """The faces of one biometric data block.

    Raises:
        LdsError, TlvError: it is of neither format.
    """
    return _iso19794(record) if record[:4] == b"FAC\0" else _iso39794(record)


def _image(data: bytes, width: int, height: int, standard: str) -> Face:
    kind = next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)
    if kind is None:
        raise LdsError("DG2: an image of no known coding")
    return Face(data, kind, width, height, standard)


def _iso19794(record: bytes) -> list[Face]:
    """ISO/IEC 19794-5:2005, 5: header of 14 octets, then records of facial images, each with its length."""
    if len(record) < 14 or record[4:8] != b"010\0":
        raise LdsError("DG2: a facial record of another version")
    length, count = int.from_bytes(record[8:12]), int.from_bytes(record[12:14])
    if not 14 <= length <= len(record) or not 1 <= count <= MAX_FACES:
        raise LdsError("DG2: a facial record whose lengths do not agree")
    faces: list[Face] = []
    at = 14
    for _ in range(count):
        if at + 32 > length:
            raise LdsError("DG2: a facial record that ends too early")
        size, points = int.from_bytes(record[at : at + 4]), int.from_bytes(record[at + 4 : at + 6])
        information = at + 20 + 8 * points  # after the block and the feature points: image information, 12 octets
        if information + 12 > at + size or at + size > length:
            raise LdsError("DG2: a facial record whose lengths do not agree")
        width = int.from_bytes(record[information + 2 : information + 4])
        height = int.from_bytes(record[information + 4 : information + 6])
        faces.append(_image(record[information + 12 : at + size], width, height, "ISO/IEC 19794-5"))
        at += size
    return faces


def _iso39794(record: bytes) -> list[Face]:
    """ISO/IEC 39794-5, A.1, as tagged in ICAO's application profile.

    [APPLICATION 5] { version [0], representations [1] { SEQUENCE { id [0], image [1] { base [0] { 2D [0] {
    data [0], information [1] { format [0], ..., size [7] { width [0], height [1] } } } } } } } }
    """
    parts = tlv.parse(record, most=8)
    inner = tlv.find(parts, 0xA1)
    block = tlv.get(tlv.parse(inner, most=8) if inner is not None else parts, 0x65)
    representations = tlv.parse(tlv.get(tlv.parse(block, most=8), 0xA1), most=MAX_FACES)
    faces: list[Face] = []
    for representation in representations:
        base = _down(representation.value, 0xA1, 0xA0, 0xA0)
        objects = tlv.parse(base, most=8)
        width = height = 0
        if (information := tlv.find(objects, 0xA1)) is not None and (
            size := tlv.find(tlv.parse(information, most=32), 0xA7)
        ) is not None:
            sides = tlv.parse(size, most=4)
            width = int.from_bytes((tlv.find(sides, 0x80) or b"")[:4])
            height = int.from_bytes((tlv.find(sides, 0x81) or b"")[:4])
        faces.append(_image(tlv.get(objects, 0x80), width, height, "ISO/IEC 39794-5"))
    return faces


def _down(data: bytes, *tags: int) -> bytes:
    for tag in tags:
        data = tlv.get(tlv.parse(data, most=32), tag)
    return data
