"""A recorded reading is the same reading again, and does not tell of the holder."""

import itertools
import json
import os
import time

import pytest

from fanal.chip.errors import ChipError, ReaderError
from fanal.chip.password import Password
from fanal.chip.recorder import PERSONAL, Recorder
from fanal.chip.session import ChipReading, read_chip
from fanal.chip.transcript import ReplayedCard, write_transcript
from fanal.documents import Field
from fanal.specimens.chip import Fault, SimulatedChip, SpecimenChip, make_chip


def record(chip: SpecimenChip, password: Password | None = None) -> tuple[ChipReading, bytes]:
    recorder = Recorder(SimulatedChip(chip), time.monotonic, os.urandom)
    password = password or chip.password
    return read_chip(recorder, password, random=recorder.random), write_transcript(recorder, password)


def replay(transcript: bytes) -> ChipReading:
    card = ReplayedCard(transcript)
    return read_chip(card, card.password, clock=card.clock, random=card.random)


OPTIONS = [
    {"pace": ()},
    {"pace": [("2.2", 13)]},
    {"pace": [("4.4", 16)]},
    {"pace": [("1.2", 1)]},
    {"pace": [("6.3", 14)]},
    {"pace": [("2.1", 12)], "extended": False},
    {"fault": Fault.BAD_EXTENDED},
    {"fault": Fault.DOWNGRADE},
    {"fault": Fault.CLONED},
    {"fault": Fault.WRONG_MAC},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_replay_is_the_same_reading_with_the_holders_data_emptied(options: dict[str, object]) -> None:
    chip: SpecimenChip = make_chip(21, **options)  # type: ignore[arg-type]
    first, transcript = record(chip)
    again = replay(transcript)
    assert first.files.keys() == again.files.keys()
    for name, content in again.files.items():
        if name in PERSONAL:
            assert content != first.files[name]
            assert content[:2] == first.files[name][:2]
            assert not content[6:].strip(b"\0")
        else:
            assert content == first.files[name]
    assert again.protocols == first.protocols
    assert again.problems == first.problems
    assert again.access == first.access
    assert again.commands == first.commands


def test_a_replay_of_a_chip_opened_with_its_card_access_number() -> None:
    chip = make_chip(21)
    first, transcript = record(chip, Password.of_can(chip.can))
    assert json.loads(transcript)["password"] == "CAN"
    assert replay(transcript).protocols == first.protocols


@pytest.mark.parametrize("pace", [(), (("2.2", 13),)], ids=["BAC", "PACE"])
def test_neither_the_password_nor_the_holders_data_can_be_had_from_a_transcript(
    pace: tuple[tuple[str, int], ...],
) -> None:
    """Whoever guesses the MRZ cannot see from the transcript that it is right: it does not open it."""
    chip = make_chip(22, pace=pace)
    _, transcript = record(chip)
    card = ReplayedCard(transcript)
    with pytest.raises(ChipError):
        read_chip(card, chip.password, clock=card.clock, random=card.random)
    number = chip.document.viz[Field.DOCUMENT_NUMBER]
    for value in (number.encode().hex(), number):
        assert value not in transcript.decode()
    assert b"".join(e for e in replay(transcript).files.values()).count(number.encode()) == 0


def test_a_reading_that_broke_off_is_recorded_to_its_end() -> None:
    chip = make_chip(23, fault=Fault.REMOVED)
    first, transcript = record(chip)
    again = replay(transcript)
    assert again.problems == first.problems
    assert [p.code for p in again.problems] == [p.code for p in first.problems]


def test_a_replay_that_is_asked_otherwise_is_an_error_of_the_reader() -> None:
    _, transcript = record(make_chip(24))
    card = ReplayedCard(transcript)
    with pytest.raises(ReaderError, match="replay_differs"):
        card.transmit(b"\x00\xa4\x00\x00")


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"null", b'{"schema": "fanal.chip-transcript/1"}', b"\xff", b"[" * 100_000],
)
def test_what_is_no_transcript_is_refused(broken: bytes) -> None:
    with pytest.raises(ReaderError, match="transcript_malformed"):
        ReplayedCard(broken)


def test_a_changed_transcript_is_replayed_or_refused_and_never_breaks() -> None:
    _, transcript = record(make_chip(25))
    data = json.loads(transcript)
    for at, change in itertools.product(range(0, len(data["exchanges"]), 9), ("", "9000", "6a82", "ff" * 40)):
        rows = [dict(row) for row in data["exchanges"]]
        rows[at]["answer"] = change
        try:
            replay(json.dumps({**data, "exchanges": rows}).encode())
        except ChipError:
            continue
