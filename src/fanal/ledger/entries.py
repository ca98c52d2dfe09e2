"""The one form in which an entry is hashed: JSON with sorted keys, no spaces, UTF-8 (the RFC 8785 subset we use).

Numbers are integers only, since a float has more than one writing; everything else is a string, a list, an object,
true, false or null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from fanal.ledger.errors import LedgerError

# RFC 8785 builds on I-JSON (RFC 7493): integers beyond this do not survive every reader.
_LARGEST = 2**53 - 1


def canonical(entry: Mapping[str, object]) -> bytes:
    """The bytes of `entry` that are hashed.

    Raises:
        LedgerError: `entry_value` where a value has no single writing.
    """
    _check(entry, depth=0)
    text = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise LedgerError("entry_value", "a lone surrogate") from None


def _check(value: object, depth: int) -> None:
    if depth > 16:
        raise LedgerError("entry_value", "too deep")
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return
    if isinstance(value, str):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise LedgerError("entry_value", "an integer beyond 2**53 - 1")
    elif kind is dict or isinstance(value, Mapping):
        for key, inner in value.items():  # type: ignore[attr-defined]
            if not isinstance(key, str):
                raise LedgerError("entry_value", "a key that is not a string")
            _check(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth + 1)
    else:
        raise LedgerError("entry_value", type(value).__name__)
