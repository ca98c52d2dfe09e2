"""What the parsers of this package share: one error at the border, and text as the LDS writes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from fanal.chip.errors import LdsError, TlvError
from fanal.chip.trust import MalformedError

MAX_TEXT = 4096

P = ParamSpec("P")
R = TypeVar("R")


def lds(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Of a parser of file `name`: whatever is malformed leaves it as LdsError."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def parser(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except (TlvError, MalformedError) as error:
                raise LdsError(f"{name}: {error.detail}") from error

        return parser

    return decorate


def text(value: bytes) -> str:
    """UTF-8, as Doc 9303-10 has it; older documents write Latin-1."""
    if len(value) > MAX_TEXT:
        raise LdsError("a text of more than 4096 octets")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def name_of(value: str) -> tuple[str, str]:
    """Primary and secondary identifier of a name in the form of the MRZ: fillers between."""
    primary, _, secondary = value.partition("<<")
    return primary.replace("<", " ").strip(), secondary.replace("<", " ").strip()


def day(value: bytes) -> str:
    """A date as eight digits, or as four octets of binary-coded decimals (older documents), in ISO 8601; unknown
    parts are zeros and are left off. "" where it is none.
    """
    digits = value.hex() if len(value) == 4 else value.decode("ascii", "replace")
    if len(digits) != 8 or not digits.isdigit() or digits[:4] == "0000":
        return ""
    year, month, of_month = digits[:4], digits[4:6], digits[6:]
    if month == "00":
        return year
    if not 1 <= int(month) <= 12 or int(of_month) > 31:
        return ""
    return f"{year}-{month}" if of_month == "00" else f"{year}-{month}-{of_month}"
