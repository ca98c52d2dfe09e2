"""The form that a refused traveller takes away: as it prints."""

import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fanal.station import texts
from fanal.station.crossings.codes import REFUSAL_REASONS
from fanal.station.secondary.refusal_form import Form, render

FORM = Form(
    number="HTMLP-2026-00001",
    authority="Border Authority of Utopia & Islands",
    point="Puente Utopía",
    at=datetime(2026, 11, 25, 14, 5, tzinfo=UTC),
    primary_identifier="ŻÓŁĆ <NUÑEZ>",
    secondary_identifier="ANNE-MARÍA",
    date_of_birth="1974-08-12",
    nationality="UTO",
    document="UTO P L898902C3",
    reasons=tuple(REFUSAL_REASONS),
    contest_name="Utopian Board of Appeal",
    contest_address="1 Harbour Street\nUtopia",
    contest_phone="+000 1",
    contest_email="appeal@utopia.example",
    contest_until=date(2026, 12, 25),
    officer="Officer Marisol Peña",
)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_with_every_reason_it_is_one_page_in_any_language(lang: str) -> None:
    assert pages(render(FORM, lang, lang)) == 1


def test_where_the_officer_speaks_another_language_their_page_follows() -> None:
    assert pages(render(FORM, "ht", "en")) == 2


def test_the_same_form_is_the_same_bytes() -> None:
    assert render(FORM, "es", "fr") == render(FORM, "es", "fr")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not there")
@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_names_reasons_and_the_way_to_contest_are_printed_as_they_are_written(lang: str, tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(render(FORM, lang, lang))
    printed = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    words = " ".join(printed.split())
    for expected in ("ŻÓŁĆ <NUÑEZ>, ANNE-MARÍA", "Utopia & Islands", "1 Harbour Street", "2026-12-25", FORM.number):
        assert expected in words
    for reason in FORM.reasons:
        assert texts.text(f"refusal_reason.{reason}", lang) in words
