"""Referring someone to protection: one key away on every screen, and on the screen like any other note."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from fanal.station.accounts.permissions import Action, allow
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.places.queries import current_lane
from fanal.station.requests import officer_of, request_id, uuid_or_none
from fanal.station.secondary.codes import RESTRICTED_NOTES
from fanal.station.secondary.services import protect


@allow(Action.PROTECT)
@require_http_methods(["GET", "POST"])
def protect_view(request: HttpRequest) -> HttpResponse:
    """What was seen or heard, for those who may read it. Whoever looks at the screen learns nothing by it."""
    asked = request.POST.get("inspection") or request.GET.get("inspection", "")
    inspection = Inspection.objects.filter(pk=pk).first() if (pk := uuid_or_none(asked)) else None
    case = uuid_or_none(request.POST.get("case") or request.GET.get("case", ""))
    context = {
        "request_id": uuid.uuid4(),
        "kinds": RESTRICTED_NOTES,
        "inspection": inspection,
        "case": case,
        "typed": request.POST,
        "saved": "saved" in request.GET,
    }
    if request.method == "GET":
        return render(request, "protect.html", context)
    try:
        protect(
            request_id=request_id(request),
            officer=officer_of(request),
            kind=request.POST.get("kind", ""),
            text=request.POST.get("text", ""),
            inspection=inspection,
            case=case,
            lane=current_lane(request),
        )
    except Refusal as refusal:
        return render(request, "protect.html", context | {"refusal": refusal}, status=422)
    return redirect(f"{reverse('protect')}?saved=1")
