"""Made strips: repeatable, labelled where the characters are, and each degradation does something."""

from dataclasses import replace

import numpy as np
import pytest

from fanal.capture.mrz_model import ALPHABET, LineRecogniser
from training.mrz.strips import Recipe, StripMaker, targets, training_recipe

TEXT = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


@pytest.fixture(scope="module")
def maker() -> StripMaker:
    return StripMaker(5)


def test_the_same_seed_makes_the_same_strip(maker: StripMaker) -> None:
    for other in (maker, StripMaker(5)):
        for n in range(20):
            strips = []
            for used in (maker, other):
                rng = np.random.default_rng([1, n])
                strips.append(used.strip(rng, 384, training_recipe(rng)))
            assert (strips[0].pixels == strips[1].pixels).all()
            assert (strips[0].characters == strips[1].characters).all()
            assert (strips[0].middles == strips[1].middles).all()


def test_a_strip_is_what_the_recogniser_takes(maker: StripMaker) -> None:
    for n in range(60):
        rng = np.random.default_rng([2, n])
        strip = maker.strip(rng, 384, training_recipe(rng))
        assert strip.pixels.shape == (32, 384)
        assert strip.pixels.dtype == np.uint8
        assert len(strip.characters) == len(strip.middles)
        assert (np.diff(strip.middles) > 4).all()
        assert ((strip.middles >= 0) & (strip.middles <= 384)).all()


def test_characters_stand_where_the_strip_says(maker: StripMaker) -> None:
    strip = maker.strip(np.random.default_rng(3), 1100, Recipe(capital=24), "I" * 20)
    ink = 255 - strip.pixels.astype(float)
    ink -= ink.min()
    for middle in strip.middles:
        columns = np.arange(int(middle) - 9, int(middle) + 10)
        weight = ink[:, columns].sum(axis=0)
        assert abs((columns * weight).sum() / weight.sum() + 0.5 - middle) < 1.5


def test_targets_name_each_character_once(maker: StripMaker) -> None:
    strip = maker.strip(np.random.default_rng(4), 1100, Recipe(), TEXT)
    labels = targets(strip, 1100, 4)
    assert "".join(ALPHABET[label - 1] for label in labels if label > 0) == TEXT
    assert (labels == 0).sum() > len(TEXT)


@pytest.mark.parametrize("name", Recipe.names())
def test_each_degradation_changes_the_strip(name: str, maker: StripMaker) -> None:
    changed = 0
    for n in range(12):
        plain = maker.strip(np.random.default_rng([5, n]), 1100, Recipe(), TEXT)
        recipe = replace(Recipe(), **{name: 1.0})
        worse = maker.strip(np.random.default_rng([5, n]), 1100, recipe, TEXT)
        changed += bool((plain.pixels != worse.pixels).any())
    assert changed >= 10


def test_the_released_model_reads_made_lines_of_light_wear(maker: StripMaker) -> None:
    model, exact = LineRecogniser(), 0
    recipe = Recipe(geometry=0.7, ground=0.4, noise=0.3, blur=0.3, jpeg=0.4, slant=0.4, contrast=0.4, capital=14)
    for n in range(60):
        strip = maker.strip(np.random.default_rng([6, n]), 1200, recipe, TEXT)
        exact += model.recognise([strip.pixels])[0].greedy().text == TEXT
    assert exact >= 54
