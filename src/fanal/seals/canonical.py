"""The JSON canonicalisation scheme (RFC 8785): one writing of one value, over which a signature is made."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

from fanal.seals.errors import SealError

MAX_DEPTH: Final = 32
_LARGEST: Final = 2**53


def canonical(value: object) -> bytes:
    """The canonical octets of a JSON value.

    Raises:
        SealError: `value`: it has no canonical form (NaN, an integer that no double is, a lone surrogate) or is deep.
    """
    try:
        return _write(value, 0).encode()
    except UnicodeEncodeError:
        raise SealError("value", "a lone surrogate") from None


def _write(value: object, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise SealError("value", "values lie too deep in each other")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        # Every reader must find the same number: beyond 2**53 only what a double is written as.
        if abs(value) > _LARGEST and (abs(value) >= 10**21 or _number(float(value)) != str(value)):
            raise SealError("value", "an integer that is not the same to every reader")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        # 3.2.3: keys in the order of their UTF-16 code units.
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_write(str(key), depth)}:{_write(value[key], depth + 1)}" for key in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_write(item, depth + 1) for item in value) + "]"
    raise SealError("value", f"{type(value).__name__} is no JSON")


def _number(value: float) -> str:
    """A number as ECMAScript writes it (ECMA-262, Number::toString)."""
    if not math.isfinite(value):
        raise SealError("value", "a number that is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The decimal point stands `point` digits after the beginning of `digits`.
    point = int(exponent or "0") + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
