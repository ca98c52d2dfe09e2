"""PC/SC without a reader: what its errors mean, and what is said where the library is missing."""

import sys
from typing import Any

import pytest

from fanal.chip import pcsc
from fanal.chip.errors import CardRemovedError, ChipTimeoutError, ReaderError


class Connection:
    """A connection of pyscard that answers, fails or hangs."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.disconnected = False

    def connect(self) -> None:
        return None

    def transmit(self, apdu: list[int]) -> tuple[list[int], int, int]:
        if isinstance(self.answer, Exception):
            raise self.answer
        if callable(self.answer):
            self.answer()
        return [*apdu[:2]], 0x90, 0x00

    def disconnect(self) -> None:
        self.disconnected = True


class Reader:
    def __init__(self, name: str, connection: Connection) -> None:
        self.name, self.connection = name, connection

    def __str__(self) -> str:
        return self.name

    def createConnection(self) -> Connection:
        return self.connection


def lay(monkeypatch: pytest.MonkeyPatch, *readers: Reader) -> None:
    monkeypatch.setattr(pcsc, "_readers", lambda: list(readers))


def test_a_command_goes_to_the_reader_and_the_answer_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    lay(monkeypatch, Reader("First", Connection(None)), Reader("Second", Connection(None)))
    assert pcsc.readers() == ["First", "Second"]
    with pcsc.PcscCard("second") as card:
        assert card.transmit(b"\x00\xa4\x00\x00") == b"\x00\xa4\x90\x00"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Card was removed. (0x80100069)", CardRemovedError),
        ("Failed to transmit with protocol T1. Transaction failed. (0x80100016)", CardRemovedError),
        ("Something else. (0x80100001)", ReaderError),
    ],
)
def test_errors_of_the_library_are_told_apart(
    text: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(monkeypatch, Reader("R", Connection(RuntimeError(text))))
    with pcsc.PcscCard() as card, pytest.raises(error):
        card.transmit(b"\x00\xa4\x00\x00")


def test_a_driver_that_waits_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    never = threading.Event()
    lay(monkeypatch, Reader("R", Connection(never.wait)))
    with pcsc.PcscCard(seconds=0.05) as card, pytest.raises(ChipTimeoutError):
        card.transmit(b"\x00\xa4\x00\x00")
    never.set()


def test_without_reader_or_chip_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lay(monkeypatch)
    with pytest.raises(ReaderError, match="no_reader"):
        pcsc.PcscCard()
    lay(monkeypatch, Reader("R", Connection(None)))
    with pytest.raises(ReaderError, match="no_reader"):
        pcsc.PcscCard("other")

    class Empty(Connection):
        def connect(self) -> None:
            raise RuntimeError("no smart card inserted")

    lay(monkeypatch, Reader("R", Empty(None)))
    with pytest.raises(ReaderError, match="no_card"):
        pcsc.PcscCard()


def test_without_the_library_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    monkeypatch.setitem(sys.modules, "smartcard.System", None)
    with pytest.raises(ReaderError, match="python3-pyscard"):
        pcsc.readers()
