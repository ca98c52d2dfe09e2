"""The variants of PACE by their object identifiers (Doc 9303-11, 4.4.3 and 9.2.1), and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from fanal.chip.crypto import AES_128, AES_192, AES_256, TDES, Suite
from fanal.chip.groups import STANDARDISED, DhGroup, Group
from fanal.chip.security_infos import ID_PACE, PaceInfo


class Mapping(StrEnum):
    """How the nonce becomes a generator."""

    GM = "GM"  # generic
    IM = "IM"  # integrated
    CAM = "CAM"  # chip authentication: generic, and the chip proves its static key with it


class Variant(NamedTuple):
    """One variant with its group."""

    protocol: str
    mapping: Mapping
    suite: Suite
    parameter_id: int
    group: Group

    @property
    def name(self) -> str:
        agreement = "DH" if isinstance(self.group, DhGroup) else "ECDH"
        return f"PACE-{agreement}-{self.mapping}-{self.suite.name} {self.group.name}"


# id-PACE-<x>: key agreement is DH or ECDH; 5 is not assigned.
_AGREEMENTS: Final = {"1": (True, Mapping.GM), "2": (False, Mapping.GM), "3": (True, Mapping.IM),
                      "4": (False, Mapping.IM), "6": (False, Mapping.CAM)}  # fmt: skip
_SUITES: Final = {"1": TDES, "2": AES_128, "3": AES_192, "4": AES_256}
_PREFERRED: Final = (Mapping.CAM, Mapping.GM, Mapping.IM)


def variant_of(info: PaceInfo) -> Variant | None:
    """What a PACEInfo offers; None for what Doc 9303-11 does not know."""
    if not info.protocol.startswith(ID_PACE) or info.parameter_id is None:
        return None
    agreement, _, cipher = info.protocol[len(ID_PACE) :].partition(".")
    if agreement not in _AGREEMENTS or cipher not in _SUITES:
        return None
    is_dh, mapping = _AGREEMENTS[agreement]
    suite, group = _SUITES[cipher], STANDARDISED.get(info.parameter_id)
    if group is None or isinstance(group, DhGroup) is not is_dh or (mapping is Mapping.CAM and not suite.is_aes):
        return None
    if mapping is Mapping.IM and not isinstance(group, DhGroup) and group.curve.p % 4 != 3:
        return None  # 4.4.3.3.2: the encoding needs p = 3 mod 4, which secp224r1 has not
    return Variant(info.protocol, mapping, suite, info.parameter_id, group)


def choose(offered: Iterable[PaceInfo]) -> Variant | None:
    """The best that a chip offers: one that proves the chip too, then the longer keys."""
    variants = [variant for info in offered if info.version == 2 and (variant := variant_of(info)) is not None]
    return min(variants, key=_rank, default=None)


def _rank(variant: Variant) -> tuple[int, int, int, int]:
    slow = isinstance(variant.group, DhGroup)
    strength = -(variant.suite.key_size if variant.suite.is_aes else 0)
    return _PREFERRED.index(variant.mapping), slow, strength, -variant.group.order.bit_length()
