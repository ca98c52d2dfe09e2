"""What every view asks of a request: who works, in which language, and the id that makes a repeated click harmless."""

from __future__ import annotations

import uuid
from typing import cast

from django.http import HttpRequest

from fanal.station.accounts.models import Officer
from fanal.station.errors import Refusal


def officer_of(request: HttpRequest) -> Officer:
    """The officer who is signed in; `permissions.allow` lets nobody else through."""
    return cast(Officer, request.user)


def lang_of(request: HttpRequest) -> str:
    """The language of the page (`accounts.middleware.Language`)."""
    return str(getattr(request, "lang", "en"))


def request_id(request: HttpRequest) -> uuid.UUID:
    """The page's own id of this write; without one, a new one.

    Raises:
        Refusal: `request_id`: it is there and is no id.
    """
    text = request.POST.get("request_id", "")
    try:
        return uuid.UUID(text) if text else uuid.uuid4()
    except ValueError:
        raise Refusal("request_id") from None


def uuid_or_none(text: str) -> uuid.UUID | None:
    """An id that a form sent; None where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
