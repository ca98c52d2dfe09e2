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
    tried = {name: outcome for name, outcome in chip.protocols.items() if name in _PROOFS}
    failed = [_PROOFS[name] for name, outcome in tried.items() if outcome == Outcome.FAILED.value]
    passed = [name for name, outcome in tried.items() if outcome == Outcome.PASSED.value]
    if failed:
        return Result(Outcome.FAILED, values={"names": ", ".join(failed)}, regions=_regions(chip, ("DG14", "DG15")))
    if vouched := [_PROOFS[name] for name in passed if name in chip.vouched]:
        return Result(Outcome.PASSED, values={"names": ", ".join(vouched)})
    if passed:
        names = {"names": ", ".join(_PROOFS[name] for name in passed)}
        return Result(Outcome.UNDETERMINED, "key_not_vouched", values=names, severity=Severity.CONCERN)
    if tried:
        names = {"names": ", ".join(_PROOFS[name] for name in tried)}
        return Result(Outcome.UNDETERMINED, values=names, severity=Severity.CONCERN)
    if not {14, 15} & set(chip.passive.hashes):
        return not_done("not_offered")
    return not_done("not_run")


# What kept a file from being read, by the codes of a reading, the worst first: the reason, and how it weighs. A chip
# that claims 4 GB or sends what its keys do not vouch for misbehaves; one that left the field may only have been moved.
_TROUBLE: Final[tuple[tuple[str, Outcome, frozenset[str]], ...]] = (
    ("over_limit", Outcome.FAILED, frozenset({"over_limit"})),
    ("not_protected", Outcome.FAILED, frozenset({"secure_messaging", "bac_failed", "pace_failed"})),
    ("malformed", Outcome.FAILED, frozenset({"file_malformed", "file_short", "tlv_malformed", "protocol"})),
    ("absent", Outcome.FAILED, frozenset({"file_absent"})),
    ("other_files", Outcome.UNDETERMINED, frozenset({"other_files", "record_malformed"})),
    ("wrong_password", Outcome.UNDETERMINED, frozenset({"wrong_password", "no_password"})),
    ("removed", Outcome.UNDETERMINED, frozenset({"card_removed", "session_lost", "no_card", "reader_failed"})),
    ("timeout", Outcome.UNDETERMINED, frozenset({"timeout"})),
)
_HARMLESS: Final = frozenset(
    {"terminal_authentication_needed", "extended_length_failed", "pace_failed_bac_used", "pace_hidden",
     "pace_not_signed", "pace_not_supported"}
)  # fmt: skip


def read_whole(subject: Subject) -> Result:
    """Whether every file that the chip lists was read, and behaved while it was."""
    if subject.chip is None:
        return not_done("no_chip")
    if (session := subject.chip.session) is None:
        return not_done("no_record")
    region = (Region(session.evidence, part="reading"),)
    troubles = [(code, values) for code, values in session.problems if code not in _HARMLESS]
    kept = [values.get("file", "") for code, values in session.problems if code == "terminal_authentication_needed"]
    for reason, outcome, codes in _TROUBLE:
        if found := [values for code, values in troubles if code in codes or values.get("error") in codes]:
            names = dict.fromkeys(v.get("file") or v.get("step") or v.get("files") or "" for v in found)
            return Result(outcome, reason, values={"names": ", ".join(filter(None, names)) or "-"}, regions=region)
    read = {"names": ", ".join(subject.chip.files), "others": ", ".join(kept)}
    if troubles:
        names = dict.fromkeys(values.get("file", "-") for _, values in troubles)
        return Result(Outcome.UNDETERMINED, "not_read", values={"names": ", ".join(names)}, regions=region)
    return Result(Outcome.PASSED, "without_biometrics" if kept else "", values=read)


def opened_as_offered(subject: Subject) -> Result:
    """Whether PACE opened the chip where it has PACE: a reader that is talked down to BAC can be listened to, and a
    chip whose signed list names PACE while the open one does not was tampered with.
    """
    if subject.chip is None:
        return not_done("no_chip")
    session = subject.chip.session
    if session is None or not session.access:
        return not_done("no_record" if session is None else "not_opened")
    problems = dict(session.problems)
    region = (Region(session.evidence, part="reading"),)
    for reason in ("pace_hidden", "pace_not_signed"):
        if reason in problems:
            # EF.CardAccess is free to write for a forger; DG14 says what the State wrote, where its hash holds.
            sure = 14 in subject.chip.passive.authentic
            return Result(Outcome.FAILED if sure else Outcome.UNDETERMINED, reason, regions=region)
    values = {"protocol": session.access, "names": session.parameters}
    if session.downgraded:
        return Result(Outcome.UNDETERMINED, "downgraded", values=values, regions=region)
    if "pace_not_supported" in problems:
        return Result(Outcome.UNDETERMINED, "pace_not_supported", values=values, severity=Severity.NOTE)
    return Result(Outcome.PASSED, values=values)


def portrait(subject: Subject) -> Result:
    """Whether DG2 holds a portrait that can be shown beside the page's and the holder's face."""
    chip = subject.chip
    if chip is None:
        return not_done("no_chip")
    if (found := chip.portrait) is None:
        return not_done("no_dg2")
    if found.problem:
        return Result(Outcome.FAILED, "malformed", values={"detail": found.problem}, regions=_regions(chip, ("DG2",)))
    size = f"{found.width} x {found.height}"
    return Result(Outcome.PASSED, values={"coding": found.coding, "size": size}, regions=_regions(chip, ("DG2",)))


_CHANGED: Final = (FraudKind.FORGERY, FraudKind.PHOTO_SUBSTITUTION)
_FORGED: Final = (FraudKind.COUNTERFEIT, FraudKind.FORGERY)
_MADE: Final = (FraudKind.COUNTERFEIT, FraudKind.FANTASY)
_S, _C = Severity.SERIOUS, Severity.CONCERN

CHECKS: Final = (
    Check("chip.read", "ICAO Doc 9303-10, 3.6; 9303-11, 3", _C, read_whole, _FORGED),
    Check("chip.access", "ICAO Doc 9303-11, 4.2", _C, opened_as_offered, (FraudKind.COUNTERFEIT,)),
    Check("chip.sod", "ICAO Doc 9303-10, 4.6.2; 9303-11, 5.1, step 1", _S, _step("sod", _S), _FORGED),
    Check("chip.data_group_hashes", "ICAO Doc 9303-11, 5.1, step 5", _S, data_groups, _CHANGED),
    Check(
        "chip.data_group_list",
        "ICAO Doc 9303-10, 4.6.1",
        _C,
        _step("data_group_list", _C, ("EF.COM",)),
        (FraudKind.FORGERY, FraudKind.COUNTERFEIT),
    ),
    Check("chip.portrait", "ICAO Doc 9303-10, 4.7.2", _C, portrait, _CHANGED),
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
