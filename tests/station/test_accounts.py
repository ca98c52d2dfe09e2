"""Signing in, the lock, the language, one's own password."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client

from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.journal.models import Entry
from tests.station.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str) -> int:
    return client.post("/login/", {"username": username, "password": password}).status_code


def test_signing_in_is_on_the_record(client: Client, officer: Callable[..., Officer]) -> None:
    who = officer(Role.PRIMARY)
    assert sign_in(client, "primary", PASSWORD) == 302
    assert Entry.objects.get(action="sign_in").actor == str(who.pk)


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, officer: Callable[..., Officer]) -> None:
    officer(Role.PRIMARY)
    response = client.post("/login/", {"username": "primary", "password": "wrong"})
    assert response.status_code == 422
    assert "do not match" in response.content.decode()
    assert 'value="primary"' in response.content.decode()


def test_five_wrong_passwords_close_the_door_even_to_the_right_one(
    client: Client, officer: Callable[..., Officer]
) -> None:
    officer(Role.PRIMARY)
    officer(Role.SECONDARY)
    assert [sign_in(client, "primary", "wrong") for _ in range(5)][-1] == 429
    assert sign_in(client, "primary", PASSWORD) == 429
    assert sign_in(Client(), "secondary", PASSWORD) == 302


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: Client, officer: Callable[..., Officer], target: str) -> None:
    officer(Role.PRIMARY)
    response = client.post("/login/", {"username": "primary", "password": PASSWORD, "next": target})
    assert response["Location"] == "/"


def test_after_so_long_without_a_request_the_screen_locks_and_the_work_is_kept(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(officer(Role.PRIMARY))
    session = client.session
    session["seen"] = time.time() - 3600
    session.save()
    response = client.get("/account/?a=1")
    assert response["Location"] == "/locked/?next=%2Faccount%2F%3Fa%3D1"
    assert client.post("/locked/", {"password": "wrong"}).status_code == 422
    assert client.get("/").status_code == 302
    response = client.post("/locked/", {"password": PASSWORD, "next": "/account/?a=1"})
    assert response["Location"] == "/account/?a=1"
    assert client.get("/").status_code == 200


def test_a_page_that_asks_by_itself_neither_keeps_the_screen_open_nor_shows_the_lock_in_a_corner(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(officer(Role.PRIMARY))
    session = client.session
    session["seen"] = seen = time.time() - 300
    session.save()
    asks = {"hx-request": "true", "hx-current-url": "http://testserver/inspect/?done=1"}
    assert client.get("/inspect/waiting/", headers=asks).status_code == 200
    assert client.session["seen"] == seen
    session["seen"] = time.time() - 3600
    session.save()
    response = client.get("/inspect/waiting/", headers=asks)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/locked/?next=%2Finspect%2F%3Fdone%3D1")
    assert Client().get("/inspect/waiting/", headers=asks)["HX-Redirect"].startswith("/login/?next=%2Finspect%2F")


def test_guessing_at_the_lock_signs_the_officer_out(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(officer(Role.PRIMARY))
    client.get("/locked/")
    for _ in range(5):
        response = client.post("/locked/", {"password": "wrong"})
    assert response["Location"] == "/login/"
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "Iniciar sesión"), ("fr", "Se connecter"), ("ht", "Konekte"), ("en", "Sign in")]
)
def test_the_page_speaks_the_language_that_is_asked_for(client: Client, lang: str, words: str) -> None:
    page = client.get("/login/", headers={"accept-language": f"{lang};q=0.9"})
    assert f"<h1>{words}</h1>" in page.content.decode()
    assert page["Content-Language"] == lang


def test_the_language_is_the_officers_own(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(officer(Role.PRIMARY, language="ht"))
    assert 'lang="ht"' in client.get("/").content.decode()
    client.post("/language/", {"lang": "fr", "next": "/"})
    assert "Bonjour" in client.get("/").content.decode()


def test_a_new_password_is_checked_and_works(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    who = officer(Role.PRIMARY)
    client = signed_in(who)
    short = {"current": PASSWORD, "new": "short", "again": "short"}
    assert client.post("/account/", short).status_code == 422
    good = {"current": PASSWORD, "new": "lantern harbour mango tide", "again": "lantern harbour mango tide"}
    assert client.post("/account/", good | {"current": "wrong"}).status_code == 422
    assert client.post("/account/", good).status_code == 302
    assert sign_in(Client(), "primary", good["new"]) == 302
    assert client.get("/").status_code == 200


def test_passwords_are_kept_with_argon2(officer: Callable[..., Officer]) -> None:
    assert officer(Role.PRIMARY).password.startswith("argon2$argon2id$")


def test_pages_allow_nothing_from_outside_and_nothing_inline(client: Client) -> None:
    response = client.get("/login/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in response.content.decode()
    assert " style=" not in response.content.decode()
