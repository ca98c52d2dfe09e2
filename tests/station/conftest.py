"""What station tests share: officers by role, a point with two lanes, a signed-in client."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.test import Client

from fanal.station.accounts.models import Grant, Officer
from fanal.station.accounts.permissions import Role
from fanal.station.places.models import CrossingPoint, Lane

PASSWORD = "correct horse battery staple"


# Argon2 is slow on purpose; tests sign in hundreds of times.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 1024
hashed = cache(make_password)


@pytest.fixture
def officer(db: None) -> Callable[..., Officer]:
    """Make an officer who holds these roles: `officer(Role.PRIMARY)`."""

    def make(*roles: Role, name: str = "", language: str = "en") -> Officer:
        username = name or "-".join(roles) or "nobody"
        made = Officer.objects.create(
            username=username, name=f"Officer {username}", language=language, password=hashed(PASSWORD)
        )
        for role in roles:
            Grant.objects.create(officer=made, role=role.value)
        return made

    return make


@pytest.fixture
def signed_in() -> Callable[[Officer], Client]:
    def make(who: Officer) -> Client:
        client = Client()
        client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def point(db: None) -> CrossingPoint:
    return CrossingPoint.objects.create(code="HTMLP", name="Malpasse", state="HTI", kind="land")


@pytest.fixture
def entry_lane(point: CrossingPoint) -> Lane:
    return Lane.objects.create(point=point, name="1", direction="entry")


@pytest.fixture
def exit_lane(point: CrossingPoint) -> Lane:
    return Lane.objects.create(point=point, name="2", direction="exit")
