"""Every route and every role: a route without an answer fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import PUBLIC, TABLE, Action, Role

pytestmark = pytest.mark.django_db
PARAMETERS = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "1", "str": "x", "slug": "x"}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            # The API has scopes and its own walk (test_api.py).
            if not str(entry.pattern).startswith("api/"):
                yield from routes(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


def example(route: str) -> str:
    """A path that the route matches, with invented ids."""
    path = route
    for kind, value in PARAMETERS.items():
        while (start := path.find(f"<{kind}:")) >= 0:
            path = path[:start] + value + path[path.index(">", start) + 1 :]
    return "/" + path


ALL = list(routes())


def action_of(entry: URLPattern) -> object:
    return getattr(entry.callback, "fanal_action", None)


@pytest.mark.parametrize(("route", "entry"), ALL, ids=[route or "/" for route, _ in ALL])
def test_every_route_names_its_action(route: str, entry: URLPattern) -> None:
    action = action_of(entry)
    assert action == PUBLIC or isinstance(action, Action), route


@pytest.mark.parametrize("role", [*Role, None])
def test_a_role_opens_what_the_table_says_and_nothing_else(
    role: Role | None, officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    client = signed_in(officer(role) if role else officer())
    for route, entry in ALL:
        action = action_of(entry)
        if action == PUBLIC or route in ("locked/",):
            continue
        allowed = role is not None and role in TABLE[Action(str(action))]
        for method in (client.get, client.post):
            status = method(example(route)).status_code
            assert (status != 403) == allowed, (route, status)


@pytest.mark.parametrize(("route", "entry"), [(r, e) for r, e in ALL if action_of(e) != PUBLIC])
def test_without_an_officer_every_page_asks_to_sign_in(route: str, entry: URLPattern, client: Client) -> None:
    response = client.get(example(route))
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_an_inactive_officer_opens_nothing(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    who = officer(Role.ADMINISTRATOR)
    client = signed_in(who)
    Officer.objects.filter(pk=who.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_the_table_answers_for_every_action_and_role() -> None:
    assert set(TABLE) == set(Action)
    assert set().union(*TABLE.values()) == set(Role)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_actions_and_roles_have_their_words(lang: str) -> None:
    for action in Action:
        assert texts.text(f"action.{action}", lang)
    for role in Role:
        assert texts.text(f"role.{role}", lang)


def test_a_refused_page_says_which_permission_and_whom_to_ask(
    officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    page = signed_in(officer(language="fr")).get("/account/").content.decode()
    assert "son propre compte" in page
    assert "chef d’équipe" in page
