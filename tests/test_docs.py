"""The pages of docs/ say what the code does: the generated ones are compared, the schemas are valid."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from fanal.cli import docs
from fanal.inspection import LANGUAGES, Outcome, Severity, catalogue
from fanal.inspection.advice import TABLE

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.parametrize("name", docs.pages())
def test_a_generated_page_is_what_the_code_would_write_today(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == docs.pages()[name], "run `make docs`"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_has_a_place_in_the_handbook(lang: str) -> None:
    page = docs.pages()["checks.md" if lang == "en" else f"checks.{lang}.md"]

    assert re.findall(r"^### `(.+)`$", page, re.MULTILINE) == [check.id for check in catalogue().checks]


@pytest.mark.parametrize("path", sorted((DOCS / "schemas").glob("*.json")), ids=lambda path: path.name)
def test_every_schema_is_one(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].startswith("urn:fanal:schema:")


def test_links_between_pages_lead_somewhere() -> None:
    root = DOCS.parent
    for page in [*DOCS.rglob("*.md"), *root.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(root)}: {target}"


def test_the_page_on_advice_has_the_table_of_the_code() -> None:
    page = (DOCS / "advice.md").read_text(encoding="utf-8")
    for outcome in Outcome:
        row = " | ".join(TABLE[outcome, severity].value for severity in Severity)
        assert f"| {outcome.value} | {row} |" in page
