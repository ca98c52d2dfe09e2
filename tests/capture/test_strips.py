"""Lines of print that stand under each other: what their print has in common."""

import pytest

from fanal.capture.locate import Line
from fanal.capture.strips import Track, agreed


def track(letter: float, pitch: float, evenness: float) -> Track:
    """A straight track whose letters are `letter` px high and `pitch` px apart."""
    line = Line((0.0, 0.0), (1.0, 0.0), (0.0,), -300.0, 300.0, letter, 1.0)
    leaning = tuple(1.0 if n == 6 else 0.1 for n in range(13))
    return Track(line, 0.0, letter, 0.0, -15.0, 15.0, pitch / letter, (0.0, 0.0), None, evenness, leaning)


def test_cloth_more_even_than_print_does_not_set_its_pitch() -> None:
    read = agreed([track(23.3, 22.4, 0.48), track(25.4, 22.7, 0.51), track(16.9, 8.5, 0.73)])
    assert [one.pitch * one.letter for one in read[:2]] == pytest.approx([22.6, 22.6], abs=0.2)


def test_a_line_of_fillers_gets_the_height_and_pitch_of_the_line_beside_it() -> None:
    text, fillers = agreed([track(20.0, 21.0, 0.6), track(15.0, 21.2, 0.5)])
    assert fillers.letter == text.letter == 20.0
    assert fillers.pitch * fillers.letter == pytest.approx(21.1, abs=0.1)
