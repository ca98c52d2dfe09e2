"""The Logical Data Structure: the files of an eMRTD and what they say (Doc 9303-10).

Reading a file says nothing of whether it is genuine: `fanal.chip.passive_auth` does.
"""

from fanal.chip.lds.claims import claims
from fanal.chip.lds.com import Com, parse_com
from fanal.chip.lds.details import Details, parse_dg11, parse_dg12
from fanal.chip.lds.dg1 import mrz_text, parse_dg1
from fanal.chip.lds.faces import Face, FaceImageKind, parse_dg2
from fanal.chip.lds.files import BY_NAME, DATA_GROUPS, FileId
from fanal.chip.lds.others import (
    Application,
    CardCapabilities,
    Person,
    parse_atr_info,
    parse_dg5,
    parse_dg7,
    parse_dg13,
    parse_dg14,
    parse_dg15,
    parse_dg16,
    parse_dir,
)

__all__ = [
    "BY_NAME",
    "DATA_GROUPS",
    "Application",
    "CardCapabilities",
    "Com",
    "Details",
    "Face",
    "FaceImageKind",
    "FileId",
    "Person",
    "claims",
    "mrz_text",
    "parse_atr_info",
    "parse_com",
    "parse_dg1",
    "parse_dg2",
    "parse_dg5",
    "parse_dg7",
    "parse_dg11",
    "parse_dg12",
    "parse_dg13",
    "parse_dg14",
    "parse_dg15",
    "parse_dg16",
    "parse_dir",
]
