"""Captures: repeatable by seed, no harder than they are asked to be, with the truth where it stands."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from fanal.documents import mrz
from fanal.specimens import HARD, Camera, Difficulty, PictureFormat, make

CAMERAS = pytest.mark.parametrize("camera", list(Camera), ids=lambda camera: camera.value)


@CAMERAS
def test_the_same_seed_takes_the_same_picture(camera: Camera) -> None:
    first, second = (make(mrz.Format.TD2, 31, capture=camera, picture_format=PictureFormat.JPEG) for _ in range(2))

    assert first.pictures == second.pictures
    assert first.truth == second.truth


@CAMERAS
def test_another_seed_takes_another_picture(camera: Camera) -> None:
    one, other = (make(mrz.Format.TD2, seed, capture=camera).truth["pictures"][0]["conditions"] for seed in (31, 32))
    assert one != other


@CAMERAS
@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_a_picture_is_no_harder_than_was_asked(camera: Camera, hardness: float) -> None:
    difficulty: Difficulty = HARD.scaled(hardness)
    for seed in range(2):
        (truth,) = make(mrz.Format.TD3, seed, capture=camera, difficulty=difficulty).truth["pictures"]
        got = truth["conditions"]
        if camera is not Camera.WEBCAM:  # whose frame is what it is: a page of 44 characters fills it at 18 px
            assert got["letter"] >= difficulty.smallest_letter * 0.96
        assert got["slant"] <= difficulty.slant
        assert got["bend"] <= difficulty.bend
        assert got["noise"] <= difficulty.noise
        assert got["glare"] <= difficulty.glare
        assert got["compression"] >= difficulty.compression


@CAMERAS
def test_the_truth_is_about_the_picture_as_it_is_shown(camera: Camera) -> None:
    made = make(mrz.Format.TD3, 6, capture=camera, picture_format=PictureFormat.JPEG)
    truth = made.truth["pictures"][0]
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(made.pictures[0].content)))
    assert shown.size == (truth["width"], truth["height"])

    gray = np.asarray(shown.convert("L"), np.float64)
    page = next(item["polygon"] for item in truth["items"] if item["kind"] == "page")
    assert all(-2 <= x <= shown.size[0] + 2 and -2 <= y <= shown.size[1] + 2 for x, y in page)
    # Ink is darker than what lies between the lines.
    lines = [np.array(item["polygon"]) for item in truth["items"] if item["kind"] == "mrz_line"]
    share = np.linspace(0.02, 0.98, 400)[:, None]

    def darkness(left: object, right: object) -> float:
        points = np.asarray(left) + share * (np.asarray(right) - np.asarray(left))
        return float(np.mean([gray[round(float(y)), round(float(x))] for x, y in points]))

    middles = [((line[0] + line[3]) / 2, (line[1] + line[2]) / 2) for line in lines]
    between = [(a + b) / 2 for a, b in zip(middles[0], middles[1], strict=True)]
    assert max(darkness(*middle) for middle in middles) < darkness(*between)
