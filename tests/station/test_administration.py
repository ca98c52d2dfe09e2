"""Setting up the station: officers, places, agencies, notices, retention. An administrator reads no traveller."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import get_resolver

from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, Role, may
from fanal.station.administration import queries
from fanal.station.administration.models import NOTICES, RETENTION, Notice, Retention
from fanal.station.journal.models import Entry
from fanal.station.places.models import CrossingPoint, Device, Lane
from fanal.station.secondary.models import Agency
from tests.station.conftest import PASSWORD
from tests.station.travellers import inspection, refer

pytestmark = pytest.mark.django_db
Make = Callable[..., Officer]
SignedIn = Callable[[Officer], Client]


@pytest.fixture
def admin(officer: Make) -> Officer:
    return officer(Role.ADMINISTRATOR)


@pytest.fixture
def desk(admin: Officer, signed_in: SignedIn) -> Client:
    return signed_in(admin)


def page(client: Client, path: str, **data: object) -> str:
    return client.post(path, data).content.decode()


def sign_in(client: Client, username: str, password: str) -> int:
    return client.post("/login/", {"username": username, "password": password}).status_code


# --- officers ---------------------------------------------------------------------------------------------------------


def test_a_new_officer_signs_in_with_the_password_shown_once_and_chooses_their_own(desk: Client) -> None:
    shown = page(
        desk, "/administration/officers/", username="marisol", name="Marisol", language="es", agency="", roles="primary"
    )
    (password,) = re.findall(r'<b class="mono">([^<]+)</b>', shown)
    client = Client()
    assert sign_in(client, "marisol", password) == 302
    assert client.get("/")["Location"] == "/account/"
    new = "lantern harbour mango tide"
    client.post("/account/", {"current": password, "new": new, "again": new})
    assert client.get("/").status_code == 200
    assert Officer.objects.get(username="marisol").roles == {Role.PRIMARY}
    assert password not in page(desk, "/administration/officers/")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "administrator"}, "officer_name_taken"),
        ({"username": " "}, "officer_name_missing"),
        ({"language": "de"}, "language_unknown"),
        ({"roles": ["minister"]}, "role_unknown"),
        ({"roles": ["administrator", "secondary"]}, "administrator_alone"),
    ],
)
def test_a_new_officer_that_cannot_be_is_refused_with_the_reason(
    desk: Client, change: dict[str, object], code: str
) -> None:
    good: dict[str, object] = {"username": "x", "name": "X", "language": "en", "agency": "", "roles": ["primary"]}
    response = desk.post("/administration/officers/", good | change)
    assert response.status_code == 422
    assert texts.text(f"refusal.{code}", "en") in response.content.decode()
    assert Officer.objects.count() == 1


def test_a_role_taken_back_is_gone_at_once_and_the_grant_stays_on_file(desk: Client, officer: Make) -> None:
    who = officer(Role.PRIMARY)
    path = f"/administration/officers/{who.pk}/"
    assert desk.post(path, {"do": "roles", "roles": ["secondary", "trainer"]}).status_code == 302
    again = Officer.objects.get(pk=who.pk)
    assert again.roles == {Role.SECONDARY, Role.TRAINER}
    assert not may(again, Action.PRIVACY)
    assert who.grants.filter(role="primary").exclude(ended_at=None).count() == 1
    assert Entry.objects.filter(action="officer_roles", subject=str(who.pk)).count() == 1


def test_nobody_grants_themselves_anything(desk: Client, admin: Officer) -> None:
    path = f"/administration/officers/{admin.pk}/"
    for do in ("roles", "deactivate", "password", "second_factor"):
        response = desk.post(path, {"do": do, "roles": ["secondary"]})
        assert response.status_code == 422
    assert Officer.objects.get(pk=admin.pk).roles == {Role.ADMINISTRATOR}


def test_the_last_administrator_stays(desk: Client, admin: Officer, officer: Make, signed_in: SignedIn) -> None:
    other = officer(Role.ADMINISTRATOR, name="other")
    Officer.objects.filter(pk=admin.pk).update(is_active=False)
    Officer.objects.filter(pk=admin.pk).update(is_active=True)
    client = signed_in(other)
    assert client.post(f"/administration/officers/{admin.pk}/", {"do": "deactivate"}).status_code == 302
    Officer.objects.filter(pk=admin.pk).update(is_active=True)
    admin.grants.update(ended_at="2026-11-25T00:00:00Z")
    assert signed_in(officer(Role.PRIMARY)).get("/administration/").status_code == 403
    assert client.post(f"/administration/officers/{other.pk}/", {"do": "deactivate"}).status_code == 422


def test_a_deactivated_officer_is_out_at_once(desk: Client, officer: Make, signed_in: SignedIn) -> None:
    who = officer(Role.PRIMARY)
    client = signed_in(who)
    desk.post(f"/administration/officers/{who.pk}/", {"do": "deactivate"})
    assert client.get("/account/")["Location"].startswith("/login/")
    assert sign_in(Client(), "primary", PASSWORD) == 422
    desk.post(f"/administration/officers/{who.pk}/", {"do": "activate"})
    assert sign_in(Client(), "primary", PASSWORD) == 302


def test_a_new_password_ends_every_session_and_opens_a_lockout(desk: Client, officer: Make) -> None:
    who = officer(Role.PRIMARY)
    client = Client()
    assert sign_in(client, "primary", PASSWORD) == 302
    assert [sign_in(Client(), "primary", "wrong") for _ in range(5)][-1] == 429
    shown = page(desk, f"/administration/officers/{who.pk}/", do="password")
    (password,) = re.findall(r'<b class="mono">([^<]+)</b>', shown)
    assert client.get("/account/")["Location"].startswith("/login/")
    assert sign_in(Client(), "primary", PASSWORD) == 422
    assert sign_in(Client(), "primary", password) == 302


def test_a_lockout_is_opened_by_the_administrator(desk: Client, officer: Make) -> None:
    who = officer(Role.PRIMARY)
    assert [sign_in(Client(), "primary", "wrong") for _ in range(5)][-1] == 429
    desk.post(f"/administration/officers/{who.pk}/", {"do": "unlock"})
    assert sign_in(Client(), "primary", PASSWORD) == 302


def test_an_administrator_opens_no_page_that_shows_a_traveller(
    desk: Client, officer: Make, entry_lane: Lane, point: CrossingPoint
) -> None:
    case = refer(officer(Role.PRIMARY), entry_lane)
    inspection(officer(Role.SECONDARY), picture=True)
    for path in ("/inspect/", f"/cases/{case.pk}/", "/cases/", "/board/", f"/persons/{case.person_id}/"):
        assert desk.get(path).status_code in (403, 404), path
    names = [str(p.name) for r in get_resolver().url_patterns for p in getattr(r, "url_patterns", [r])]
    assert any(name.startswith("administration") for name in names)
    for path in ("", "officers/", "points/", f"points/{point.pk}/", "agencies/", "notices/", "retention/"):
        shown = desk.get(f"/administration/{path}").content.decode()
        assert "ERIKSSON" not in shown


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_point_its_lanes_and_devices_are_made_and_changed(desk: Client) -> None:
    made = desk.post("/administration/points/", {"code": "hthmp", "name": "Malpasse", "state": "hti", "kind": "land"})
    point = CrossingPoint.objects.get(code="HTHMP")
    path = made["Location"]
    desk.post(path, {"do": "lane", "name": "1", "direction": "entry"})
    lane = Lane.objects.get()
    desk.post(path, {"do": "lane", "lane": lane.pk, "name": "1A", "fast": "1", "direction": "exit"})
    lane.refresh_from_db()
    assert (lane.name, lane.direction, lane.fast, lane.is_open) == ("1A", "entry", True, False)
    desk.post(path, {"do": "device", "kind": "page_reader", "name": "Reader", "serial": "7", "lane": lane.pk})
    assert Device.objects.get().lane == lane
    desk.post(path, {"do": "point", "name": "Malpasse–Jimaní", "kind": "land"})
    point.refresh_from_db()
    assert (point.code, point.name, point.is_active) == ("HTHMP", "Malpasse–Jimaní", False)
    actions = {"point_created", "lane_created", "lane_changed", "device_created", "point_changed"}
    assert actions <= set(Entry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    "data",
    [
        {"do": "lane", "name": "", "direction": "entry"},
        {"do": "lane", "name": "2", "direction": "sideways"},
        {"do": "lane", "name": "1", "direction": "exit"},
        {"do": "device", "kind": "oracle", "name": "x"},
        {"do": "device", "kind": "camera", "name": "x", "lane": "not-an-id"},
        {"do": "device", "kind": "camera", "name": "x", "lane": str(uuid.uuid4())},
        {"do": "else"},
        {},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(desk: Client, entry_lane: Lane, data: dict[str, str]) -> None:
    assert desk.post(f"/administration/points/{entry_lane.point_id}/", data).status_code == 422
    assert (Lane.objects.count(), Device.objects.count()) == (1, 0)


# --- agencies, notices, retention -------------------------------------------------------------------------------------


def test_a_body_of_appeal_has_an_address_and_days(desk: Client) -> None:
    body = {"kind": "appeal", "name": "Board", "address": "", "days_to_contest": "30"}
    assert desk.post("/administration/agencies/", body).status_code == 422
    assert desk.post("/administration/agencies/", body | {"address": "1 Street"}).status_code == 302
    agency = Agency.objects.get()
    change = {"agency": agency.pk, "kind": "appeal", "name": "Board", "address": "2 Street", "days_to_contest": "15"}
    desk.post("/administration/agencies/", change)
    agency.refresh_from_db()
    assert (agency.address, agency.days_to_contest, agency.is_active) == ("2 Street", 15, False)


def test_a_notice_is_written_in_four_languages_at_once_and_anyone_reads_it(desk: Client, client: Client) -> None:
    words = {f"text_{lang}": f"Words in {lang}" for lang in texts.LANGUAGES}
    again = {"request_id": str(uuid.uuid4()), "kind": "rights"}
    assert desk.post("/administration/notices/", again | words | {"text_ht": " "}).status_code == 422
    assert not Notice.objects.exists()
    for _ in range(2):
        assert desk.post("/administration/notices/", again | words).status_code == 302
    assert Notice.objects.count() == 4
    for lang in texts.LANGUAGES:
        shown = client.get("/notices/", {"lang": lang}).content.decode()
        assert f"Words in {lang}" in shown
        assert f'<div lang="{lang}">' in shown
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.update(text="Other words")


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_before_anyone_has_written_one_each_notice_has_words(lang: str) -> None:
    assert set(queries.notices(lang)) == set(NOTICES)


def test_retention_is_as_shipped_until_it_is_set_with_its_basis(desk: Client) -> None:
    assert {kind: queries.retention_days(kind) for kind in RETENTION} == RETENTION
    good = {"request_id": str(uuid.uuid4()), "kind": "crossing", "days": "730", "legal_basis": "Act 12 of 2026, s. 4"}
    for change in ({"days": "0"}, {"days": "-3"}, {"days": "١٢"}, {"days": ""}, {"legal_basis": " "}, {"kind": "x"}):
        status = desk.post("/administration/retention/", good | change).status_code
        assert status == 422, change
    desk.post("/administration/retention/", good)
    assert queries.retention_days("crossing") == 730
    with pytest.raises(DatabaseError), transaction.atomic():
        Retention.objects.update(days=1)


def test_the_authority_and_its_language_are_set_once_for_all(desk: Client, client: Client) -> None:
    desk.post("/administration/", {"authority": "Border Authority of Utopia", "default_language": "ht"})
    assert queries.station().authority == "Border Authority of Utopia"
    assert client.get("/login/")["Content-Language"] == "ht"
    assert desk.post("/administration/", {"authority": "", "default_language": "ht"}).status_code == 422


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_page_of_the_administrator_speaks_every_language(
    lang: str, officer: Make, signed_in: SignedIn, point: CrossingPoint
) -> None:
    client = signed_in(officer(Role.ADMINISTRATOR, language=lang))
    Agency.objects.create(kind="police", name="Utopian police")
    Device.objects.create(point=point, kind="camera", name="Camera")
    Lane.objects.create(point=point, name="1", direction="entry")
    other = officer(Role.PRIMARY)
    for path in (
        "",
        "officers/",
        f"officers/{other.pk}/",
        "points/",
        f"points/{point.pk}/",
        "agencies/",
        "notices/",
        "retention/",
    ):
        response = client.get(f"/administration/{path}")
        assert response.status_code == 200, path
        assert " style=" not in response.content.decode()
