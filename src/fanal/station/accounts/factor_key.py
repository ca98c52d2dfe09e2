"""The key without which the database's second factors are of no use: `factors.key` in the station's folder.

An app's secret and a code on paper stand in no table. The database holds a salt and digests; what makes codes of them
is this key, a file of the owner alone. Whoever has the database, a dump of it or a way to query it has no code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from django.conf import settings

_BYTES: Final = 32
_APP_BYTES: Final = 20  # as long as the digest of HMAC-SHA-1, which apps compute codes with (RFC 4226, 4, R6)
_PAPER_CHARACTERS: Final = 16


def app_secret(salt: str) -> bytes:
    """What an app computes its codes from."""
    return _derived(b"app", salt)[:_APP_BYTES]


def paper_digest(code: str) -> str:
    """What is kept of a code on paper."""
    return base64.b32encode(_derived(b"paper", code)).decode().lower()[:_PAPER_CHARACTERS]


def _derived(use: bytes, value: str) -> bytes:
    return hmac.digest(_key(), use + b"\0" + value.encode(), hashlib.sha256)


def _key() -> bytes:
    """The key; made where there is none. Two processes that make it at once get the same one."""
    path = Path(settings.HOME) / "factors.key"
    try:
        return bytes.fromhex(path.read_text())
    except FileNotFoundError:
        pass
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)  # whole or not at all, and never over one that is there
    except FileExistsError:
        pass
    finally:
        new.unlink()
    return bytes.fromhex(path.read_text())
