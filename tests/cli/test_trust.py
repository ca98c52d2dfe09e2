import json
from pathlib import Path

import pytest

from fanal.cli.main import main
from tests.chip import pki
from tests.shared import SHARED_DATA

REAL = SHARED_DATA / "chip" / "trust"
LISTS = [str(REAL / "DE_ML_2026-01-08-12-20-54.ml"), str(REAL / "NL_ML_2026-03-11.ml")]
ROOTS = [str(REAL / "DE_ROOT_CA_CSCA07.cer"), str(REAL / "NL_ROOT_CA.cer")]

Capture = pytest.CaptureFixture[str]


def test_the_real_lists_are_imported_listed_and_counted(tmp_path: Path, capsys: Capture) -> None:
    store = ["--trust", str(tmp_path / "store")]
    assert main(["trust", "import", *LISTS, *ROOTS, "--source", "downloaded by hand", *store]) == 0
    assert "verified to C=DE, O=bund, OU=bsi, CN=csca-germany" in capsys.readouterr().out

    assert main(["trust", "status", *store, "--json", "--on", "2026-11-24"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert {"BHS", "JAM", "DOM"} <= set(status["states"])
    assert {(one["state"], one["verified"]) for one in status["lists"]} == {("D", True), ("NLD", True)}
    assert any("revocation list" in line for line in status["look_after"])

    assert main(["trust", "list", "--state", "JAM", *store, "--json"]) == 0
    jamaican = json.loads(capsys.readouterr().out)
    assert jamaican
    assert {item["state"] for item in jamaican} == {"JAM"}
    assert {o["source"] for o in jamaican[0]["origins"]} == {"downloaded by hand"}

    assert main(["trust", "show", jamaican[0]["sha256"][:16], *store]) == 0
    assert jamaican[0]["sha256"] in capsys.readouterr().out


def test_a_list_without_its_csca_is_refused_with_what_to_do(tmp_path: Path, capsys: Capture) -> None:
    store = ["--trust", str(tmp_path)]
    assert main(["trust", "import", LISTS[0], *store]) == 3
    assert "Import the CSCA certificate" in capsys.readouterr().out
    assert main(["trust", "import", LISTS[0], "--accept-unverified", *store]) == 0
    assert "NOT VERIFIED" in capsys.readouterr().out
    assert main(["trust", "status", *store]) == 0
    assert "rest on lists that were not verified" in capsys.readouterr().out


def test_the_store_is_where_the_environment_says(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "csca.cer").write_bytes(pki.csca().der)
    monkeypatch.setenv("FANAL_TRUST", str(tmp_path / "here"))
    assert main(["trust", "import", str(tmp_path / "csca.cer"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["new"] == 1
    assert main(["trust", "list", "--kind", "csca"]) == 0
    assert "CSCA Utopia" in capsys.readouterr().out
    assert (tmp_path / "here" / "trust.sqlite3").is_file()


def test_what_is_not_there_is_said(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["trust", "list", "--trust", str(tmp_path / "none")]) == 4
    assert "no trust store" in capsys.readouterr().err
    assert main(["trust", "import", str(tmp_path / "none.ml"), "--trust", str(tmp_path)]) == 4
    monkeypatch.setenv("FANAL_TRUST", str(tmp_path / "empty"))
    assert main(["trust", "status"]) == 0
    assert "no CSCA at all" in capsys.readouterr().out
    assert main(["trust", "show", "abcd"]) == 3
