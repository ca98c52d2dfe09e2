"""The symmetric side of Doc 9303-11: ciphers, MACs, padding and key derivation (4.4.3.3, 9.7, 9.8).

Everything rests on the primitives of `cryptography`; 3DES and SHA-1 are what older documents speak.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from fanal.chip.errors import ProtocolError

MAC_SIZE: Final = 8


class Counter(IntEnum):
    """What a key is derived for (9.7.1)."""

    ENC = 1
    MAC = 2
    PACE = 3


def pad(data: bytes, block: int) -> bytes:
    """ISO/IEC 9797-1 padding method 2: one octet 80 and as many 00 as fill the block."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block)


def unpad(data: bytes) -> bytes:
    """Raises:
    ProtocolError: there is no padding.
    """
    end = len(data.rstrip(b"\0")) - 1
    if end < 0 or data[end] != 0x80:
        raise ProtocolError("no padding where there must be")
    return data[:end]


def same(first: bytes, second: bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(first, second)


def _odd_parity(key: bytes) -> bytes:
    return bytes(octet & 0xFE | (octet >> 1).bit_count() & 1 ^ 1 for octet in key)


@dataclass(frozen=True, slots=True)
class Suite:
    """A block cipher with its MAC, as secure messaging and PACE use them."""

    name: str
    key_size: int  # octets; 16 for 3DES: two keys
    block: int

    @property
    def is_aes(self) -> bool:
        return self.block == 16

    def _algorithm(self, key: bytes) -> BlockCipherAlgorithm:
        return AES(key) if self.is_aes else TripleDES(key + key[:8])

    def encrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """CBC; `data` fills whole blocks."""
        encryptor = Cipher(self._algorithm(key), modes.CBC(iv or bytes(self.block))).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """Raises:
        ProtocolError: `data` does not fill whole blocks.
        """
        if not data or len(data) % self.block:
            raise ProtocolError("a cryptogram that is not whole blocks")
        decryptor = Cipher(self._algorithm(key), modes.CBC(iv or bytes(self.block))).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """One block by itself."""
        return self.encrypt(key, block)

    def mac(self, key: bytes, padded: bytes) -> bytes:
        """Eight octets over data that the caller has padded: the retail MAC for 3DES (ISO/IEC 9797-1, MAC algorithm 3
        with DES), CMAC for AES (RFC 4493), which pads what is not padded by itself.
        """
        if self.is_aes:
            function = CMAC(AES(key))
            function.update(padded)
            return function.finalize()[:MAC_SIZE]
        first, second = key[:8], key[8:16]
        chained = _des(first, padded, encrypt=True, chain=True)[-8:]
        return _des(first, _des(second, chained, encrypt=False), encrypt=True)

    def token_mac(self, key: bytes, data: bytes) -> bytes:
        """The MAC of data that were not padded (PACE's authentication token, 4.4.3.4; BAC, 4.3.1)."""
        return self.mac(key, data if self.is_aes else pad(data, 8))

    def derive(self, secret: bytes, counter: Counter) -> bytes:
        """The key for a purpose out of a shared secret (9.7.1)."""
        data = secret + int(counter).to_bytes(4)
        if self.key_size > 16:
            return hashlib.sha256(data).digest()[: self.key_size]
        key = hashlib.sha1(data).digest()[:16]  # noqa: S324 - the standard's
        return key if self.is_aes else _odd_parity(key)


def _des(key: bytes, data: bytes, *, encrypt: bool, chain: bool = False) -> bytes:
    # Triple DES with three equal keys is DES, which the library has no other name for.
    cipher = Cipher(TripleDES(key * 3), modes.CBC(bytes(8)))
    if not chain and len(data) != 8:
        raise ProtocolError("not one block")
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


TDES: Final = Suite("3DES", 16, 8)
AES_128: Final = Suite("AES-128", 16, 16)
AES_192: Final = Suite("AES-192", 24, 16)
AES_256: Final = Suite("AES-256", 32, 16)
