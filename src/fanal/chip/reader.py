"""What a chip is behind: anything that takes a command APDU and gives the answer."""

from __future__ import annotations

from typing import Protocol


class Card(Protocol):
    """A chip in a field: PC/SC (`fanal.chip.pcsc`), a recorded session (`fanal.chip.transcript`), a simulated chip.

    `transmit` raises CardRemovedError where the chip left the field, ChipTimeoutError where it does not answer in
    time, and ReaderError where the reader failed.
    """

    def transmit(self, apdu: bytes) -> bytes: ...
