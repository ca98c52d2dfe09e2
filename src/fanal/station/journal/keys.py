"""The key that signs this station's heads, and the public keys that its heads were ever signed with.

`ledger.key` holds the private key in the text form of the signed-note tools (PRIVATE+KEY+name+id+base64) and is
readable by its owner only. `ledger.verifiers` holds one public key a line, oldest first: a station that gets a new key
keeps the old one's line, so that old heads still verify.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from django.conf import settings

from fanal.ledger import LedgerError, Signer, Verifier

_ED25519 = b"\x01"


def key_file() -> Path:
    return Path(settings.HOME) / "ledger.key"


def verifiers_file() -> Path:
    return Path(settings.HOME) / "ledger.verifiers"


def make() -> bool:
    """Make the station's key where there is none; whether one was made."""
    new = Signer.generate(settings.FANAL_STATION)
    text = f"PRIVATE+KEY+{new.name}+{new.verifier.key_id.hex()}+{base64.b64encode(_ED25519 + new.private).decode()}\n"
    try:
        descriptor = os.open(key_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with verifiers_file().open("a") as file:
        file.write(f"{new.verifier}\n")
    return True


def signer() -> Signer:
    """The station's key.

    Raises:
        LedgerError: `key_missing`, `key_form`.
    """
    try:
        text = key_file().read_text()
    except OSError:
        raise LedgerError("key_missing", "ledger.key") from None
    head, _, rest = text.strip().partition("PRIVATE+KEY+")
    try:
        name, key_id, encoded = rest.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise LedgerError("key_form", "not PRIVATE+KEY+name+id+key") from None
    if head or raw[:1] != _ED25519 or len(raw) != 33:
        raise LedgerError("key_form", "not an Ed25519 key")
    made = Signer(name, raw[1:])
    if made.verifier.key_id.hex() != key_id:
        raise LedgerError("key_form", "the id is not this key's")
    return made


def verifiers() -> tuple[Verifier, ...]:
    """Every public key that this station's heads were signed with.

    Raises:
        LedgerError: `key_form`.
    """
    try:
        lines = verifiers_file().read_text().splitlines()
    except FileNotFoundError:
        return ()
    return tuple(Verifier.parse(line) for line in lines if line.strip())
