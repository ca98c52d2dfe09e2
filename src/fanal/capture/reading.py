"""What a reader says of one picture. Regions are in pixels of the picture as it is shown (EXIF orientation applied)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fanal.documents import Claim, Light, Region
from fanal.documents.mrz import Format

if TYPE_CHECKING:
    import numpy.typing as npt

Point = tuple[float, float]
Polygon = tuple[Point, ...]  # corners in reading order: top left, top right, bottom right, bottom left


class Character(NamedTuple):
    """One character of an MRZ line as read: how sure the reader is (0 to 1), and where it stands."""

    text: str
    confidence: float
    polygon: Polygon


class Overruled(NamedTuple):
    """A character that the format's grammar read otherwise than the eye: line and column count from 1."""

    line: int
    column: int
    seen: str
    read: str


@dataclass(frozen=True, slots=True)
class MrzZone:
    """One machine readable zone.

    `accepted`: read surely enough to be used as it is; one that is not must be looked at by a person, or captured
    again, whatever its check digits say. `confidence` is that of the least sure character.
    """

    lines: tuple[str, ...]
    regions: tuple[Region, ...]  # one a line
    characters: tuple[tuple[Character, ...], ...]  # of each line
    confidence: float
    accepted: bool
    format: Format | None = None
    overruled: tuple[Overruled, ...] = ()
    light: Light = Light.WHITE  # the light of the picture that it was read from
    height: float = 0.0  # of a capital, pixels of the picture


class Barcode(NamedTuple):
    """One barcode: its symbology ("QRCode", "DataMatrix", "Aztec", "PDF417"), raw bytes, and place."""

    symbology: str
    content: bytes
    region: Region


class Measure(NamedTuple):
    """One measure of the picture's quality.

    `name`: sharpness, glare, character_height, exposure, contrast, completeness. `problem` is a key of the labels
    "problem" (blurred, small, glare, dark, bright, cut_off), None where there is none; `advice` is the key of the
    officer's text in `quality.toml`.
    """

    name: str
    value: float
    unit: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PageReading:
    """What one picture shows. `claims` are those of the visual zone (VIZ)."""

    width: int
    height: int
    mrzs: tuple[MrzZone, ...] = ()
    claims: tuple[Claim, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    portrait: Region | None = None
    outline: Region | None = None  # the document's four corners, where they are visible
    rectified: npt.NDArray[Any] | None = None  # the page seen straight, RGB, where there is an outline
    quality: tuple[Measure, ...] = ()
    ms: float = 0.0  # what reading took
