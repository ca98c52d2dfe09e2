"""A bounded reader of DER and BER (ITU-T X.690), for certificates, CMS and what they sign.

Certificates and SODs in circulation are not all strict DER: indefinite lengths, lengths longer than need be, strings
in pieces, times without seconds. What is read here is read as meant where there is one meaning; the bytes over which
a signature was made are always those that came, never a re-encoding. Depth, count and size are bounded.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from fanal.chip.trust.errors import MalformedError

MAX_DEPTH: Final = 24
MAX_CHILDREN: Final = 100_000
MAX_INTEGER: Final = 4096  # bytes: keys in use end at 6144 bits

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_CONSTRUCTED: Final = 0x20


class Node(NamedTuple):
    """One value: its identifier octet (tags above 30 do not occur here), its content, and the whole as it came."""

    tag: int
    content: bytes
    raw: bytes

    def expect(self, tag: int) -> Node:
        """Itself, if it has this tag.

        Raises:
            MalformedError: it has another.
        """
        if self.tag != tag:
            raise MalformedError(f"tag {self.tag:02X} where {tag:02X} was expected")
        return self

    def children(self) -> list[Node]:
        """The values in it, if it is constructed.

        Raises:
            MalformedError: it is not, or they do not fill it.
        """
        if not self.tag & _CONSTRUCTED:
            raise MalformedError(f"tag {self.tag:02X} holds no values")
        return split(self.content)


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, where it ends; -1 for an indefinite end."""
    try:
        tag, length = data[at], data[at + 1]
    except IndexError:
        raise MalformedError("the bytes end within a value") from None
    if tag & 0x1F == 0x1F:
        raise MalformedError("a tag above 30")
    at += 2
    if length < 0x80:
        end = at + length
    elif length == 0x80:
        if not tag & _CONSTRUCTED:
            raise MalformedError("an indefinite length of a primitive value")
        return tag, at, -1
    else:
        size = length & 0x7F
        octets = data[at : at + size]
        if len(octets) < size or size > 8:
            raise MalformedError("a length that is no length")
        at += size
        end = at + int.from_bytes(octets)
    if end > len(data):
        raise MalformedError("a value is longer than what holds it")
    return tag, at, end


def _definite(data: bytes, at: int, depth: int) -> tuple[Node, int]:
    """The value at `at` with definite lengths throughout, and where the next begins."""
    if depth > MAX_DEPTH:
        raise MalformedError("values lie too deep in each other")
    tag, start, end = _header(data, at)
    if end >= 0:
        return Node(tag, data[start:end], data[at:end]), end
    parts: list[Node] = []
    at = start
    while data[at : at + 2] != b"\0\0":
        part, at = _definite(data, at, depth + 1)
        parts.append(part)
        if len(parts) > MAX_CHILDREN:
            raise MalformedError("too many values")
    content = b"".join(part.raw for part in parts)
    return Node(tag, content, bytes([tag]) + encode_length(len(content)) + content), at + 2


def encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def read(data: bytes, tag: int | None = None, *, trailing: bool = False) -> Node:
    """The one value that `data` is; `trailing` allows bytes after it (zeros, a card's padding).

    Raises:
        MalformedError: it is not one, or not of this tag.
    """
    node, end = _definite(data, 0, 0)
    if end != len(data) and not trailing:
        raise MalformedError("bytes after the value")
    return node if tag is None else node.expect(tag)


def read_at(data: bytes, at: int) -> tuple[Node, int]:
    """The value that begins at `at`, and where the next one begins.

    Raises:
        MalformedError: there is none.
    """
    return _definite(data, at, 0)


class NotPlainError(Exception):
    """The bytes are not in the plain form that `plain` steps through: `read` them."""


