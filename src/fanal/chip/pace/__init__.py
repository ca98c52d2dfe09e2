"""Password Authenticated Connection Establishment (Doc 9303-11, 4.4): generic, integrated and CA mapping."""

from fanal.chip.pace.cam import verify_chip_authentication_mapping
from fanal.chip.pace.mapping import map_generic, map_integrated
from fanal.chip.pace.protocol import Pace, run
from fanal.chip.pace.variants import Mapping, Variant, choose, variant_of

__all__ = [
    "Mapping",
    "Pace",
    "Variant",
    "choose",
    "map_generic",
    "map_integrated",
    "run",
    "variant_of",
    "verify_chip_authentication_mapping",
]
