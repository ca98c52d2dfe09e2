"""The elementary files of an eMRTD: names, identifiers and tags (Doc 9303-10, 3.11 and tables 32 to 39)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

AID_EMRTD: Final = bytes.fromhex("A0000002471001")


class FileId(NamedTuple):
    """One elementary file: its name here, its file identifier, and the tag that its content begins with."""

    name: str
    fid: int
    tag: int
    master: bool = False  # in the master file, not in the eMRTD application
    terminal: bool = False  # readable only after terminal authentication

    @property
    def identifier(self) -> bytes:
        return self.fid.to_bytes(2)


CARD_ACCESS: Final = FileId("EF.CardAccess", 0x011C, 0x31, master=True)
CARD_SECURITY: Final = FileId("EF.CardSecurity", 0x011D, 0x30, master=True)
ATR_INFO: Final = FileId("EF.ATR", 0x2F01, 0, master=True)  # data objects, no outer tag
DIR: Final = FileId("EF.DIR", 0x2F00, 0x61, master=True)
COM: Final = FileId("EF.COM", 0x011E, 0x60)
SOD: Final = FileId("EF.SOD", 0x011D, 0x77)

_TAGS: Final = b"\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70"
DATA_GROUPS: Final = MappingProxyType(
    {
        number: FileId(f"DG{number}", 0x0100 + number, tag, terminal=number in (3, 4))
        for number, tag in enumerate(_TAGS, 1)
    }
)
BY_NAME: Final = MappingProxyType(
    {file.name: file for file in (CARD_ACCESS, CARD_SECURITY, ATR_INFO, DIR, COM, SOD, *DATA_GROUPS.values())}
)
NUMBER_BY_TAG: Final = MappingProxyType({file.tag: number for number, file in DATA_GROUPS.items()})
