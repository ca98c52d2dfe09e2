"""Utopian chips: a public key infrastructure, the files of an eMRTD, and a simulated chip that speaks every protocol.

Everything is invented. The same seed makes the same files and certificates; a chip may have a fault on purpose, so
that training and tests see what a hostile or a broken chip does.
"""

from fanal.specimens.chip.attach import attach_chip, attach_seal, barcode, certificates
from fanal.specimens.chip.faults import Fault
from fanal.specimens.chip.make import ChipKeys, SpecimenChip, make_chip
from fanal.specimens.chip.pki import Pki, Signer, make_pki
from fanal.specimens.chip.seals import VDS_NC, SpecimenSeal, default_profile, make_seal, seal_profiles
from fanal.specimens.chip.simulated import SimulatedChip

__all__ = [
    "VDS_NC",
    "ChipKeys",
    "Fault",
    "Pki",
    "Signer",
    "SimulatedChip",
    "SpecimenChip",
    "SpecimenSeal",
    "attach_chip",
    "attach_seal",
    "barcode",
    "certificates",
    "default_profile",
    "make_chip",
    "make_pki",
    "make_seal",
    "seal_profiles",
]
