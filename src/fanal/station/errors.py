"""What a service refuses: a stable code; the page owns the words (`texts/refusal.toml`)."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - the word of the desk: a service refuses
    """A use case that is refused, with nothing written. `values` fills the placeholders of its text."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def text_key(self) -> str:
        return f"refusal.{self.code}"
