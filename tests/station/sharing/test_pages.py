"""The sharing page: what waits for our word, what we have shared, and what is refused, in the officer's words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fanal.exchange import Kind
from fanal.exchange.messages import ConfirmationBody, ConfirmBody, NoticeBody
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.places.models import Lane
from fanal.station.sharing.models import Datum, Thread
from tests.station.desk import GENUINE, inspect
from tests.station.sharing.conftest import Partner
from tests.station.sharing.test_sharing import LOST, by

FORM = {"issuing_state": "hti", "number": "rd 123", "status": "stolen", "reported": "2026-11-24"}


@pytest.fixture
def keeper(officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]) -> Client:
    return signed_in(officer(Role.LIST_KEEPER))


def test_a_station_outside_an_exchange_says_so(keeper: Client) -> None:
    assert "fanal exchange init" in keeper.get("/sharing/").content.decode()


def test_a_document_is_reported_once_however_often_it_is_sent(keeper: Client, jamaica: Partner) -> None:
    form = FORM | {"request_id": str(uuid.uuid4())}
    for _ in range(2):
        assert keeper.post("/sharing/report/", form).status_code == 302
    assert [m.kind for m in jamaica.got()] == [Kind.NOTICE]
    page = keeper.get("/sharing/").content.decode()
    assert "HTI RD123" in page
    assert keeper.post(f"/sharing/data/{Datum.objects.get().pk}/withdraw/", {"reason": "found"}).status_code == 302
    assert jamaica.got()[-1].kind is Kind.WITHDRAW


@pytest.mark.parametrize(
    "change", [{"issuing_state": "ZZZ"}, {"number": "A-1"}, {"status": "eaten"}, {"reported": "soon"}, {"last": "RD1"}]
)
def test_a_form_that_is_not_whole_is_refused_with_nothing_sent(
    keeper: Client, jamaica: Partner, change: dict[str, str]
) -> None:
    answer = keeper.post("/sharing/report/", FORM | change)
    assert answer.status_code == 422
    assert "State, number, status and day are needed" in answer.content.decode()
    assert jamaica.got() == []


def test_a_partners_hit_is_answered_once(keeper: Client, jamaica: Partner) -> None:
    keeper.post("/sharing/report/", FORM)
    datum = Datum.objects.get()
    asked = by(jamaica, ConfirmBody(datum=str(datum.pk), deadline=datetime.now(UTC) + timedelta(minutes=15)))
    assert jamaica.send(asked) == "applied"
    assert "JAM" in keeper.get("/sharing/").content.decode()
    answer = {"answer": "confirmed", "reason": "same"}
    assert keeper.post(f"/sharing/confirm/{asked.thread}/", answer | {"reason": "hm"}).status_code == 422
    assert Thread.objects.get(pk=asked.thread).state == "open"
    assert keeper.post(f"/sharing/confirm/{asked.thread}/", answer).status_code == 302
    told = jamaica.got()[-1].body
    assert isinstance(told, ConfirmationBody)
    assert told.answer == "confirmed"
    again = keeper.post(f"/sharing/confirm/{asked.thread}/", answer)
    assert "answered meanwhile" in again.content.decode()


def test_a_partners_report_stands_beside_the_findings_and_its_owner_is_asked_once(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], entry_lane: Lane, jamaica: Partner
) -> None:
    client = signed_in(officer(Role.PRIMARY))
    client.post("/inspect/lane/", {"lane": str(entry_lane.pk)})
    path = inspect(client, GENUINE)
    assert "Shared by partners" not in client.get(path).content.decode()
    lost = LOST.model_copy(update={"issuing_state": "UTO", "number": "L898902C3"})
    notice = by(jamaica, NoticeBody(datum=lost))
    assert jamaica.send(notice) == "applied"
    page = client.get(path).content.decode()
    assert "Shared by partners" in page
    assert "Ask the owner" in page
    assert client.post(f"/sharing/ask{path.removeprefix('/inspect')}{notice.id}/").status_code == 302
    assert jamaica.got()[-1].kind is Kind.CONFIRM
    page = client.get(path).content.decode()
    assert "unanswered" in page
    assert "Ask the owner" not in page
