"""What can be wrong with a record."""


class LedgerError(Exception):
    """A head, a proof or an entry that does not hold. `code` is stable."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
