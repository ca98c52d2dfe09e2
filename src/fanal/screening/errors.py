"""The one family of errors that leaves the room."""

from __future__ import annotations


class ScreeningError(Exception):
    """A refusal with a stable `code`; the message is for developers, the page owns the officer's words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
