"""The data protection officer's pages. Opening a person here is itself on the record, with why."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.station.accounts.permissions import Action, allow
from fanal.station.administration.models import RETENTION
from fanal.station.administration.queries import retention_days, station
from fanal.station.crossings.models import Person
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.privacy import queries, retention, services
from fanal.station.privacy.models import REASONS, TRAITS, Hold, Restriction
from fanal.station.requests import officer_of, request_id

_PLACED: dict[str, type[Restriction] | type[Hold]] = {"restriction": Restriction, "hold": Hold}


@allow(Action.PRIVACY)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Find a person: by POST, so that no name stands in an address or a log."""
    typed = request.POST
    context: dict[str, Any] = {"reasons": REASONS, "typed": typed, "why": typed.get("why", "")}
    if request.method == "POST":
        try:
            why = _why(typed.get("why", ""))
            found = queries.find(
                name=typed.get("name", "")[:200],
                date_of_birth=typed.get("date_of_birth", "")[:10],
                document_number=typed.get("document_number", "")[:64],
            )
        except Refusal as refusal:
            return render(request, "privacy.html", context | {"refusal": refusal}, status=422)
        record(
            actor=request.user,
            action="persons_searched",
            subject_kind="search",
            subject=uuid.uuid4(),
            why=why,
            data={"found": [str(person.pk) for person in found]},
        )
        context |= {"found": found, "searched": True}
    else:
        context |= {
            "holds": Hold.objects.filter(lifted_at=None).select_related("placed_by").order_by("at"),
            "restrictions": Restriction.objects.filter(lifted_at=None).select_related("placed_by").order_by("at"),
            "retention": [(kind, retention_days(kind)) for kind in RETENTION],
            "erased": retention.lately(),
        }
    return render(request, "privacy.html", context)


@allow(Action.PRIVACY)
@require_GET
def person(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is held of a person, who looked at it, and what can be done."""
    row = get_object_or_404(Person, pk=pk)
    why = request.GET.get("why", "")
    return _page(request, row, why if why in REASONS else "audit")


@allow(Action.PRIVACY)
@require_GET
def access(request: HttpRequest, pk: uuid.UUID, form: str) -> HttpResponse:
    """The access request's answer: `file` is JSON to hand over, `print` the same on paper."""
    row = get_object_or_404(Person, pk=pk)
    data = queries.access_file(row)
    record(
        actor=request.user,
        action="access_given",
        subject_kind="person",
        subject=row.pk,
        why="access_request",
        data={"form": form},
    )
    if form == "print":
        return _private(
            render(
                request,
                "privacy_print.html",
                {
                    "person": row,
                    "file": data,
                    "authority": station().authority or "Fanal",
                    "held_traits": [(trait, getattr(row, trait)) for trait in TRAITS],
                },
            )
        )
    response = HttpResponse(queries.as_json(data), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="fanal-access-{row.pk}.json"'
    return _private(response)


@allow(Action.PRIVACY)
@require_POST
def correct(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct a trait."""
    row = get_object_or_404(Person, pk=pk)
    post = request.POST
    try:
        services.correct(
            request_id=request_id(request),
            officer=officer_of(request),
            person=row,
            trait=post.get("trait", ""),
            value=post.get("value", ""),
            reason=post.get("reason", ""),
        )
    except Refusal as refusal:
        return _page(request, row, "correction_request", refusal)
    return redirect("privacy_person", row.pk)


@allow(Action.PRIVACY)
@require_POST
def place(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Restrict, or hold."""
    row = get_object_or_404(Person, pk=pk)
    do = {"restriction": services.restrict, "hold": services.hold}.get(kind)
    try:
        if do is None:
            raise Refusal("placed_unknown")
        do(
            request_id=request_id(request),
            officer=officer_of(request),
            person=row,
            reason=request.POST.get("reason", ""),
        )
    except Refusal as refusal:
        return _page(request, row, "objection", refusal)
    return redirect("privacy_person", row.pk)


@allow(Action.PRIVACY)
@require_POST
def lift(request: HttpRequest, pk: uuid.UUID, kind: str, placed: uuid.UUID) -> HttpResponse:
    """End a restriction or a hold."""
    row = get_object_or_404(Person, pk=pk)
    try:
        if kind not in _PLACED:
            raise Refusal("placed_unknown")
        services.lift(officer=officer_of(request), kind=_PLACED[kind], placed=placed, person=row)
    except Refusal as refusal:
        return _page(request, row, "objection", refusal)
    return redirect("privacy_person", row.pk)


def _page(request: HttpRequest, row: Person, why: str, refusal: Refusal | None = None) -> HttpResponse:
    looked = queries.who_looked(row)
    record(actor=request.user, action="person_read", subject_kind="person", subject=row.pk, why=why)
    context = {
        "person": row,
        "documents": queries.documents_of(row),
        "crossings": queries.crossings_of(row),
        "inspections": queries.inspections_of(row),
        "looked": looked,
        "held_traits": [(trait, getattr(row, trait)) for trait in TRAITS],
        "corrections": row.corrections.select_related("officer"),
        "restriction": Restriction.objects.filter(person=row, lifted_at=None).select_related("placed_by").first(),
        "hold": Hold.objects.filter(person=row, lifted_at=None).select_related("placed_by").first(),
        "traits": TRAITS,
        "request_id": uuid.uuid4(),
        "refusal": refusal,
        "why": why,
    }
    return _private(render(request, "privacy_person.html", context, status=422 if refusal else 200))


def _why(code: str) -> str:
    if code not in REASONS:
        raise Refusal("why_missing")
    return code


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
