"""Arithmetic of what is measured in a picture: a distance, and its ratio to a second one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fanal.station.errors import Refusal

MAX_SIDE = 100_000  # pixels: no picture that was taken in is larger

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """A distance in pixels; with a second one, the ratio to it; with its length, millimetres."""

    pixels: float
    ratio: float | None = None
    millimetres: float | None = None


def measure(points: Sequence[Point], reference_mm: Decimal | None = None) -> Measured:
    """Two points are a distance; four are a distance and the one it is compared with.

    Raises:
        Refusal: `measure_points`: not two or four points inside a picture, or a second distance of nothing;
            `measure_reference`: a length without a second distance, or not a length.
    """
    if len(points) not in (2, 4) or not all(0 <= c <= MAX_SIDE for point in points for c in point):
        raise Refusal("measure_points")
    first = math.dist(points[0], points[1])
    if len(points) == 2:
        if reference_mm is not None:
            raise Refusal("measure_reference")
        return Measured(first)
    second = math.dist(points[2], points[3])
    if second == 0:
        raise Refusal("measure_points")
    if reference_mm is None:
        return Measured(first, first / second)
    if not 0 < reference_mm < 10_000:
        raise Refusal("measure_reference")
    return Measured(first, first / second, first / second * float(reference_mm))
