"""Where the lines of an MRZ stand: under each other, however the camera looks at them."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

import pytest

from fanal.documents import mrz
from fanal.inspection import Context, Inspection, MrzReading, Outcome, Subject, inspect
from fanal.inspection.findings import Finding
from tests.inspection.subjects import MRV_A, ON, TD1, TD3

Point = tuple[float, float]


def finding(
    lines: str,
    *,
    shifts: tuple[Point, ...] = (),
    seen: Callable[[float, float], Point] = lambda x, y: (x, y),
    confidence: float = 1.0,
    letters: bool = True,
) -> Finding:
    """What is said of lines printed 6.35 mm apart, each shifted by so many mm, in a picture that `seen` makes."""
    rows = lines.split("\n")
    characters = []
    for n, row in enumerate(rows):
        right, down = shifts[n] if shifts else (0.0, 0.0)
        corners = ((0.0, 0.0), (2.54, 0.0), (2.54, 2.8), (0.0, 2.8))
        characters.append(
            tuple(tuple(seen(right + 2.54 * at + x, down + 6.35 * n + y) for x, y in corners) for at in range(len(row)))
        )
    reading = MrzReading(mrz.parse(rows), "0" * 64, (), confidence, tuple(characters) if letters else ())
    inspection: Inspection = inspect(Subject(Context(ON), mrzs=(reading,)))
    return next(f for f in inspection.findings if f.check == "mrz.lines_in_place")


@pytest.mark.parametrize("lines", [TD3, TD1, MRV_A], ids=["td3", "td1", "mrv_a"])
def test_lines_under_each_other_pass_from_any_side_and_turned_by_any_angle(lines: str) -> None:
    for slant in (0, 15, 30):  # degrees between page and sensor
        for direction in range(0, 180, 30):
            for turn in (0, 75, 180):

                def seen(x: float, y: float, s: int = slant, d: int = direction, t: int = turn) -> Point:
                    a, b = d * pi / 180, t * pi / 180
                    along, across = x * cos(a) + y * sin(a), (y * cos(a) - x * sin(a)) * cos(s * pi / 180)
                    x, y = along * cos(a) - across * sin(a), along * sin(a) + across * cos(a)
                    return 9 * (x * cos(b) - y * sin(b)), 9 * (x * sin(b) + y * cos(b))

                assert finding(lines, seen=seen).outcome is Outcome.PASSED, (slant, direction, turn)


@pytest.mark.parametrize("aside", [-1.7, 1.7])
def test_a_line_aside_by_more_than_half_a_letter_is_said_with_how_far(aside: float) -> None:
    found = finding(TD3, shifts=((0.0, 0.0), (aside, 0.0)))
    assert (found.outcome, found.reason, found.seen) == (Outcome.FAILED, "failed", "1.7 mm")


def test_three_lines_that_are_not_evenly_spaced_are_said_so() -> None:
    found = finding(TD1, shifts=((0.0, 0.0), (0.0, 0.0), (0.0, -1.2)))
    assert (found.outcome, found.reason, found.seen) == (Outcome.FAILED, "uneven", "1.2 mm")


def test_lines_that_were_not_read_surely_are_not_held_against_the_document() -> None:
    found = finding(TD3, shifts=((0.0, 0.0), (2.0, 0.0)), confidence=0.5)
    assert (found.outcome, found.reason) == (Outcome.UNDETERMINED, "doubtful")


def test_of_lines_that_came_as_text_nothing_is_said() -> None:
    found = finding(TD3, letters=False)
    assert (found.outcome, found.reason) == (Outcome.NOT_DONE, "not_seen")
