"""Whole readings of simulated chips: every protocol, every fault, every command at which a chip may go."""

from collections.abc import Callable

import pytest

from fanal.chip.errors import CardRemovedError, ChipError, ChipTimeoutError, WrongPasswordError
from fanal.chip.lds import claims, parse_dg2
from fanal.chip.passive_auth import Outcome, StepCode, verify
from fanal.chip.password import Password
from fanal.chip.session import ChipReading, Limits, read_chip
from fanal.documents import Field, Source
from fanal.specimens import MADE_ON
from fanal.specimens.chip import Fault, SimulatedChip, SpecimenChip, make_chip


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class ClockedField:
    """A field in which each command takes a tenth of a second of the clock."""

    def __init__(self, chip: SimulatedChip, clock: Clock) -> None:
        self._chip, self._clock = chip, clock

    def transmit(self, apdu: bytes) -> bytes:
        self._clock.advance(0.1)
        return self._chip.transmit(apdu)


def read(chip: SpecimenChip, **options: object) -> ChipReading:
    clock = Clock()
    simulated = SimulatedChip(chip, wait=clock.advance, **options)  # type: ignore[arg-type]
    return read_chip(ClockedField(simulated, clock), chip.password, clock=clock)


def codes(reading: ChipReading) -> list[str]:
    return [problem.code for problem in reading.problems]


ALL_PROVED = {"pace_cam": "passed", "chip_authentication": "passed", "active_authentication": "passed"}


def test_a_genuine_chip_is_read_whole_and_proves_itself() -> None:
    chip = make_chip(1)
    seen: list[tuple[str, int, int]] = []
    reading = read_chip(SimulatedChip(chip), chip.password, progress=lambda *step: seen.append(step))
    assert dict(reading.files) == dict(chip.files)
    assert reading.problems == ()
    assert reading.protocols == ALL_PROVED
    assert reading.access is not None
    assert (reading.access.protocol, reading.access.downgraded) == ("PACE", False)
    assert reading.chip_authentication.key
    assert {"access", "DG2", "chip_authentication"} <= reading.timings.keys()
    assert ("DG2", len(chip.files["DG2"]), len(chip.files["DG2"])) in seen
    done = verify(reading.files, chip.trust, on=MADE_ON)
    assert {step.outcome for step in done.steps} == {Outcome.PASSED}
    assert {14, 15} <= done.authentic


# The suites of PACE by the end of their object identifiers: 1 3DES, 2 to 4 AES with 128, 192 and 256 bits.
ELLIPTIC = [(f"{mapping}.{suite}", 13) for mapping in (2, 4) for suite in (1, 2, 3, 4)]
CAM = [(f"6.{suite}", number) for suite, number in ((2, 8), (3, 14), (4, 18))]
CLASSIC = [("1.1", 0), ("1.2", 1), ("1.4", 2), ("3.1", 0), ("3.2", 1), ("3.3", 2)]
GROUPS = [("2.2", number) for number in range(8, 19)] + [("4.4", number) for number in range(8, 19) if number != 10]


@pytest.mark.parametrize("variant", [*ELLIPTIC, *CAM, *CLASSIC, *GROUPS], ids=str)
@pytest.mark.parametrize("by", ["MRZ", "CAN"])
def test_every_variant_of_pace_opens_a_chip(variant: tuple[str, int], by: str) -> None:
    chip = make_chip(2, pace=[variant], chip_authentication=None, active_authentication=None)
    password = chip.password if by == "MRZ" else Password.of_can(chip.can)
    reading = read_chip(SimulatedChip(chip), password)
    assert reading.access is not None
    assert reading.access.protocol == "PACE"
    assert reading.problems == ()
    assert dict(reading.files) == dict(chip.files)
    assert reading.protocols == ({"pace_cam": "passed"} if variant[0].startswith("6") else {})


