"""A stream of bytes under a passphrase: AES-256-GCM in chunks, the key from scrypt (RFC 7914).

Each chunk is sealed with its number and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, 2015), so a chunk that is changed, dropped, repeated, moved or cut off at the end is refused before anything
of it is used.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"FANAL-BACKUP-1\n"
CHUNK = 1024 * 1024
_TAG = 16
_COST = {"n": 2**16, "r": 8, "p": 1}  # 64 MiB and about a quarter of a second
_MAX_HEADER = 1024


class SealError(Exception):
    """What cannot be opened: `code` is `not_sealed` or `cannot_open` (another passphrase, or it was changed)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_COST).derive(passphrase.encode())


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


class Writer:
    """A file to write to; what is written is sealed. Close it, or it cannot be opened."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        salt, self._prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        head = {"salt": salt.hex(), "prefix": self._prefix.hex()}
        self._header = MAGIC + json.dumps(head, sort_keys=True).encode() + b"\n"
        self._aead = AESGCM(_key(passphrase, salt))
        self._file, self._number, self._waiting = file, 0, bytearray()
        file.write(self._header)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # one always waits: whether it is the last is not known before
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._aead.encrypt(_nonce(self._prefix, self._number, last), chunk, self._header))
        self._number += 1


def chunks(file: IO[bytes], passphrase: str) -> Iterator[bytes]:
    """The chunks of a sealed stream, each whole when it is given out.

    Raises:
        SealError: it is none, was changed, or has another passphrase.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise SealError("not_sealed")
    line = file.readline(_MAX_HEADER)
    try:
        head = json.loads(line)
        salt, prefix = bytes.fromhex(head["salt"]), bytes.fromhex(head["prefix"])
    except (ValueError, KeyError, TypeError):
        raise SealError("not_sealed") from None
    if len(salt) != 16 or len(prefix) != 7:
        raise SealError("not_sealed")
    aead, number = AESGCM(_key(passphrase, salt)), 0
    sealed = file.read(CHUNK + _TAG)
    while True:
        following = file.read(CHUNK + _TAG)
        try:
            yield aead.decrypt(_nonce(prefix, number, not following), sealed, MAGIC + line)
        except InvalidTag:
            raise SealError("cannot_open") from None
        if not following:
            return
        sealed, number = following, number + 1
