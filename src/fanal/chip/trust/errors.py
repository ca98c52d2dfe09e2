"""The errors of the trust store and of what is verified with it."""

from __future__ import annotations


class TrustError(Exception):
    """The family. `code` is stable; the text is for the log and the operator, in English."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class MalformedError(TrustError):
    """Bytes that are not the structure they should be (`malformed`)."""

    def __init__(self, detail: str) -> None:
        super().__init__("malformed", detail)


class NotSupportedError(TrustError):
    """A key, a curve or an algorithm that is not known here, named in `detail`; nothing is said about its worth."""


class SignatureError(TrustError):
    """A signature that does not hold (`signature_wrong`), or a signed digest that is not that of the content."""

    def __init__(self, detail: str) -> None:
        super().__init__("signature_wrong", detail)


class StoreError(TrustError):
    """A store that cannot be read or written."""
