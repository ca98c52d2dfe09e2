"""`fanal read`: one answer a picture, for people and for programs."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fanal.cli import main
from fanal.documents import Field, mrz
from fanal.specimens import PictureFormat, make, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A passport page, a card of two sides, and a picture of nothing."""
    folder = tmp_path_factory.mktemp("pictures")
    for form in (mrz.Format.TD3, mrz.Format.TD1):
        write(make(form, 8, picture_format=PictureFormat.JPEG), folder)
    Image.new("RGB", (300, 200), (210, 200, 190)).save(folder / "zz-empty.png")
    return folder


def test_a_page_is_read_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(folder / "td3-000008.jpg"), "--lang", "en"]) == 0

    shown = capsys.readouterr().out.splitlines()
    assert "TD3 (two lines of 44)" in shown[0]
    assert [line.strip() for line in shown[1:3]] == list(make(mrz.Format.TD3, 8).document.lines)


def test_a_folder_gives_one_object_a_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(folder), "--json"]) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(answer["file"]).name for answer in answers] == [
        "td1-000008-back.jpg", "td1-000008-front.jpg", "td3-000008.jpg", "zz-empty.png",
    ]  # fmt: skip
    assert [len(answer["mrzs"]) for answer in answers] == [1, 0, 1, 0]
    zone = answers[0]["mrzs"][0]
    assert zone["format"] == "td1"
    assert zone["lines"] == list(make(mrz.Format.TD1, 8).document.lines)
    assert zone["fields"]["document_number"] == make(mrz.Format.TD1, 8).document.viz[Field.DOCUMENT_NUMBER]
    assert [len(line) for line in zone["characters"]] == [30, 30, 30]
    assert {measure["name"] for measure in answers[0]["quality"]} >= {
        "sharpness",
        "glare",
        "character_height",
        "exposure",
    }


def test_a_pattern_is_expanded(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(folder / "td1*.jpg"), "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_was_found_is_drawn(folder: Path, tmp_path: Path) -> None:
    assert main(["read", str(folder / "td3-000008.jpg"), "--draw", str(tmp_path / "out.png")]) == 0
    with Image.open(tmp_path / "out.png") as drawn, Image.open(folder / "td3-000008.jpg") as picture:
        assert drawn.size == picture.size
        assert drawn.convert("RGB").tobytes() != picture.convert("RGB").tobytes()


def test_a_picture_of_nothing_is_said_to_be_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(folder / "zz-empty.png"), "--lang", "fr"]) == 3
    assert "sans ZLA" in capsys.readouterr().out


def test_a_file_that_is_no_picture_does_not_keep_the_others_from_being_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff" + bytes(200))
    assert main(["read", str(broken), str(tmp_path / "none.jpg"), str(folder / "td3-000008.jpg"), "--json"]) == 4

    done = capsys.readouterr()
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [("error" in answer, len(answer.get("mrzs", []))) for answer in answers] == [(True, 0), (False, 1)]
    assert "broken.jpg" in done.err
    assert "none.jpg" in done.err
    assert "Traceback" not in done.err


def test_infrared_goes_with_one_picture(folder: Path) -> None:
    assert main(["read", str(folder), "--ir", str(folder / "td3-000008.jpg")]) == 2


def test_a_pattern_that_meets_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(tmp_path / "*.jpg")]) == 3
    assert "no picture there" in capsys.readouterr().err


def test_pictures_of_one_name_are_drawn_each(folder: Path, tmp_path: Path) -> None:
    content = (folder / "zz-empty.png").read_bytes()
    for name in ("entry", "exit"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.png").write_bytes(content)
    assert main(["read", str(tmp_path / "entry"), str(tmp_path / "exit"), "--draw", str(tmp_path / "drawn")]) == 3
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["one-2.png", "one.png"]
