"""What the files of a chip claim, field by field, for comparison with the MRZ and the visual zone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date

from fanal.chip.errors import LdsError
from fanal.chip.lds.details import parse_dg11, parse_dg12
from fanal.chip.lds.dg1 import parse_dg1
from fanal.chip.lds.parsing import name_of
from fanal.documents import Claim, Field, Region, Source, mrz


def claims(files: Mapping[str, bytes], *, on: date) -> tuple[Claim, ...]:
    """The claims of DG1, DG11 and DG12, on the day of inspection `on`. Files that cannot be read claim nothing.

    Each claim's region names the file by its SHA-256 and by its name ("DG1").
    """
    return tuple(claim for reader in (_dg1, _dg11, _dg12) for claim in reader(files, on))


def _dg1(files: Mapping[str, bytes], on: date) -> Iterator[Claim]:
    if (data := files.get("DG1")) is None:
        return
    try:
        read = parse_dg1(data)
    except LdsError:
        return
    yield from mrz.claims(read, on=on, evidence=_digest(data), source=Source.CHIP, part="DG1")


def _dg11(files: Mapping[str, bytes], on: date) -> Iterator[Claim]:
    if (data := files.get("DG11")) is None:
        return
    try:
        details = parse_dg11(data)
    except LdsError:
        return
    region = Region(_digest(data), part="DG11")
    if name := details.values.get("name"):
        for field, value in zip((Field.PRIMARY_IDENTIFIER, Field.SECONDARY_IDENTIFIER), name_of(name), strict=True):
            if value:
                yield Claim(field, value, Source.CHIP, region=region)
    for key, field in (("date_of_birth", Field.DATE_OF_BIRTH), ("personal_number", Field.PERSONAL_NUMBER)):
        if value := details.values.get(key, "").strip("< "):
            yield Claim(field, value, Source.CHIP, region=region)
    if place := details.values.get("place_of_birth", "").replace("<", " ").strip():
        yield Claim(Field.PLACE_OF_BIRTH, " ".join(place.split()), Source.CHIP, region=region)


def _dg12(files: Mapping[str, bytes], on: date) -> Iterator[Claim]:
    if (data := files.get("DG12")) is None:
        return
    try:
        details = parse_dg12(data)
    except LdsError:
        return
    region = Region(_digest(data), part="DG12")
    if authority := details.values.get("issuing_authority", "").replace("<", " ").strip():
        yield Claim(Field.ISSUING_AUTHORITY, " ".join(authority.split()), Source.CHIP, region=region)
    if issued := details.values.get("date_of_issue"):
        yield Claim(Field.DATE_OF_ISSUE, issued, Source.CHIP, region=region)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