AGREEMENTS = [("2.1", 13), ("2.2", 12), ("2.3", 15), ("2.4", 17), ("2.2", 14), ("1.1", 0), ("1.2", 1), ("1.3", 2)]


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=str)
@pytest.mark.parametrize("pace", [(), (("2.4", 16),)], ids=["BAC", "PACE"])
def test_every_kind_of_chip_authentication_proves_the_chip(
    agreement: tuple[str, int], pace: tuple[tuple[str, int], ...]
) -> None:
    chip = make_chip(3, pace=pace, chip_authentication=agreement, active_authentication=None)
    reading = read_chip(SimulatedChip(chip), chip.password)
    assert reading.protocols == {"chip_authentication": "passed"}
    assert reading.problems == ()


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("pace", [(), (("2.2", 12),)], ids=["BAC", "PACE"])
def test_active_authentication_proves_the_chip(kind: str, pace: tuple[tuple[str, int], ...]) -> None:
    chip = make_chip(4, pace=pace, chip_authentication=None, active_authentication=kind)
    reading = read_chip(SimulatedChip(chip), chip.password)
    assert reading.protocols == {"active_authentication": "passed"}
    assert reading.challenge is not None


@pytest.mark.parametrize("pace", [(), (("2.1", 13),), (("2.4", 13),)], ids=["BAC", "3DES", "AES"])
def test_a_chip_without_extended_lengths_is_read_in_short_pieces(pace: tuple[tuple[str, int], ...]) -> None:
    chip = make_chip(5, pace=pace, extended=False)
    reading = read_chip(SimulatedChip(chip), chip.password)
    assert reading.problems == ()
    assert dict(reading.files) == dict(chip.files)


def test_a_chip_that_says_it_takes_extended_lengths_and_does_not_is_read_all_the_same() -> None:
    chip = make_chip(5, fault=Fault.BAD_EXTENDED)
    reading = read_chip(SimulatedChip(chip), chip.password)
    assert codes(reading) == ["extended_length_failed"]
    assert dict(reading.files) == dict(chip.files)
    assert reading.protocols == ALL_PROVED


def test_a_file_beyond_32_767_octets_is_read_with_the_odd_instruction() -> None:
    from dataclasses import replace
    from types import MappingProxyType

    from fanal.chip.tlv import encode

    for extended in (True, False):
        chip = make_chip(5, extended=extended)
        large = encode(0x75, bytes(range(256)) * 200)
        chip = replace(chip, files=MappingProxyType({**chip.files, "DG2": large}))
        assert read_chip(SimulatedChip(chip), chip.password).files["DG2"] == large


@pytest.mark.parametrize("pace", [(), (("2.2", 13),)], ids=["BAC", "PACE"])
def test_a_wrong_password_is_said(pace: tuple[tuple[str, int], ...]) -> None:
    chip = make_chip(6, pace=pace)
    with pytest.raises(WrongPasswordError):
        read_chip(SimulatedChip(chip), make_chip(7).password)


def test_a_wrong_card_access_number_is_said() -> None:
    chip = make_chip(6)
    with pytest.raises(WrongPasswordError):
        read_chip(SimulatedChip(chip), Password.of_can("000000"))


def test_a_chip_without_pace_is_not_opened_by_a_card_access_number() -> None:
    chip = make_chip(6, pace=())
    with pytest.raises(ChipError, match="no_password"):
        read_chip(SimulatedChip(chip), Password.of_can(chip.can))


# Faults of the files: the reading is complete, and passive authentication says what is wrong.
@pytest.mark.parametrize(
    ("fault", "step", "outcome"),
    [
        (Fault.WRONG_HASH, StepCode.DATA_GROUP_HASHES, Outcome.FAILED),
        (Fault.UNKNOWN_CSCA, StepCode.PATH, Outcome.UNDETERMINED),
        (Fault.EXPIRED_DSC, StepCode.VALIDITY_AT_SIGNING, Outcome.FAILED),
        (Fault.REVOKED_DSC, StepCode.REVOCATION, Outcome.FAILED),
    ],
)
def test_a_fault_of_the_files_is_a_finding_of_passive_authentication(
    fault: Fault, step: StepCode, outcome: Outcome
) -> None:
    chip = make_chip(8, fault=fault)
    reading = read(chip)
    assert reading.problems == ()
    done = verify(reading.files, chip.trust, on=MADE_ON)
    found = done.step(step).outcome
    assert found in ({outcome, Outcome.FAILED} if outcome is Outcome.UNDETERMINED else {outcome})
    assert found is not Outcome.PASSED


