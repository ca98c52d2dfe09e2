"""How a specimen is captured: by what, how hard it may get, and what one picture got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Camera(StrEnum):
    """What takes the picture."""

    PHOTO = "photo"  # a phone over a table
    SCAN = "scan"  # a flatbed, or a photocopier
    WEBCAM = "webcam"  # the document held before a screen's camera


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How hard a picture may be: each figure is the worst that the lot can give.

    Lengths are shares of the height of an MRZ digit, so that a picture stays as hard to read at any resolution.
    """

    smallest_letter: float = 8.0  # pixels: height of the smallest MRZ digit in the picture
    largest_letter: float = 30.0
    turn: float = 180.0  # degrees in the plane of the picture, either way
    slant: float = 42.0  # degrees between the page and the sensor
    bend: float = 0.35  # how far a line of the MRZ bows, in heights of a digit for every 10 characters
    defocus: float = 0.10  # standard deviation of the blur
    motion: float = 0.30  # length of the smear
    noise: float = 14.0  # standard deviation, of 255
    glare: float = 0.75  # share of the contrast that is lost in the brightest place
    shade: float = 0.65  # share of the light that is lost in the darkest place
    compression: int = 35  # the lowest JPEG quality

    def scaled(self, hardness: float) -> Difficulty:
        """The same with every ceiling at this share (0 to 1); at 0 a picture is large, straight and clean."""
        return Difficulty(
            smallest_letter=self.largest_letter - (self.largest_letter - self.smallest_letter) * hardness,
            largest_letter=self.largest_letter,
            turn=self.turn * hardness,
            slant=self.slant * hardness,
            bend=self.bend * hardness,
            defocus=self.defocus * hardness,
            motion=self.motion * hardness,
            noise=self.noise * hardness,
            glare=self.glare * hardness,
            shade=self.shade * hardness,
            compression=round(95 - (95 - self.compression) * hardness),
        )


HARD = Difficulty()
"""What a benchmark means by hard unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one picture got; the units are those of `Difficulty`."""

    camera: Camera
    letter: float  # pixels: height of the smallest MRZ digit (of a page without MRZ: what it would be)
    turn: float  # degrees, clockwise, of the page in the picture as shown
    slant: float
    bend: float
    defocus: float
    motion: float
    noise: float
    glare: float
    shade: float
    compression: int
    orientation: int  # the EXIF orientation: 1, 3, 6 or 8
    grey: bool
    fingers: int
    background: str
