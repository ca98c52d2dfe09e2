"""What stands before a page about a person whose data may not be used."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fanal.station.errors import Refusal
from fanal.station.privacy.models import Restriction


def closed_to(request: HttpRequest, person: UUID) -> HttpResponse | None:
    """The page that says so and whom to ask, where the person's data is restricted; else None."""
    if not Restriction.objects.filter(person=person, lifted_at=None).exists():
        return None
    return render(request, "restricted.html", {"refusal": Refusal("person_restricted")}, status=403)
