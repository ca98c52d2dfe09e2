"""DG1: the MRZ (Doc 9303-10, 4.7.1)."""

from __future__ import annotations

from typing import Final

from fanal.chip import tlv
from fanal.chip.errors import LdsError
from fanal.chip.lds.files import DATA_GROUPS
from fanal.chip.lds.parsing import lds
from fanal.documents import mrz

_LINES: Final = {90: 30, 72: 36, 88: 44}


@lds("DG1")
def mrz_text(data: bytes) -> tuple[str, ...]:
    """The MRZ as its lines, which DG1 has without breaks.

    Raises:
        LdsError: it is no DG1, or its MRZ has the length of no format.
    """
    parts = tlv.parse(tlv.parse_one(data, DATA_GROUPS[1].tag, trailing=True).value, most=8)
    text = tlv.get(parts, 0x5F1F).decode("ascii", "replace")
    length = _LINES.get(len(text))
    if length is None:
        raise LdsError(f"DG1: an MRZ of {len(text)} characters")
    return tuple(text[at : at + length] for at in range(0, len(text), length))


def parse_dg1(data: bytes) -> mrz.Mrz:
    """The MRZ, parsed.

    Raises:
        LdsError: it is no DG1, or holds no MRZ.
    """
    lines = mrz_text(data)
    try:
        return mrz.parse(list(lines))
    except mrz.MrzError as error:
        raise LdsError(f"DG1: {error}") from error
