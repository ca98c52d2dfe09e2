"""EF.COM: versions, and which data groups there are (Doc 9303-10, 4.6.1). It is not signed."""

from __future__ import annotations

from typing import NamedTuple

from fanal.chip import tlv
from fanal.chip.lds.files import COM, NUMBER_BY_TAG
from fanal.chip.lds.parsing import lds


class Com(NamedTuple):
    """`lds_version` is as "1.7", `unicode_version` as "4.0.0"; "" where it is not there or not of digits."""

    lds_version: str
    unicode_version: str
    data_groups: frozenset[int]


@lds("EF.COM")
def parse_com(data: bytes) -> Com:
    """Raises:
    LdsError: it is no EF.COM.
    """
    parts = tlv.parse(tlv.parse_one(data, COM.tag, trailing=True).value, most=64)
    listed = tlv.get(parts, 0x5C)
    groups = frozenset(NUMBER_BY_TAG[tag] for tag in listed if tag in NUMBER_BY_TAG)
    return Com(_version(tlv.find(parts, 0x5F01)), _version(tlv.find(parts, 0x5F36)), groups)


def _version(value: bytes | None) -> str:
    """ "0107" is 1.7, "040000" is 4.0.0."""
    digits = (value or b"").decode("ascii", "replace")
    if not digits.isdigit() or len(digits) % 2 or len(digits) > 6:
        return ""
    return ".".join(str(int(digits[at : at + 2])) for at in range(0, len(digits), 2))
