"""The fast lane's screen, its registrations and its balance."""

from __future__ import annotations

import io
import uuid
from datetime import date, timedelta
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.station.accounts.permissions import Action, allow
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.market import queries
from fanal.station.market.models import KINDS, Registration
from fanal.station.market.services import end, pass_lane, register
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.places.queries import current_lane, lanes
from fanal.station.requests import officer_of, request_id


@allow(Action.FAST_LANE)
@require_http_methods(["GET", "POST"])
def market(request: HttpRequest) -> HttpResponse:
    """Scan, see, pass. The answer is on the same page, ready for the next scan."""
    lane = _fast_lane(request)
    context: dict[str, Any] = {"lane": lane, "lanes": lanes().filter(fast=True)}
    status = 200
    if request.method == "POST":
        try:
            if lane is None:
                raise Refusal("lane_missing")
            context["passed"] = pass_lane(
                request_id=request_id(request),
                officer=officer_of(request),
                lane=lane,
                scanned=request.POST.get("scanned", "")[:4000],
            )
        except Refusal as refusal:
            context["refusal"], status = refusal, 422
    context |= {
        "request_id": uuid.uuid4(),
        "counts": queries.counts(lane.point, timezone.localdate()) if lane else None,
    }
    if not settings.PRODUCTION:
        from fanal.station.demo import cards

        context["cards"] = cards()
    if request.headers.get("HX-Request"):
        return render(request, "market.html#lane", context)
    return render(request, "market.html", context, status=status)


def _fast_lane(request: HttpRequest) -> Lane | None:
    lane = current_lane(request)
    return lane if lane is not None and lane.fast else None


def _point(request: HttpRequest) -> CrossingPoint | None:
    lane = current_lane(request)
    return lane.point if lane else CrossingPoint.objects.filter(is_active=True).order_by("code").first()


@allow(Action.FAST_LANE)
@require_GET
def balance(request: HttpRequest) -> HttpResponse:
    """The balance of a day."""
    point = _point(request)
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate()
    shown = queries.balance(point, day) if point else None
    if shown is not None:
        record(
            actor=officer_of(request),
            action="balance_read",
            subject_kind="station",
            subject=point.pk if point else "",
            why="border_control",
            data={"day": day.isoformat(), "open": len(shown.open)},
        )
    return render(request, "balance.html", {"point": point, "balance": shown, "day": day})


@allow(Action.FAST_LANE)
@require_GET
def registered(request: HttpRequest) -> HttpResponse:
    """Who is registered for the fast lane."""
    text = request.GET.get("q", "").strip()[:200]
    rows = queries.registrations(_point(request), text)
    record(
        actor=officer_of(request),
        action="registrations_read",
        subject_kind="station",
        subject="fast_lane",
        why="border_control",
        data={"shown": len(rows)},
    )
    return render(request, "registered.html", {"rows": rows, "text": text, "today": timezone.localdate()})


@allow(Action.FAST_LANE)
@require_http_methods(["GET", "POST"])
def register_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Register the person of an inspection."""
    inspection = get_object_or_404(Inspection, pk=pk)
    today = timezone.localdate()
    context = {
        "inspection": inspection,
        "kinds": KINDS,
        "request_id": uuid.uuid4(),
        "until": today + timedelta(days=365),
        "today": today,
        "typed": request.POST,
    }
    if request.method == "GET":
        return render(request, "register.html", context)
    try:
        point = _point(request)
        if point is None:
            raise Refusal("lane_missing")
        try:
            until = date.fromisoformat(request.POST.get("valid_until", ""))
        except ValueError:
            raise Refusal("day_missing") from None
        row = register(
            request_id=request_id(request),
            officer=officer_of(request),
            inspection=inspection,
            point=point,
            kind=request.POST.get("kind", ""),
            valid_until=until,
        )
    except Refusal as refusal:
        return render(request, "register.html", context | {"refusal": refusal}, status=422)
    return redirect("card", row.pk)


@allow(Action.FAST_LANE)
@require_GET
def card(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The card of a registration, to print."""
    row = get_object_or_404(Registration.objects.select_related("person", "document", "point"), pk=pk)
    record(
        actor=officer_of(request),
        action="registration_read",
        subject_kind="person",
        subject=row.person_id,
        why="border_control",
    )
    shown = "-".join(row.card[at : at + 4] for at in range(0, len(row.card), 4))
    return render(request, "card.html", {"row": row, "shown": shown})


@allow(Action.FAST_LANE)
@require_GET
def card_code(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The card's code as a picture for the card."""
    row = get_object_or_404(Registration, pk=pk)
    made = io.BytesIO()
    segno.make(row.card, error="q").save(made, kind="svg", scale=8, border=2, xmldecl=False)
    response = HttpResponse(made.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Action.FAST_LANE)
@require_POST
def end_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a registration: the card no longer passes."""
    row = get_object_or_404(Registration, pk=pk)
    try:
        end(officer=officer_of(request), registration=row, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        shown = "-".join(row.card[at : at + 4] for at in range(0, len(row.card), 4))
        return render(request, "card.html", {"row": row, "shown": shown, "refusal": refusal}, status=422)
    return redirect("card", row.pk)
