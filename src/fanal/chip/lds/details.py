"""DG11 and DG12: further details of the holder and of the document (Doc 9303-10, 4.7.11 and 4.7.12)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fanal.chip import tlv
from fanal.chip.lds.files import DATA_GROUPS
from fanal.chip.lds.parsing import day, lds, name_of, text

_FULL_DATE_OF_BIRTH: Final = 0x5F2B
_HOLDER: Final = {
    0x5F0E: "name", 0x5F10: "personal_number", 0x5F11: "place_of_birth", 0x5F42: "address", 0x5F12: "telephone",
    0x5F13: "profession", 0x5F14: "title", 0x5F15: "personal_summary", 0x5F17: "other_travel_documents",
    0x5F18: "custody",
}  # fmt: skip
_DOCUMENT: Final = {
    0x5F19: "issuing_authority", 0x5F1B: "endorsements", 0x5F1C: "tax_or_exit", 0x5F56: "personalization_system",
}  # fmt: skip
_DATES: Final = {_FULL_DATE_OF_BIRTH: "date_of_birth", 0x5F26: "date_of_issue"}
_PICTURES: Final = {0x5F16: "proof_of_citizenship", 0x5F1D: "front", 0x5F1E: "rear"}
_LISTS: Final = {0x5F0F: "other_name", 0x5F1A: "other_person"}


class Details(NamedTuple):
    """What a data group says, by name; `names` are further names (DG11) or persons (DG12) as primary and secondary
    identifier; `pictures` are image files.
    """

    values: Mapping[str, str]
    names: tuple[tuple[str, str], ...]
    pictures: Mapping[str, bytes]


@lds("DG11")
def parse_dg11(data: bytes) -> Details:
    """Raises:
    LdsError: it is no DG11.
    """
    return _details(data, DATA_GROUPS[11].tag, _HOLDER)


@lds("DG12")
def parse_dg12(data: bytes) -> Details:
    """Raises:
    LdsError: it is no DG12.
    """
    return _details(data, DATA_GROUPS[12].tag, _DOCUMENT)


def _details(data: bytes, tag: int, known: Mapping[int, str]) -> Details:
    objects = tlv.parse(tlv.parse_one(data, tag, trailing=True).value, most=128)
    # Lists of names stand in a template A0, with their count; their objects are read as if they stood here.
    for template in [one for one in objects if one.tag == 0xA0]:
        objects += tlv.parse(template.value, most=64)
    values: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    pictures: dict[str, bytes] = {}
    for one in objects:
        if one.tag in _DATES:
            values[_DATES[one.tag]] = day(one.value)
        elif one.tag in _LISTS:
            names.append(name_of(text(one.value)))
        elif one.tag in _PICTURES:
            pictures[_PICTURES[one.tag]] = one.value
        elif one.tag in known:
            values.setdefault(known[one.tag], text(one.value))
    return Details(MappingProxyType(values), tuple(names), MappingProxyType(pictures))
