"""Claims: one field as one source states it. A document is a set of claims, and may contradict itself.

Field names are those of ICAO Doc 9303-3 and -4, in full. A claim's `value` is in normal form so that sources can be
compared and shown; `raw` is what stood there:

- dates are ISO 8601, as precise as the source is: "1974-08-12", "1974-08", "1974";
- States and organizations are the codes of Doc 9303-3 section 5, without fillers: "UTO", "D";
- sex is "F", "M" or "X" (unspecified: `<` in an MRZ, Doc 9303-3, 4.8);
- names and numbers are without fillers ("ERIKSSON", "ANNA MARIA", "L898902C3"); letters stay as the source has them,
  so that VIZ accents and MRZ transliteration can be told apart (`fanal.documents.names` compares them).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Source(StrEnum):
    """Where a claim stands."""

    __hash__ = str.__hash__  # Enum's own is computed in Python

    MRZ = "mrz"
    VIZ = "viz"
    CHIP = "chip"
    SEAL = "seal"
    VISA = "visa"
    CARRIER = "carrier"
    OFFICER = "officer"


class Field(StrEnum):
    """The data elements of a travel document (ICAO Doc 9303-3 and -4)."""

    DOCUMENT_CODE = "document_code"
    ISSUING_STATE = "issuing_state"
    PRIMARY_IDENTIFIER = "primary_identifier"
    SECONDARY_IDENTIFIER = "secondary_identifier"
    DOCUMENT_NUMBER = "document_number"
    NATIONALITY = "nationality"
    DATE_OF_BIRTH = "date_of_birth"
    SEX = "sex"
    DATE_OF_EXPIRY = "date_of_expiry"
    OPTIONAL_DATA = "optional_data"
    OPTIONAL_DATA_2 = "optional_data_2"  # TD1 has two optional fields (Doc 9303-5)
    PERSONAL_NUMBER = "personal_number"
    DATE_OF_ISSUE = "date_of_issue"
    PLACE_OF_BIRTH = "place_of_birth"
    ISSUING_AUTHORITY = "issuing_authority"
    # visas (Doc 9303-7)
    VALID_FROM = "valid_from"
    NUMBER_OF_ENTRIES = "number_of_entries"
    PASSPORT_NUMBER = "passport_number"
    # national documents
    ADMINISTRATIVE_CODE = "administrative_code"


# Regions and claims are tuples, because a document has dozens and a frozen dataclass takes six times as long to make.


class Region(NamedTuple):
    """Where in a piece of evidence a value stands.

    `polygon` is in pixels of the picture as it is shown (EXIF orientation applied), x to the right and y down, corners
    in reading order. `line` and `columns` (first, last) count from 1, as officers and Doc 9303 count MRZ positions.
    """

    evidence: str  # the SHA-256 of the evidence
    polygon: tuple[tuple[float, float], ...] = ()
    line: int | None = None
    columns: tuple[int, int] | None = None
    part: str | None = None  # the name of the part: "DG1", "mrz", "portrait"


class Claim(NamedTuple):
    """One field as one source states it, with how sure the reader is (0 to 1) that it read what stands there."""

    field: Field
    value: str
    source: Source
    confidence: float = 1.0
    region: Region | None = None
    raw: str | None = None  # as it stood, where that differs from `value`
    repaired_from: str | None = None  # as read, where a reader repaired a confusion that left exactly one reading


@dataclass(frozen=True, slots=True)
class Document:
    """A set of claims, in the order in which they were made."""

    claims: tuple[Claim, ...] = ()

    def find(self, field: Field, source: Source | None = None) -> Claim | None:
        """The first claim about `field`, of `source` where one is named."""
        return next(self.find_all(field, source), None)

    def find_all(self, field: Field, source: Source | None = None) -> Iterator[Claim]:
        return (c for c in self.claims if c.field == field and (source is None or c.source == source))

    def __add__(self, other: Document) -> Document:
        return Document(self.claims + other.claims)
