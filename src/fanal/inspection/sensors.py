"""From the files of a chip and the octets of a seal to what the checks are asked of.

The rooms that read chips and seals know nothing of inspections; here their answers become readings and claims.
"""

from __future__ import annotations

from collections.abc import Iterable

from fanal.chip.lds import claims as claims_of_chip
from fanal.chip.passive_auth import verify as verify_chip
from fanal.chip.trust import TrustStore
from fanal.documents import Claim, Evidence, Field, Region, mrz
from fanal.inspection.signers import SealSigners
from fanal.inspection.subject import ChipReading, Context, SealReading
from fanal.seals import SealError, claims, read
from fanal.seals import verify as verify_seal


def read_chip(
    pieces: Iterable[Evidence], context: Context, *, printed: mrz.Mrz | None = None
) -> tuple[ChipReading, tuple[Claim, ...]]:
    """Verify the files of one chip, each labelled with its name ("EF.SOD", "DG1"), and claim what they say.

    `printed` is the MRZ of the page: its document code and issuing State are compared with those of the signer.
    """
    by_name = {piece.label: piece for piece in pieces}
    files = {name: piece.content for name, piece in by_name.items()}
    state = printed.value(Field.ISSUING_STATE) if printed is not None else None
    code = printed.value(Field.DOCUMENT_CODE) if printed is not None else None
    done = verify_chip(files, context.trust or TrustStore(), on=context.on, mrz_state=state, mrz_code=code)
    made = claims_of_chip(files, on=context.on)
    return ChipReading({name: piece.sha256 for name, piece in by_name.items()}, done), made


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
