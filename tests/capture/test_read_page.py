"""Whole pictures: what is read of specimens as cameras see them, and of pictures that show none."""

import io
import sys
from datetime import date

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from fanal import specimens
from fanal.capture import CaptureError, PageReading, read_page
from fanal.documents import Field, Light, Source, mrz
from fanal.specimens import HARD, Camera, MadeSpecimen, PictureFormat, make

ON = date(2026, 11, 24)


def read(content: bytes, *, visual: bool = False, infrared: bytes | None = None) -> PageReading:
    return read_page(content, evidence="e", on=ON, visual=visual, infrared=infrared)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def opened(made: MadeSpecimen, number: int = -1) -> Image.Image:
    return ImageOps.exif_transpose(Image.open(io.BytesIO(made.pictures[number].content))).convert("RGB")


@pytest.mark.parametrize("form", specimens.FORMATS, ids=lambda form: form.value)
def test_a_photo_of_every_format_is_read_to_the_letter(form: mrz.Format) -> None:
    made = make(form, 41, capture=Camera.PHOTO, difficulty=HARD.scaled(0.5), picture_format=PictureFormat.JPEG)
    (zone,) = read(made.pictures[-1].content).mrzs

    assert zone.lines == made.document.lines
    assert zone.format is form
    assert [len(line) for line in zone.characters] == [len(line) for line in zone.lines]


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 30, -30])
def test_a_page_is_read_whichever_way_it_lies(turn: int) -> None:
    made = make(mrz.Format.TD3, 7)
    small = opened(made).resize((1033, 727))
    turned = small.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=(96, 88, 80))
    assert [zone.lines for zone in read(jpeg(turned)).mrzs] == [made.document.lines]


def test_every_character_is_where_it_stands_in_the_picture() -> None:
    made = make(mrz.Format.TD2, 12, capture=Camera.PHOTO, difficulty=HARD.scaled(0.5))
    (zone,) = read(made.pictures[0].content).mrzs
    items = [item for item in made.truth["pictures"][0]["items"] if item["kind"] == "mrz_character"]
    read_characters = [character for line in zone.characters for character in line]

    for item, character in zip(items, read_characters, strict=True):
        true, found = np.array(item["polygon"]), np.array(character.polygon)
        width = float(np.linalg.norm(true[1] - true[0]))
        assert float(np.linalg.norm(true.mean(axis=0) - found.mean(axis=0))) < 0.4 * width


def test_several_documents_in_one_picture_are_all_read() -> None:
    first, second = make(mrz.Format.TD3, 3), make(mrz.Format.TD2, 4)
    table = Image.new("RGB", (1760, 1700), (120, 104, 88))
    table.paste(opened(first).resize((1033, 727)), (40, 30))
    table.paste(opened(second).resize((868, 612)).rotate(90, expand=True), (1120, 790))
    found = {zone.lines for zone in read(jpeg(table)).mrzs}
    assert found == {first.document.lines, second.document.lines}


def test_a_page_without_an_mrz_is_said_to_have_none() -> None:
    made = make(mrz.Format.TD1, 6)
    assert read(made.pictures[0].content).mrzs == ()
    assert read(jpeg(Image.new("RGB", (640, 480), (200, 190, 170)))).mrzs == ()


def test_noise_shows_nothing() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    assert read(jpeg(Image.fromarray(noise))).mrzs == ()


def test_a_line_that_is_covered_is_never_made_up() -> None:
    made = make(mrz.Format.TD3, 9)
    picture = opened(made).resize((1033, 727))
    lines = [item for item in made.truth["pictures"][0]["items"] if item["kind"] == "mrz_line"]
    scale = 1033 / made.truth["pictures"][0]["width"]
    left, top = (value * scale for value in lines[1]["polygon"][0])
    right, bottom = (value * scale for value in lines[1]["polygon"][2])
    pixels = np.array(picture)
    # A thumb over the middle of the lower line.
    pixels[int(top) - 6 : int(bottom) + 6, int(left + 0.3 * (right - left)) : int(left + 0.5 * (right - left))] = 150
    reading = read(jpeg(Image.fromarray(pixels)))
    assert not any(zone.accepted for zone in reading.mrzs)
    for zone in reading.mrzs:
        assert zone.lines[1] != made.document.lines[1]


