"""`fanal screen` from its command line to its end."""

import json
from pathlib import Path

import pytest

from fanal.cli import main

LIST = (
    "ref,name,born,sex,nationality,document_number,document_state,status\n"
    "A1,Jean-Baptiste PIERRE,1980-03-04,M,HTI,AB123456,HTI,lost\n"
    "A2,=cmd,1980,M,HTI,,,\n"
)


@pytest.fixture
def list_file(tmp_path: Path) -> Path:
    path = tmp_path / "wanted.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_one_traveller_is_screened_with_the_reasons(list_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["screen", "--list", str(list_file), "--name", "PIERRE JEAN BAPTISTE", "--born", "1980-04-03", "--json"]
    assert main([*asked, "--document", "AB12345G"]) == 1
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert answer["answer"] == "hit"
    (person,) = answer["persons"]
    assert (person["list"], person["ref"]) == ("wanted", "A1")
    assert any("1980-04-03" in reason["text"] for reason in person["reasons"])
    (document,) = answer["documents"]
    assert (document["answer"], document["likeness"]) == ("possible", "confusable")
    assert "AB12345[G]" in document["reason"]
    assert "wanted.csv, line 3: formula name" in err


def test_a_file_of_travellers_is_screened_and_an_index_is_kept(
    list_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    travellers = tmp_path / "passengers.csv"
    travellers.write_text(
        "name,born,nationality,document_number\nPIERRE JEANBAPTISTE,1980-03-04,HTI,X1\nROSE DORVIL,1990-01-05,HTI,X2\n"
        "NO DATE,1990-99,,\n",
        encoding="utf-8",
    )
    kept = tmp_path / "index"
    assert main(["screen", "--list", str(list_file), "--index", str(kept), "--in", str(travellers), "--json"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(a["line"], a["answer"]) for a in answers] == [(2, "hit"), (3, "no_hit"), (4, "no_hit")]
    assert answers[2]["error"] == "not_a_date born"
    assert main(["screen", "--index", str(kept), "--name", "Rose Dorvil", "--born", "1990-01-05"]) == 0
    assert main(["screen", "--index", str(kept), "--document", "AB123456"]) == 1
    assert "lost" in capsys.readouterr().out


def test_pairs_are_scored_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        'name1,name2,born1,born2\n"PIERRE, Jean",Jean Pierre,,\nJean Pierre,Rose Dorvil,1980,1980-05-05\n,,,\n',
        encoding="utf-8",
    )
    assert main(["screen", "pairs", str(pairs), "--json"]) == 0
    scores = [json.loads(line)["score"] for line in capsys.readouterr().out.splitlines()]
    assert len(scores) == 3
    assert scores[0] > 0.9
    assert max(scores[1:]) < 0.5
    assert main(["screen", "pairs", str(pairs), "--lang", "fr"]) == 0
    assert "identique" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "status"), [(b"a,b\n1,2\n", 3), (b"name1,name2\n\xff,x\n", 3), (b"name1,name2,born1\nA,B,x\n", 3)]
)
def test_a_file_of_pairs_that_is_none_is_refused(tmp_path: Path, content: bytes, status: int) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(content)
    assert main(["screen", "pairs", str(path)]) == status


def test_what_cannot_be_opened_or_is_no_list_has_its_own_status(tmp_path: Path) -> None:
    assert main(["screen", "--list", str(tmp_path / "none.csv"), "--name", "A B"]) == 4
    assert main(["screen", "--index", str(tmp_path / "none"), "--name", "A B"]) == 4
    bad = tmp_path / "bad.csv"
    bad.write_bytes("name\nJosé\n".encode("latin-1"))
    assert main(["screen", "--list", str(bad), "--name", "A B"]) == 3
    assert main(["screen", "--list", str(bad), "--name", "A B", "--born", "1.2.1980"]) == 3
    with pytest.raises(SystemExit):
        main(["screen", "--list", str(bad)])
    with pytest.raises(SystemExit):
        main(["screen", "--name", "A B"])
