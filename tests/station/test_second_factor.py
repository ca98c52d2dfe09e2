"""The second factor: a code of an app, codes on paper; who must have one."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from fanal.station.accounts import services
from fanal.station.accounts.factor_key import app_secret
from fanal.station.accounts.models import AppDevice, Officer
from fanal.station.accounts.permissions import Role
from fanal.station.errors import Refusal
from fanal.station.journal.models import Entry
from tests.station.conftest import PASSWORD

pytestmark = pytest.mark.django_db
Make = Callable[..., Officer]


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, drift=ahead)
    return f"{totp.token():06d}"


def sign_in(client: Client, username: str = "primary") -> Any:
    return client.post("/login/", {"username": username, "password": PASSWORD, "next": "/account/"})


@pytest.fixture
def enrolled(officer: Make, client: Client) -> tuple[Officer, list[str]]:
    """An officer with an app, and their codes for paper."""
    who = officer(Role.PRIMARY)
    sign_in(client)
    client.get("/account/second-factor/")
    code = code_of(AppDevice.objects.get(user=who))
    shown = client.post("/account/second-factor/", {"do": "totp", "code": code, "password": PASSWORD})
    assert shown.status_code == 200
    codes = re.findall(r"<li>([a-z2-7]+)</li>", shown.content.decode())
    # The clock does not wait for the next half minute; what counts a code as used is set back instead.
    AppDevice.objects.update(last_t=-1, throttling_failure_count=0, throttling_failure_timestamp=None)
    return who, codes


def test_enrolling_needs_the_password_and_the_apps_first_code(officer: Make, client: Client) -> None:
    who = officer(Role.PRIMARY)
    sign_in(client)
    shown = client.get("/account/second-factor/").content.decode()
    assert 'src="data:image/svg+xml' in shown
    device = AppDevice.objects.get(user=who)
    for data in ({"code": code_of(device), "password": "wrong"}, {"code": "000000", "password": PASSWORD}):
        assert client.post("/account/second-factor/", {"do": "totp", **data}).status_code == 422
        assert not AppDevice.objects.filter(confirmed=True).exists()


def test_after_the_password_nothing_opens_but_the_question_for_the_code(enrolled: tuple[Officer, list[str]]) -> None:
    client = Client()
    assert sign_in(client).status_code == 302
    for path in ("/", "/account/", "/account/second-factor/"):
        assert client.get(path)["Location"].startswith("/login/second/")
    assert client.get("/login/second/").status_code == 200
    assert client.post("/login/second/", {"code": "000000"}).status_code == 422
    assert client.get("/").status_code == 302
    AppDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    done = client.post("/login/second/", {"code": code_of(AppDevice.objects.get()), "next": "/account/"})
    assert done["Location"] == "/account/"
    assert client.get("/").status_code == 200
    assert Entry.objects.filter(action="second_factor").count() == 1


def test_a_code_works_once(enrolled: tuple[Officer, list[str]]) -> None:
    code = code_of(AppDevice.objects.get())
    first, second = Client(), Client()
    sign_in(first)
    sign_in(second)
    assert first.post("/login/second/", {"code": code}).status_code == 302
    assert second.post("/login/second/", {"code": code}).status_code == 422


def test_a_code_on_paper_opens_once(enrolled: tuple[Officer, list[str]]) -> None:
    _, codes = enrolled
    assert len(codes) == 8
    for expected in (302, 422):
        client = Client()
        sign_in(client)
        AppDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert client.post("/login/second/", {"code": codes[0]}).status_code == expected
    assert StaticToken.objects.count() == 7


def test_guessing_signs_the_officer_out(enrolled: tuple[Officer, list[str]]) -> None:
    client = Client()
    sign_in(client)
    for _ in range(5):
        response = client.post("/login/second/", {"code": "000000"})
    assert response["Location"] == "/login/"
    assert client.get("/")["Location"].startswith("/login/?")


def test_where_a_role_must_have_one_nothing_opens_before_it_is_set_up(
    officer: Make, client: Client, settings: Any
) -> None:
    settings.FANAL_SECOND_FACTOR = frozenset({"primary"})
    who = officer(Role.PRIMARY)
    officer(Role.SECONDARY)
    sign_in(client)
    assert client.get("/")["Location"] == "/account/second-factor/"
    client.get("/account/second-factor/")
    code = code_of(AppDevice.objects.get(user=who))
    client.post("/account/second-factor/", {"do": "totp", "code": code, "password": PASSWORD})
    assert client.get("/").status_code == 200
    taken = client.post("/account/second-factor/", {"do": "remove_totp", "password": PASSWORD})
    assert taken.status_code == 422
    other = Client()
    sign_in(other, "secondary")
    assert other.get("/").status_code == 200


def test_it_is_taken_away_with_the_password(enrolled: tuple[Officer, list[str]], client: Client) -> None:
    assert client.post("/account/second-factor/", {"do": "remove_totp", "password": "wrong"}).status_code == 422
    assert client.post("/account/second-factor/", {"do": "remove_totp", "password": PASSWORD}).status_code == 302
    assert not AppDevice.objects.filter(confirmed=True).exists()
    assert not StaticToken.objects.exists()


def test_the_administrator_forgets_it_for_who_lost_the_device(
    enrolled: tuple[Officer, list[str]], officer: Make
) -> None:
    who, _ = enrolled
    services.reset_second_factor(by=officer(Role.ADMINISTRATOR), officer=who)
    client = Client()
    sign_in(client)
    assert client.get("/").status_code == 200


def test_who_signs_in_place_with_a_second_factor_gives_it_too(enrolled: tuple[Officer, list[str]], rf: Any) -> None:
    who, codes = enrolled
    with pytest.raises(Refusal, match="countersign_password"):
        services.sign_in_place(rf.post("/"), "primary", PASSWORD)
    StaticDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert services.sign_in_place(rf.post("/"), "primary", PASSWORD, codes[1]) == who


def test_nobody_signs_in_place_with_a_password_that_another_made(officer: Make, rf: Any) -> None:
    officer(Role.SUPERVISOR)
    Officer.objects.update(must_change_password=True)
    with pytest.raises(Refusal, match="countersign_not_own"):
        services.sign_in_place(rf.post("/"), "supervisor", PASSWORD)


def test_a_passkey_is_not_enrolled_without_the_password(officer: Make, client: Client) -> None:
    officer(Role.PRIMARY)
    sign_in(client)
    for body in ("", "{}", '{"password": "wrong"}', "[1]", '{"password": 7}'):
        response = client.post("/account/passkey/begin/", body, content_type="application/json")
        assert response.status_code == 422, body
    good = client.post("/account/passkey/begin/", {"password": PASSWORD}, content_type="application/json")
    assert good.json()["rp"]["id"] == "testserver"
    for body in ("", "{}", '{"id": 7}', "[1]"):
        response = client.post("/account/passkey/complete/", body, content_type="application/json")
        assert response.status_code in (400, 422), body


def test_the_database_alone_has_no_codes(enrolled: tuple[Officer, list[str]]) -> None:
    who, codes = enrolled
    client = Client()
    sign_in(client)
    as_stored = TOTPDevice.objects.get(user=who)
    assert as_stored.bin_key != AppDevice.objects.get().bin_key
    stored = list(StaticToken.objects.values_list("token", flat=True))
    assert len(stored) == len(codes) == 8
    assert not set(stored) & set(codes)
    for code in (code_of(as_stored), stored[0]):
        assert client.post("/login/second/", {"code": code}).status_code == 422
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        StaticDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert client.post("/login/second/", {"code": codes[0]}).status_code == 302
    key = Path(settings.HOME) / "factors.key"
    assert key.stat().st_mode & 0o077 == 0


def test_processes_that_make_the_key_at_once_have_the_same(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: app_secret("salt"), range(32)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["factors.key"]
