"""`fanal mrz`: one document a stretch of lines in, one JSON object a document out; and the way back."""

import json
from pathlib import Path

import pytest

from fanal.cli.main import main

Capture = pytest.CaptureFixture[str]

TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


def test_documents_between_empty_lines_are_one_json_object_each(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mrz.txt").write_text(f"{TD3}\n\nnot a zone\n\n{TD1[:-1]}X\n")

    assert main(["mrz", "parse", str(tmp_path / "mrz.txt"), "--json", "--on", "2026-11-24"]) == 0
    passport, prose, card = map(json.loads, capsys.readouterr().out.splitlines())

    assert (passport["format"], passport["valid"], passport["start"]) == ("td3", True, 1)
    assert passport["fields"]["date_of_birth"] == {
        "value": "1974-08-12",
        "raw": "740812",
        "line": 2,
        "columns": [14, 19],
    }
    assert prose["error"]["code"] == "not_mrz"
    assert (card["format"], card["start"]) == ("td1", 6)


def test_what_is_wrong_is_said_with_line_and_columns(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mrz.txt").write_text(TD3[:-1] + "4")
    main(["mrz", "parse", str(tmp_path / "mrz.txt"), "--json"])
    (read,) = map(json.loads, capsys.readouterr().out.splitlines())

    wrong = [digit for digit in read["check_digits"] if digit["state"] != "valid"]
    assert wrong == [{"name": "composite", "printed": "4", "computed": "0", "state": "wrong", "line": 2, "column": 44}]


@pytest.mark.parametrize(("text", "status"), [("nothing\n", 3), ("", 3)])
def test_a_file_without_an_mrz_says_so_in_its_status(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "mrz.txt").write_text(text)

    assert main(["mrz", "parse", str(tmp_path / "mrz.txt")]) == status


def test_a_file_that_cannot_be_opened_is_status_four(tmp_path: Path, capsys: Capture) -> None:
    assert main(["mrz", "parse", str(tmp_path / "none")]) == 4
    assert "none" in capsys.readouterr().err


FIELDS = {
    "document_code": "P",
    "issuing_state": "UTO",
    "primary_identifier": "Eriksson",
    "secondary_identifier": "Anna Maria",
    "document_number": "L898902C3",
    "nationality": "UTO",
    "date_of_birth": "1974-08-12",
    "sex": "F",
    "date_of_expiry": "2012-04-15",
    "personal_number": "ZE184226B",
}


def test_compose_takes_fields_or_json(tmp_path: Path, capsys: Capture) -> None:
    pairs = [part for name, value in FIELDS.items() for part in ("--field", f"{name}={value}")]
    (tmp_path / "fields.json").write_text(json.dumps(FIELDS))

    assert main(["mrz", "compose", "--format", "td3", *pairs]) == 0
    assert main(["mrz", "compose", "--format", "td3", "--json", str(tmp_path / "fields.json")]) == 0
    assert capsys.readouterr().out == f"{TD3}\n{TD3}\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--field", "document_number=L898902C3"], "document_code"),
        (["--field", "hair=brown"], "no such field: hair"),
        (["--field", "sex"], "NAME=VALUE"),
    ],
)
def test_compose_refuses_with_the_fields_name(argv: list[str], words: str, capsys: Capture) -> None:
    assert main(["mrz", "compose", "--format", "td3", *argv]) == 2
    assert words in capsys.readouterr().err
