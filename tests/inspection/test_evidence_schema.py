"""The published schema and the intake agree."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from fanal.documents import Field
from fanal.inspection.intake import IntakeError, parse_json

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = json.loads((DOCS / "schemas" / "evidence-1.json").read_text())
EXAMPLE = json.loads(re.search(r"```json\n(.*?)```", (DOCS / "evidence.md").read_text(), re.DOTALL)[1])  # type: ignore[index]


def accepted_by_both(data: object) -> tuple[bool, bool]:
    schema = jsonschema.Draft202012Validator(SCHEMA).is_valid(data)
    try:
        parse_json(json.dumps(data).encode())
    except IntakeError:
        return schema, False
    return schema, True


def test_the_example_of_the_page_is_taken_in() -> None:
    assert accepted_by_both(EXAMPLE) == (True, True)


def test_the_schema_knows_every_field() -> None:
    assert set(SCHEMA["$defs"]["claim"]["properties"]["field"]["enum"]) == set(Field)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "fanal.evidence/9"},
        {"evidence": []},
        {"more": 1},
        {"evidence": [{"kind": "photo"}]},
        {"evidence": [{"kind": "picture"}]},
        {"evidence": [{"kind": "observation"}]},
        {"evidence": [{"kind": "chip_file", "base64": "YQA="}]},
        {"evidence": [{"kind": "observation", "claims": [{"field": "sex", "value": "F", "source": "mrz"}]}]},
        {"evidence": [{"kind": "observation", "claims": [{"field": "sex", "value": "F", "confidence": -1}]}]},
        {"evidence": [{"kind": "mrz_text", "text": "A", "captured": {"light": "x"}}]},
    ],
)
def test_what_the_schema_refuses_the_intake_refuses(change: dict[str, object]) -> None:
    assert accepted_by_both(EXAMPLE | change) == (False, False)