def test_the_outline_and_the_straight_page_are_given_where_the_page_is_seen() -> None:
    made = make(mrz.Format.TD3, 15, capture=Camera.PHOTO, difficulty=HARD.scaled(0.3))
    truth = made.truth["pictures"][0]
    reading = read(made.pictures[0].content)

    assert reading.outline is not None
    assert reading.rectified is not None
    page = next(item["polygon"] for item in truth["items"] if item["kind"] == "page")
    diagonal = float(np.linalg.norm(np.array(page[0]) - np.array(page[2])))
    assert float(np.abs(np.array(reading.outline.polygon) - np.array(page)).max()) < 0.05 * diagonal
    assert reading.rectified.shape[1] / reading.rectified.shape[0] == pytest.approx(125 / 88, rel=0.01)


def test_the_mrz_is_read_from_the_infrared_picture_where_it_is_better_there() -> None:
    made = make(mrz.Format.TD3, 21)
    clear = opened(made).resize((1033, 727))
    rubbed = np.array(clear)
    rubbed[560:] = cv2.GaussianBlur(rubbed[560:], (0, 0), 6)  # what is blurred to the eye is carbon to infrared
    white = jpeg(Image.fromarray(rubbed))

    assert not any(zone.accepted for zone in read(white).mrzs)
    (zone,) = read(white, infrared=jpeg(clear)).mrzs
    assert (zone.lines, zone.light) == (made.document.lines, Light.IR)


def test_an_infrared_picture_of_another_shape_is_refused() -> None:
    white, other = (jpeg(Image.new("RGB", size, (90, 90, 90))) for size in ((400, 300), (300, 400)))
    with pytest.raises(CaptureError) as refused:
        read(white, infrared=other)
    assert refused.value.code == "not_registered"


def test_the_visual_zone_says_what_the_page_says() -> None:
    made = make(mrz.Format.TD3, 2)
    reading = read(jpeg(opened(made).resize((1033, 727))), visual=True)
    claimed = {claim.field: claim.value for claim in reading.claims}

    for field in (Field.DOCUMENT_NUMBER, Field.DATE_OF_BIRTH, Field.DATE_OF_EXPIRY, Field.SEX, Field.NATIONALITY):
        assert claimed[field] == made.document.viz[field]
    assert {claim.source for claim in reading.claims} == {Source.VIZ}
    assert reading.portrait is not None
    true = next(item["polygon"] for item in made.truth["pictures"][0]["items"] if item["kind"] == "portrait")
    found = np.array(reading.portrait.polygon).mean(axis=0) * (made.truth["pictures"][0]["width"] / 1033)
    assert true[0][0] < found[0] < true[2][0]
    assert true[0][1] < found[1] < true[2][1]


def test_the_mrz_is_read_without_the_text_reader_of_the_visual_zone() -> None:
    import subprocess

    code = (
        "import sys, datetime\n"
        "from fanal.capture import read_page\n"
        "read_page(sys.stdin.buffer.read(), evidence='', on=datetime.date(2026, 11, 24), visual=False)\n"
        "print('rapidocr' in sys.modules)\n"
    )
    content = jpeg(opened(make(mrz.Format.TD3, 2)).resize((1033, 727)))
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=True)
    assert done.stdout.split() == [b"False"]


def test_the_passport_number_on_a_visa_is_not_taken_for_the_number_of_the_visa() -> None:
    made = make(mrz.Format.MRV_A, 3)
    reading = read(jpeg(opened(made).resize((992, 661))), visual=True)
    claimed = {claim.field: claim.value for claim in reading.claims}

    assert claimed[Field.DOCUMENT_NUMBER] == made.document.viz[Field.DOCUMENT_NUMBER]
    assert claimed[Field.PASSPORT_NUMBER] == made.document.viz[Field.PASSPORT_NUMBER]


@pytest.mark.parametrize("name", ["td3-000010", "td1-000021"])
def test_the_visual_zone_of_a_shipped_specimen_is_read_right(name: str) -> None:
    """Pages that fill their picture, so that no edge is seen; the front of a card has no MRZ to tell where it lies."""
    specimen = next(one for one in specimens.shipped() if one.name == name)
    said = {claim["field"]: claim["value"] for claim in specimen.truth["claims"] if claim["source"] == "viz"}
    claimed = {
        claim.field: claim.value for path in specimen.pictures for claim in read(path.read_bytes(), visual=True).claims
    }
    for field in (Field.DOCUMENT_NUMBER, Field.DATE_OF_BIRTH, Field.DATE_OF_EXPIRY, Field.SEX, Field.NATIONALITY):
        assert claimed[field] == said[field.value]
