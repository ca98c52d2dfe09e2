"""The pages of secondary inspection: who sees what, whole without scripts, in four languages."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.models import Crossing
from fanal.station.inspections.models import EvidenceFile
from fanal.station.journal.models import Entry
from fanal.station.places.models import Lane
from fanal.station.privacy.services import restrict
from fanal.station.secondary import codes, services
from fanal.station.secondary.models import Case, Measure, Outcome, RefusalForm
from fanal.station.secondary.pictures import SHOWN, view
from tests.station.conftest import PASSWORD
from tests.station.travellers import local_data, refer

pytestmark = pytest.mark.django_db
Make = Callable[..., Officer]
SignedIn = Callable[[Officer], Client]
SECRET = "She said that another person holds her passport."


@pytest.fixture
def worker(officer: Make) -> Officer:
    return officer(Role.SECONDARY)


@pytest.fixture
def desk(worker: Officer, signed_in: SignedIn) -> Client:
    return signed_in(worker)


@pytest.fixture
def case(officer: Make, worker: Officer, entry_lane: Lane) -> Case:
    made = refer(officer(Role.PRIMARY), entry_lane, picture=True)
    services.claim(request_id=uuid.uuid4(), officer=worker, case=made.pk)
    made.refresh_from_db()
    return made


def move(client: Client, case: Case, do: str, **data: Any) -> Any:
    return client.post(f"/cases/{case.pk}/move/", {"do": do, "request_id": str(uuid.uuid4()), **data})


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_the_queue_names_nobody_and_the_file_is_read_on_the_record(desk: Client, case: Case) -> None:
    page = shown(desk, "/cases/")
    assert "ERIKSSON" not in page
    assert "E. A. · …2C3" in page
    assert not Entry.objects.filter(action="case_read").exists()
    assert "ERIKSSON" in shown(desk, f"/cases/{case.pk}/")
    assert Entry.objects.get(action="case_read").subject == str(case.person_id)


def test_a_case_is_claimed_from_the_queue(desk: Client, officer: Make, entry_lane: Lane) -> None:
    made = refer(officer(Role.PRIMARY), entry_lane)
    assert move(desk, made, "claim").status_code == 302
    assert Case.objects.get(pk=made.pk).state == "in_work"
    again = move(desk, made, "claim")
    assert again.status_code == 422
    assert texts.text("refusal.move_state", "en") in again.content.decode()


def test_what_was_typed_is_kept_when_a_move_is_refused(desk: Client, case: Case) -> None:
    local_data()
    answer = move(desk, case, "close", outcome="refused", note="The photograph was exchanged.", stay="none")
    assert answer.status_code == 422
    assert "The photograph was exchanged." in answer.content.decode()
    assert texts.text("refusal.before_refusal", "en") in answer.content.decode()


@pytest.mark.parametrize(
    ("do", "data"),
    [
        ("else", {}),
        ("hand_over", {"to": "nobody", "note": "x"}),
        ("hand_over", {"to": str(uuid.uuid4()), "note": "x"}),
        ("note", {"kind": "gossip", "text": "x"}),
        ("note", {"kind": "other", "text": "  "}),
        ("tick", {"item": "nothing"}),
        ("consent", {"company": "wolves"}),
        ("consent", {"company": "alone", "until": "soon"}),
        ("refer_agency", {"agency": "x", "reason": "x"}),
        ("close", {"outcome": "admitted", "stay": "for ever"}),
        ("close", {"outcome": "denied"}),
        ("close", {"outcome": "handed_over"}),
        ("note", {"request_id": "no id", "kind": "other", "text": "x"}),
    ],
)
def test_what_no_page_would_send_is_refused_with_a_reason(
    desk: Client, case: Case, do: str, data: dict[str, str]
) -> None:
    answer = move(desk, case, do, **data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


# --- restricted notes -------------------------------------------------------------------------------------------------


def test_a_restricted_note_shows_to_few_and_leaves_no_trace_for_others(
    desk: Client, case: Case, officer: Make, signed_in: SignedIn
) -> None:
    assert move(desk, case, "note", kind="trafficking", text=SECRET).status_code == 302
    assert SECRET in shown(desk, f"/cases/{case.pk}/")
    supervisor = signed_in(officer(Role.SUPERVISOR))
    page = shown(supervisor, f"/cases/{case.pk}/")
    for words in (SECRET, texts.text("case.note_kind.trafficking", "en"), 'class="restricted"'):
        assert words not in page
    for path in ("/cases/", f"/persons/{case.person_id}/", f"/crossings/{case.referral_id}/"):
        assert SECRET not in shown(supervisor, path)
        assert "rafficking" not in shown(supervisor, path)


def test_a_case_that_protection_alone_opened_is_in_no_list_and_no_count_of_others(
    desk: Client, officer: Make, signed_in: SignedIn, entry_lane: Lane
) -> None:
    made = services.protect(
        request_id=uuid.uuid4(), officer=officer(Role.PRIMARY), kind="asylum", text=SECRET, lane=entry_lane
    )
    assert str(made.pk) in shown(desk, "/cases/")
    supervisor = signed_in(officer(Role.SUPERVISOR))
    assert str(made.pk) not in shown(supervisor, "/cases/")
    assert supervisor.get(f"/cases/{made.pk}/").status_code == 404
    assert move(supervisor, made, "claim").status_code == 404


def test_to_which_agency_for_protection_a_case_went_is_seen_by_few(
    desk: Client, case: Case, officer: Make, signed_in: SignedIn
) -> None:
    agencies = local_data()
    move(desk, case, "close", outcome="handed_over", agency=str(agencies["protection"].pk))
    assert "Utopian protection" in shown(desk, f"/cases/{case.pk}/")
    page = shown(signed_in(officer(Role.SUPERVISOR)), f"/cases/{case.pk}/")
    assert texts.text("case.outcome.handed_over", "en") in page
    assert "Utopian protection" not in page


# --- a second look ----------------------------------------------------------------------------------------------------


def test_a_click_in_the_picture_marks_a_point_and_four_points_are_kept_as_a_measure(desk: Client, case: Case) -> None:
    piece = EvidenceFile.objects.get()
    path = f"/cases/{case.pk}/look/{piece.pk}/"
    address = path
    for x, y in ((10, 10), (106, 10), (10, 100), (202, 100)):
        query = address.partition("?")[2]
        answer = desk.get(f"{path}?{query}&at.x={x}&at.y={y}")
        assert answer.status_code == 302
        address = answer["Location"]
    page = shown(desk, address)
    assert texts.text("case.measured", "en") in page
    points = [p.split("=")[1].replace("%2C", ",") for p in address.partition("?")[2].split("&") if p[:2] == "p="]
    form = {"p": points, "reference_mm": "125", "label": "Width of the photograph", "request_id": str(uuid.uuid4())}
    for _ in range(2):
        assert desk.post(path, form).status_code == 302
    kept = Measure.objects.get()
    assert kept.ratio == pytest.approx(0.5, rel=0.002)
    assert kept.millimetres == pytest.approx(62.5, rel=0.002)
    assert "Width of the photograph" in shown(desk, f"/cases/{case.pk}/")


def test_a_point_by_its_numbers_is_as_good_as_a_click(desk: Client, case: Case) -> None:
    piece = EvidenceFile.objects.get()
    answer = desk.get(f"/cases/{case.pk}/look/{piece.pk}/?zoom=4&x=100&y=200.5")
    assert "p=100%2C200.5" in answer["Location"]
    assert "zoom=4" in answer["Location"]


@pytest.mark.parametrize(
    "query", ["zoom=99&cx=nan&cy=1", "p=x,y&p=1e9,2&p=&zoom=2", "at.x=-5&at.y=1", "x=inf&y=2", "p=1,2" * 90]
)
def test_an_address_that_nobody_made_shows_the_picture_all_the_same(desk: Client, case: Case, query: str) -> None:
    piece = EvidenceFile.objects.get()
    assert desk.get(f"/cases/{case.pk}/look/{piece.pk}/?{query}").status_code == 200
    answer = desk.get(f"/cases/{case.pk}/crop/{piece.pk}/?{query}")
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size <= SHOWN


def test_the_window_stays_inside_the_picture_and_gives_back_the_picture_s_own_pixels() -> None:
    window = view((1250, 880), 4, (0, 0))
    assert (window.left, window.top) == (0, 0)
    assert window.to_picture(0, 0) == (0, 0)
    far = view((1250, 880), 4, (5000, 5000))
    x, y = far.to_picture(far.width, far.height)
    assert x == pytest.approx(1250, abs=1)
    assert y == pytest.approx(880, abs=1)
    assert view((40, 30), 1, None).scale == 1


def test_a_picture_of_another_traveller_does_not_open_through_this_case(
    desk: Client, case: Case, officer: Make, exit_lane: Lane
) -> None:
    other = refer(officer(Role.PRIMARY, name="p2"), exit_lane, picture=True, document_number="X1")
    piece = EvidenceFile.objects.get(inspection=other.inspection_id)
    for kind in ("look", "crop"):
        assert desk.get(f"/cases/{case.pk}/{kind}/{piece.pk}/").status_code == 404


def test_bytes_that_are_no_picture_are_not_found_rather_than_a_failure(desk: Client, case: Case) -> None:
    assert case.inspection is not None
    bad = EvidenceFile.objects.create(
        inspection=case.inspection,
        position=1,
        sha256="1" * 64,
        kind="picture",
        media_type="image/png",
        content=b"\x89P",
    )
    assert desk.get(f"/cases/{case.pk}/look/{bad.pk}/").status_code == 404
    assert desk.get(f"/cases/{case.pk}/crop/{bad.pk}/").status_code == 404


# --- outcomes ---------------------------------------------------------------------------------------------------------


def test_a_refusal_is_closed_printed_and_handed_over(desk: Client, case: Case) -> None:
    local_data()
    for item in codes.BEFORE_REFUSAL:
        move(desk, case, "tick", item=item)
    answer = move(
        desk, case, "close", outcome="refused", reasons=["false_document"], language="es", note="Photograph exchanged."
    )
    assert answer.status_code == 302
    form = RefusalForm.objects.get()
    assert form.language == "es"
    pdf = desk.get(f"/cases/{case.pk}/form/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert Entry.objects.filter(action="refusal_form_read").count() == 1
    assert move(desk, case, "hand_form", signed="1").status_code == 302
    assert texts.text("case.form_signed", "en") in shown(desk, f"/cases/{case.pk}/")


def test_against_refer_the_second_officer_signs_on_the_page_with_their_own_password(
    desk: Client, case: Case, officer: Make
) -> None:
    officer(Role.SUPERVISOR)
    good = {"outcome": "admitted", "stay": "d30", "note": "Called the issuing State.", "second": "supervisor"}
    for change, code in (
        ({"second": ""}, "countersign_missing"),
        ({"second_password": "wrong"}, "countersign_password"),
        ({"second": "secondary"}, "countersign_same"),
        ({"note": ""}, "note_missing"),
    ):
        answer = move(desk, case, "close", **({**good, "second_password": PASSWORD} | change))
        assert answer.status_code == 422
        assert texts.text(f"refusal.{code}", "en") in answer.content.decode()
        assert PASSWORD not in answer.content.decode()
    assert not Outcome.objects.exists()
    assert move(desk, case, "close", **good, second_password=PASSWORD).status_code == 302
    crossing = Crossing.objects.get(outcome="admitted")
    assert crossing.countersigned_by is not None
    assert crossing.countersigned_by.username == "supervisor"


def test_a_child_s_consent_is_checked_on_the_page(desk: Client, officer: Make, exit_lane: Lane) -> None:
    made = refer(
        officer(Role.PRIMARY, name="p2"),
        exit_lane,
        advice="no_objection",
        primary_identifier="BELFORT",
        secondary_identifier="LUCIE",
        date_of_birth="2017-05-01",
    )
    move(desk, made, "claim")
    assert texts.text("case.child", "en") in shown(desk, f"/cases/{made.pk}/")
    paper = {
        "company": "third_person",
        "companion_primary": "JOSEPH",
        "companion_secondary": "MIRLANDE",
        "paper": "1",
        "signers": ["mother"],
        "child_primary": "BELFORT",
        "child_secondary": "LUCIE",
        "named_primary": "JOSEPH",
        "named_secondary": "MIRLANDE",
        "until": "2099-01-01",
        "certified_by": "Notary of Utopia",
        "original": "1",
    }
    assert move(desk, made, "consent", **paper).status_code == 302
    assert texts.text("consent.question.signer_missing", "en") in shown(desk, f"/cases/{made.pk}/")
    assert move(desk, made, "close", outcome="exited").status_code == 422
    assert move(desk, made, "consent", **(paper | {"signers": ["mother", "father"]})).status_code == 302
    assert move(desk, made, "close", outcome="exited").status_code == 302


def test_a_second_look_is_inspected_and_added(desk: Client, case: Case) -> None:
    mrz = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
    assert move(desk, case, "look", mrz=mrz).status_code == 302
    assert len(services.inspections_of(case)) == 2
    assert move(desk, case, "look", mrz="").status_code == 422
    assert move(desk, case, "look", mrz="nothing that is an MRZ").status_code == 422


def test_earlier_cases_of_the_same_person_are_shown(desk: Client, case: Case, worker: Officer) -> None:
    agencies = local_data()
    move(desk, case, "close", outcome="handed_over", agency=str(agencies["police"].pk))
    later = refer(Officer.objects.get(username="primary"), case.referral.lane)  # type: ignore[union-attr,arg-type]
    assert str(case.pk) in shown(desk, f"/cases/{later.pk}/")


def test_a_closed_case_of_a_person_whose_data_may_not_be_used_stays_shut_and_an_open_one_is_decided(
    desk: Client, case: Case, officer: Make
) -> None:
    agencies = local_data()
    assert case.person is not None
    restrict(request_id=uuid.uuid4(), officer=officer(Role.PRIVACY), person=case.person, reason="Accuracy contested.")
    assert desk.get(f"/cases/{case.pk}/").status_code == 200
    move(desk, case, "close", outcome="handed_over", agency=str(agencies["police"].pk))
    piece = EvidenceFile.objects.get()
    for path in ("", "form/", f"look/{piece.pk}/", f"crop/{piece.pk}/"):
        assert desk.get(f"/cases/{case.pk}/{path}").status_code == 403
    later = refer(Officer.objects.get(username="primary"), case.referral.lane)  # type: ignore[union-attr,arg-type]
    assert str(case.pk) not in shown(desk, f"/cases/{later.pk}/")


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_page_of_a_case_with_everything_in_it_speaks_every_language(
    lang: str, case: Case, worker: Officer, officer: Make, signed_in: SignedIn
) -> None:
    agencies = local_data()
    worker.language = lang
    worker.save()
    desk = signed_in(worker)
    piece = EvidenceFile.objects.get()
    other = officer(Role.SECONDARY, name="other")
    for item in codes.CHECKLIST:
        move(desk, case, "tick", item=item)
    for kind in (*codes.NOTES, *codes.RESTRICTED_NOTES):
        move(desk, case, "note", kind=kind, text="Words.")
    move(desk, case, "consent", company="alone")
    move(desk, case, "refer_agency", agency=str(agencies["protection"].pk), reason="Words.")
    shown(desk, f"/cases/{case.pk}/")
    move(desk, case, "agency_answer", text="Words.")
    desk.post(f"/cases/{case.pk}/look/{piece.pk}/", {"p": ["0,0", "3,4"], "request_id": str(uuid.uuid4())})
    settled = {"text": "Heard.", "second": "other", "second_password": PASSWORD}
    assert move(desk, case, "settle_protection", **settled).status_code == 302
    for path in ("/cases/", f"/cases/{case.pk}/", f"/cases/{case.pk}/look/{piece.pk}/?p=0,0&p=3,4"):
        assert " style=" not in shown(desk, path)
    closed = move(
        desk, case, "close", outcome="refused", reasons=["no_means"], language=lang, stay="none", note="Words."
    )
    assert closed.status_code == 302
    move(desk, case, "hand_form")
    assert other.name not in shown(desk, "/cases/")
    shown(desk, f"/cases/{case.pk}/")
