"""Issuers on published lists are known by their names, and nobody else is."""

import pytest

from fanal.documents import Claim, Field, Source
from fanal.documents.states import all_states
from fanal.inspection.checks.fantasy import known_issuers
from fanal.inspection.findings import Outcome
from tests.inspection.subjects import ask, genuine, stated, subject

CHECK = "fantasy.issuer_exists"


@pytest.mark.parametrize("issuer", known_issuers(), ids=lambda issuer: issuer.name)
def test_every_issuer_of_the_list_is_known_by_its_name(issuer) -> None:  # type: ignore[no-untyped-def]
    finding = ask(CHECK, stated(issuing_state=issuer.name.upper()))

    assert (finding.outcome, finding.reason) == (Outcome.FAILED, issuer.kind)
    assert issuer.name in (finding.expected or "")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("issuing_authority", "World Service Authority, Washington DC", "fantasy"),
        ("issuing_state", "WSA", "fantasy"),
        ("nationality", "WSA", "fantasy"),
        ("issuing_state", "Sealand", "fantasy"),
        ("issuing_state", "REPUBLIC OF ZANZIBAR", "camouflage"),
    ],
)
def test_other_forms_of_a_name_are_known_too(field: str, value: str, reason: str) -> None:
    assert ask(CHECK, stated(**{field: value})).reason == reason


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuing_authority", "Immigration Office, Zanzibar"),  # a seat of Tanzania's passport offices
        ("issuing_authority", "Comune di Seborga"),  # a real village
        ("place_of_birth", "Rhodesia"),
        ("issuing_state", "New Zealand"),
        ("issuing_authority", "Republic"),
    ],
)
def test_what_only_sounds_alike_is_not_taken_for_one(field: str, value: str) -> None:
    assert ask(CHECK, stated(**{field: value})).outcome is not Outcome.FAILED


def test_no_state_in_use_is_on_the_list() -> None:
    for state in all_states():
        if state.kind.value == "former":
            continue
        for name in (state.code, *state.names.values()):
            assert ask(CHECK, stated(issuing_state=name)).outcome is Outcome.PASSED, name


def test_a_name_read_with_doubt_does_not_fail() -> None:
    claim = Claim(Field.ISSUING_STATE, "Sealand", Source.VIZ, confidence=0.4)

    assert ask(CHECK, subject(claims=[claim])).outcome is Outcome.UNDETERMINED


def test_a_genuine_document_passes_and_one_without_an_issuer_is_not_asked() -> None:
    assert ask(CHECK, genuine()).outcome is Outcome.PASSED
    assert ask(CHECK, stated(sex="F")).outcome is Outcome.NOT_DONE
