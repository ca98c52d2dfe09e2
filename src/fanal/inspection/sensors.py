"""From the files of a chip and the octets of a seal to what the checks are asked of.

The rooms that read chips and seals know nothing of inspections; here their answers become readings and claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fanal.chip.errors import ChipError, LdsError
from fanal.chip.lds import FaceImageKind, parse_dg2
from fanal.chip.lds import claims as claims_of_chip
from fanal.chip.passive_auth import verify as verify_chip
from fanal.chip.passive_auth import vouched_keys
from fanal.chip.record import parse_record
from fanal.chip.trust import TrustStore
from fanal.documents import Claim, Evidence, Field, Region, mrz
from fanal.inspection.intake import CHIP_RECORD
from fanal.inspection.signers import SealSigners
from fanal.inspection.subject import ChipPortrait, ChipReading, ChipSession, Context, SealReading
from fanal.seals import SealError, claims, read
from fanal.seals import verify as verify_seal


def read_chip(
    pieces: Iterable[Evidence], context: Context, *, printed: mrz.Mrz | None = None
) -> tuple[ChipReading, tuple[Claim, ...]]:
    """Verify the files of one chip, each labelled with its name ("EF.SOD", "DG1"), and claim what they say.

    `printed` is the MRZ of the page: its document code and issuing State are compared with those of the signer.
    """
    by_name = {piece.label: piece for piece in pieces}
    record = by_name.pop(CHIP_RECORD, None)
    files = {name: piece.content for name, piece in by_name.items()}
    state = printed.value(Field.ISSUING_STATE) if printed is not None else None
    code = printed.value(Field.DOCUMENT_CODE) if printed is not None else None
    done = verify_chip(files, context.trust or TrustStore(), on=context.on, mrz_state=state, mrz_code=code)
    reading = ChipReading(
        {name: piece.sha256 for name, piece in by_name.items()}, done, portrait=_portrait(files.get("DG2"))
    )
    if record is not None:
        vouched = vouched_keys(files, done, context.trust or TrustStore(), on=context.on)
        reading = _with_record(reading, record, vouched)
    return reading, claims_of_chip(files, on=context.on)


def _portrait(dg2: bytes | None) -> ChipPortrait | None:
    if dg2 is None:
        return None
    try:
        face = parse_dg2(dg2)[0]
        picture = face.decode()
    except LdsError as error:
        return ChipPortrait(problem=error.detail)
    return ChipPortrait(_CODINGS[face.kind], picture.width, picture.height)


_CODINGS = {FaceImageKind.JPEG: "JPEG", FaceImageKind.JPEG2000: "JPEG 2000", FaceImageKind.PNG: "PNG"}


def _with_record(reading: ChipReading, piece: Evidence, vouched: Mapping[str, frozenset[bytes]]) -> ChipReading:
    """What the live chip answered, as far as it was the chip of these files."""
    try:
        record = parse_record(piece.content)
    except ChipError as error:
        problem = (error.code, {"detail": error.detail})
        return replace(reading, session=ChipSession(piece.sha256, problems=(problem,)))
    problems = [(problem.code, problem.values) for problem in record.problems]
    others = sorted(name for name, digest in reading.files.items() if record.files.get(name, digest) != digest)
    proofs = {name: proof for name, proof in record.proofs.items() if proof.outcome.value != "not_done"}
    if others or not reading.files.keys() <= record.files.keys():
        # Files of another chip, or changed since: what that chip proved says nothing about these.
        problems.append(("other_files", {"files": ", ".join(others or reading.files)}))
        proofs = {}
    access = record.access
    session = ChipSession(
        piece.sha256,
        access.protocol if access else "",
        access.parameters if access else "",
        access is not None and access.downgraded,
        tuple(problems),
    )
    return replace(
        reading,
        protocols={name: proof.outcome.value for name, proof in proofs.items()},
        vouched=frozenset(name for name, proof in proofs.items() if proof.key in vouched[name]),
        session=session,
    )


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
