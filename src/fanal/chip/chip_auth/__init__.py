"""Chip Authentication version 1 (Doc 9303-11, 6.2): the chip proves its static key, and secure messaging restarts."""

from fanal.chip.chip_auth.protocol import Choice, choices, run

__all__ = ["Choice", "choices", "run"]
