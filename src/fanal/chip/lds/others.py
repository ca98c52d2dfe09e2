"""The smaller files: DG5, DG7, DG13 to DG16, EF.DIR and EF.ATR/INFO (Doc 9303-10, 3.11 and 4.7)."""

from __future__ import annotations

from typing import Final, NamedTuple

from fanal.chip import tlv
from fanal.chip.errors import LdsError
from fanal.chip.lds.files import DATA_GROUPS
from fanal.chip.lds.parsing import day, lds, name_of, text
from fanal.chip.security_infos import SecurityInfos, parse_security_infos
from fanal.chip.trust import der

MAX_IMAGES: Final = 16
MAX_PERSONS: Final = 15


@lds("DG5")
def parse_dg5(data: bytes) -> tuple[bytes, ...]:
    """Displayed portraits: image files (4.7.5).

    Raises:
        LdsError: it is no DG5.
    """
    parts = tlv.parse(tlv.parse_one(data, DATA_GROUPS[5].tag, trailing=True).value, most=MAX_IMAGES + 1)
    return tuple(one.value for one in parts if one.tag == 0x5F40)


@lds("DG7")
def parse_dg7(data: bytes) -> tuple[bytes, ...]:
    """Displayed signatures or usual marks: image files (4.7.7).

    Raises:
        LdsError: it is no DG7.
    """
    parts = tlv.parse(tlv.parse_one(data, DATA_GROUPS[7].tag, trailing=True).value, most=MAX_IMAGES + 1)
    return tuple(one.value for one in parts if one.tag == 0x5F43)


@lds("DG13")
def parse_dg13(data: bytes) -> bytes:
    """What the issuing State puts there, in a form of its own (4.7.13).

    Raises:
        LdsError: it is no DG13.
    """
    return tlv.parse_one(data, DATA_GROUPS[13].tag, trailing=True).value


@lds("DG14")
def parse_dg14(data: bytes) -> SecurityInfos:
    """Which protocols the chip knows, signed (4.7.14).

    Raises:
        LdsError: it is no DG14.
    """
    return parse_security_infos(tlv.parse_one(data, DATA_GROUPS[14].tag, trailing=True).value, trailing=True)


@lds("DG15")
def parse_dg15(data: bytes) -> bytes:
    """The public key of active authentication, as SubjectPublicKeyInfo (4.7.15).

    Raises:
        LdsError: it is no DG15.
    """
    value = tlv.parse_one(data, DATA_GROUPS[15].tag, trailing=True).value
    return der.read(value, der.SEQUENCE, trailing=True).raw


class Person(NamedTuple):
    """Whom to notify (4.7.16)."""

    recorded: str  # ISO 8601
    primary_identifier: str
    secondary_identifier: str
    telephone: str
    address: str


@lds("DG16")
def parse_dg16(data: bytes) -> tuple[Person, ...]:
    """Persons to notify (4.7.16).

    Raises:
        LdsError: it is no DG16.
    """
    parts = tlv.parse(tlv.parse_one(data, DATA_GROUPS[16].tag, trailing=True).value, most=MAX_PERSONS + 1)
    persons: list[Person] = []
    for template in parts:
        if template.tag & 0xF0 != 0xA0:
            continue
        values = tlv.parse(template.value, most=16)
        name = name_of(text(tlv.find(values, 0x5F51) or b""))
        telephone, address = (text(tlv.find(values, tag) or b"") for tag in (0x5F52, 0x5F53))
        persons.append(Person(day(tlv.find(values, 0x5F50) or b""), *name, telephone, address))
    return tuple(persons)


class Application(NamedTuple):
    """One application of the chip (EF.DIR)."""

    aid: bytes
    label: str


@lds("EF.DIR")
def parse_dir(data: bytes) -> tuple[Application, ...]:
    """The applications of the chip: beside the eMRTD's, travel records, visa records, additional biometrics (3.11.2).

    Raises:
        LdsError: it is no EF.DIR.
    """
    found: list[Application] = []
    for template in tlv.parse_padded(data, most=32):
        if template.tag == 0x61:
            parts = tlv.parse(template.value, most=16)
            found.append(Application(tlv.get(parts, 0x4F), text(tlv.find(parts, 0x50) or b"")))
    return tuple(found)


class CardCapabilities(NamedTuple):
    """What EF.ATR/INFO says the chip can take: octets of a command and of an answer; 0 where it does not say."""

    extended_length: bool
    max_command: int
    max_response: int


@lds("EF.ATR")
def parse_atr_info(data: bytes) -> CardCapabilities:
    """Whether the chip takes APDUs of extended length, and how long (3.11.1; ISO/IEC 7816-4, 12.7.1).

    Raises:
        LdsError: it is no EF.ATR/INFO.
    """
    parts = tlv.parse_padded(data, most=64)
    capabilities = tlv.find(parts, 0x47) or b""
    extended = len(capabilities) >= 3 and bool(capabilities[2] & 0x40)
    command = response = 0
    if (limits := tlv.find(parts, 0x7F66)) is not None:
        values = [int.from_bytes(one.value[:4]) for one in tlv.parse(limits, most=4) if one.tag == 0x02]
        if len(values) != 2:
            raise LdsError("EF.ATR: limits that are not two numbers")
        command, response = values
        extended = extended or response > 256
    return CardCapabilities(extended, command, response)
