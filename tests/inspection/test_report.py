"""Reports: the JSON keeps to its schema, and the text says all of it."""

import json
from pathlib import Path

import jsonschema
import pytest

from fanal.documents import Field
from fanal.inspection import Subject, catalogue, finding_of, inspect, label, region_of, to_json, to_text
from fanal.inspection.texts import LANGUAGES
from tests.inspection.subjects import TD1, TD3, genuine, subject, viz

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/inspection-1.json").read_text())

WRONG = TD3[:-1] + "1"
SUBJECTS = {
    "genuine": genuine(),
    "forged": subject(WRONG, claims=viz({Field.DATE_OF_BIRTH: "1978-08-12"})),
    "card": subject(TD1),
    "nothing": subject(),
}
ALL = pytest.mark.parametrize("of", SUBJECTS.values(), ids=SUBJECTS.keys())


@ALL
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_json_keeps_to_its_schema_in_every_language(of: Subject, lang: str) -> None:
    report = to_json(inspect(of), lang)

    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(report)))


@ALL
def test_a_stored_finding_can_be_rendered_again_in_another_language(of: Subject) -> None:
    inspection = inspect(of)
    stored = json.loads(json.dumps(to_json(inspection, "en")))["findings"]

    for finding, data in zip(inspection.findings, stored, strict=True):
        assert finding_of(data) == finding
        assert catalogue().render(finding_of(data), "ht") == catalogue().render(finding, "ht")


def test_a_region_is_the_same_after_writing_and_reading() -> None:
    finding = next(f for f in inspect(SUBJECTS["forged"]).findings if f.check == "agreement.date_of_birth")
    written = to_json(inspect(SUBJECTS["forged"]))["findings"]
    regions = next(f["regions"] for f in written if f["check"] == finding.check)

    assert tuple(region_of(region) for region in regions) == finding.regions
    assert any(region.polygon for region in finding.regions)


@ALL
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verbose", [False, True])
def test_the_text_has_the_advice_and_every_finding_that_is_open(of: Subject, lang: str, verbose: bool) -> None:
    inspection = inspect(of)
    text = to_text(inspection, lang, width=100, verbose=verbose)
    flat = " ".join(text.split())

    assert label("advice", inspection.advice.value, lang).upper() in text
    for finding in inspection.findings:
        rendered = inspection.catalogue.render(finding, lang)
        shown = verbose or finding.outcome.value in ("failed", "undetermined")
        assert (" ".join(rendered.text.split()) in flat) or not shown
    assert all(len(line) <= 110 for line in text.splitlines())


def test_colours_are_only_where_they_were_asked_for() -> None:
    inspection = inspect(SUBJECTS["forged"])

    assert "\x1b" not in to_text(inspection)
    assert "\x1b[1;31m" in to_text(inspection, colour=True)


def test_what_a_stranger_wrote_on_a_document_does_not_steer_the_terminal() -> None:
    of = subject(claims=viz({Field.PRIMARY_IDENTIFIER: "A\x1b[31mB\u202eC"}))

    assert "\x1b" not in to_text(inspect(of))
    assert "\u202e" not in to_text(inspect(of))
