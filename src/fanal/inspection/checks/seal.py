"""Whether a visible digital seal is what a State signed (ICAO Doc 9303-13).

That the seal agrees with the MRZ and the visual zone is asked by the family "agreement", as for any other source.
"""

from __future__ import annotations

from typing import Final

from fanal.documents import Region
from fanal.inspection.checks.common import not_done
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.subject import SealReading, Subject


def _regions(seal: SealReading) -> tuple[Region, ...]:
    return (Region(seal.evidence, part="seal"),)


def signature(subject: Subject) -> Result:
    """The worst of all seals: a wrong one is not made good by another."""
    if not subject.seals:
        return not_done()
    for reading in subject.seals:
        if reading.answer in ("signature_wrong", "not_signed"):
            return Result(Outcome.FAILED, reading.answer, values=_named(reading), regions=_regions(reading))
    for reading in subject.seals:
        if reading.answer != "held":
            reason = "signer_unknown" if reading.answer == "signer_unknown" else "not_supported"
            # This says which certificates the station has, and nothing about the document.
            return Result(Outcome.UNDETERMINED, reason, values=_named(reading), severity=Severity.NOTE)
    return Result(Outcome.PASSED, values=_named(subject.seals[0]))


def _named(reading: SealReading) -> dict[str, str]:
    return {
        "name": reading.signer or f"{reading.seal.signer} {reading.seal.reference}".strip(),
        "state": reading.seal.issuing_state,
    }


def _held(subject: Subject) -> list[SealReading]:
    return [reading for reading in subject.seals if reading.answer == "held"]


def signer_trusted(subject: Subject) -> Result:
    """A signature alone proves only that somebody has the key of the certificate beside it."""
    if not (held := _held(subject)):
        return not_done("no_signer" if subject.seals else "")
    for reading in held:
        if not reading.vouched_by:
            return Result(Outcome.UNDETERMINED, values=_named(reading), regions=_regions(reading))
    return Result(Outcome.PASSED, values={**_named(held[0]), "by": held[0].vouched_by})


def signer_valid(subject: Subject) -> Result:
    if not (held := _held(subject)):
        return not_done("no_signer" if subject.seals else "")
    for reading in held:
        if not reading.valid_on_signing:
            signed = reading.seal.signed_on
            seen = signed.isoformat() if signed else None
            return Result(Outcome.FAILED, seen=seen, values=_named(reading), regions=_regions(reading))
    return Result(Outcome.PASSED)


_FORGED: Final = (FraudKind.COUNTERFEIT, FraudKind.FORGERY)

CHECKS: Final = (
    Check("seal.signature", "ICAO Doc 9303-13, 4.3", Severity.SERIOUS, signature, _FORGED),
    Check("seal.signer_trusted", "ICAO Doc 9303-13, 4.1", Severity.CONCERN, signer_trusted, _FORGED),
    Check("seal.signer_valid", "ICAO Doc 9303-13, 4.1", Severity.CONCERN, signer_valid, _FORGED),
)
