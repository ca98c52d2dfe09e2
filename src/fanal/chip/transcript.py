"""A recorded conversation with a chip: saved without the holder's data, and replayed as a card.

A recording keeps what was sent and answered, with the times and the reader's random numbers, so that a replay is the
same reading again, command by command: to find out why a chip could not be read without having it any more.

What would tell of the holder is taken out when the transcript is written. The contents of personal data groups are
zeros (their tags and lengths stay). What was enciphered with the password is enciphered again with that of the
specimen in Doc 9303-4, so that nobody can find the holder's MRZ by trial; the session keys do not depend on it.
EF.SOD and the chip's public keys remain, and with them which chip it was: a transcript is not public.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from fanal.chip import bac, tlv
from fanal.chip.apdu import Command, Ins, parse_command, parse_response
from fanal.chip.crypto import MAC_SIZE, Counter, Suite
from fanal.chip.errors import CardRemovedError, ChipError, ChipTimeoutError, ProtocolError, ReaderError
from fanal.chip.pace import variant_of
from fanal.chip.pace.protocol import encode_oid
from fanal.chip.password import Password, PasswordKind
from fanal.chip.recorder import PERSONAL, Exchange, Recorder
from fanal.chip.security_infos import ID_PACE, PaceInfo

SCHEMA: Final = "fanal.chip-transcript/1"
MAX_EXCHANGES: Final = 40_000
MAX_BYTES: Final = 32 * 1024 * 1024

_ERRORS: Final[dict[str, Callable[[], ChipError]]] = {
    "card_removed": CardRemovedError,
    "timeout": lambda: ChipTimeoutError("as recorded"),
    "reader_failed": lambda: ReaderError("reader_failed", "as recorded"),
}


def stand_in(kind: PasswordKind) -> Password:
    """The password that replays a transcript: the specimen's of Doc 9303-4, appendix B, or an invented CAN."""
    if kind is PasswordKind.MRZ:
        return Password.of_mrz("L898902C3", "740812", "120415")
    return Password.of_can("123456")


def write_transcript(recorder: Recorder, password: Password) -> bytes:
    """The transcript as JSON, without the holder's data. `password` is the one that the chip was opened with."""
    other = stand_in(password.kind)
    rows = [
        {"sent": e.sent.hex(), "answer": e.answer.hex(), "ms": round(e.seconds * 1000, 1)}
        | ({"error": e.error} if e.error else {})
        for e in _with_password(recorder.exchanges, password, other)
    ]
    head = {
        "schema": SCHEMA,
        "password": password.kind.name,
        "emptied": sorted(PERSONAL, key=lambda name: int(name[2:])),
        "random": [value.hex() for value in recorder.numbers],
    }
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    return f'{json.dumps(head, indent=1)[:-2]},\n "exchanges": [\n  {lines}\n ]\n}}\n'.encode()


def _with_password(exchanges: list[Exchange], own: Password, other: Password) -> Iterator[Exchange]:
    """The exchanges with what `own` enciphered enciphered with `other`: PACE's nonce, and BAC's two cryptograms."""
    suite: Suite | None = None
    for e in exchanges:
        command = _parsed(e.sent)
        if command is None or e.error or len(e.answer) < 2:
            yield e
        elif command.ins == Ins.MANAGE_SECURITY_ENVIRONMENT and (command.p1, command.p2) == (0xC1, 0xA4):
            suite = _suite(command)
            yield e
        elif command.ins == Ins.GENERAL_AUTHENTICATE and command.data == b"\x7c\x00" and suite is not None:
            yield Exchange(e.sent, _other_nonce(e.answer, suite, own, other), e.seconds)
        elif command.ins == Ins.EXTERNAL_AUTHENTICATE and len(command.data) == 32 + MAC_SIZE:
            sent = command._replace(data=_other_cryptogram(command.data, own, other)).encode()
            answer = e.answer
            if len(answer) == 32 + MAC_SIZE + 2:
                answer = _other_cryptogram(answer[:-2], own, other) + answer[-2:]
            yield Exchange(sent, answer, e.seconds)
        else:
            yield e


