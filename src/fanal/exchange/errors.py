"""What can be wrong between agencies."""

from __future__ import annotations


class ExchangeError(Exception):
    """Something that is refused, with a stable code; `clause` names the part of the agreement that says so."""

    def __init__(self, code: str, detail: str = "", *, clause: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.clause = clause
