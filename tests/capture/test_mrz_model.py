"""The released line recogniser, on lines drawn here (not by the code that made its training lines)."""

import hashlib
import json
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from fanal.capture.mrz_model import (
    ALPHABET,
    BLANK,
    MAX_STRIPS,
    MAX_WIDTH,
    STRIP_HEIGHT,
    LineLogits,
    LineRecogniser,
    MrzModelError,
)

ROOT = Path(__file__).resolve().parents[2]
FONT = ROOT / "src" / "fanal" / "specimens" / "fonts" / "OCRB.otf"

# ICAO Doc 9303-4, -5, -6 and -7, the Utopian specimens in the appendices; the last two are published French specimens.
LINES = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "D231458907UTO7408122F1204159<<<<<<<6",
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
    "L8988901C4XXX4009078F9612109<<<<<<<<",
    "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<",
    "8806923102858CORINNE<<<<<<<6512068F6",
)

Gray = npt.NDArray[np.uint8]


def drawn(text: str, capital: float = 21.0, height: int = 32, margin: float = 1.0) -> Gray:
    """Black OCR-B on white, with `margin` characters of ground on both sides."""
    font = ImageFont.truetype(str(FONT), capital / 0.7)
    pitch = font.getlength("<")
    picture = Image.new("L", (round(pitch * (len(text) + 2 * margin)), height), 250)
    draw = ImageDraw.Draw(picture)
    draw.text((pitch * margin, height / 2), text, font=font, fill=10, anchor="lm")
    ink = np.nonzero(np.asarray(picture).min(axis=1) < 128)[0]
    off = (height - 1) / 2 - (ink[0] + ink[-1]) / 2 if len(ink) else 0.0
    shift = np.array([[1, 0, 0], [0, 1, off]], np.float32)
    moved = cv2.warpAffine(np.asarray(picture), shift, picture.size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


@pytest.fixture(scope="module")
def model() -> LineRecogniser:
    return LineRecogniser()


def test_the_metadata_describe_the_model_that_is_shipped(model: LineRecogniser) -> None:
    files = resources.files("fanal.capture.mrz_model")
    data = files.joinpath("mrz.onnx").read_bytes()
    assert model.metadata["sha256"] == hashlib.sha256(data).hexdigest()
    assert model.metadata["bytes"] == len(data) <= 8 * 1024 * 1024
    assert model.metadata["alphabet"] == ALPHABET
    assert model.metadata["strip_height"] == STRIP_HEIGHT
    assert model.metadata["licence"] == "Apache-2.0"


def test_the_model_card_is_of_the_model_that_is_shipped(model: LineRecogniser) -> None:
    card = (ROOT / "docs" / "model-card-mrz.md").read_text("utf-8")
    assert model.metadata["sha256"] in card
    assert f"version {model.metadata['version']}" in card


def test_a_changed_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = resources.files("fanal.capture.mrz_model")
    (tmp_path / "mrz.onnx").write_bytes(files.joinpath("mrz.onnx").read_bytes() + b"\0")
    (tmp_path / "mrz.json").write_bytes(files.joinpath("mrz.json").read_bytes())
    monkeypatch.setattr("fanal.capture.mrz_model.recogniser.resources.files", lambda _: tmp_path)
    with pytest.raises(MrzModelError) as refused:
        LineRecogniser()
    assert refused.value.code == "model_changed"


@pytest.mark.parametrize("metadata", [b"", b"[]", b"\xff", None])
def test_a_model_without_its_metadata_is_refused(
    metadata: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mrz.onnx").write_bytes(b"")
    if metadata is not None:
        (tmp_path / "mrz.json").write_bytes(metadata)
    monkeypatch.setattr("fanal.capture.mrz_model.recogniser.resources.files", lambda _: tmp_path)
    with pytest.raises(MrzModelError) as refused:
        LineRecogniser()
    assert refused.value.code == "model_missing"


@pytest.mark.parametrize("text", LINES)
def test_a_clean_line_is_read_exactly(text: str, model: LineRecogniser) -> None:
    (logits,) = model.recognise([drawn(text)])
    said = logits.greedy()
    assert said.text == text
    assert min(said.confidences) > 0.8


@pytest.mark.parametrize("character", ALPHABET)
def test_every_character_is_read_where_no_document_would_have_it(character: str, model: LineRecogniser) -> None:
    for text in (character, f"<<{character}<<", f"A{character}7{character}{character}", character * 30):
        assert model.recognise([drawn(text)])[0].greedy().text == text


@pytest.mark.parametrize("count", [1, 2, 3, 7, 19, 39, 44])
def test_a_run_of_fillers_keeps_its_length(count: int, model: LineRecogniser) -> None:
    for text in ("<" * count, "X" + "<" * count + "4"):
        assert model.recognise([drawn(text)])[0].greedy().text == text


@pytest.mark.parametrize(
    ("capital", "height", "margin"),
    [(18, 32, 0.2), (24.5, 32, 3), (21, 32, 0), (42, 64, 1), (84, 128, 2), (12, 18, 1), (9, 14, 1), (300, 456, 1)],
)
def test_the_geometry_may_vary_as_the_package_says(
    capital: float, height: int, margin: float, model: LineRecogniser
) -> None:
    for text in LINES[:5]:
        assert model.recognise([drawn(text, capital, height, margin)])[0].greedy().text == text


def test_a_line_that_lies_a_little_high_low_or_turned_is_read(model: LineRecogniser) -> None:
    strip = drawn(LINES[1])
    middle = strip.shape[1] / 2, 15.5
    for drop in (-3, 0, 3):
        for angle in (-0.15, 0.0, 0.15):  # 0.15° over a whole line is 2.6 px
            matrix = cv2.getRotationMatrix2D(middle, angle, 1.0)
            matrix[1, 2] += drop
            turned = cv2.warpAffine(strip, matrix, strip.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
            assert model.recognise([np.asarray(turned, np.uint8)])[0].greedy().text == LINES[1]


@pytest.mark.parametrize("shade", [0, 90, 255])
def test_an_empty_strip_says_nothing(shade: int, model: LineRecogniser) -> None:
    (logits,) = model.recognise([np.full((32, 700), shade, np.uint8)])
    assert logits.greedy() == ("", (), ())


def test_the_rows_are_probabilities_and_the_steps_cover_the_strip(model: LineRecogniser) -> None:
    for width in (1, 3, 63, 64, 65, 1000):
        strip = np.random.default_rng(width).integers(0, 256, (32, width), np.uint8)
        (logits,) = model.recognise([strip])
        assert logits.log_probs.dtype == np.float32
        assert logits.log_probs.shape == (-(-width // 4), 1 + len(ALPHABET))
        assert np.allclose(np.exp(logits.log_probs).sum(axis=1), 1, atol=1e-4)
        assert logits.stride == 4


def test_positions_are_the_middles_of_the_characters_in_the_strip_as_given(model: LineRecogniser) -> None:
    for capital, height in ((21, 32), (84, 128), (12, 18)):
        strip = drawn(LINES[0], capital, height)
        pitch = ImageFont.truetype(str(FONT), capital / 0.7).getlength("<")
        (logits,) = model.recognise([strip])
        said = logits.greedy()
        expected = pitch * (1.5 + np.arange(len(LINES[0])))
        assert np.abs(np.asarray(said.positions) - expected).max() < 0.3 * pitch


def test_a_batch_says_what_each_strip_says_alone(model: LineRecogniser) -> None:
    strips = [drawn(text, capital=18 + n % 5, margin=n % 4) for n, text in enumerate(LINES)]
    together = model.recognise(strips)
    for strip, logits in zip(strips, together, strict=True):
        (alone,) = model.recognise([strip])
        assert alone.log_probs.shape == logits.log_probs.shape
        assert np.allclose(alone.log_probs, logits.log_probs, atol=1e-3)
        assert alone.greedy().text == logits.greedy().text
    assert model.recognise([]) == []


@pytest.mark.parametrize(
    ("strip", "code"),
    [
        (np.zeros((32, 100), np.float32), "not_gray"),
        (np.zeros((32, 100, 3), np.uint8), "not_gray"),
        (np.zeros(32, np.uint8), "not_gray"),
        ([[0, 1], [2, 3]], "not_gray"),
        (None, "not_gray"),
        (np.zeros((0, 0), np.uint8), "empty"),
        (np.zeros((32, 0), np.uint8), "empty"),
        (np.zeros((7, 100), np.uint8), "empty"),
        (np.zeros((513, 100), np.uint8), "too_high"),
        (np.zeros((32, MAX_WIDTH + 1), np.uint8), "too_wide"),
        (np.zeros((8, MAX_WIDTH), np.uint8), "too_wide"),
    ],
)
def test_what_is_no_strip_is_refused(strip: Gray, code: str, model: LineRecogniser) -> None:
    with pytest.raises(MrzModelError) as refused:
        model.recognise([drawn("A"), strip])
    assert refused.value.code == code


def test_the_widest_strip_and_the_most_strips_are_read_and_no_more(model: LineRecogniser) -> None:
    (logits,) = model.recognise([np.full((32, MAX_WIDTH), 200, np.uint8)])
    assert len(logits.log_probs) == MAX_WIDTH // 4
    assert len(model.recognise([np.full((32, 8), 200, np.uint8)] * MAX_STRIPS)) == MAX_STRIPS
    with pytest.raises(MrzModelError) as refused:
        model.recognise([np.full((32, 8), 200, np.uint8)] * (MAX_STRIPS + 1))
    assert refused.value.code == "too_many"


@settings(max_examples=40)
@given(data=st.binary(min_size=8, max_size=4000), height=st.integers(8, 64))
def test_any_pixels_are_answered(model: LineRecogniser, data: bytes, height: int) -> None:
    width = max(1, len(data) // height)
    strip = np.frombuffer(data.ljust(height * width, b"\0"), np.uint8)[: height * width].reshape(height, width)
    try:
        (logits,) = model.recognise([strip])
    except MrzModelError as refused:
        assert refused.code == "too_wide"
    else:
        said = logits.greedy()
        assert len(said.text) == len(said.confidences) == len(said.positions)
        assert all(0 <= confidence <= 1 for confidence in said.confidences)
        assert all(0 <= x <= width + logits.stride for x in said.positions)
        assert not np.isnan(logits.log_probs).any()


def test_greedy_reading_drops_blanks_and_repeats() -> None:
    classes = [BLANK, 11, 11, BLANK, 11, 37, 37, BLANK, 1]  # _AA_A<<_0
    probabilities = np.full((len(classes), 38), 0.1 / 37)
    probabilities[np.arange(len(classes)), classes] = 0.9
    said = LineLogits(np.log(probabilities).astype(np.float32), 2.0).greedy()
    assert said.text == "AA<0"
    assert said.confidences == pytest.approx((0.9,) * 4)
    assert said.positions == pytest.approx((4.0, 9.0, 12.0, 17.0))


def test_the_metadata_are_plain_json() -> None:
    text = resources.files("fanal.capture.mrz_model").joinpath("mrz.json").read_text("ascii")
    assert json.loads(text)["training"]["seed"] == 9303
