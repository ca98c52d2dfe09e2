"""Machine readable zones: read them, write them, and say what is wrong where (ICAO Doc 9303-3 to -7).

>>> from fanal.documents import Field, mrz
>>> upper = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
>>> read = mrz.parse([upper, "L898902C36UTO7408122F1204159ZE184226B<<<<<10"])
>>> read.format.value, read.valid, read.value(Field.SECONDARY_IDENTIFIER)
('td3', True, 'ANNA MARIA')
"""

from fanal.documents.mrz.checkdigit import check_digit
from fanal.documents.mrz.claims import claims
from fanal.documents.mrz.compose import compose
from fanal.documents.mrz.document import CheckDigit, Element, Mrz, Problem, ProblemCode, Repair, State
from fanal.documents.mrz.errors import ComposeError, MrzError
from fanal.documents.mrz.find import Found, find
from fanal.documents.mrz.formats import Format
from fanal.documents.mrz.names import name_field
from fanal.documents.mrz.parse import parse
from fanal.documents.mrz.transliteration import transliterate, transliterations

__all__ = [
    "CheckDigit",
    "ComposeError",
    "Element",
    "Format",
    "Found",
    "Mrz",
    "MrzError",
    "Problem",
    "ProblemCode",
    "Repair",
    "State",
    "check_digit",
    "claims",
    "compose",
    "find",
    "name_field",
    "parse",
    "transliterate",
    "transliterations",
]
