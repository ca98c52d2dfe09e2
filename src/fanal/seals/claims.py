"""What a seal claims, field by field, for comparison with the MRZ, the visual zone and the chip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from fanal.documents import Claim, Field, Region, Source, mrz
from fanal.seals.seal import Format, Seal

# Lengths of the lines that a seal's MRZ stands for: MRV-A leaves out the optional data of the second line, and MRV-B
# too (Doc 9303-7, 9.1.3); TD2 is whole.
_LINES: Final = {"mrz_mrv_a": 44, "mrz_mrv_b": 36, "mrz": 36}
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def claims(seal: Seal, *, on: date, evidence: str = "") -> tuple[Claim, ...]:
    """The claims of a seal about the document that it stands on, on the day of inspection `on`.

    `evidence` is the SHA-256 of the seal. What cannot be compared with a document (a vaccine's batch) is no claim.
    """
    made = _of_vds(seal, on, evidence) if seal.format is Format.VDS else _of_vds_nc(seal, evidence)
    return tuple(made)


def mrz_lines(seal: Seal) -> tuple[str, str] | None:
    """The two lines of the MRZ in a VDS, filled up to their length; None where it has none."""
    for name, length in _LINES.items():
        if (text := seal.find(name)) is not None and length < len(text) <= 2 * length:
            return text[:length], text[length:].ljust(length, "<")
    return None


def _of_vds(seal: Seal, on: date, evidence: str) -> Iterator[Claim]:
    region = Region(evidence, part="seal")

    def claim(field: Field, value: str | None) -> Iterator[Claim]:
        if value:
            yield Claim(field, value, Source.SEAL, region=region)

    if (lines := mrz_lines(seal)) is not None:
        try:
            parsed = mrz.parse(list(lines))
        except mrz.MrzError:
            pass
        else:
            # An MRZ in a seal has its optional data cut off, so that a composite check digit there proves nothing.
            left_out = (Field.OPTIONAL_DATA, Field.OPTIONAL_DATA_2)
            found = mrz.claims(parsed, on=on, evidence=evidence, source=Source.SEAL, part="seal")
            yield from (c for c in found if c.field not in left_out)
        # Of a seal without MRZ (an address sticker) State and date are the sticker's, not the document's.
        yield from claim(Field.DATE_OF_ISSUE, seal.issued.isoformat() if seal.issued else None)
    for name in ("primary_identifier", "secondary_identifier", "document_number", "passport_number"):
        yield from claim(Field(name), seal.find(name))
    yield from claim(Field.NUMBER_OF_ENTRIES, seal.find("number_of_entries"))


def _of_vds_nc(seal: Seal, evidence: str) -> Iterator[Claim]:
    """The person of a VDS-NC (`pid`: name, date of birth, sex, document number); its issuer is not the document's."""
    region = Region(evidence, part="seal")
    name = seal.find("pid.n")
    if name and "  " in name:  # two spaces stand for the two fillers between the identifiers
        primary, secondary = (part.strip() for part in name.split("  ", 1))
        yield Claim(Field.PRIMARY_IDENTIFIER, primary, Source.SEAL, region=region)
        yield Claim(Field.SECONDARY_IDENTIFIER, secondary, Source.SEAL, region=region)
    born = seal.find("pid.dob")
    if born and _DATE.fullmatch(born):
        yield Claim(Field.DATE_OF_BIRTH, born, Source.SEAL, region=region)
    if (sex := seal.find("pid.sex")) in ("M", "F", "X"):
        yield Claim(Field.SEX, str(sex), Source.SEAL, region=region)
    if number := seal.find("pid.i") or seal.find("pid.dn"):
        yield Claim(Field.DOCUMENT_NUMBER, number.strip(), Source.SEAL, region=region)


__all__ = ["claims", "mrz_lines"]
