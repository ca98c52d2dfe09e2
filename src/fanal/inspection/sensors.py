"""From the files of a chip and the octets of a seal to what the checks are asked of.

The rooms that read chips and seals know nothing of inspections; here their answers become readings and claims.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.chip.passive_auth import verify as verify_chip
from fanal.chip.trust import TrustStore
from fanal.documents import Claim, Evidence, Field, Region, Source, mrz
from fanal.inspection.signers import SealSigners
from fanal.inspection.subject import ChipReading, Context, SealReading
from fanal.seals import SealError, claims, read
from fanal.seals import verify as verify_seal

_MRZ_TAG = b"\x5f\x1f"


def read_chip(
    pieces: Iterable[Evidence], context: Context, *, printed: mrz.Mrz | None = None
) -> tuple[ChipReading, tuple[Claim, ...]]:
    """Verify the files of one chip, each labelled with its name ("EF.SOD", "DG1"), and claim what DG1 says.

    `printed` is the MRZ of the page: its document code and issuing State are compared with those of the signer.
    """
    by_name = {piece.label: piece for piece in pieces}
    files = {name: piece.content for name, piece in by_name.items()}
    state = printed.value(Field.ISSUING_STATE) if printed is not None else None
    code = printed.value(Field.DOCUMENT_CODE) if printed is not None else None
    done = verify_chip(files, context.trust or TrustStore(), on=context.on, mrz_state=state, mrz_code=code)
    made: tuple[Claim, ...] = ()
    if (first := by_name.get("DG1")) is not None:
        made = _claims_of_dg1(first, context)
    return ChipReading({name: piece.sha256 for name, piece in by_name.items()}, done), made


def _claims_of_dg1(piece: Evidence, context: Context) -> tuple[Claim, ...]:
    """Doc 9303-10, 4.7.1: tag 61, in it tag 5F1F, in it the MRZ as one line."""
    at = piece.content.find(_MRZ_TAG, 0, 8)
    if at < 0:
        return ()
    text = piece.content[at + 3 : at + 3 + piece.content[at + 2]] if len(piece.content) > at + 2 else b""
    try:
        parsed = mrz.parse(_lines(text.decode("ascii", "replace")))
    except mrz.MrzError:
        return ()
    return mrz.claims(parsed, on=context.on, evidence=piece.sha256, source=Source.CHIP, part="DG1")


def _lines(text: str) -> list[str]:
    length = {90: 30, 72: 36, 88: 44}.get(len(text), len(text) or 1)
    return [text[at : at + length] for at in range(0, len(text), length)]


def read_seal(octets: bytes, context: Context, region: Region) -> tuple[SealReading, tuple[Claim, ...]]:
    """Read a seal, verify its signature, and claim what it says. `region` is where it stands.

    Raises:
        SealError: it is no seal.
    """
    seal = read(octets)
    made = tuple(claim._replace(region=region) for claim in claims(seal, on=context.on, evidence=region.evidence))
    try:
        signer = verify_seal(seal, SealSigners(context.trust or TrustStore(), context.on))
    except SealError as error:
        return SealReading(region.evidence, seal, error.code), made
    valid = signer.valid_on(seal.signed_on or context.on)
    return SealReading(region.evidence, seal, "held", signer.name, signer.vouched_by, valid), made
