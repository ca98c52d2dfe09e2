"""The errors of reading a chip. Each carries a stable code; the text is for the log and the operator, in English."""

from __future__ import annotations


class ChipError(Exception):
    """The family. `code` is stable; `detail` says more and never holds a key, a name or a number of a document."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class TlvError(ChipError):
    """Bytes that are not the TLV structure they should be (`tlv_malformed`)."""

    def __init__(self, detail: str) -> None:
        super().__init__("tlv_malformed", detail)


class LdsError(ChipError):
    """A file of the LDS that is not what Doc 9303-10 says it is (`lds_malformed`), or that is not supported."""

    def __init__(self, detail: str, code: str = "lds_malformed") -> None:
        super().__init__(code, detail)


class StatusWordError(ChipError):
    """The chip answered a command with a status word that is no success (`status_word`)."""

    def __init__(self, sw: int, command: str) -> None:
        super().__init__("status_word", f"{sw:04X} to {command}")
        self.sw = sw


class ProtocolError(ChipError):
    """The chip did not do its part of a protocol: wrong lengths, wrong tokens, points that are none (`protocol`)."""

    def __init__(self, detail: str, code: str = "protocol") -> None:
        super().__init__(code, detail)


class WrongPasswordError(ChipError):
    """The chip does not know the password: the MRZ or the CAN is another's, or was misread (`wrong_password`)."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("wrong_password", detail)


class SecureMessagingError(ChipError):
    """An answer that secure messaging does not vouch for (`secure_messaging`)."""

    def __init__(self, detail: str) -> None:
        super().__init__("secure_messaging", detail)


class CardRemovedError(ChipError):
    """There is no chip in the field any more (`card_removed`)."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("card_removed", detail)


class ChipTimeoutError(ChipError):
    """The chip took longer than it may (`timeout`)."""

    def __init__(self, detail: str) -> None:
        super().__init__("timeout", detail)


class LimitError(ChipError):
    """The chip claims or sends more than is taken from it (`over_limit`)."""

    def __init__(self, detail: str) -> None:
        super().__init__("over_limit", detail)


class ReaderError(ChipError):
    """The reader, not the chip: none there, no card in it, no library (`no_reader`, `no_card`, `reader_failed`)."""
