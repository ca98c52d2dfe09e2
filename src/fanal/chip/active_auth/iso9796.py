"""ISO/IEC 9796-2, digital signature scheme 1 with partial message recovery, as active authentication has it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from fanal.chip.errors import ProtocolError

# The hash by the first octet of a two-octet trailer (ISO/IEC 10118-3); the one-octet trailer BC stands for SHA-1.
_HASHES: Final = {0x33: "sha1", 0x34: "sha256", 0x35: "sha512", 0x36: "sha384", 0x38: "sha224"}


def recover_and_verify(representative: bytes, challenge: bytes) -> str:
    """Verify the recovered block F against the challenge (steps 13 to 18 of the worked example of Doc 9303-11).

    Returns: the name of the hash.

    Raises:
        ProtocolError: `aa_failed`: it does not hold.
    """
    # 13) The trailer says which hash.
    if representative[-1:] == b"\xbc":
        name, trailer = "sha1", 1
    elif representative[-1:] == b"\xcc" and len(representative) > 2 and representative[-2] in _HASHES:
        name, trailer = _HASHES[representative[-2]], 2
    else:
        raise ProtocolError("the signature has no trailer", "aa_failed")
    # The header: 01, partial recovery, and padding that ends with the nibble A (ISO/IEC 9796-2, 8.2.1).
    start = _message_start(representative)
    # 14) and 15) Digest and recoverable part.
    end = len(representative) - trailer
    size = hashlib.new(name, usedforsecurity=False).digest_size
    if end - size < start:
        raise ProtocolError("the signature has no room for a digest", "aa_failed")
    m1, digest = representative[start : end - size], representative[end - size : end]
    # 16) to 18) The message is M1 and the challenge.
    if not hmac.compare_digest(hashlib.new(name, m1 + challenge, usedforsecurity=False).digest(), digest):
        raise ProtocolError("the signature is not over the challenge", "aa_failed")
    return name


def _message_start(representative: bytes) -> int:
    first = representative[0]
    if first == 0x6A:
        return 1
    if first == 0x6B:
        for at in range(1, len(representative)):
            if representative[at] == 0xBA:
                return at + 1
            if representative[at] != 0xBB:
                break
    raise ProtocolError("the signature has no header", "aa_failed")
