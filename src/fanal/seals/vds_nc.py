"""VDS for non-constrained environments (ICAO TR VDS-NC 1.4): JSON with `data`, and `sig` over its canonical form."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from fanal.seals.canonical import canonical
from fanal.seals.errors import SealError
from fanal.seals.seal import Format, Seal, Value

MAX_SEAL: Final = 64 * 1024
MAX_VALUES: Final = 500

_DIGESTS: Final = {"ES256": "sha256", "ES384": "sha384", "ES512": "sha512"}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")


def read_vds_nc(data: bytes) -> Seal:
    """Read a VDS-NC.

    Raises:
        SealError: `malformed`: it is none; `not_supported`: it is signed in a way that is not known.
    """
    if len(data) > MAX_SEAL:
        raise SealError("malformed", "a seal of more than 64 KiB")
    try:
        whole = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise SealError("malformed", "no JSON") from None
    content = _object(whole, "data")
    header, message = _object(content, "hdr"), _object(content, "msg")
    kind, version, state = header.get("t"), header.get("v"), header.get("is")
    if not isinstance(kind, str) or not isinstance(state, str) or not isinstance(version, int):
        raise SealError("malformed", "a header without type, version or issuing State")
    values: list[Value] = []
    _flatten("", message, values, 0)
    signature, certificate, digest = b"", None, ""
    if (block := whole.get("sig")) is not None:
        if not isinstance(block, dict):
            raise SealError("malformed", "a signature block that is none")
        algorithm = block.get("alg")
        if not isinstance(algorithm, str) or algorithm not in _DIGESTS:
            raise SealError("not_supported", f"signature algorithm {str(algorithm)[:40]!r}")
        digest = _DIGESTS[algorithm]
        signature = _octets(block.get("sigvl"))
        certificate = _octets(block["cer"]) if block.get("cer") is not None else None
    try:
        signed = canonical(content)
    except SealError as error:
        raise SealError("malformed", error.detail) from error
    return Seal(
        format=Format.VDS_NC,
        version=version,
        issuing_state=state.replace("<", "").strip().upper()[:3],
        profile=kind[:100],
        values=tuple(values),
        signed=signed,
        signature=signature,
        digest=digest,
        certificate=certificate,
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")  # two readers could read two different things
    return found


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _object(parent: object, name: str) -> dict[str, Any]:
    found = parent.get(name) if isinstance(parent, dict) else None
    if not isinstance(found, dict):
        raise SealError("malformed", f"no object {name!r}")
    return found


def _flatten(path: str, value: object, values: list[Value], depth: int) -> None:
    """The values by path: "pid.dob", "ve.0.vd.1.lot"."""
    if depth > 16 or len(values) >= MAX_VALUES:
        raise SealError("malformed", "too many values, or too deep")
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(f"{path}.{name}" if path else name, inner, values, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _flatten(f"{path}.{number}", inner, values, depth + 1)
    elif value is not None:
        values.append(Value(0, path[:200], value if isinstance(value, str) else json.dumps(value)))


def _octets(text: object) -> bytes:
    """base64url as the report asks, or plain base64 as some issuers write it; with its padding or without."""
    if not isinstance(text, str) or not _BASE64.fullmatch(text):
        raise SealError("malformed", "a value that is not base64")
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise SealError("malformed", "a value that is not base64") from None


def make_vds_nc(
    kind: str,
    message: Mapping[str, object],
    *,
    issuing_state: str,
    certificate: bytes,
    sign: Callable[[bytes], bytes],
    version: int = 1,
    algorithm: str = "ES256",
) -> bytes:
    """Make a VDS-NC: `sign` returns r and s side by side over the canonical form, `certificate` is in DER.

    Raises:
        SealError: `value`: something cannot be written.
    """
    if algorithm not in _DIGESTS:
        raise SealError("value", f"there is no algorithm {algorithm!r}")
    content = {"hdr": {"t": kind, "v": version, "is": issuing_state}, "msg": message}
    signature = sign(canonical(content))
    block = {
        "alg": algorithm,
        "cer": base64.urlsafe_b64encode(certificate).decode(),
        "sigvl": base64.urlsafe_b64encode(signature).decode(),
    }
    return canonical({"data": content, "sig": block})


__all__ = ["make_vds_nc", "read_vds_nc"]
