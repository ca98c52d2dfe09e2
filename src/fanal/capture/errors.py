"""What can be wrong with a picture as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


class CaptureError(Exception):
    """A picture that cannot be read as one. `code` is stable (`CODES`); `values` fill the placeholders of its text."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code, values)
        self.code = code
        self.values: Mapping[str, str] = values

    def __str__(self) -> str:
        return ", ".join([self.code, *(f"{key}={value}" for key, value in self.values.items())])


CODES: Final = (
    "not_a_picture",
    "truncated",
    "too_small",
    "too_many_pixels",  # size, limit
    "too_large",  # size, limit: bytes
    "unsupported",  # format
    "not_registered",  # size, expected: an infrared or ultraviolet picture of another shape
)