@pytest.mark.parametrize("active", ["ec", "rsa"])
@pytest.mark.parametrize("agreement", [("2.2", 13), ("2.1", 13)], ids=["AES", "3DES"])
def test_a_perfect_copy_passes_passive_authentication_and_fails_every_proof(
    active: str, agreement: tuple[str, int]
) -> None:
    chip = make_chip(8, fault=Fault.CLONED, active_authentication=active, chip_authentication=agreement)
    reading = read(chip)
    assert {s.outcome for s in verify(reading.files, chip.trust, on=MADE_ON).steps} == {Outcome.PASSED}
    assert reading.protocols == dict.fromkeys(ALL_PROVED, "failed")


@pytest.mark.parametrize(
    ("fault", "code", "error"),
    [
        (Fault.HUGE_LENGTH, "file_not_read", "over_limit"),
        (Fault.ENDLESS_FILE, "file_not_read", "over_limit"),
        (Fault.ENDLESS_ANSWER, "file_not_read", "over_limit"),
        (Fault.WRONG_MAC, "file_not_read", "secure_messaging"),
        (Fault.REPLAYED, "file_not_read", "secure_messaging"),
    ],
)
def test_a_hostile_file_costs_that_file_and_no_other(fault: Fault, code: str, error: str) -> None:
    chip = make_chip(9, fault=fault)
    clock = Clock()
    simulated = SimulatedChip(chip)
    limits = Limits(file_seconds=1e6, seconds=1e6)  # the limits of size, not those of time, end it
    reading = read_chip(ClockedField(simulated, clock), chip.password, clock=clock, limits=limits)
    problem = next(p for p in reading.problems if p.values.get("file") == "DG2")
    assert (problem.code, problem.values["error"]) == (code, error)
    if fault is not Fault.ENDLESS_ANSWER:
        assert dict(reading.files) == {k: v for k, v in chip.files.items() if k != "DG2"}
        assert reading.chip_authentication.outcome is Outcome.PASSED
    assert simulated.commands < 40_000


def test_an_endless_file_ends_with_the_time_for_it() -> None:
    chip = make_chip(9, fault=Fault.ENDLESS_FILE)
    reading = read(chip)  # a tenth of a second each: 30 s are 300 commands
    problem = next(p for p in reading.problems if p.values.get("step") == "DG2")
    assert problem.code == "timeout"
    assert "DG15" in reading.files


def test_a_slow_chip_is_left_when_the_time_is_over_with_what_was_read() -> None:
    chip = make_chip(9, fault=Fault.SLOW, extended=False)
    clock = Clock()
    reading = read_chip(
        SimulatedChip(chip, wait=clock.advance), chip.password, clock=clock, limits=Limits(seconds=120, file_seconds=60)
    )
    assert clock.now <= 120 + 2
    assert "timeout" in codes(reading)
    assert "DG1" in reading.files
    assert reading.protocols.get("chip_authentication") is None


def test_a_chip_too_slow_to_be_opened_is_a_timeout() -> None:
    chip = make_chip(9, fault=Fault.SLOW)
    clock = Clock()
    with pytest.raises(ChipTimeoutError):
        read_chip(SimulatedChip(chip, wait=clock.advance), chip.password, clock=clock, limits=Limits(seconds=5))
    assert clock.now <= 7


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.DOWNGRADE, "pace_failed_bac_used"), (Fault.PACE_HIDDEN, "pace_hidden")]
)
def test_a_downgrade_to_basic_access_control_is_noted(fault: Fault, code: str) -> None:
    chip = make_chip(10, fault=fault)
    reading = read(chip)
    assert code in codes(reading)
    assert reading.access is not None
    assert (reading.access.protocol, reading.access.downgraded) == ("BAC", True)
    assert reading.protocols["chip_authentication"] == "passed"


def commands_of(chip: SpecimenChip) -> int:
    simulated = SimulatedChip(chip)
    read_chip(simulated, chip.password)
    return simulated.commands


