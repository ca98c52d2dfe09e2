"""The data protection officer: who looked, access, correction, restriction, hold, and erasure that leaves no trace."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from fanal.ledger import Signer
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.administration.models import RETENTION
from fanal.station.crossings.models import Crossing, Person, TravelDocument
from fanal.station.crossings.services import decide
from fanal.station.errors import Refusal
from fanal.station.immutable import ERASED
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.journal.models import Entry
from fanal.station.journal.services import sign_head, verify
from fanal.station.places.models import Lane
from fanal.station.privacy import queries, services
from fanal.station.privacy.models import Correction, Hold
from fanal.station.privacy.retention import NOBODY, erase_due, lately, run
from fanal.station.secondary.models import Case, Event, Note
from tests.station.travellers import inspection, refer

pytestmark = pytest.mark.django_db
SIGNER = Signer.generate("fanal.example/malpasse")
NEVER = timedelta(days=20000)


@pytest.fixture
def primary(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.PRIMARY)


@pytest.fixture
def guardian(officer: Callable[..., Officer]) -> Officer:
    """The data protection officer."""
    return officer(Role.PRIVACY)


@pytest.fixture
def crossing(primary: Officer, entry_lane: Lane) -> Crossing:
    shown = inspection(primary, entry_lane, advice="no_objection", picture=True)
    return decide(
        request_id=uuid.uuid4(),
        officer=primary,
        inspection=shown,
        lane=entry_lane,
        outcome="admitted",
        note="travels to see ERIKSSON family",
        conveyance="ERIKSSON-1",
        rule={"days": 30},
    )


def everything() -> str:
    """Every column of every table but the officers' own, as text."""
    found: list[str] = []
    for model in apps.get_models():
        if model._meta.app_label in ("accounts", "contenttypes", "sessions", "axes"):
            continue
        for row in model._base_manager.values():
            found += [str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values()]
    return "\n".join(found)


def age(model: type[models.Model], field: str, days: int) -> datetime:
    """Pretend that the clock is so many days further."""
    first: datetime = model._base_manager.order_by(field).values_list(field, flat=True)[0]
    return max(first, datetime.now(UTC)) + timedelta(days=days)


# --- who looked, and the access request -------------------------------------------------------------------------------


def test_who_looked_at_a_person_is_shown_with_name_act_and_purpose(
    crossing: Crossing, primary: Officer, guardian: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    assert signed_in(primary).get(f"/inspect/{crossing.inspection_id}/").status_code == 200
    page = signed_in(guardian).get(f"/privacy/{crossing.person_id}/?why=complaint").content.decode()
    assert primary.name in page
    assert "inspection opened" in page
    assert "admitted" in page
    assert "border control" in page
    looked = queries.who_looked(crossing.person)
    assert [one.action for one in looked[:1]] == ["person_read"]
    assert looked[0].why == "complaint"
    assert looked[0].who == guardian.name


def test_a_search_needs_a_purpose_and_is_on_the_record_without_what_was_typed(
    crossing: Crossing, guardian: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(guardian)
    assert client.post("/privacy/", {"name": "eriks"}).status_code == 422
    page = client.post("/privacy/", {"name": "eriks", "why": "access_request"}).content.decode()
    assert f"/privacy/{crossing.person_id}/" in page
    entry = Entry.objects.get(action="persons_searched")
    assert json.loads(entry.body)["data"]["found"] == [str(crossing.person_id)]
    assert "eriks" not in entry.body.lower()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "ERIK", "date_of_birth": "1974-08-12"}, 1),
        ({"document_number": "l898902c3"}, 1),
        ({"name": "ERIK", "date_of_birth": "1975-08-12"}, 0),
        ({"name": " "}, 0),
        ({}, 0),
    ],
)
def test_a_person_is_found_by_all_that_is_given_and_by_nothing_less(
    crossing: Crossing, asked: dict[str, str], found: int
) -> None:
    assert len(queries.find(**asked)) == found


def test_an_access_request_is_answered_by_a_file_with_everything_and_no_officers_name(
    crossing: Crossing, primary: Officer, guardian: Officer, signed_in: Callable[[Officer], Client]
) -> None:
    told = signed_in(guardian).get(f"/privacy/{crossing.person_id}/access/file/")
    assert told["Content-Disposition"].startswith("attachment")
    assert told["Cache-Control"] == "private, no-store"
    data = json.loads(told.content)
    assert data["schema"] == "fanal.access/1"
    assert data["person"]["primary_identifier"] == "ERIKSSON"
    assert data["documents"] == [
        {"issuing_state": "UTO", "kind": "P", "number": "L898902C3", "date_of_expiry": "2032-04-15"}
    ]
    assert data["crossings"][0]["note"] == "travels to see ERIKSSON family"
    assert data["inspections"][0]["evidence"][0]["base64"]
    assert {"officer"} == {row["by"] for row in data["used"]}
    assert primary.name not in told.content.decode()
    assert Entry.objects.filter(action="access_given", subject=str(crossing.person_id)).count() == 1


