"""Inspections as a whole: the advice on what an officer may be shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents import Document, Field, mrz
from fanal.documents.states import StateKind, all_states
from fanal.inspection.advice import Advice
from fanal.inspection.catalogue import Catalogue, Family, catalogue
from fanal.inspection.findings import Check, Outcome, Result, Severity
from fanal.inspection.inspect import inspect, worst_first
from fanal.inspection.subject import Context, Subject
from tests.inspection.subjects import TD1, TD3, genuine, judged, subject, viz


@pytest.mark.parametrize("zone", [TD1, TD3])
def test_the_standards_specimens_meet_no_objection(zone: str) -> None:
    assert inspect(subject(zone, kinds=())).advice is Advice.NO_OBJECTION


def test_a_page_that_agrees_with_its_mrz_meets_no_objection() -> None:
    inspection = inspect(genuine())
    worse = [f for f in inspection.findings if f.outcome in (Outcome.FAILED, Outcome.UNDETERMINED)]
    assert [f.check for f in worse] == ["codes.not_specimen"]
    assert inspection.advice is Advice.NO_OBJECTION


def test_nothing_presented_is_never_no_objection() -> None:
    assert inspect(Subject(Context(date(2026, 1, 1)))).advice is Advice.LOOK_AGAIN


def test_one_date_typed_by_an_officer_is_not_enough_for_no_objection() -> None:
    only = dict.fromkeys(viz_fields()) | {Field.DATE_OF_EXPIRY: "2012-04-15"}
    assert inspect(subject(claims=viz(only), kinds=())).advice is Advice.LOOK_AGAIN


def viz_fields() -> list[Field]:
    return [c.field for c in viz()]


@pytest.mark.parametrize(
    ("forge", "check"),
    [
        (lambda z: z.replace("L898902C3", "L898902C8"), "mrz.document_number_check_digit"),
        (lambda z: z.replace("7408122", "7408132"), "mrz.date_of_birth_check_digit"),
        (lambda z: z.replace("1204159", "1904159"), "mrz.date_of_expiry_check_digit"),
        (lambda z: z.replace("ZE184226B", "ZE184227B"), "mrz.personal_number_check_digit"),
        (lambda z: z[:-1] + "1", "mrz.composite_check_digit"),
        (lambda z: z.replace("P<UTO", "P<QQQ"), "codes.issuing_state_known"),
        (lambda z: z.replace("P<UTO", "I<UTO"), "mrz.format_fits_document_code"),
    ],
)
def test_a_forged_mrz_is_referred(forge: Callable[[str], str], check: str) -> None:
    inspection = inspect(subject(forge(TD3), kinds=()))
    assert inspection.advice is Advice.REFER
    assert check in {f.check for f in inspection.findings if f.outcome is Outcome.FAILED}


def test_an_expired_document_is_referred() -> None:
    assert inspect(subject(TD3, on=date(2026, 1, 1), kinds=())).advice is Advice.REFER


def test_a_specimen_is_referred_at_a_desk_that_takes_none() -> None:
    assert inspect(judged(genuine(), accept_specimens=False)).advice is Advice.REFER


def test_a_visual_zone_read_with_doubt_that_differs_asks_to_look_again() -> None:
    doubtful = subject(TD3, claims=viz({Field.DATE_OF_BIRTH: "1975-08-12"}, confidence=0.5))
    assert inspect(doubtful).advice is Advice.LOOK_AGAIN


def test_a_visual_zone_that_differs_is_referred() -> None:
    assert inspect(genuine({Field.DATE_OF_BIRTH: "1975-08-12"})).advice is Advice.REFER


def test_findings_come_in_the_order_of_the_catalogue() -> None:
    assert [f.check for f in inspect(genuine()).findings] == [c.id for c in catalogue().checks]


def test_worst_first_puts_what_failed_before_what_passed() -> None:
    ordered = worst_first(inspect(genuine({Field.SEX: "M"})).findings)
    assert ordered[0].check == "agreement.sex"
    assert ordered[-1].outcome is Outcome.PASSED


def test_a_check_that_raises_is_undetermined_and_the_others_go_on() -> None:
    def breaks(_: Subject) -> Result:
        raise KeyError("the name of a holder")

    own = catalogue().families
    mrz_family = next(f for f in own if f.name == "mrz")
    broken = Family(
        "mrz", (Check("mrz.structure", "x", Severity.SERIOUS, breaks), *mrz_family.checks[1:]), mrz_family.texts
    )
    inspection = inspect(genuine(), Catalogue(tuple(broken if f.name == "mrz" else f for f in own)))
    found = next(f for f in inspection.findings if f.check == "mrz.structure")
    assert (found.outcome, found.reason) == (Outcome.UNDETERMINED, "broken")
    assert len(inspection.findings) == len(catalogue().checks)
    assert inspection.advice is Advice.LOOK_AGAIN


CODES = [
    s.code
    for s in all_states()
    if s.kind is StateKind.STATE and s.may_issue and s.may_be_nationality and not s.successors
]


def of_nationality(issuing: str, nationality: str, code: str) -> Subject:
    """One and the same document but for its States: MRZ and visual zone agree, check digits cover no State."""
    upper, lower = TD3.split("\n")
    upper = f"{code}{issuing:<<3}{upper[5:]}"
    lower = f"{lower[:10]}{nationality:<<3}{lower[13:]}"
    page = viz({Field.ISSUING_STATE: issuing, Field.NATIONALITY: nationality})
    return subject(f"{upper}\n{lower}", claims=page)


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from(CODES))
def test_nobody_is_flagged_for_nationality(first: str, second: str, issuing: str) -> None:
    """Only the nationality differs: findings and advice do not."""
    one, other = (inspect(of_nationality(issuing, code, "P<")) for code in (first, second))
    assert [(f.check, f.outcome, f.severity) for f in one.findings] == [
        (f.check, f.outcome, f.severity) for f in other.findings
    ]
    assert one.advice is other.advice is Advice.NO_OBJECTION


@given(st.sampled_from(CODES))
def test_nobody_is_flagged_for_the_issuing_state(issuing: str) -> None:
    assert inspect(of_nationality(issuing, issuing, "P<")).advice is Advice.NO_OBJECTION


@given(st.lists(st.sampled_from(list(Field)), unique=True), st.text(max_size=12))
def test_whatever_a_document_says_every_check_answers(fields: list[Field], value: str) -> None:
    claims = [c._replace(value=value) for c in viz() if c.field in fields]
    inspection = inspect(subject(TD3, claims=claims))
    assert not [f.check for f in inspection.findings if f.reason == "broken"]
    for finding in inspection.findings:
        assert inspection.catalogue.render(finding, "fr").text


@given(st.text(alphabet="ABCXYZ0189<\n P", min_size=60, max_size=100))
def test_whatever_stands_in_an_mrz_every_check_answers(lines: str) -> None:
    try:
        mrz.parse(lines)
    except mrz.MrzError:
        return
    inspection = inspect(subject(lines))
    assert not [f.check for f in inspection.findings if f.reason == "broken"]


def test_a_document_without_claims_of_its_own_is_not_judged_by_what_was_read_elsewhere() -> None:
    empty = replace(genuine(), document=Document(), mrzs=())
    assert inspect(empty).advice is Advice.LOOK_AGAIN