@pytest.mark.parametrize("options", [{}, {"pace": ()}], ids=["PACE", "BAC"])
def test_a_chip_may_be_removed_at_any_command(options: dict[str, object]) -> None:
    whole: SpecimenChip = make_chip(11, **options)  # type: ignore[arg-type]
    last = commands_of(whole)
    removed: SpecimenChip = make_chip(11, fault=Fault.REMOVED, **options)  # type: ignore[arg-type]
    opened = False
    for at in range(1, last + 1):
        try:
            reading = read(removed, removed_at=at)
        except CardRemovedError:
            assert not opened, f"at command {at} what was read before was lost"
            continue
        opened = True
        assert "card_removed" in codes(reading)
        assert all(chip_file == whole.files[name] for name, chip_file in reading.files.items())
        assert "failed" not in reading.protocols.values()
    assert opened


def test_no_answer_whatever_makes_a_reading_raise_anything_but_its_own_errors() -> None:
    """Each answer in turn is cut, emptied, lengthened or made noise."""
    chip = make_chip(12)
    changes: list[Callable[[bytes], bytes]] = [
        lambda a: b"", lambda a: a[:1], lambda a: a[:-1], lambda a: bytes(len(a)), lambda a: b"\x6f\x00",
        lambda a: b"\xff" * 300, lambda a: a[:-2] * 2 + a[-2:], lambda a: b"\x61\x10", lambda a: b"\x6c\x05",
    ]  # fmt: skip

    class Changed:
        def __init__(self, at: int, change: Callable[[bytes], bytes]) -> None:
            self.inner, self.at, self.change = SimulatedChip(chip), at, change

        def transmit(self, apdu: bytes) -> bytes:
            answer = self.inner.transmit(apdu)
            return self.change(answer) if self.inner.commands == self.at else answer

    for at in range(1, 50, 2):
        for change in changes[at // 2 % 3 :: 3]:
            try:
                reading = read_chip(Changed(at, change), chip.password)
            except ChipError:
                continue
            for name, content in reading.files.items():
                if name not in ("EF.CardAccess", "EF.ATR", "EF.DIR"):  # read without protection
                    assert content == chip.files[name]


def test_what_is_read_is_what_the_document_says() -> None:
    chip = make_chip(13)
    reading = read(chip)
    made = claims(reading.files, on=MADE_ON)
    assert {claim.source for claim in made} == {Source.CHIP}
    for name in (Field.DOCUMENT_NUMBER, Field.DATE_OF_EXPIRY, Field.DATE_OF_ISSUE, Field.DATE_OF_BIRTH):
        assert {claim.value for claim in made if claim.field is name} == {chip.document.viz[name]}
    (face,) = parse_dg2(reading.files["DG2"])
    assert face.decode().size == (413, 531) == (face.width, face.height)


def test_a_reading_does_not_show_what_was_read() -> None:
    chip = make_chip(14)
    shown = repr(read(chip))
    assert chip.document.viz[Field.DOCUMENT_NUMBER] not in shown


def test_data_groups_that_need_terminal_authentication_are_not_read_and_that_is_said() -> None:
    from dataclasses import replace
    from types import MappingProxyType

    chip = make_chip(15)
    com = chip.files["EF.COM"].replace(b"\x5c\x06", b"\x5c\x07", 1).replace(b"\x60\x18", b"\x60\x19", 1) + b"\x63"
    reading = read(replace(chip, files=MappingProxyType({**chip.files, "EF.COM": com, "DG3": b"\x63\x01\x00"})))
    assert [(p.code, p.values["file"]) for p in reading.problems] == [("terminal_authentication_needed", "DG3")]


def test_a_data_group_that_is_listed_and_is_not_there_is_said() -> None:
    from dataclasses import replace
    from types import MappingProxyType

    chip = make_chip(15)
    files = {name: content for name, content in chip.files.items() if name != "DG11"}
    reading = read(replace(chip, files=MappingProxyType(files)))
    assert [(p.code, p.values["file"]) for p in reading.problems] == [("file_absent", "DG11")]


def test_a_chip_that_only_keeps_answering_success_ends() -> None:
    class Yes:
        def transmit(self, apdu: bytes) -> bytes:
            return b"\x90\x00"

    with pytest.raises(ChipError):
        read_chip(Yes(), make_chip(1).password)
