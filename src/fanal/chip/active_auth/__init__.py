"""Active Authentication (Doc 9303-11, 6.1): the chip signs a challenge."""

from fanal.chip.active_auth.iso9796 import recover_and_verify
from fanal.chip.active_auth.protocol import Challenge, run, verify

__all__ = ["Challenge", "recover_and_verify", "run", "verify"]
