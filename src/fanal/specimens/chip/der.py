"""As much of DER as SODs and SecurityInfos need, written out."""

from __future__ import annotations

from datetime import datetime

from fanal.chip.pace.protocol import encode_oid
from fanal.chip.tlv import encode


def seq(*parts: bytes) -> bytes:
    return encode(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return encode(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def octets(value: bytes) -> bytes:
    return encode(0x04, value)


def bits(value: bytes) -> bytes:
    return encode(0x03, b"\0", value)


def oid(dotted: str) -> bytes:
    return encode(0x06, encode_oid(dotted))


def utc(at: datetime) -> bytes:
    return encode(0x17, at.strftime("%y%m%d%H%M%SZ").encode())


__all__ = ["bits", "encode", "integer", "octets", "oid", "seq", "set_of", "utc"]
