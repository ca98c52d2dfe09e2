"""The errors of this package. What is merely wrong on a document is a `Problem` of the parsed MRZ, never an error."""

from __future__ import annotations

from fanal.documents.claims import Field


class MrzError(Exception):
    """What was given is no MRZ at all, or cannot be said in one. `code` is stable; the message is one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ComposeError(MrzError):
    """A value that an MRZ of this format cannot carry. `field` names it."""

    def __init__(self, code: str, field: Field, message: str) -> None:
        super().__init__(code, f"{field.value}: {message}")
        self.field = field
