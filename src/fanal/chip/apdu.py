"""Command and response APDUs (ISO/IEC 7816-4, 5), short and of extended length."""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

from fanal.chip.errors import ProtocolError

SUCCESS: Final = 0x9000
MAX_RESPONSE: Final = 65536 + 2


class Ins(IntEnum):
    """The instructions that an inspection system sends (Doc 9303-10, 3.6; 9303-11)."""

    MANAGE_SECURITY_ENVIRONMENT = 0x22
    EXTERNAL_AUTHENTICATE = 0x82
    GET_CHALLENGE = 0x84
    GENERAL_AUTHENTICATE = 0x86
    INTERNAL_AUTHENTICATE = 0x88
    SELECT = 0xA4
    READ_BINARY = 0xB0
    READ_BINARY_ODD = 0xB1  # offset in a data object: beyond 32767


class Command(NamedTuple):
    """A command. `ne` is the most octets of answer that are wanted: None for none, up to 65536."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    ne: int | None = None

    def encode(self, *, extended: bool = False) -> bytes:
        """As it is sent; of extended length where it has to be, or where `extended` says so."""
        header = bytes([self.cla, self.ins, self.p1, self.p2])
        if extended or len(self.data) > 255 or (self.ne or 0) > 256:
            le = b"" if self.ne is None else (self.ne & 0xFFFF).to_bytes(2)
            if not self.data:
                return header + (b"\0" + le if le else b"")
            return header + b"\0" + len(self.data).to_bytes(2) + self.data + le
        le = b"" if self.ne is None else bytes([self.ne & 0xFF])
        return header + (bytes([len(self.data)]) + self.data if self.data else b"") + le

    def __str__(self) -> str:
        """For the log: what is asked, never with data."""
        name = Ins(self.ins).name if self.ins in Ins._value2member_map_ else f"{self.ins:02X}"
        return f"{name} {self.p1:02X}{self.p2:02X}"


class Response(NamedTuple):
    """An answer: its data and its status word."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        return self.sw == SUCCESS

    def encode(self) -> bytes:
        return self.data + self.sw.to_bytes(2)


def parse_response(raw: bytes) -> Response:
    """Raises:
    ProtocolError: no status word, or longer than an answer can be.
    """
    if not 2 <= len(raw) <= MAX_RESPONSE:
        raise ProtocolError(f"an answer of {len(raw)} octets")
    return Response(raw[:-2], int.from_bytes(raw[-2:]))


def parse_command(raw: bytes) -> Command:
    """A command as it was sent (ISO/IEC 7816-3, 12.1).

    Raises:
        ProtocolError: it is none.
    """
    if len(raw) < 4:
        raise ProtocolError("a command of less than four octets")
    command, body = Command(raw[0], raw[1], raw[2], raw[3]), raw[4:]
    if not body:
        return command
    if len(body) == 1:
        return command._replace(ne=body[0] or 256)
    if body[0]:
        size, at, le = body[0], 1, 1
    else:
        if len(body) == 3:
            return command._replace(ne=int.from_bytes(body[1:]) or 65536)
        size, at, le = int.from_bytes(body[1:3]), 3, 2
    data, rest = body[at : at + size], body[at + size :]
    if len(data) != size or len(rest) not in (0, le):
        raise ProtocolError("a command whose lengths do not agree")
    ne = (int.from_bytes(rest) or (65536 if le == 2 else 256)) if rest else None
    return command._replace(data=data, ne=ne)