def plain(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the value at `at` begins and ends, without taking anything out.

    It is the quick way through what has one shape (a document signer's certificate, EF.SOD), at a fifth of the cost
    of `read`. Who uses it compares the end of the last value with the end of what holds it, gives up with
    `NotPlainError` where anything is unusual, and leaves to `read` what the bytes then mean, or why they are refused.

    Raises:
        NotPlainError: it has another tag, or a length that is indefinite or of more than two octets.
        IndexError: the bytes end.
    """
    if data[at] != tag:
        raise NotPlainError
    length = data[at + 1]
    if length < 0x80:
        return at + 2, at + 2 + length
    if length == 0x81:
        return at + 3, at + 3 + data[at + 2]
    if length == 0x82:
        return at + 4, at + 4 + (data[at + 2] << 8 | data[at + 3])
    raise NotPlainError


def split(data: bytes) -> list[Node]:
    """The values that follow each other in `data`.

    Raises:
        MalformedError: they do not fill it, or are too many.
    """
    nodes: list[Node] = []
    at, size = 0, len(data)
    while at < size:
        # Nearly every value is short and definite: read here, without the calls, it takes half the time.
        if at + 1 < size and (length := data[at + 1]) < 0x80 and data[at] & 0x1F != 0x1F:
            start = at + 2
            end = start + length
            if end > size:
                raise MalformedError("a value is longer than what holds it")
            nodes.append(Node(data[at], data[start:end], data[at:end]))
            at = end
        else:
            node, at = _definite(data, at, 0)
            nodes.append(node)
        if len(nodes) > MAX_CHILDREN:
            raise MalformedError("too many values")
    return nodes


class Fields:
    """The values of a sequence, taken in order; what is optional is looked for by its tag."""

    def __init__(self, node: Node) -> None:
        self._left = node.children()
        self._left.reverse()

    def next(self, tag: int | None = None) -> Node:
        """The next value.

        Raises:
            MalformedError: there is none, or it has another tag.
        """
        if not self._left:
            raise MalformedError("a value is missing")
        node = self._left.pop()
        return node if tag is None else node.expect(tag)

    def optional(self, tag: int) -> Node | None:
        """The next value if it has this tag; otherwise nothing is taken."""
        return self._left.pop() if self._left and self._left[-1].tag == tag else None


def fields(data: bytes) -> Fields:
    """The values of the sequence that `data` is."""
    return Fields(read(data, SEQUENCE))


def octets(node: Node, tag: int = OCTET_STRING, depth: int = 0) -> bytes:
    """The octets of a string, in one piece or in several (BER)."""
    if node.tag == tag:
        return node.content
    if node.tag != tag | _CONSTRUCTED or depth > MAX_DEPTH:
        raise MalformedError(f"tag {node.tag:02X} where a string was expected")
    return b"".join(octets(part, OCTET_STRING, depth + 1) for part in node.children())


def integer(node: Node) -> int:
    content = node.expect(INTEGER).content
    if not 0 < len(content) <= MAX_INTEGER:
        raise MalformedError("an integer of no or too many octets")
    return int.from_bytes(content, signed=True)


def bits(node: Node) -> bytes:
    """The octets of a bit string that is made of whole octets."""
    content = node.expect(BIT_STRING).content
    if not content or content[0] != 0:
        raise MalformedError("a bit string that is not whole octets")
    return content[1:]


def flags(node: Node) -> frozenset[int]:
    """The numbers of the bits that are set, the first being 0."""
    content = node.expect(BIT_STRING).content
    if not content or content[0] > 7 or len(content) > 9:
        raise MalformedError("a bit string that is none")
    return frozenset(n for n in range((len(content) - 1) * 8) if content[1 + n // 8] & (0x80 >> n % 8))


def boolean(node: Node) -> bool:
    return any(node.expect(BOOLEAN).content)


def oid(node: Node) -> str:
    """An object identifier, dotted."""
    return dotted(node.expect(OID).content)


def dotted(content: bytes) -> str:
    """An object identifier from its octets."""
    found = _OIDS.get(content)
    if found is None:
        found = _dotted(content)
        if len(_OIDS) < 4096:
            _OIDS[content] = found
    return found


# Some forty identifiers make up all certificates: what was once read is kept, up to a bound.
_OIDS: dict[bytes, str] = {}


def _dotted(content: bytes) -> str:
    if not 0 < len(content) <= 64 or content[-1] & 0x80:
        raise MalformedError("an object identifier that is none")
    arcs: list[int] = []
    value = 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            if not arcs:
                first = min(value // 40, 2)
                arcs += [first, value - 40 * first]
            else:
                arcs.append(value)
            value = 0
    return ".".join(map(str, arcs))


def time(node: Node) -> datetime:
    """A UTCTime or GeneralizedTime, in UTC (RFC 5280, 4.1.2.5: a two-digit year from 50 on is of the last century)."""
    try:
        text = node.content.decode("ascii")
        if node.tag == UTC_TIME and len(text) == 13 and text[12] == "Z" and text[:12].isdigit():  # as nearly all are
            year = int(text[:2])
            return datetime(
                year + (1900 if year >= 50 else 2000),
                int(text[2:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]),
                tzinfo=UTC,
            )  # fmt: skip
        if node.tag == UTC_TIME:
            text = ("19" if int(text[:2]) >= 50 else "20") + text
        elif node.tag != GENERALIZED_TIME:
            raise MalformedError(f"tag {node.tag:02X} where a time was expected")
        digits = text.rstrip("Z").partition("+")[0].partition("-")[0].partition(".")[0]
        zone = text[len(digits) :].partition(".")[2].lstrip("0123456789") if "." in text else text[len(digits) :]
        if not digits.isdigit() or len(digits) not in (12, 14) or len(zone) > 5:
            raise MalformedError("a time that is none")
        parts = [int(digits[:4]), *(int(digits[n : n + 2]) for n in range(4, len(digits), 2))]
        found = datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
        if zone in ("Z", ""):
            return found
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5] or "0"))
        return found - offset if zone[0] == "+" else found + offset
    except (ValueError, OverflowError):
        raise MalformedError("a time that is none") from None


_STRINGS: Final = {0x0C: "utf-8", 0x13: "latin-1", 0x14: "latin-1", 0x16: "latin-1", 0x1A: "latin-1", 0x12: "latin-1"}


def text(node: Node) -> str:
    """A character string of any of the ASN.1 types that names are made of; what cannot be decoded is replaced."""
    if node.tag == 0x1E:
        return node.content.decode("utf-16-be", "replace")
    if node.tag == 0x1C:
        return node.content.decode("utf-32-be", "replace")
    encoding = _STRINGS.get(node.tag)
    if encoding is None:
        raise MalformedError(f"tag {node.tag:02X} where text was expected")
    return node.content.decode(encoding, "replace")
