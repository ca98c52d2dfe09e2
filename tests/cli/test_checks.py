"""`fanal checks` and `fanal docs`."""

import json
from pathlib import Path

import pytest

from fanal.cli.main import main
from fanal.inspection import LANGUAGES, catalogue

Capture = pytest.CaptureFixture[str]


def test_every_check_is_listed_with_its_title(capsys: Capture) -> None:
    assert main(["checks"]) == 0
    listed = capsys.readouterr().out

    for check in catalogue().checks:
        assert check.id in listed
        assert catalogue().explain(check.id, "en").title in listed


def test_one_check_is_explained_in_four_languages(capsys: Capture) -> None:
    assert main(["checks", "mrz.composite_check_digit"]) == 0
    out = " ".join(capsys.readouterr().out.split())

    for lang in LANGUAGES:
        assert f"[{lang}]" in out
        assert catalogue().explain("mrz.composite_check_digit", lang).about in out


def test_one_language_and_json_can_be_asked_for(capsys: Capture) -> None:
    assert main(["checks", "dates.not_expired", "--lang", "ht", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)

    assert (answer["id"], list(answer["texts"])) == ("dates.not_expired", ["ht"])
    assert main(["checks", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(catalogue().checks)


def test_a_check_that_does_not_exist_is_wrong_usage_and_the_near_ones_are_named(capsys: Capture) -> None:
    assert main(["checks", "composite"]) == 2
    assert "mrz.composite_check_digit" in capsys.readouterr().err
    assert main(["checks", "no.such"]) == 2


def test_docs_writes_the_pages(tmp_path: Path, capsys: Capture) -> None:
    assert main(["docs", "--out", str(tmp_path / "docs")]) == 0
    written = capsys.readouterr().out.split()

    assert [Path(name).name for name in written][:4] == ["checks.md", "checks.es.md", "checks.fr.md", "checks.ht.md"]
    assert all(Path(name).stat().st_size for name in written)


def test_docs_says_where_it_cannot_write(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").touch()

    assert main(["docs", "--out", str(tmp_path / "file")]) == 4
    assert "fanal docs:" in capsys.readouterr().err
