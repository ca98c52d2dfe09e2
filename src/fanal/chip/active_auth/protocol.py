"""Active Authentication (Doc 9303-11, 6.1.2): INTERNAL AUTHENTICATE over a challenge, verified with the key of DG15."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from fanal.chip.active_auth.iso9796 import recover_and_verify
from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel
from fanal.chip.errors import ProtocolError
from fanal.chip.groups import Random
from fanal.chip.security_infos import ActiveAuthenticationInfo
from fanal.chip.trust import MalformedError, NotSupportedError, SignatureError
from fanal.chip.trust.keys import PublicKey, load_public_key, verify_plain

_SIZE: Final = 8
# BSI TR-03111, 5.2.1: ecdsa-plain with a hash.
_HASHES: Final = {
    "0.4.0.127.0.7.1.1.4.1.1": "sha1",
    "0.4.0.127.0.7.1.1.4.1.2": "sha224",
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What was asked and what the chip signed: anybody can verify it again with DG15."""

    nonce: bytes
    signature: bytes = field(repr=False)


def run(channel: Channel, spki: bytes, *, random: Random = os.urandom) -> Challenge:
    """Ask the chip to sign. `spki` is the key of DG15, which says how long the answer may be.

    Raises:
        ProtocolError: `key_not_supported`.
        ChipError: the channel's.
    """
    size = (_load(spki).key_size + 7) // 8
    nonce = random(_SIZE)
    # 1) RND.IFD, 2) INTERNAL AUTHENTICATE; a long signature needs an answer of extended length (6.1.4).
    room = channel.messaging.max_data(256) if channel.messaging else 256
    answer = channel.send(Command(0, Ins.INTERNAL_AUTHENTICATE, 0, 0, nonce, ne=256 if size <= room else 65536))
    return Challenge(nonce, answer.data)


def _load(spki: bytes) -> PublicKey:
    try:
        return load_public_key(spki)
    except (MalformedError, NotSupportedError) as error:
        raise ProtocolError(str(error), "key_not_supported") from error


def verify(done: Challenge, spki: bytes, infos: tuple[ActiveAuthenticationInfo, ...] = ()) -> str:
    """3) Verify the signature with the key of DG15; `infos` are DG14's, which name the hash for EC keys.

    Returns: the algorithm, for people.

    Raises:
        ProtocolError: `aa_failed`: it does not hold. `key_not_supported`.
    """
    key = _load(spki)
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        signature = int.from_bytes(done.signature)
        if not done.signature or len(done.signature) > (key.key_size + 7) // 8 or signature >= numbers.n:
            raise ProtocolError("a signature of impossible size", "aa_failed")
        recovered = pow(signature, numbers.e, numbers.n)
        if recovered & 0xF != 0xC:  # ISO/IEC 9796-2, B.5: the signer may have taken the smaller of s and n - s
            recovered = numbers.n - recovered
        size = (key.key_size + 7) // 8
        block = recovered.to_bytes(size).lstrip(b"\0") or b"\0"
        return f"RSA {key.key_size}, {recover_and_verify(block, done.nonce)}"
    name = next((_HASHES[i.signature_algorithm] for i in infos if i.signature_algorithm in _HASHES), "")
    try:
        verify_plain(key, _plain(done.signature, key.key_size), done.nonce, name)
    except (SignatureError, NotSupportedError) as error:
        raise ProtocolError(str(error), "aa_failed") from error
    return f"ECDSA {key.curve.name}, {name or 'by size'}"


def _plain(signature: bytes, bits: int) -> bytes:
    """r and s side by side; some chips send the sequence of X9.62 instead."""
    size = (bits + 7) // 8
    if signature[:1] == b"\x30" and len(signature) != 2 * size:
        try:
            r, s = decode_dss_signature(signature)
            return r.to_bytes(size) + s.to_bytes(size)
        except (ValueError, OverflowError):
            return signature
    return signature
