"""Signed heads: C2SP tlog-checkpoint (origin, size, root) in a C2SP signed-note with Ed25519 signatures.

A note is its text and signature lines "— name base64(key id || signature)". Lines by unknown keys are ignored, as the
format asks, so that partners' cosignatures can be added to one head.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fanal.ledger.errors import LedgerError

MAX_NOTE = 64 * 1024
MAX_SIGNATURES = 64
_ED25519 = b"\x01"  # the signature type of signed-note for Ed25519
_DASH = "\u2014"


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() for c in name):
        raise LedgerError("key_name", "no spaces and no plus sign in a key's name")


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named Ed25519 public key."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise LedgerError("key_form", "an Ed25519 key is 32 bytes")

    @property
    def key_id(self) -> bytes:
        return _key_id(self.name, self.public)

    def __str__(self) -> str:
        """The verifier key of signed-note: name+id+base64(type || key)."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a verifier key.

        Raises:
            LedgerError: `key_form`.
        """
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            raise LedgerError("key_form", "not name+id+key") from None
        if raw[:1] != _ED25519:
            raise LedgerError("key_form", "not an Ed25519 key")
        verifier = cls(name, raw[1:])
        if verifier.key_id.hex() != key_id:
            raise LedgerError("key_form", "the id is not this key's")
        return verifier


@dataclass(frozen=True, slots=True)
class Signer:
    """A named Ed25519 private key (32 bytes)."""

    name: str
    private: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        key = Ed25519PrivateKey.from_private_bytes(self.private).public_key()
        return Verifier(self.name, key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.private).sign(text)

    @classmethod
    def generate(cls, name: str) -> Signer:
        _check_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head: whose record, how many entries, which root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint.

        Raises:
            LedgerError: `checkpoint_form`.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] != "" or not all(lines[:-1]):
            raise LedgerError("checkpoint_form", "origin, size and root, each on its line")
        origin, size, root, *extensions = lines[:-1]
        if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")) or len(size) > 20:
            raise LedgerError("checkpoint_form", "the size is a decimal number without leading zeros")
        try:
            digest = base64.b64decode(root, validate=True)
        except (ValueError, binascii.Error):
            raise LedgerError("checkpoint_form", "the root is base64") from None
        if len(digest) != 32:
            raise LedgerError("checkpoint_form", "the root is a SHA-256 digest")
        return cls(origin, int(size), digest, tuple(extensions))


def sign_note(text: str, *signers: Signer) -> str:
    """`text` (ending in a newline) as a note signed by `signers`."""
    if not text.endswith("\n"):
        raise LedgerError("note_form", "the text ends in a newline")
    lines = []
    for signer in signers:
        blob = signer.verifier.key_id + signer.sign(text.encode())
        lines.append(f"{_DASH} {signer.name} {base64.b64encode(blob).decode()}\n")
    return text + "\n" + "".join(lines)


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """The text of a note and who of `verifiers` signed it.

    Raises:
        LedgerError: `note_form`; `not_signed` by any of them; `signature_wrong` where a known key's signature is.
    """
    if len(note) > MAX_NOTE:
        raise LedgerError("note_form", "too long")
    text, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise LedgerError("note_form", "a text, an empty line, signatures")
    text += "\n"
    known = {(v.name, v.key_id): v for v in verifiers}
    signed: list[Verifier] = []
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise LedgerError("note_form", "too many signatures")
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != _DASH:
            raise LedgerError("note_form", "a signature is a dash, a name and base64")
        try:
            blob = base64.b64decode(parts[2], validate=True)
        except (ValueError, binascii.Error):
            raise LedgerError("note_form", "a signature is base64") from None
        if len(blob) < 5:
            raise LedgerError("note_form", "a signature begins with the key's id")
        verifier = known.get((parts[1], blob[:4]))
        if verifier is None or verifier in signed:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(verifier.public).verify(blob[4:], text.encode())
        except InvalidSignature:
            raise LedgerError("signature_wrong", verifier.name) from None
        signed.append(verifier)
    if not signed:
        raise LedgerError("not_signed")
    return text, tuple(signed)
