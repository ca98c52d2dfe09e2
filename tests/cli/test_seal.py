import json
from pathlib import Path

import pytest

from fanal.cli.main import main
from tests.shared import SHARED_DATA

REAL = SHARED_DATA / "seals"
SEALS = json.loads((REAL / "vds.json").read_text())

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path, capsys: Capture) -> str:
    folder = str(tmp_path / "store")
    files = [str(path) for path in sorted(REAL.glob("*.crt"))]
    assert main(["trust", "import", *files, "--trust", folder, "--source", "the test material"]) == 0
    capsys.readouterr()
    return folder


@pytest.mark.parametrize("form", ["octets", "hexadecimal", "picture"])
def test_a_seal_is_read_and_verified(form: str, tmp_path: Path, store: str, capsys: Capture) -> None:
    octets = bytes.fromhex(SEALS["residentPermit"])
    path = tmp_path / "seal"
    if form == "octets":
        path.write_bytes(octets)
    elif form == "hexadecimal":
        path.write_text(SEALS["residentPermit"] + "\n")
    else:
        zxingcpp = pytest.importorskip("zxingcpp")
        image = pytest.importorskip("PIL.Image")
        barcode = zxingcpp.create_barcode(octets, zxingcpp.BarcodeFormat.DataMatrix)
        image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=6)).save(path, "PNG")
    assert main(["seal", "read", str(path), "--trust", store, "--json", "--on", "2026-11-24"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["profile"] == "residence_permit"
    assert answer["signature"] == {
        "outcome": "held",
        "detail": "",
        "signer": "C=UT, O=tsenger, OU=sealgen, CN=TS",
        "vouched_by": "the test material",
        "valid_on_signing": True,
    }
    assert {"field": "document_number", "value": "652584509"} in answer["claims"]


def test_a_changed_seal_is_wrong(tmp_path: Path, store: str, capsys: Capture) -> None:
    octets = bytearray.fromhex(SEALS["residentPermit"])
    octets[30] ^= 1
    (tmp_path / "seal").write_bytes(octets)
    assert main(["seal", "read", str(tmp_path / "seal"), "--trust", store]) == 0
    assert "signature: signature_wrong" in capsys.readouterr().out


def test_what_is_no_seal_is_said(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert main(["seal", "read", str(tmp_path / "text")]) == 3
    assert main(["seal", "read", str(tmp_path / "broken.png")]) == 3
    assert main(["seal", "read", str(tmp_path / "none")]) == 4
    assert "cannot be decoded" in capsys.readouterr().err
