"""`fanal demo`: shipped specimens are inspected, and the way to one's own is said."""

import pytest

from fanal import specimens
from fanal.cli.main import main


def test_a_genuine_and_a_forged_specimen_are_inspected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("rapidocr")
    all_of_them = specimens.shipped()
    some = tuple(s for s in all_of_them if s.name in ("td3-000010", "td3-000028-composite"))
    monkeypatch.setattr(specimens, "shipped", lambda: some)  # two are enough to see it work

    assert main(["demo", "--all", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    genuine, forged = (block for block in out.split("\n\n") if block.startswith("td3"))

    assert "made as: genuine" in genuine
    assert "UP8855351 SMITH WELLS" in genuine
    assert "the composite check digit wrong" in forged
    assert "REFER TO SECONDARY INSPECTION" in forged
    assert "inspect FILE…" in out
