import json
from pathlib import Path
from typing import Any

import pytest

from fanal.chip.trust import parse_certificate
from fanal.cli import chip_verify
from fanal.cli.main import main
from tests.chip import pki
from tests.shared import SHARED_DATA

SODS = SHARED_DATA / "chip" / "sod"
NAMES = [entry["name"] for entry in json.loads((SODS / "manifest.json").read_text())]

Capture = pytest.CaptureFixture[str]


def verify(*arguments: str) -> int:
    return main(["chip", "verify", *arguments])


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {step["code"]: step["outcome"] for step in answer["steps"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_sod_alone_names_the_csca_that_it_leads_to(name: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "chip").mkdir()
    (tmp_path / "chip" / "EF.SOD").write_bytes((SODS / f"{name}.bin").read_bytes())
    store = ["--trust", str(tmp_path / "store")]
    assert main(["trust", "import", str(SODS / f"{name}.csca.der"), *store]) == 0
    capsys.readouterr()
    assert verify(str(tmp_path / "chip"), *store, "--json", "--on", "2026-11-24") == 0
    answer = json.loads(capsys.readouterr().out)
    assert outcomes(answer)["sod_signature"] == outcomes(answer)["path"] == "passed"
    assert outcomes(answer)["data_group_hashes"] == "not_done"
    assert answer["csca"]["sha256"] == parse_certificate((SODS / f"{name}.csca.der").read_bytes()).sha256


def test_files_are_found_by_name_in_any_case(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANAL_TRUST", str(tmp_path / "none"))
    groups = {1: pki.dg1("P<UTO" + "<" * 83), 2: b"face"}
    files = {"ef_sod.bin": pki.sod(groups, pki.dsc(pki.csca())), "EF.COM": pki.com([1, 2]), "notes.txt": b"-"}
    files |= {"dg01.bin": groups[1], "Dg2.dat": groups[2]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert verify(str(tmp_path), "--json", "--on", "2024-07-01") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["data_groups"] == {"DG1": "equal", "DG2": "equal"}
    assert outcomes(answer)["path"] == "undetermined"
    assert verify(str(tmp_path)) == 0
    assert "no_csca_of_state" in capsys.readouterr().out


def test_what_is_not_there_is_said(tmp_path: Path, capsys: Capture) -> None:
    assert verify(str(tmp_path)) == 3
    assert verify(str(tmp_path / "none")) == 4
    (tmp_path / "EF.SOD").write_bytes(b"\x77\x00")
    assert verify(str(tmp_path), "--trust", str(tmp_path / "none")) == 4
    assert "no trust store" in capsys.readouterr().err


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DG2.bin").write_bytes(bytes(chip_verify.MAX_BYTES + 1))
    assert verify(str(tmp_path)) == 4
