"""`fanal demo`: every shipped specimen is inspected, and the way to one's own is said."""

import pytest

from fanal.cli.main import main
from fanal.specimens import shipped


@pytest.mark.slow
def test_every_shipped_specimen_is_inspected(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rapidocr")

    assert main(["demo", "--all", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    blocks = dict(block.split("  ", 1) for block in out.split("\n\n") if block.startswith(("t", "m")))

    assert list(blocks) == [specimen.name for specimen in shipped()]
    assert "inspect FILE…" in out
