"""Whether what is on the chip is what a State signed, and whether the chip is the one that the State issued.

The first is passive authentication (ICAO Doc 9303-11, 5.1): each of its steps is a check. It holds for a perfect copy
of a chip too; the second is what chip authentication, PACE with chip-authentication mapping and active authentication
answer, and only a live chip can. This module knows the answers, not the room that finds them: it needs no library.

A State whose CSCA is not known here makes nobody suspicious: that finding is a note and never changes the advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fanal.documents import Region
from fanal.inspection.checks.common import not_done
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.subject import ChipReading, Subject

# Reasons that say something about this station's certificates, not about the document.
_NOTES: Final = frozenset({"no_csca_of_state", "no_crl", "crl_old", "no_path", "no_dsc", "not_supported"})


def _regions(chip: ChipReading, names: tuple[str, ...]) -> tuple[Region, ...]:
    return tuple(Region(chip.files[name], part=name) for name in names if name in chip.files)


def _step(code: str, severity: Severity, files: tuple[str, ...] = ("EF.SOD",)) -> Callable[[Subject], Result]:
    """The check that reports one step of passive authentication."""

    def answer(subject: Subject) -> Result:
        chip = subject.chip
        if chip is None:
            return not_done("no_chip")
        step = next(step for step in chip.passive.steps if step.code == code)
        outcome, values = Outcome(step.outcome.value), dict(step.values)
        weigh = Severity.NOTE if outcome is Outcome.UNDETERMINED and step.reason in _NOTES else severity
        return Result(
            outcome,
            step.reason,
            seen=values.pop("seen", None),
            expected=values.pop("expected", None),
            values=values,
            regions=_regions(chip, files) if outcome is Outcome.FAILED else (),
            severity=weigh,
        )

    return answer


def data_groups(subject: Subject) -> Result:
    """The hashes, with the data groups that differ as regions."""
    result = _step("data_group_hashes", Severity.SERIOUS)(subject)
    if subject.chip is None or result.outcome is not Outcome.FAILED:
        return result
    named = ", ".join((result.values.get("different", ""), result.values.get("not_signed", "")))
    files = tuple(name for name in named.split(", ") if name)
    return Result(
        result.outcome,
        result.reason,
        values=result.values,
        regions=_regions(subject.chip, files),
        severity=result.severity,
    )


# What proves that a chip holds a key that cannot be copied, by what it is called in a reading.
_PROOFS: Final[Mapping[str, str]] = {
    "pace_cam": "PACE-CAM",
    "chip_authentication": "CA",
    "active_authentication": "AA",
}


def protected_against_cloning(subject: Subject) -> Result:
    """Passed only where the chip itself proved it, with a key that passive authentication vouches for."""
    chip = subject.chip
    if chip is None:
        return not_done("no_chip")
    tried = {_PROOFS[name]: outcome for name, outcome in chip.protocols.items() if name in _PROOFS}
    failed = [name for name, outcome in tried.items() if outcome == Outcome.FAILED.value]
    passed = [name for name, outcome in tried.items() if outcome == Outcome.PASSED.value]
    if failed:
        return Result(Outcome.FAILED, values={"names": ", ".join(failed)}, regions=_regions(chip, ("DG14", "DG15")))
    if passed:
        keys = {"AA": 15, "CA": 14, "PACE-CAM": 14}
        vouched = [name for name in passed if keys[name] in chip.passive.authentic or name == "PACE-CAM"]
        if vouched:
            return Result(Outcome.PASSED, values={"names": ", ".join(vouched)})
        return Result(
            Outcome.UNDETERMINED, "key_not_vouched", values={"names": ", ".join(passed)}, severity=Severity.CONCERN
        )
    if tried:
        names = {"names": ", ".join(tried)}
        return Result(Outcome.UNDETERMINED, values=names, severity=Severity.CONCERN)
    if not {14, 15} & set(chip.passive.hashes):
        return not_done("not_offered")
    return not_done("not_run")


_CHANGED: Final = (FraudKind.FORGERY, FraudKind.PHOTO_SUBSTITUTION)
_FORGED: Final = (FraudKind.COUNTERFEIT, FraudKind.FORGERY)
_MADE: Final = (FraudKind.COUNTERFEIT, FraudKind.FANTASY)
_S, _C = Severity.SERIOUS, Severity.CONCERN

CHECKS: Final = (
    Check("chip.sod", "ICAO Doc 9303-10, 4.6.2; 9303-11, 5.1, step 1", _S, _step("sod", _S), _FORGED),
    Check("chip.data_group_hashes", "ICAO Doc 9303-11, 5.1, step 5", _S, data_groups, _CHANGED),
    Check(
        "chip.data_group_list",
        "ICAO Doc 9303-10, 4.6.1",
        _C,
        _step("data_group_list", _C, ("EF.COM",)),
        (FraudKind.FORGERY, FraudKind.COUNTERFEIT),
    ),
    Check("chip.sod_signature", "ICAO Doc 9303-11, 5.1, step 3", _S, _step("sod_signature", _S), _FORGED),
    Check("chip.path", "ICAO Doc 9303-11, 5.1, step 2; 9303-12, 6", _S, _step("path", _C), _MADE),
    Check("chip.validity_at_signing", "ICAO Doc 9303-12, 4.1", _S, _step("validity_at_signing", _S), _MADE),
    Check("chip.validity_today", "ICAO Doc 9303-12, 4.1", _C, _step("validity_today", _C)),
    Check("chip.revocation", "ICAO Doc 9303-12, 4.2", _S, _step("revocation", _S), (*_MADE, FraudKind.STOLEN_BLANK)),
    Check("chip.key_usage", "ICAO Doc 9303-12, 7.1", _C, _step("key_usage", _C), _MADE),
    Check("chip.document_type", "ICAO Doc 9303-12, 7.1", _C, _step("document_type", _C), _FORGED),
    Check("chip.states", "ICAO Doc 9303-12, 7.1", _S, _step("states", _S), _MADE),
    Check(
        "chip.protected_against_cloning",
        "ICAO Doc 9303-11, 6",
        _S,
        protected_against_cloning,
        (FraudKind.COUNTERFEIT,),
    ),
)
