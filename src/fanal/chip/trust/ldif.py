"""LDIF (RFC 2849) as the ICAO PKD publishes it: entries with certificates, revocation lists and master lists."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from fanal.chip.trust.errors import MalformedError

MAX_LDIF: Final = 512 * 1024 * 1024
MAX_VALUES: Final = 500_000

# Attributes that hold DER, in lower case and without ";binary" (RFC 4523, and the PKD's own).
_ATTRIBUTES: Final = frozenset(
    {
        b"usercertificate",
        b"cacertificate",
        b"certificaterevocationlist",
        b"authorityrevocationlist",
        b"cscamasterlistdata",
        b"pkdmasterlistcontent",
        b"pkddeviationlistcontent",
        b"deviationlistdata",
    }
)


def values(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The DER values of all entries, each with its entry's distinguished name.

    Raises:
        MalformedError: a value is not base64, or there are too many.
    """
    if len(data) > MAX_LDIF:
        raise MalformedError("an LDIF file of more than 512 MiB")
    name, count = "", 0
    for line in _unfolded(data):
        attribute, separator, value = line.partition(b":")
        attribute = attribute.strip().lower()
        if attribute == b"dn":
            name = _text(value)
        if not separator or not value.startswith(b":") or attribute.partition(b";")[0] not in _ATTRIBUTES:
            continue
        count += 1
        if count > MAX_VALUES:
            raise MalformedError("too many values in one LDIF file")
        try:
            yield name, base64.b64decode(value[1:].strip(), validate=True)
        except (binascii.Error, ValueError):
            raise MalformedError(f"a value that is not base64, in {name[:100]!r}") from None


def _unfolded(data: bytes) -> Iterator[bytes]:
    """Lines with their continuations (a line that begins with a space goes on with the one before it)."""
    parts: list[bytes] = []
    for line in data.splitlines():
        if line.startswith(b" "):
            parts.append(line[1:])
        else:
            if parts:
                yield b"".join(parts)
            parts = [line]
    if parts:
        yield b"".join(parts)


def _text(value: bytes) -> str:
    if value.startswith(b":"):
        try:
            value = base64.b64decode(value[1:].strip())
        except (binascii.Error, ValueError):
            return ""
    return value.strip().decode("utf-8", "replace")[:1000]


def looks_like_ldif(data: bytes) -> bool:
    start = data[:4096].lstrip(b"\xef\xbb\xbf\r\n\t #").lower()
    return start.startswith((b"dn:", b"version:")) or b"\ndn:" in data[:65536].lower()


__all__ = ["looks_like_ldif", "values"]