@pytest.mark.parametrize("lang", ["en", "es", "fr", "ht"])
def test_the_answer_is_printed_in_the_readers_language(
    crossing: Crossing, officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], lang: str
) -> None:
    client = signed_in(officer(Role.PRIVACY, language=lang))
    for path in ("access/print/", ""):
        told = client.get(f"/privacy/{crossing.person_id}/{path}")
        assert told.status_code == 200
        assert "ERIKSSON" in told.content.decode()
    words = {"en": "What", "es": "Qué", "fr": "Ce que", "ht": "Sa "}
    assert f"<h1>{words[lang]}" in client.get(f"/privacy/{crossing.person_id}/access/print/").content.decode()


# --- correction, restriction, hold ------------------------------------------------------------------------------------


def test_a_correction_keeps_what_was_and_the_record_whole(crossing: Crossing, guardian: Officer) -> None:
    how: dict[str, Any] = {"request_id": uuid.uuid4(), "officer": guardian, "person": crossing.person}
    services.correct(**how, trait="primary_identifier", value="ERICSSON", reason="birth certificate shown")
    services.correct(**how, trait="primary_identifier", value="ERICSSON", reason="birth certificate shown")
    row = Correction.objects.get()
    assert (row.before, row.after) == ("ERIKSSON", "ERICSSON")
    assert Person.objects.get(pk=crossing.person_id).primary_identifier == "ERICSSON"
    entry = Entry.objects.get(action="person_corrected")
    assert "ERI" not in entry.body
    assert list(verify()) == []


