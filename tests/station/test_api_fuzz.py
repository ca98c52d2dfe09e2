"""Whatever is sent to the API, it answers by its description and never fails (schemathesis, bounded and seeded)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from fanal.station.accounts.models import Officer
from fanal.station.api import services
from fanal.station.api.models import SCOPES
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.wsgi import application

# With a language asked for, the description needs no database, which there is none of while tests are collected.
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application, headers={"Accept-Language": "en"})


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: a request's end does not close the connection that the test rolls back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(db: None) -> str:
    """A token that may do all that a machine may, at a lane."""
    admin = Officer.objects.create_officer("admin", None, name="Admin")
    point = CrossingPoint.objects.create(code="UTPNT", name="Puente", state="UTO", kind="land")
    lane = Lane.objects.create(point=point, name="1", direction="entry")
    _, made = services.issue(
        request_id=uuid.uuid4(),
        officer=admin,
        name="fuzzer",
        scopes=[scope.value for scope in SCOPES],
        purpose="border_control",
        days=1,
        lane=lane,
        per_minute=services.MAX_PER_MINUTE,
    )
    return made


@pytest.mark.django_db
@schema.parametrize()
@seed(20261125)
@settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_described_and_never_fails(case: Any, secret: str) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {secret}"},
        checks=[not_a_server_error, response_schema_conformance, content_type_conformance],
    )
