"""The quality of a picture: each measure says what is wrong, and what an officer can do about it."""

import io
import tomllib
from importlib import resources

import cv2
import numpy as np
import pytest
from PIL import Image

from fanal.capture import Measure, read_page
from fanal.capture.quality import tell
from fanal.documents import mrz
from fanal.specimens import MADE_ON, make

LANGUAGES = ("en", "es", "fr", "ht")
SIZE = (1033, 727)


def page() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    made = make(mrz.Format.TD3, 5)
    return np.array(Image.open(io.BytesIO(made.pictures[0].content)).convert("RGB").resize(SIZE), np.uint8)


def measured(pixels: object) -> dict[str, Measure]:
    out = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(out, "PNG")
    reading = read_page(out.getvalue(), evidence="", on=MADE_ON, visual=False, barcodes=False)
    return {measure.name: measure for measure in reading.quality}


def test_a_good_picture_has_no_problem() -> None:
    found = measured(page())
    assert [measure.problem for measure in found.values()] == [None] * len(found)
    assert found["character_height"].value == pytest.approx(23, abs=3)


def test_a_blurred_page_is_less_sharp() -> None:
    assert measured(cv2.GaussianBlur(page(), (0, 0), 3))["sharpness"].value < 0.6 * measured(page())["sharpness"].value


def test_a_dark_picture_is_dark() -> None:
    found = measured(page() // 12)
    assert found["exposure"].value < 25


def test_a_page_that_runs_out_of_the_picture_is_cut_off() -> None:
    wide = np.full((900, 1240, 3), 60, np.uint8)
    wide[80 : 80 + 727, 100 : 100 + 1033] = page()
    assert measured(wide)["completeness"].problem is None
    assert measured(wide[260:])["completeness"].problem == "cut_off"


@pytest.mark.parametrize("problem", ["small", "blurred", "glare", "dark", "bright", "cut_off"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_problem_is_told_in_every_language(problem: str, lang: str) -> None:
    words = tell(Measure("x", 7.0, "px", problem), lang)
    assert words
    assert "{" not in words


def test_no_problem_is_told_of_nothing() -> None:
    assert tell(Measure("sharpness", 0.5, "share"), "en") is None


def test_the_texts_are_complete_and_have_the_same_placeholders() -> None:
    texts = tomllib.loads(resources.files("fanal.capture").joinpath("quality.toml").read_text("utf-8"))
    for words in texts.values():
        assert set(words) == set(LANGUAGES)
        assert len({text.count("{value}") for text in words.values()}) == 1
