"""Passive authentication: whether what is on the chip is what a State signed (ICAO Doc 9303-11, 5.1)."""

from fanal.chip.passive_auth.keys import vouched_keys
from fanal.chip.passive_auth.path import NoPathError, Path, find_path
from fanal.chip.passive_auth.sod import Sod, parse_sod
from fanal.chip.passive_auth.verify import (
    CLAUSES,
    EF_COM,
    EF_SOD,
    Hash,
    Outcome,
    PassiveAuthentication,
    Step,
    StepCode,
    signs_for,
    verify,
)

__all__ = [
    "CLAUSES",
    "EF_COM",
    "EF_SOD",
    "Hash",
    "NoPathError",
    "Outcome",
    "PassiveAuthentication",
    "Path",
    "Sod",
    "Step",
    "StepCode",
    "find_path",
    "parse_sod",
    "signs_for",
    "verify",
    "vouched_keys",
]
