"""Simulated chips, read, recorded and inspected: what each fault of a chip becomes for the officer."""

import itertools
import json
from datetime import UTC, datetime

import pytest

from fanal import inspection
from fanal.chip.errors import ChipError
from fanal.chip.password import Password
from fanal.chip.record import record_of, record_of_failure, to_json
from fanal.chip.session import Limits, read_chip
from fanal.documents import Evidence
from fanal.inspection.checks import chip as checks
from fanal.inspection.findings import Finding, run_all
from fanal.inspection.intake import intake
from fanal.specimens import MADE_ON
from fanal.specimens.chip import Fault, SimulatedChip, SpecimenChip, make_chip

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def evidence_of(
    chip: SpecimenChip, *, password: Password | None = None, limits: Limits | None = None, removed_at: int = 40
) -> dict[str, bytes]:
    """What `fanal chip read` leaves of this chip."""
    clock = Clock()
    card = SimulatedChip(chip, wait=clock.advance, removed_at=removed_at)
    try:
        reading = read_chip(card, password or chip.password, clock=clock, limits=limits)
    except ChipError as error:
        return {"reading.json": to_json(record_of_failure(error, AT))}
    return {**reading.files, "reading.json": to_json(record_of(reading, AT))}


def inspect(chip: SpecimenChip, files: dict[str, bytes]) -> dict[str, Finding]:
    context = inspection.Context(on=MADE_ON, trust=chip.trust)
    pieces: list[Evidence] = list(itertools.chain.from_iterable(intake(c, label=name) for name, c in files.items()))
    subject = inspection.read(pieces, context)
    return {finding.check: finding for finding in run_all(checks.CHECKS, subject)}


def answer(finding: Finding) -> tuple[str, str]:
    return finding.outcome.value, finding.reason


def test_a_genuine_chip_is_protected_against_cloning_and_passes_all() -> None:
    chip = make_chip(31)
    found = inspect(chip, evidence_of(chip))
    assert {finding.outcome.value for finding in found.values()} == {"passed"}
    assert found["chip.protected_against_cloning"].values["names"] == "PACE-CAM, CA, AA"


@pytest.mark.parametrize(
    ("fault", "check", "outcome", "reason"),
    [
        (Fault.WRONG_HASH, "data_group_hashes", "failed", "failed"),
        (Fault.UNKNOWN_CSCA, "path", "undetermined", "no_csca_for_key"),
        (Fault.EXPIRED_DSC, "validity_at_signing", "failed", "expired"),
        (Fault.REVOKED_DSC, "revocation", "failed", "revoked"),
        (Fault.CLONED, "protected_against_cloning", "failed", "failed"),
        (Fault.HUGE_LENGTH, "read", "failed", "over_limit"),
        (Fault.ENDLESS_FILE, "read", "failed", "over_limit"),
        (Fault.ENDLESS_ANSWER, "read", "failed", "over_limit"),
        (Fault.WRONG_MAC, "read", "failed", "not_protected"),
        (Fault.REPLAYED, "read", "failed", "not_protected"),
        (Fault.DOWNGRADE, "access", "undetermined", "downgraded"),
        (Fault.PACE_HIDDEN, "access", "failed", "pace_hidden"),
        (Fault.SLOW, "read", "undetermined", "timeout"),
        (Fault.REMOVED, "read", "undetermined", "removed"),
    ],
)
def test_every_fault_of_a_chip_becomes_a_finding(fault: Fault, check: str, outcome: str, reason: str) -> None:
    chip = make_chip(32, fault=fault, extended=fault is not Fault.SLOW)
    found = inspect(chip, evidence_of(chip))
    assert answer(found[f"chip.{check}"]) == (outcome, reason)


def test_only_the_fault_is_held_against_the_chip() -> None:
    """A chip that needs short commands, or is opened by BAC because it has no PACE, is in order."""
    for chip in (make_chip(33, fault=Fault.BAD_EXTENDED), make_chip(33, pace=()), make_chip(33, extended=False)):
        found = inspect(chip, evidence_of(chip))
        assert {finding.outcome.value for finding in found.values()} == {"passed"}


def test_a_chip_that_does_not_know_the_mrz_is_a_finding() -> None:
    chip = make_chip(34)
    found = inspect(chip, evidence_of(chip, password=make_chip(35).password))
    assert answer(found["chip.read"]) == ("undetermined", "wrong_password")
    assert answer(found["chip.access"]) == ("not_done", "not_opened")


def test_a_chip_removed_before_it_was_opened_is_a_finding() -> None:
    chip = make_chip(34, fault=Fault.REMOVED)
    assert answer(inspect(chip, evidence_of(chip, removed_at=3))["chip.read"]) == ("undetermined", "removed")


def test_a_record_of_another_chip_proves_nothing() -> None:
    one, other = make_chip(36), make_chip(37)
    files = {**evidence_of(one), "reading.json": evidence_of(other)["reading.json"]}
    found = inspect(one, files)
    assert answer(found["chip.read"]) == ("undetermined", "other_files")
    assert answer(found["chip.protected_against_cloning"]) == ("not_done", "not_run")


@pytest.mark.parametrize("name", ["pace_cam", "chip_authentication", "active_authentication"])
def test_a_proof_with_another_key_than_the_signed_one_proves_nothing(name: str) -> None:
    chip = make_chip(38)
    files = evidence_of(chip)
    record = json.loads(files["reading.json"])
    for proof in record["proofs"].values():
        proof.update({"outcome": "not_done"})
    record["proofs"][name].update({"outcome": "passed", "key": "3000"})
    found = inspect(chip, {**files, "reading.json": json.dumps(record).encode()})
    assert answer(found["chip.protected_against_cloning"]) == ("undetermined", "key_not_vouched")


def test_a_mapping_key_that_a_stranger_signed_proves_nothing() -> None:
    """A counterfeit may bring an EF.CardSecurity of its own, with a key that it has."""
    chip = make_chip(39, chip_authentication=None, active_authentication=None)
    assert answer(inspect(chip, evidence_of(chip))["chip.protected_against_cloning"]) == ("passed", "passed")
    strange = make_chip(39, chip_authentication=None, active_authentication=None, fault=Fault.UNKNOWN_CSCA)
    files = evidence_of(strange)
    for name in ("EF.SOD", "EF.COM", "DG14"):  # all else is copied from the genuine one
        files[name] = chip.files[name]
    record = json.loads(files["reading.json"])
    import hashlib

    record["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    found = inspect(chip, {**files, "reading.json": json.dumps(record).encode()})
    assert answer(found["chip.protected_against_cloning"]) == ("undetermined", "key_not_vouched")


@pytest.mark.parametrize("record", [b'{"schema": "fanal.chip-reading/1"}', b'{"schema": "fanal.chip-reading/1", '])
def test_a_record_that_is_none_is_said(record: bytes) -> None:
    chip = make_chip(40)
    found = inspect(chip, {**evidence_of(chip), "reading.json": record})
    assert answer(found["chip.read"]) == ("undetermined", "other_files")