def _parsed(raw: bytes) -> Command | None:
    try:
        return parse_command(raw)
    except ProtocolError:
        return None


def _suite(command: Command) -> Suite | None:
    protocol = tlv.find(tlv.parse(command.data, most=8), 0x80) or b""
    for end in (f"{mapping}.{cipher}" for mapping in (1, 2, 3, 4, 6) for cipher in (1, 2, 3, 4)):
        if encode_oid(ID_PACE + end) == protocol:
            number = 0 if end[0] in "13" else 12
            variant = variant_of(PaceInfo(ID_PACE + end, 2, number))
            return variant.suite if variant is not None else None
    return None


def _other_nonce(answer: bytes, suite: Suite, own: Password, other: Password) -> bytes:
    response = parse_response(answer)
    try:
        sealed = tlv.get(tlv.parse(tlv.parse_one(response.data, 0x7C).value, most=4), 0x80)
        nonce = suite.decrypt(suite.derive(own.seed, Counter.PACE), sealed)
    except ChipError:
        return answer  # no nonce: there is nothing of the password in it
    again = suite.encrypt(suite.derive(other.seed, Counter.PACE), nonce)
    return response._replace(data=tlv.encode(0x7C, tlv.encode(0x80, again))).encode()


def _other_cryptogram(data: bytes, own: Password, other: Password) -> bytes:
    (k_enc, k_mac), (other_enc, other_mac) = bac.access_keys(own), bac.access_keys(other)
    sealed, mac = data[:-MAC_SIZE], data[-MAC_SIZE:]
    held = bac.SUITE.token_mac(k_mac, sealed) == mac
    again = bac.SUITE.encrypt(other_enc, bac.SUITE.decrypt(k_enc, sealed))
    return again + (bac.SUITE.token_mac(other_mac, again) if held else mac)


class ReplayedCard:
    """A transcript as a card. `password`, `random` and `clock` are those of the reading that was recorded."""

    def __init__(self, transcript: bytes) -> None:
        """Raises:
        ReaderError: `transcript_malformed`: it is none.
        """
        try:
            self._read(transcript)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ReaderError("transcript_malformed", type(error).__name__) from error

    def _read(self, transcript: bytes) -> None:
        if len(transcript) > MAX_BYTES:
            raise ValueError("too large")
        data: dict[str, Any] = json.loads(transcript)
        if data["schema"] != SCHEMA or len(data["exchanges"]) > MAX_EXCHANGES:
            raise ValueError("another schema")
        self.password = stand_in(PasswordKind[data["password"]])
        self.emptied = frozenset(str(name) for name in data["emptied"])
        self._numbers = [bytes.fromhex(value) for value in data["random"]]
        self._exchanges = [
            Exchange(
                bytes.fromhex(row["sent"]), bytes.fromhex(row["answer"]), float(row["ms"]) / 1000, row.get("error", "")
            )
            for row in data["exchanges"]
        ]
        self._at = 0
        self._now = 0.0

    def clock(self) -> float:
        """The seconds that the exchanges so far had taken."""
        return self._now

    def random(self, size: int) -> bytes:
        """The number that was drawn at this place.

        Raises:
            ReaderError: `replay_differs`: none of this size was.
        """
        if not self._numbers or len(self._numbers[0]) != size:
            raise ReaderError("replay_differs", "another number was drawn when this was recorded")
        return self._numbers.pop(0)

    def transmit(self, apdu: bytes) -> bytes:
        """Raises:
        ReaderError: `replay_differs`: another command was sent here, or none any more.
        ChipError: as recorded.
        """
        if self._at >= len(self._exchanges):
            raise ReaderError("replay_differs", "the recording ends here")
        exchange = self._exchanges[self._at]
        if exchange.sent != apdu:
            raise ReaderError("replay_differs", f"another command was recorded at {self._at + 1}")
        self._at += 1
        self._now += exchange.seconds
        if exchange.error:
            raise _ERRORS.get(exchange.error, _ERRORS["reader_failed"])()
        return exchange.answer


__all__ = ["SCHEMA", "ReplayedCard", "stand_in", "write_transcript"]
