"""The errors of this room."""

from __future__ import annotations


class SealError(Exception):
    """The family. `code` is stable.

    It is one of `malformed`, `not_signed`, `not_supported`, `signer_unknown`, `signature_wrong`, `value`.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class SealSignatureError(SealError):
    """A signature that does not hold (`signature_wrong`)."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("signature_wrong", detail)
