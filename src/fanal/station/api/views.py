"""The administrator's page of the machines' tokens."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fanal.station.accounts.permissions import Action, allow
from fanal.station.api import services
from fanal.station.api.models import PURPOSES, SCOPES, Token
from fanal.station.errors import Refusal
from fanal.station.places.queries import lanes
from fanal.station.requests import officer_of, request_id, uuid_or_none


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Every token; a new one is shown once, in the answer to the POST that made it."""
    post = request.POST
    context: dict[str, Any] = {"typed": post, "chosen": post.getlist("scopes")}
    status = 200
    if request.method == "POST":
        try:
            lane = uuid_or_none(post.get("lane", ""))
            _, context["secret"] = services.issue(
                request_id=request_id(request),
                officer=officer_of(request),
                name=post.get("name", ""),
                scopes=post.getlist("scopes"),
                purpose=post.get("purpose", ""),
                days=_number(post.get("days", "")),
                per_minute=_number(post.get("per_minute", "")),
                lane=lanes().filter(pk=lane).first() if lane else None,
            )
            context |= {"typed": {}, "chosen": []}
        except Refusal as refusal:
            context["refusal"], status = refusal, 422
    context |= {
        "tokens": Token.objects.select_related("lane__point"),
        "now": timezone.now(),
        "scopes": [scope.value for scope in SCOPES],
        "purposes": PURPOSES,
        "lanes": lanes(),
        "request_id": uuid.uuid4(),
    }
    response = render(request, "tokens.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Action.ADMINISTER)
@require_POST
def revoke(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a token now."""
    try:
        services.revoke(officer=officer_of(request), token=pk)
    except Refusal as refusal:
        return render(request, "tokens.html", {"refusal": refusal, "tokens": ()}, status=404)
    return redirect("tokens")


def _number(text: str) -> int:
    """What was typed, if it is a number; else one that no service takes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
