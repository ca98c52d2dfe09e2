"""The measurement itself, and the released model and decoder on a few made documents."""

import pytest

from fanal.capture.mrz_model import LineRecogniser
from training.mrz.evaluate import edits, measure
from training.mrz.strips import Recipe, StripMaker


@pytest.mark.parametrize(
    ("said", "true", "least"),
    [("", "", 0), ("A<<B", "A<<B", 0), ("A<B", "A<<B", 1), ("AKKB", "A<<B", 2), ("", "A", 1)],
)
def test_edits_are_the_fewest_that_put_a_line_right(said: str, true: str, least: int) -> None:
    assert edits(said, true) == edits(true, said) == least


def test_made_documents_of_middling_wear_are_read_and_none_is_accepted_wrongly() -> None:
    recipe = Recipe(
        fonts=0.3,
        geometry=0.6,
        slant=0.4,
        bend=0.3,
        ground=0.4,
        contrast=0.4,
        blur=0.3,
        noise=0.3,
        jpeg=0.4,
        capital=14,
    )
    score = measure(LineRecogniser(), StripMaker(9), 40, 1, lambda _: recipe)
    assert score.documents == 40
    assert score.exact >= 34
    assert score.accepted >= 20
    assert score.accepted_wrong == 0
    assert score.lines_exact <= score.lines
