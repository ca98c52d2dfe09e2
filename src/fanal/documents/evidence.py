"""Evidence: what a sensor or a person delivered, immutable and named by its SHA-256.

Nothing downstream changes a piece of evidence: a reader makes claims from it (`fanal.documents.claims`) and points
back to it by its digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a piece of evidence is."""

    PICTURE = "picture"  # a page, a card, a face, as a camera or a scanner gave it
    MRZ_TEXT = "mrz_text"  # MRZ lines as a keyboard-wedge scanner, a page reader or a person gave them
    CHIP_FILE = "chip_file"  # one elementary file of an eMRTD, as read (EF.SOD, EF.COM, DG1 ...)
    SEAL = "seal"  # the raw bytes of a visible digital seal
    OBSERVATION = "observation"  # what an officer saw or felt, and the fields an officer typed (JSON)


class Light(StrEnum):
    """The light under which a picture was taken."""

    WHITE = "white"
    UV = "uv"
    IR = "ir"


@dataclass(frozen=True, slots=True)
class Captured:
    """When, where, by which device and under which light; whatever is not known is None."""

    at: datetime | None = None
    place: str | None = None
    device: str | None = None
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence. Make it with `Evidence.of`, which computes the digest."""

    sha256: str
    kind: Kind
    content: bytes = field(repr=False)
    captured: Captured = Captured()
    label: str = ""  # a file name or a chip file's name ("EF.SOD", "DG1"), for people; never an identity

    @classmethod
    def of(cls, kind: Kind, content: bytes, *, captured: Captured | None = None, label: str = "") -> Evidence:
        digest = hashlib.sha256(content).hexdigest()
        return cls(digest, kind, content, captured or Captured(), label)
