"""Cases of secondary inspection, use case by use case."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from fanal.documents.names import Name
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role, may
from fanal.station.crossings.models import Crossing
from fanal.station.crossings.services import decide
from fanal.station.errors import Refusal
from fanal.station.inspections.models import EvidenceFile
from fanal.station.journal.models import Entry
from fanal.station.places.models import Lane
from fanal.station.secondary import codes, services
from fanal.station.secondary.measures import measure
from fanal.station.secondary.models import Agency, Case, Event, Note, Outcome, RefusalForm
from fanal.station.secondary.moves import MOVES, State
from fanal.travel import Company, Signer
from tests.station.travellers import inspection, local_data, refer

pytestmark = pytest.mark.django_db
Make = Callable[..., Officer]


def once() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def primary(officer: Make) -> Officer:
    return officer(Role.PRIMARY)


@pytest.fixture
def worker(officer: Make) -> Officer:
    return officer(Role.SECONDARY)


@pytest.fixture
def supervisor(officer: Make) -> Officer:
    return officer(Role.SUPERVISOR)


@pytest.fixture
def case(primary: Officer, worker: Officer, entry_lane: Lane) -> Case:
    """A case that the worker has claimed."""
    made = refer(primary, entry_lane)
    services.claim(request_id=once(), officer=worker, case=made.pk)
    made.refresh_from_db()
    return made


def rights(case: Case, worker: Officer) -> None:
    for item in codes.BEFORE_REFUSAL:
        services.tick(request_id=once(), officer=worker, case=case.pk, item=item)


def refused(code: str) -> Any:
    return pytest.raises(Refusal, match=f"^{code}$")


# --- the queue --------------------------------------------------------------------------------------------------------


def test_a_referral_opens_a_case_in_the_same_transaction(primary: Officer, entry_lane: Lane) -> None:
    again = once()
    made = refer(primary, entry_lane, request_id=again)
    assert (made.state, made.holder, made.person) == ("waiting", None, made.referral.person)  # type: ignore[union-attr]
    assert [e.move for e in made.events.all()] == ["opened"]
    assert Case.objects.count() == 1


def test_a_case_is_claimed_once_and_the_second_is_told(case: Case, officer: Make) -> None:
    other = officer(Role.SECONDARY, name="other")
    with refused("move_state"):
        services.claim(request_id=once(), officer=other, case=case.pk)


def test_the_same_claim_twice_is_one(primary: Officer, worker: Officer, entry_lane: Lane) -> None:
    made = refer(primary, entry_lane)
    again = once()
    first = services.claim(request_id=again, officer=worker, case=made.pk)
    assert services.claim(request_id=again, officer=worker, case=made.pk) == first
    assert Event.objects.filter(case=made, move="claim").count() == 1


def test_another_officers_request_id_is_not_taken_for_ones_own(case: Case, officer: Make) -> None:
    again = once()
    other = officer(Role.SECONDARY, name="other")
    services.add_note(request_id=again, officer=other, case=case.pk, kind="other", text="Seen.")
    with refused("request_id"):
        services.add_note(request_id=again, officer=case.holder, case=case.pk, kind="other", text="Not mine.")  # type: ignore[arg-type]


def test_a_case_is_handed_over_with_words_and_the_old_holder_works_on_it_no_more(
    case: Case, worker: Officer, officer: Make
) -> None:
    other = officer(Role.SECONDARY, name="other")
    with refused("note_missing"):
        services.hand_over(request_id=once(), officer=worker, case=case.pk, to=other, note=" ")
    services.hand_over(request_id=once(), officer=worker, case=case.pk, to=other, note="Interview done.")
    case.refresh_from_db()
    assert case.holder == other
    with refused("move_holder"):
        services.tick(request_id=once(), officer=worker, case=case.pk, item="rights_explained")
    services.tick(request_id=once(), officer=other, case=case.pk, item="rights_explained")


@pytest.mark.parametrize("role", [Role.PRIMARY, Role.ADMINISTRATOR])
def test_a_case_is_handed_only_to_who_works_cases(case: Case, worker: Officer, officer: Make, role: Role) -> None:
    with refused("officer_not_for_case"):
        services.hand_over(request_id=once(), officer=worker, case=case.pk, to=officer(role, name="x"), note="Yours.")


def test_a_supervisor_assigns_the_case_of_who_has_gone(case: Case, supervisor: Officer, officer: Make) -> None:
    other = officer(Role.SECONDARY, name="other")
    services.assign(request_id=once(), officer=supervisor, case=case.pk, to=other, note="Shift ended.")
    case.refresh_from_db()
    assert case.holder == other


# --- who may do what, in which state: every move × state × role -----------------------------------------------------


def in_state(case: Case, state: State, holder: Officer) -> None:
    closed = case.opened_at if state is State.CLOSED else None
    held = None if state is State.WAITING else holder
    Case.objects.filter(pk=case.pk).update(state=state.value, holder=held, closed_at=closed)


def arguments(move: str, *, other: Officer, case: Case, holder: Officer) -> dict[str, Any]:
    """What each move needs beside the case; enough to get past the table."""
    agencies = {a.kind: a for a in Agency.objects.all()} or local_data()
    picture = EvidenceFile.objects.filter(inspection=case.inspection).first()
    every: dict[str, dict[str, Any]] = {
        "claim": {},
        "release": {"note": "Back."},
        "hand_over": {"to": other, "note": "Yours."},
        "assign": {"to": other, "note": "Yours."},
        "note": {"kind": "other", "text": "Words."},
        "restricted_note": {"kind": "violence", "text": "Words."},
        "protect": {"kind": "medical", "text": "Words."},
        "settle_protection": {"text": "Words.", "countersigned_by": other},
        "tick": {"item": "rights_explained"},
        "look": {"inspection": inspection(holder, advice="no_objection")},
        "measure": {"picture": picture, "points": [(0, 0), (3, 4)]},
        "consent": {"company": Company.BOTH_PARENTS},
        "refer_agency": {"agency": agencies["police"], "reason": "Words."},
        "agency_answer": {"text": "Words."},
        "close": {"outcome": "handed_over", "agency": agencies["police"]},
        "hand_form": {"signed": True},
    }
    return every[move]


SERVICES: dict[str, Callable[..., Any]] = {
    "note": services.add_note,
    "restricted_note": services.add_note,
    "look": services.add_look,
    "measure": services.add_measure,
    "consent": services.check_consent,
}
TABLE_SAYS_NO = {"move_role", "move_state", "move_holder"}


@pytest.mark.parametrize("move", list(MOVES))
def test_a_move_is_open_to_whom_the_table_says_in_the_states_it_says_and_to_nobody_else(
    move: str, primary: Officer, worker: Officer, supervisor: Officer, officer: Make, entry_lane: Lane
) -> None:
    case = refer(primary, entry_lane, picture=True)
    other = officer(Role.SECONDARY, name="other")
    people = {"holder": worker, "other": other, "supervisor": supervisor, "primary": primary}
    people["administrator"] = officer(Role.ADMINISTRATOR)
    rule = MOVES[move]
    service = SERVICES.get(move) or getattr(services, move)
    for state in State:
        for name, who in people.items():
            in_state(case, state, worker)
            allowed = (
                may(who, rule.action)
                and state in rule.states
                and (not rule.holder_only or (name == "holder" and state is not State.WAITING))
            )
            more = arguments(move, other=officer(Role.SECONDARY, name=f"{state}{name}"), case=case, holder=worker)
            code = None
            # Undone after each: the next state begins as this one did.
            with transaction.atomic():
                try:
                    service(request_id=once(), officer=who, case=case.pk, **more)
                except Refusal as refusal:
                    code = refusal.code
                transaction.set_rollback(True)
            assert (code not in TABLE_SAYS_NO) == allowed or (
                move == "agency_answer" and allowed and code == "move_state"  # nothing was asked of an agency
            ), (move, state, name, code)


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_restricted_note_is_for_who_may_read_such(case: Case, worker: Officer, supervisor: Officer) -> None:
    with refused("move_role"):
        services.add_note(request_id=once(), officer=supervisor, case=case.pk, kind="trafficking", text="Words.")
    services.add_note(request_id=once(), officer=worker, case=case.pk, kind="trafficking", text="Held by another.")
    assert Event.objects.get(note__kind="trafficking").restricted


def test_a_note_never_changes_but_may_be_emptied_when_its_retention_ends(case: Case, worker: Officer) -> None:
    event = services.add_note(
        request_id=once(), officer=worker, case=case.pk, kind="interview", text="Three questions."
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Note.objects.filter(pk=event.pk).update(text="Something else.")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM secondary_note")
    Note.objects.filter(pk=event.pk).update(text="")
    assert Note.objects.get(pk=event.pk).text == ""


# --- protection -------------------------------------------------------------------------------------------------------


def test_a_wish_for_asylum_closes_the_way_to_a_refusal_and_no_consulate_hears_of_it(
    case: Case, worker: Officer, primary: Officer
) -> None:
    agencies = local_data()
    rights(case, worker)
    services.protect(
        request_id=once(), officer=primary, kind="asylum", text="Asked for it.", inspection=case.inspection
    )
    for outcome in ("refused", "turned_back"):
        with refused("refusal_stopped"):
            services.close(
                request_id=once(), officer=worker, case=case.pk, outcome=outcome, reasons=["no_valid_document"]
            )
    for agency in ("consulate",):
        with refused("no_consulate"):
            services.refer_agency(
                request_id=once(), officer=worker, case=case.pk, agency=agencies[agency], reason="Identity."
            )
        with refused("no_consulate"):
            services.close(
                request_id=once(), officer=worker, case=case.pk, outcome="handed_over", agency=agencies[agency]
            )
    services.close(
        request_id=once(), officer=worker, case=case.pk, outcome="handed_over", agency=agencies["protection"]
    )
    assert not Crossing.objects.filter(outcome="refused").exists()


def test_the_way_opens_again_after_protection_has_answered_and_two_have_signed(
    case: Case, worker: Officer, officer: Make, supervisor: Officer
) -> None:
    agencies = local_data()
    second = officer(Role.SECONDARY, name="second")
    services.add_note(request_id=once(), officer=worker, case=case.pk, kind="asylum", text="Asked for it.")
    settle = {"officer": worker, "case": case.pk, "text": "Heard: no wish to stay."}
    with refused("protection_not_answered"):
        services.settle_protection(request_id=once(), countersigned_by=second, **settle)  # type: ignore[arg-type]
    services.refer_agency(
        request_id=once(), officer=worker, case=case.pk, agency=agencies["protection"], reason="To be heard."
    )
    services.agency_answer(request_id=once(), officer=worker, case=case.pk, text="Heard; they withdraw the wish.")
    for wrong, code in ((None, "countersign_missing"), (worker, "countersign_same"), (supervisor, "countersign_role")):
        with refused(code):
            services.settle_protection(request_id=once(), countersigned_by=wrong, **settle)  # type: ignore[arg-type]
    services.settle_protection(request_id=once(), countersigned_by=second, **settle)  # type: ignore[arg-type]
    case.refresh_from_db()
    assert not case.refusal_stopped


def test_protection_from_the_desk_refers_without_a_reason_that_others_could_read(
    primary: Officer, entry_lane: Lane
) -> None:
    shown = inspection(primary, entry_lane, advice="no_objection")
    again = once()
    for _ in range(2):
        case = services.protect(
            request_id=again, officer=primary, kind="trafficking", text="Her papers are held.", inspection=shown
        )
    assert Crossing.objects.get().reasons == []
    assert Crossing.objects.get().note == ""
    assert not case.restricted
    assert case.refusal_stopped
    assert Note.objects.count() == 1
    assert not [e for e in Entry.objects.all() if "traffick" in e.body or "protect" in e.body]


def test_protection_without_a_document_opens_a_case_that_only_few_know_of(
    primary: Officer, worker: Officer, supervisor: Officer, entry_lane: Lane
) -> None:
    case = services.protect(request_id=once(), officer=primary, kind="asylum", text="No papers.", lane=entry_lane)
    assert case.restricted
    assert list(services.visible(worker)) == [case]
    assert list(services.visible(supervisor)) == []
    with refused("case_unknown"):
        services.claim(request_id=once(), officer=supervisor, case=case.pk)
    services.claim(request_id=once(), officer=worker, case=case.pk)
    with refused("officer_not_for_case"):
        services.hand_over(request_id=once(), officer=worker, case=case.pk, to=supervisor, note="Yours.")


def test_who_was_admitted_already_can_still_be_referred_to_protection(primary: Officer, entry_lane: Lane) -> None:
    shown = inspection(primary, entry_lane, advice="no_objection")
    decide(request_id=once(), officer=primary, inspection=shown, lane=entry_lane, outcome="admitted")
    case = services.protect(request_id=once(), officer=primary, kind="violence", text="Came back.", inspection=shown)
    assert case.restricted


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_a_measure_keeps_the_ratio_and_the_millimetres(primary: Officer, worker: Officer, entry_lane: Lane) -> None:
    case = refer(primary, entry_lane, picture=True)
    services.claim(request_id=once(), officer=worker, case=case.pk)
    picture = EvidenceFile.objects.get()
    points = [(0.0, 0.0), (30.0, 40.0), (0.0, 0.0), (0.0, 100.0)]
    event = services.add_measure(
        request_id=once(), officer=worker, case=case.pk, picture=picture, points=points, reference_mm=Decimal("53.98")
    )
    assert (event.measure.pixels, event.measure.ratio) == (50.0, 0.5)
    assert event.measure.millimetres == pytest.approx(26.99)


@pytest.mark.parametrize(
    ("points", "reference", "code"),
    [
        ([(0, 0)], None, "measure_points"),
        ([(0, 0), (1, 1), (2, 2)], None, "measure_points"),
        ([(0, 0), (-1, 1)], None, "measure_points"),
        ([(0, 0), (1, 1), (2, 2), (2, 2)], None, "measure_points"),
        ([(0, 0), (float("nan"), 1)], None, "measure_points"),
        ([(0, 0), (1, 1)], Decimal(5), "measure_reference"),
        ([(0, 0), (1, 1), (2, 2), (3, 3)], Decimal(0), "measure_reference"),
    ],
)
def test_a_measure_of_nothing_is_refused(points: list[Any], reference: Decimal | None, code: str) -> None:
    with refused(code):
        measure(points, reference)


def test_a_picture_of_another_case_is_not_measured_here(case: Case, worker: Officer, primary: Officer) -> None:
    inspection(primary, picture=True)
    with refused("picture_not_of_case"):
        services.add_measure(
            request_id=once(),
            officer=worker,
            case=case.pk,
            picture=EvidenceFile.objects.get(),
            points=[(0, 0), (1, 1)],
        )


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_nobody_is_refused_before_their_rights_were_explained(case: Case, worker: Officer) -> None:
    local_data()
    with refused("before_refusal"):
        services.close(request_id=once(), officer=worker, case=case.pk, outcome="refused", reasons=["false_document"])


@pytest.mark.parametrize(("reasons", "code"), [([], "reason_missing"), (["nationality"], "reason_unknown")])
def test_a_refusal_has_reasons_of_the_list(case: Case, worker: Officer, reasons: list[str], code: str) -> None:
    local_data()
    rights(case, worker)
    with refused(code):
        services.close(request_id=once(), officer=worker, case=case.pk, outcome="refused", reasons=reasons)
    assert not Outcome.objects.exists()


def test_a_refusal_makes_the_form_with_its_number_and_where_to_contest_it(case: Case, worker: Officer) -> None:
    local_data()
    rights(case, worker)
    again = once()
    for _ in range(2):
        services.close(
            request_id=again,
            officer=worker,
            case=case.pk,
            outcome="refused",
            reasons=["false_document"],
            language="ht",
            on=date(2026, 11, 25),
        )
    form = RefusalForm.objects.get()
    assert form.number == "HTMLP-2026-00001"
    assert form.contest_until == date(2026, 11, 25) + timedelta(days=30)
    assert bytes(form.content or b"").startswith(b"%PDF-")
    assert Crossing.objects.get(outcome="refused").reasons == ["false_document"]
    with pytest.raises(DatabaseError), transaction.atomic():
        RefusalForm.objects.update(number="X")
    services.hand_form(request_id=once(), officer=worker, case=case.pk, signed=False)
    with refused("form_handed_already"):
        services.hand_form(request_id=once(), officer=worker, case=case.pk, signed=True)


def test_without_a_body_to_contest_with_nobody_is_refused(case: Case, worker: Officer) -> None:
    local_data()["appeal"].delete()
    rights(case, worker)
    with refused("contest_missing"):
        services.close(request_id=once(), officer=worker, case=case.pk, outcome="refused", reasons=["no_means"])
    assert not Crossing.objects.filter(outcome="refused").exists()
    case.refresh_from_db()
    assert case.state == "in_work"


def test_against_refer_a_second_person_signs_who_is_someone_else(
    case: Case, worker: Officer, primary: Officer, supervisor: Officer
) -> None:
    how: dict[str, Any] = {"officer": worker, "case": case.pk, "outcome": "admitted", "rule": {"days": 30}}
    with refused("countersign_missing"):
        services.close(request_id=once(), note="The chip is in order.", **how)
    with refused("countersign_same"):
        services.close(request_id=once(), note="The chip is in order.", countersigned_by=worker, **how)
    with refused("countersign_role"):
        services.close(request_id=once(), note="The chip is in order.", countersigned_by=primary, **how)
    with refused("note_missing"):
        services.close(request_id=once(), countersigned_by=supervisor, **how)
    made = services.close(request_id=once(), note="The chip is in order.", countersigned_by=supervisor, **how)
    assert made.countersigned_by == supervisor
    assert made.crossing is not None
    assert made.crossing.countersigned_by == supervisor


def test_a_kinder_second_look_does_not_take_the_four_eyes_away(case: Case, worker: Officer) -> None:
    kinder = inspection(worker, advice="no_objection")
    services.add_look(request_id=once(), officer=worker, case=case.pk, inspection=kinder)
    with refused("countersign_missing"):
        services.close(request_id=once(), officer=worker, case=case.pk, outcome="admitted")


def test_a_second_look_that_finds_more_asks_for_four_eyes(primary: Officer, worker: Officer, entry_lane: Lane) -> None:
    case = refer(primary, entry_lane, advice="no_objection")
    services.claim(request_id=once(), officer=worker, case=case.pk)
    services.add_look(request_id=once(), officer=worker, case=case.pk, inspection=inspection(worker, advice="refer"))
    with refused("countersign_missing"):
        services.close(request_id=once(), officer=worker, case=case.pk, outcome="admitted")


def test_the_database_itself_wants_two_people(case: Case, worker: Officer) -> None:
    event = services.add_note(request_id=once(), officer=worker, case=case.pk, kind="other", text="Words.")
    police = local_data()["police"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Outcome.objects.create(
            event=event,
            case=case,
            outcome="handed_over",
            agency=police,
            officer=worker,
            countersigned_by=worker,
            note="Alone.",
        )


def test_an_exit_case_ends_in_an_exit_that_closes_the_entry(
    primary: Officer, worker: Officer, supervisor: Officer, entry_lane: Lane, exit_lane: Lane
) -> None:
    shown = inspection(primary, entry_lane, advice="no_objection")
    entry = decide(request_id=once(), officer=primary, inspection=shown, lane=entry_lane, outcome="admitted")
    case = refer(primary, exit_lane)
    services.claim(request_id=once(), officer=worker, case=case.pk)
    made = services.close(
        request_id=once(),
        officer=worker,
        case=case.pk,
        outcome="exited",
        note="Old photograph.",
        countersigned_by=supervisor,
    )
    assert made.crossing is not None
    assert made.crossing.closes == entry


# --- children ---------------------------------------------------------------------------------------------------------

CHILD: dict[str, Any] = {
    "date_of_birth": "2015-03-02",
    "primary_identifier": "BELFORT",
    "secondary_identifier": "LUCIE",
}
PAPER = services.Paper(
    signers=frozenset({Signer.MOTHER, Signer.FATHER}),
    child_primary="BELFORT",
    child_secondary="LUCIE",
    companion_primary="JOSEPH",
    companion_secondary="MIRLANDE",
    until=date(2026, 12, 31),
    certified_by="Notary of Utopia, no. 7",
    original=True,
)
AUNT = Name("JOSEPH", "MIRLANDE")


@pytest.fixture
def child_case(primary: Officer, worker: Officer, exit_lane: Lane) -> Case:
    made = refer(primary, exit_lane, advice="no_objection", **CHILD)
    services.claim(request_id=once(), officer=worker, case=made.pk)
    made.refresh_from_db()
    return made


def consent(case: Case, worker: Officer, company: Company, paper: services.Paper | None = None) -> list[str]:
    event = services.check_consent(
        request_id=once(),
        officer=worker,
        case=case.pk,
        company=company,
        companion=AUNT,
        paper=paper,
        on=date(2026, 11, 25),
    )
    questions: list[str] = event.consentcheck.questions
    return questions


def test_a_child_goes_on_only_after_consent_was_checked(child_case: Case, worker: Officer) -> None:
    how: dict[str, Any] = {"officer": worker, "case": child_case.pk, "outcome": "exited"}
    with refused("consent_not_checked"):
        services.close(request_id=once(), **how)
    assert consent(child_case, worker, Company.THIRD_PERSON, PAPER) == []
    assert services.close(request_id=once(), **how).countersigned_by is None


def test_a_child_without_consent_goes_on_only_under_four_eyes(
    child_case: Case, worker: Officer, supervisor: Officer
) -> None:
    assert consent(child_case, worker, Company.THIRD_PERSON) == ["no_certificate"]
    how: dict[str, Any] = {"officer": worker, "case": child_case.pk, "outcome": "exited"}
    with refused("consent_open"):
        services.close(request_id=once(), **how)
    with refused("countersign_same"):
        services.close(request_id=once(), note="Both parents were called.", countersigned_by=worker, **how)
    made = services.close(request_id=once(), note="Both parents were called.", countersigned_by=supervisor, **how)
    assert made.countersigned_by == supervisor


def test_a_child_alone_goes_to_protection_and_nowhere_else(child_case: Case, worker: Officer) -> None:
    agencies = local_data()
    assert consent(child_case, worker, Company.ALONE) == ["unaccompanied"]
    rights(child_case, worker)
    how: dict[str, Any] = {"officer": worker, "case": child_case.pk}
    for outcome, agency, code in (
        ("exited", None, "child_to_protection"),
        ("turned_back", None, "refusal_stopped"),
        ("handed_over", "police", "child_to_protection"),
    ):
        with refused(code):
            services.close(request_id=once(), outcome=outcome, agency=agencies.get(agency or ""), **how)
    made = services.close(request_id=once(), outcome="handed_over", agency=agencies["child_protection"], **how)
    assert made.agency == agencies["child_protection"]


def test_every_move_of_a_case_is_on_the_record_under_the_person(case: Case, worker: Officer) -> None:
    services.add_note(request_id=once(), officer=worker, case=case.pk, kind="other", text="Words.")
    actions = list(
        Entry.objects.filter(subject_kind="person", subject=str(case.person_id))
        .order_by("index")
        .values_list("action", flat=True)
    )
    assert actions == ["crossing_referred", "case_claimed", "case_note"]
