"""A child's consent: who signed, for whom, with whom, until when, certified by whom."""

from dataclasses import replace
from datetime import date

import pytest

from fanal.documents.dates import PartialDate
from fanal.documents.names import Name
from fanal.travel import Certificate, Company, Question, Signer, is_child, open_questions

DAY = date(2026, 11, 25)
CHILD = Name("BELFORT", "LUCIE")
AUNT = Name("JOSEPH", "MIRLANDE")
GOOD = Certificate(
    signers=frozenset({Signer.MOTHER, Signer.FATHER}),
    child=CHILD,
    companion=AUNT,
    until=date(2026, 12, 31),
    certified=True,
    original=True,
)


def ask(certificate: Certificate | None, company: Company = Company.THIRD_PERSON, **more: bool) -> set[Question]:
    return set(open_questions(company=company, child=CHILD, companion=AUNT, certificate=certificate, on=DAY, **more))


def test_both_parents_signed_for_this_child_with_this_aunt_until_later() -> None:
    assert ask(GOOD) == set()


@pytest.mark.parametrize(
    ("change", "question"),
    [
        ({"signers": frozenset({Signer.MOTHER})}, Question.SIGNER_MISSING),
        ({"signers": frozenset()}, Question.SIGNER_MISSING),
        ({"child": Name("BELFORT", "MARC")}, Question.ANOTHER_CHILD),
        ({"companion": Name("PIERRE", "ANNE")}, Question.ANOTHER_COMPANION),
        ({"companion": None}, Question.ANOTHER_COMPANION),
        ({"until": date(2026, 11, 24)}, Question.EXPIRED),
        ({"until": None}, Question.NO_END),
        ({"certified": False}, Question.NOT_CERTIFIED),
        ({"original": False}, Question.NOT_ORIGINAL),
    ],
)
def test_each_part_that_is_missing_is_a_question(change: dict[str, object], question: Question) -> None:
    assert ask(replace(GOOD, **change)) == {question}  # type: ignore[arg-type]


def test_the_last_day_of_a_consent_still_counts() -> None:
    assert ask(replace(GOOD, until=DAY)) == set()


def test_accents_and_hyphens_make_no_other_child() -> None:
    assert ask(replace(GOOD, child=Name("Belfort", "Lucié"))) == set()


def test_a_court_or_a_guardian_signs_for_both_parents() -> None:
    assert ask(replace(GOOD, signers=frozenset({Signer.COURT}))) == set()


def test_with_one_parent_the_other_agrees_or_is_shown_to_be_absent() -> None:
    assert ask(None, Company.ONE_PARENT) == {Question.NO_CERTIFICATE}
    assert ask(replace(GOOD, signers=frozenset({Signer.FATHER})), Company.ONE_PARENT) == set()
    assert ask(None, Company.ONE_PARENT, other_parent_absent=True) == set()


def test_with_both_parents_no_paper_is_asked() -> None:
    assert ask(None, Company.BOTH_PARENTS) == set()


def test_a_guardian_shows_what_makes_them_one() -> None:
    assert ask(None, Company.GUARDIAN) == {Question.GUARDIANSHIP_NOT_SHOWN}
    assert ask(None, Company.GUARDIAN, guardianship_shown=True) == set()


def test_a_child_alone_is_for_protection_whatever_the_papers_say() -> None:
    assert ask(GOOD, Company.ALONE) == {Question.UNACCOMPANIED}


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (PartialDate(2008, 11, 26), True),
        (PartialDate(2008, 11, 25), False),
        (PartialDate(2008, 11), None),
        (PartialDate(2008), None),
        (PartialDate(2010), True),
    ],
)
def test_who_is_a_child_is_said_only_where_it_is_known(born: PartialDate, expected: bool | None) -> None:
    assert is_child(born, DAY) is expected
