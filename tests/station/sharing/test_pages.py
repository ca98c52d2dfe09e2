"""The sharing page: what waits for our word, what we have shared, and what is refused, in the officer's words."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from fanal.exchange import Category, Kind
from fanal.exchange.messages import ConfirmationBody, ConfirmBody, NoticeBody, Trust
from fanal.specimens.chip.pki import make_pki
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.inspections.services import trust_directory
from fanal.station.lists.models import ListEntry
from fanal.station.places.models import Lane
from fanal.station.sharing.models import Thread
from tests.station.desk import GENUINE, inspect
from tests.station.sharing.conftest import Partner
from tests.station.sharing.test_sharing import LOST, by, listed


@pytest.fixture
def keeper(officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]) -> Client:
    return signed_in(officer(Role.LIST_KEEPER))


def test_a_station_outside_an_exchange_says_so(keeper: Client) -> None:
    assert "fanal exchange init" in keeper.get("/sharing/").content.decode()


def test_what_we_share_is_shown_and_taken_back_with_its_entry(keeper: Client, jamaica: Partner) -> None:
    entry = listed("RD123")
    assert [m.kind for m in jamaica.got()] == [Kind.NOTICE]
    assert "HTI RD123" in keeper.get("/sharing/").content.decode()
    assert keeper.post(f"/sharing/data/{entry.pk}/withdraw/", {"reason": "found"}).status_code == 302
    assert jamaica.got()[-1].kind is Kind.WITHDRAW
    entry.refresh_from_db()
    assert (entry.state, entry.ended_why) == ("ended", "found again")


def test_a_partners_list_is_shown_and_nobody_here_writes_in_it(keeper: Client, jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    assert jamaica.send(notice) == "applied"
    entry = ListEntry.objects.get(pk=notice.id)
    page = keeper.get(f"/lists/{entry.watch_list_id}/").content.decode()
    assert "A0472819" in page
    assert "only the partner changes it" in page
    assert keeper.get(f"/lists/{entry.watch_list_id}/export/").status_code == 404
    values = {"document_number": "X1", "reason": "x", "expires_on": "2030-01-01", "request_id": str(uuid.uuid4())}
    assert "owns this entry" in keeper.post(f"/lists/{entry.watch_list_id}/", values).content.decode()
    put_right = {"step": "redress", "note": "wrong", "request_id": str(uuid.uuid4())}
    assert "owns this entry" in keeper.post(f"/lists/entries/{entry.pk}/", put_right).content.decode()


def test_a_partners_certificates_wait_for_the_trust_keeper(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], jamaica: Partner
) -> None:
    csca = base64.b64encode(make_pki(date(2026, 11, 25)).csca.der).decode()
    notice = by(jamaica, NoticeBody(datum=Trust(files=(csca, csca))), category=Category.TRUST)
    assert jamaica.send(notice) == "applied"
    client = signed_in(officer(Role.TRUST_KEEPER))
    assert not trust_directory().exists()
    assert "JAM" in client.get("/sharing/trust/").content.decode()
    page = client.post(f"/sharing/trust/{notice.id}/").content.decode()
    assert "new 1" in page
    assert [item.kind.value for item in trust_directory().items()] == ["csca"]


def test_a_partners_hit_is_answered_once(keeper: Client, jamaica: Partner) -> None:
    asked = by(jamaica, ConfirmBody(datum=str(listed("RD123").pk), deadline=datetime.now(UTC) + timedelta(minutes=15)))
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


def test_a_partners_report_is_a_hit_in_the_same_screen_and_its_owner_is_asked_once(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client], entry_lane: Lane, jamaica: Partner
) -> None:
    lost = LOST.model_copy(update={"issuing_state": "UTO", "number": "L898902C3"})
    notice = by(jamaica, NoticeBody(datum=lost))
    assert jamaica.send(notice) == "applied"
    client = signed_in(officer(Role.PRIMARY))
    client.post("/inspect/lane/", {"lane": str(entry_lane.pk)})
    path = inspect(client, GENUINE)
    page = client.get(path).content.decode()
    assert "JAM" in page
    assert "Ask the owner" in page
    assert client.post(f"/sharing/ask{path.removeprefix('/inspect')}{notice.id}/").status_code == 302
    assert jamaica.got()[-1].kind is Kind.CONFIRM
    page = client.get(path).content.decode()
    assert "unanswered" in page
    assert "Ask the owner" not in page
