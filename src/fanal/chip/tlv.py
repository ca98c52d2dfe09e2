"""BER-TLV data objects as ISO/IEC 7816-4 has them: tags of up to three octets, definite lengths of up to five.

Every byte may be hostile: lengths are compared with what is there before anything is taken, the number of objects on
one level is bounded, and nothing here calls itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fanal.chip.errors import TlvError

MAX_OBJECTS: Final = 4096
HEADER: Final = 8  # the most octets that a tag and its length take here: three and five


class Tlv(NamedTuple):
    """One data object: its tag (0x5F1F is one number), its value, and the whole as it came."""

    tag: int
    value: bytes
    raw: bytes


class Header(NamedTuple):
    """What stands before a value: its tag, how long it is, and how many octets said so."""

    tag: int
    length: int
    size: int

    @property
    def total(self) -> int:
        return self.size + self.length


def read_header(data: bytes, at: int = 0) -> Header:
    """The tag and the length at `at`; the value need not be there.

    Raises:
        TlvError: they are cut off, or are of a form that is not allowed.
    """
    start = at
    try:
        tag = data[at]
        at += 1
        if tag & 0x1F == 0x1F:
            while True:
                octet = data[at]
                at += 1
                tag = tag << 8 | octet
                if not octet & 0x80:
                    break
                if at - start >= 3:
                    raise TlvError("a tag of more than three octets")
        length = data[at]
        at += 1
        if length >= 0x80:
            octets = length & 0x7F
            if not 1 <= octets <= 4:
                raise TlvError("a length of indefinite form, or of more than four octets")
            if at + octets > len(data):
                raise TlvError("the data end within a length")
            length = int.from_bytes(data[at : at + octets])
            at += octets
    except IndexError:
        raise TlvError("the data end within a tag or a length") from None
    return Header(tag, length, at - start)


def parse(data: bytes, *, most: int = MAX_OBJECTS) -> list[Tlv]:
    """The data objects that follow each other in `data`.

    Raises:
        TlvError: they do not fill it exactly, or are more than `most`.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        if len(found) >= most:
            raise TlvError(f"more than {most} data objects")
        tag, length, size = read_header(data, at)
        end = at + size + length
        if end > len(data):
            raise TlvError(f"object {tag:X} is longer than what holds it")
        found.append(Tlv(tag, data[at + size : end], data[at:end]))
        at = end
    return found


def parse_padded(data: bytes, *, most: int = MAX_OBJECTS) -> list[Tlv]:
    """The data objects of a file that has no object around them: they end where octets 00 begin, or with the file.

    Raises:
        TlvError: one is cut off, or they are more than `most`.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(data) and data[at]:
        if len(found) >= most:
            raise TlvError(f"more than {most} data objects")
        one = parse_one(data[at:], trailing=True)
        found.append(one)
        at += len(one.raw)
    return found


def parse_one(data: bytes, tag: int | None = None, *, trailing: bool = False) -> Tlv:
    """The one data object that `data` is; `trailing` allows octets after it, as a file may be padded.

    Raises:
        TlvError: it is not one, or has another tag.
    """
    found, length, size = read_header(data)
    end = size + length
    if end > len(data):
        raise TlvError(f"object {found:X} is longer than what holds it")
    if end < len(data) and not trailing:
        raise TlvError("octets after the object")
    if tag is not None and found != tag:
        raise TlvError(f"tag {found:X} where {tag:X} was expected")
    return Tlv(found, data[size:end], data[:end])


def find(objects: list[Tlv], tag: int) -> bytes | None:
    """The value of the first object with this tag, or None."""
    return next((one.value for one in objects if one.tag == tag), None)


def get(objects: list[Tlv], tag: int) -> bytes:
    """The value of the first object with this tag.

    Raises:
        TlvError: there is none.
    """
    value = find(objects, tag)
    if value is None:
        raise TlvError(f"no object {tag:X}")
    return value


def encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def encode(tag: int, *parts: bytes) -> bytes:
    """One data object around the parts."""
    value = b"".join(parts)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + encode_length(len(value)) + value