@pytest.mark.parametrize(
    ("trait", "value", "reason", "code"),
    [
        ("created_at", "x", "y", "trait_unknown"),
        ("sex", "F", "", "reason_missing"),
        ("sex", "Q", "y", "trait_value"),
        ("date_of_birth", "12/08/1974", "y", "trait_value"),
        ("nationality", "U7", "y", "trait_value"),
        ("primary_identifier", " ", "y", "trait_value"),
        ("primary_identifier", "ERIKSSON", "y", "trait_same"),
    ],
)
def test_a_correction_that_is_none_is_refused(
    crossing: Crossing, guardian: Officer, trait: str, value: str, reason: str, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        services.correct(
            request_id=uuid.uuid4(), officer=guardian, person=crossing.person, trait=trait, value=value, reason=reason
        )
    assert caught.value.code == code
    assert not Correction.objects.exists()


def test_a_restricted_persons_data_is_shown_to_nobody_but_the_data_protection_officer(
    crossing: Crossing,
    primary: Officer,
    guardian: Officer,
    officer: Callable[..., Officer],
    signed_in: Callable[[Officer], Client],
) -> None:
    desk, privacy = signed_in(primary), signed_in(guardian)
    address = f"/persons/{crossing.person_id}/"
    assert "ERIKSSON" in desk.get(address).content.decode()
    place = f"/privacy/{crossing.person_id}/place/restriction/"
    assert privacy.post(place, {"reason": ""}).status_code == 422
    assert privacy.post(place, {"reason": "accuracy is contested"}).status_code == 302
    told = desk.get(address)
    assert told.status_code == 403
    assert "ERIKSSON" not in told.content.decode()
    assert "data protection officer" in told.content.decode()
    assert desk.post("/crossings/", {"name": "erik"}, follow=True).content.decode().count("L898902C3") == 0
    assert desk.get(f"/crossings/{crossing.pk}/").status_code == 200  # they decided it themselves, just now
    assert signed_in(officer(Role.SUPERVISOR)).get(f"/crossings/{crossing.pk}/").status_code == 403
    assert "accuracy is contested" in privacy.get(f"/privacy/{crossing.person_id}/").content.decode()
    standing = crossing.person.restrictions.get()
    assert privacy.post(f"/privacy/{crossing.person_id}/lift/restriction/{standing.pk}/").status_code == 302
    assert desk.get(address).status_code == 200
    assert [e.action for e in Entry.objects.filter(action__startswith="restriction_").order_by("index")] == [
        "restriction_placed",
        "restriction_lifted",
    ]


# --- erasure ----------------------------------------------------------------------------------------------------------


def test_nothing_is_erased_before_its_time(crossing: Crossing) -> None:
    before = everything()
    assert erase_due(age(Inspection, "at", RETENTION["evidence"] - 1)) == {}
    assert everything() == before


def test_pictures_go_first_and_their_digests_stay(crossing: Crossing) -> None:
    done = erase_due(age(Inspection, "at", RETENTION["evidence"] + 1))
    assert done == {"evidence": 1}
    piece = EvidenceFile.objects.get()
    assert piece.content is None
    assert len(piece.sha256) == 64
    assert list(verify()) == []


def test_when_all_retention_has_ended_nothing_says_who_it_was_and_the_record_is_whole(crossing: Crossing) -> None:
    sign_head(SIGNER)
    later = age(Inspection, "at", RETENTION["crossing"] + 31)
    done = erase_due(later)
    assert done == {"evidence": 1, "inspection": 1, "crossing": 1, "person": 1}
    left = everything()
    for word in ("ERIKSSON", "ANNA MARIA", "L898902C3", "1974-08-12"):
        assert word not in left
    row = Crossing.objects.get()
    assert (row.person_id, row.document_id, row.outcome, row.note) == (NOBODY, NOBODY, "admitted", ERASED)
    sign_head(SIGNER)
    assert list(verify((SIGNER.verifier,))) == []
    assert erase_due(later) == {}
    assert {action for action, _ in lately()} == {
        "evidence_erased",
        "inspection_erased",
        "crossing_erased",
        "person_erased",
    }


def test_an_entry_without_an_exit_is_kept_from_its_last_lawful_day(crossing: Crossing) -> None:
    assert "crossing" not in erase_due(age(Inspection, "at", RETENTION["crossing"] + 15))
    assert erase_due(age(Inspection, "at", RETENTION["crossing"] + 31))["crossing"] == 1


def test_an_entry_with_an_exit_is_kept_from_the_exit(crossing: Crossing, primary: Officer, exit_lane: Lane) -> None:
    shown = inspection(primary, exit_lane, advice="no_objection")
    left = decide(
        request_id=uuid.uuid4(),
        officer=primary,
        inspection=shown,
        lane=exit_lane,
        outcome="exited",
        at=crossing.at + timedelta(days=100),
    )
    assert left.closes_id == crossing.pk
    assert "crossing" not in erase_due(age(Crossing, "at", RETENTION["crossing"] + 99))
    assert erase_due(age(Crossing, "at", RETENTION["crossing"] + 101))["crossing"] == 2


def test_under_a_legal_hold_nothing_of_the_person_is_erased(crossing: Crossing, guardian: Officer) -> None:
    hold = services.hold(request_id=uuid.uuid4(), officer=guardian, person=crossing.person, reason="court 12/2026")
    later = datetime.now(UTC) + NEVER
    assert erase_due(later) == {}
    services.lift(officer=guardian, kind=Hold, placed=hold.pk, person=crossing.person)
    assert erase_due(later)["person"] == 1
    assert "court 12/2026" not in everything()


def test_an_open_case_keeps_what_belongs_to_it_and_a_closed_one_goes_with_its_words(
    officer: Callable[..., Officer], entry_lane: Lane
) -> None:
    who = officer(Role.SECONDARY)
    case = refer(who, entry_lane, picture=True)
    event = Event.objects.create(
        request_id=uuid.uuid4(), case=case, move="note", officer=who, at=case.opened_at, before="held", after="held"
    )
    Note.objects.create(event=event, kind="observation", text="ERIKSSON says she is a nurse")
    later = datetime.now(UTC) + NEVER
    assert erase_due(later) == {}
    Case.objects.filter(pk=case.pk).update(state="closed", holder=who, closed_at=datetime.now(UTC))
    done = erase_due(later)
    assert done["case"] == 1
    assert done["person"] == 1
    assert "ERIKSSON" not in everything()
    assert list(verify()) == []


def test_a_document_that_somebody_else_holds_too_keeps_its_number(crossing: Crossing, primary: Officer) -> None:
    other = Person.objects.create(primary_identifier="MARLOW")
    other.documents.create(document=crossing.document, confirmed_by=primary)
    Person.objects.filter(pk=other.pk).update(created_at=datetime.now(UTC) + NEVER)
    erase_due(age(Inspection, "at", RETENTION["crossing"] + 31))
    assert TravelDocument.objects.get(pk=crossing.document_id).number == "L898902C3"
    assert Person.objects.get(pk=crossing.person_id).primary_identifier == ""


def test_the_worker_erases_what_is_due_by_the_clock(crossing: Crossing) -> None:
    run()
    assert Person.objects.get(pk=crossing.person_id).primary_identifier == "ERIKSSON"
    Inspection.objects.update(at=datetime.now(UTC) - timedelta(days=RETENTION["evidence"] + 1))
    run()
    assert EvidenceFile.objects.get().content is None
