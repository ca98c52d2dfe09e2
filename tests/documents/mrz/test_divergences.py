"""Where a peer (npm `mrz`) answers otherwise than Fanal, docs/divergences.md says who is right, input by input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fanal.documents import mrz
from fanal.documents.mrz import MrzError, ProblemCode, State
from tests.shared import SHARED_DATA

INPUTS = [json.loads(line) for line in (SHARED_DATA / "mrz" / "lines.jsonl").read_text().splitlines()]
PAGE = (Path(__file__).parents[3] / "docs" / "divergences.md").read_text(encoding="utf-8")

_FIELDS = {
    "lastName": "name",
    "firstName": "name",
    "issuingState": "issuing_state",
    "nationality": "nationality",
    "documentCode": "document_code",
    "documentNumber": "document_number",
    "birthDate": "date_of_birth",
    "expirationDate": "date_of_expiry",
    "issueDate": "date_of_issue",
}
_DIGITS = {
    "documentNumber": "document_number",
    "birthDate": "date_of_birth",
    "expirationDate": "date_of_expiry",
    "personalNumber": "personal_number",
    "composite": "composite",
}


def peers_answer(answer: dict[str, Any]) -> set[str]:
    """The fields and check digits that the peer holds to be wrong."""
    if answer["error"]:
        return {"refused"}
    names = [error if isinstance(error, str) else error["field"] for error in answer["errors"]]
    return {
        f"check digit {_DIGITS[name.removesuffix('CheckDigit')]}" if name.endswith("CheckDigit") else _FIELDS[name]
        for name in names
    }


def own_answer(lines: list[str]) -> set[str]:
    try:
        read = mrz.parse(lines)
    except MrzError:
        return {"refused"}
    found = {"name" if "identifier" in p.field else p.field.value for p in read.problems if p.field is not None}
    found |= {f"check digit {digit.name}" for digit in read.check_digits if digit.state is not State.VALID}
    return found | {p.code.value for p in read.problems if p.code is ProblemCode.MISSING_LINE}


def explained() -> dict[int, str]:
    """The inputs that the page explains, with the id of the row."""
    table = PAGE.partition("## From other software")[2]
    rows = re.findall(r"^\| ([a-z-]+) \| ([\d, ]+) \|", table, re.MULTILINE)
    return {int(number): name for name, numbers in rows for number in numbers.split(",")}


@pytest.mark.parametrize("number", range(len(INPUTS)))
def test_both_say_the_same_or_the_page_says_who_is_right(number: int) -> None:
    entry = INPUTS[number]
    own, peers = own_answer(entry["lines"]), peers_answer(entry["npm_mrz"])
    row = explained().get(number)

    if own == peers:
        assert row is None, "explained, though both agree"
    elif row == "utopia":
        assert own - peers == set()
        assert peers - own <= {"issuing_state", "nationality"}
    elif row == "no-primary-identifier":
        assert own - peers == {"name"}
    elif row == "swiss-licence-without-its-blank":
        assert peers == {"refused"}
        assert "missing_line" in own
    else:
        raise AssertionError(f"not explained: own {own}, peer's {peers}")


def test_a_peers_valid_formats_are_read_as_such() -> None:
    formats = {"FRENCH_NATIONAL_ID": "french_id", "TD1": "td1", "TD2": "td2", "TD3": "td3"}
    for entry in INPUTS:
        if entry["npm_mrz"]["format"]:
            assert mrz.parse(entry["lines"]).format.value == formats[entry["npm_mrz"]["format"]]
