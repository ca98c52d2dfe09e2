"""The fast lane: registered crossers pass in seconds, with the same checks behind; the evening only asks."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.models import Crossing
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.lists import services as lists
from fanal.station.market import cards, queries
from fanal.station.market.models import Registration
from fanal.station.market.services import SAME_PASS, end, pass_lane, register
from fanal.station.places.models import CrossingPoint, Lane
from tests.station.desk import GENUINE, WRONG_DIGIT, inspect, passport

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(officer: Callable[..., Officer]) -> Officer:
    return officer(Role.PRIMARY)


@pytest.fixture
def desk(who: Officer, signed_in: Callable[[Officer], Client], entry_lane: Lane) -> Client:
    client = signed_in(who)
    client.post("/inspect/lane/", {"lane": str(entry_lane.pk)})
    return client


@pytest.fixture
def fast(point: CrossingPoint) -> dict[str, Lane]:
    return {
        way: Lane.objects.create(point=point, name=f"F{way}", direction=way, fast=True) for way in ("entry", "exit")
    }


def inspection_of(client: Client, mrz: str) -> Inspection:
    return Inspection.objects.get(pk=inspect(client, mrz).rstrip("/").rpartition("/")[2])


@pytest.fixture
def registration(desk: Client, who: Officer, point: CrossingPoint) -> Registration:
    return register(
        request_id=uuid.uuid4(),
        officer=who,
        inspection=inspection_of(desk, GENUINE),
        point=point,
        kind="trader",
        valid_until=timezone.localdate() + timedelta(days=300),
    )


def pass_(who: Officer, lane: Lane, scanned: str) -> Crossing:
    passed = pass_lane(request_id=uuid.uuid4(), officer=who, lane=lane, scanned=scanned)
    assert passed.crossing is not None
    return passed.crossing


def code(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_a_card_passes_in_for_the_day_and_out_again(
    registration: Registration, who: Officer, fast: dict[str, Lane]
) -> None:
    entry = pass_(who, fast["entry"], registration.card)
    assert (entry.outcome, entry.fast_lane, entry.permitted_until) == ("admitted", True, timezone.localdate())
    exit_ = pass_(who, fast["exit"], registration.card)
    assert exit_.closes == entry
    assert queries.counts(registration.point, timezone.localdate()) == queries.Counts(1, 1, 0)


@pytest.mark.parametrize("scanned", [GENUINE, "L898902C3", "l898902c3"])
def test_the_registered_document_passes_as_the_card_does(
    registration: Registration, who: Officer, fast: dict[str, Lane], scanned: str
) -> None:
    assert pass_(who, fast["entry"], scanned).person == registration.person


def test_a_card_read_twice_in_a_row_is_one_pass(
    registration: Registration, who: Officer, fast: dict[str, Lane], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pass_(who, fast["entry"], registration.card)
    assert pass_(who, fast["entry"], registration.card) == first
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + SAME_PASS + timedelta(seconds=1))
    again = pass_lane(request_id=uuid.uuid4(), officer=who, lane=fast["entry"], scanned=registration.card)
    assert again.crossing != first
    assert again.question is not None
    assert again.question.entry == first


def test_the_checks_behind_send_to_the_desk_whom_they_would_not_let_pass(
    registration: Registration, who: Officer, fast: dict[str, Lane]
) -> None:
    passed = pass_lane(request_id=uuid.uuid4(), officer=who, lane=fast["entry"], scanned=WRONG_DIGIT)
    assert passed.crossing is None
    assert passed.inspection.advice == "refer"
    assert not Crossing.objects.exists()


def test_whom_a_list_names_goes_to_the_desk_and_is_not_passed(
    registration: Registration, who: Officer, fast: dict[str, Lane], officer: Callable[..., Officer],
    signed_in: Callable[[Officer], Client],
) -> None:  # fmt: skip
    author, approver = (officer(Role.LIST_KEEPER, name=name) for name in ("author", "approver"))
    until = (timezone.localdate() + timedelta(days=300)).isoformat()
    watch_list = lists.make_list(
        officer=author,
        values={
            "name": "Wanted", "subject": "persons", "owner": "Ministry", "legal_basis": "Law 1",
            "action": "call_owner", "expires_on": until,
        },
        purposes=["wanted"],
        handling=[],
    )  # fmt: skip
    entry = lists.propose(
        request_id=uuid.uuid4(), officer=author, watch_list=watch_list,
        values={"name": "Anna Maria Eriksson", "born": "1974-08-12", "reason": "a court", "expires_on": until},
    )  # fmt: skip
    lists.approve(officer=approver, entry=entry)
    passed = pass_lane(request_id=uuid.uuid4(), officer=who, lane=fast["entry"], scanned=registration.card)
    assert passed.crossing is None
    assert (passed.inspection.advice, passed.shown) == ("no_objection", "look_again")
    assert passed.inspection.hits.count() == 1


def test_a_document_that_has_run_out_since_does_not_pass(
    registration: Registration, who: Officer, fast: dict[str, Lane], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: date(2031, 5, 1))
    Registration.objects.update(valid_until=date(2032, 1, 1))
    passed = pass_lane(request_id=uuid.uuid4(), officer=who, lane=fast["entry"], scanned=registration.card)
    assert passed.crossing is None


def test_unknown_ended_and_run_out_are_three_answers(
    registration: Registration, who: Officer, fast: dict[str, Lane]
) -> None:
    def refused(scanned: str) -> str:
        with pytest.raises(Refusal) as error:
            pass_(who, fast["entry"], scanned)
        return code(error)

    assert refused("F2222222222X") == "fast_unknown"
    assert refused("") == "fast_unknown"
    Registration.objects.update(valid_from=date(2020, 1, 1), valid_until=date(2020, 2, 1))
    assert refused(registration.card) == "fast_expired"
    end(officer=who, registration=registration, reason="moved away")
    assert refused(registration.card) == "fast_ended"


def test_a_lane_that_is_not_fast_takes_no_card(registration: Registration, who: Officer, entry_lane: Lane) -> None:
    with pytest.raises(Refusal) as error:
        pass_(who, entry_lane, registration.card)
    assert code(error) == "fast_lane_only"


def test_only_a_document_without_an_open_finding_is_registered_and_once(
    desk: Client, who: Officer, point: CrossingPoint, registration: Registration
) -> None:
    until = timezone.localdate() + timedelta(days=30)

    def refused(inspection: Inspection, kind: str = "worker", valid_until: date = until) -> str:
        with pytest.raises(Refusal) as error:
            register(
                request_id=uuid.uuid4(),
                officer=who,
                inspection=inspection,
                point=point,
                kind=kind,
                valid_until=valid_until,
            )
        return code(error)

    assert refused(inspection_of(desk, WRONG_DIGIT)) == "registration_advice"
    assert refused(inspection_of(desk, GENUINE)) == "registered_already"
    other = inspection_of(desk, passport("L898902D1", primary_identifier="MOXEY"))
    assert refused(other, kind="friend") == "registration_kind"
    assert refused(other, valid_until=until + timedelta(days=2000)) == "registration_period"
    assert refused(other, valid_until=timezone.localdate() - timedelta(days=1)) == "registration_period"


def test_the_evening_asks_about_who_is_not_out_yet(
    desk: Client, registration: Registration, who: Officer, fast: dict[str, Lane]
) -> None:
    entry = pass_(who, fast["entry"], registration.card)
    shown = queries.balance(registration.point, timezone.localdate())
    assert [each.entry for each in shown.open] == [entry]
    page = desk.get("/market/balance/").content.decode()
    assert "not a guilt" in page
    pass_(who, fast["exit"], registration.card)
    assert queries.balance(registration.point, timezone.localdate()).open == []


def test_the_card_page_shows_the_code_and_ends_the_registration(desk: Client, registration: Registration) -> None:
    page = desk.get(f"/market/card/{registration.pk}/").content.decode()
    assert registration.card[:4] in page
    assert desk.get(f"/market/card/{registration.pk}/code/").content.startswith(b"<svg")
    assert desk.post(f"/market/card/{registration.pk}/end/", {"reason": " "}).status_code == 422
    assert desk.post(f"/market/card/{registration.pk}/end/", {"reason": "lost the card"}).status_code == 302
    assert "lost the card" in desk.get(f"/market/card/{registration.pk}/").content.decode()


@given(st.data())
def test_a_slip_in_a_cards_code_is_noticed(data: st.DataObject) -> None:
    card = cards.new_card()
    assert cards.read_card(f" {card[:4]}-{card[4:8].lower()}-{card[8:]} ") == card
    at = data.draw(st.integers(1, len(card) - 1))
    other = data.draw(st.sampled_from([c for c in cards.ALPHABET if c != card[at]]))
    assert cards.read_card(card[:at] + other + card[at + 1 :]) is None
    if at + 1 < len(card) and card[at] != card[at + 1]:
        assert cards.read_card(card[:at] + card[at + 1] + card[at] + card[at + 2 :]) is None
