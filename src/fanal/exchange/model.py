"""What every value has that passes between agencies: frozen, nothing beyond what is written, one form in bytes."""

from __future__ import annotations

import json
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from fanal.exchange.errors import ExchangeError
from fanal.ledger import LedgerError, canonical

MAX_BYTES = 256 * 1024
"""The most octets of an agreement or of a message's content."""


class Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, populate_by_name=True
    )

    def canonical(self) -> bytes:
        """The bytes that are signed (`fanal.ledger.canonical`)."""
        return canonical(self.model_dump(mode="json", by_alias=True))

    @classmethod
    def parse(cls, data: bytes | str, code: str) -> Self:
        """Read from JSON.

        Raises:
            ExchangeError: `code`, with the first place that is wrong and never the value that stands there.
        """
        if len(data) > MAX_BYTES:
            raise ExchangeError(code, "too long")
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ExchangeError(code, f"{place}: {first['type']}") from None


def parse_object(data: bytes, code: str) -> dict[str, object]:
    """A JSON object, with bounds.

    Raises:
        ExchangeError: `code`.
    """
    if len(data) > MAX_BYTES:
        raise ExchangeError(code, "too long")
    try:
        value = json.loads(data)
        if isinstance(value, dict):
            canonical(value)  # also bounds the depth
    except (ValueError, RecursionError, LedgerError):
        raise ExchangeError(code, "not JSON of one writing") from None
    if not isinstance(value, dict):
        raise ExchangeError(code, "not an object")
    return value
