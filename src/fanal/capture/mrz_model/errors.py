"""What can be wrong with a strip, or with the model's own file."""


class MrzModelError(Exception):
    """A strip that cannot be read at all, or a model that is not the one that was released. `code` is stable.

    Codes: `not_gray` (not a two-dimensional array of uint8), `empty`, `too_high`, `too_wide`, `too_many`,
    `model_missing`, `model_changed` (its digest is not the released one), `model_failed`.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
