"""Basic Access Control (Doc 9303-11, 4.3): the MRZ opens the chip."""

from fanal.chip.bac.protocol import SUITE, access_keys, run, session

__all__ = ["SUITE", "access_keys", "run", "session"]
