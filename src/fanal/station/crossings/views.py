"""Deciding on an inspection, and what is known of earlier crossings."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.station.accounts.permissions import Action, allow, may
from fanal.station.accounts.services import sign_in_place
from fanal.station.crossings import codes, queries
from fanal.station.crossings.models import Crossing, Person
from fanal.station.crossings.services import correct, decide, record_exit
from fanal.station.crossings.visits import visits_of
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.places.queries import current_lane
from fanal.station.privacy.guard import closed_to
from fanal.station.requests import lang_of, officer_of, request_id, uuid_or_none


def decision_context(request: HttpRequest, inspection: Inspection) -> dict[str, Any]:
    """What the decision bar and the history beside it show."""
    officer = officer_of(request)
    lane = inspection.lane or current_lane(request)
    state, today = (lane.point.state if lane else ""), timezone.localdate()
    known = queries.known(inspection, state=state, on=today) if may(officer, Action.HISTORY) else None
    entering = lane is not None and lane.direction == "entry"
    return {
        "lane": lane,
        "today": today,
        "request_id": uuid.uuid4(),
        "crossings": list(inspection.crossings.select_related("officer", "countersigned_by").order_by("at")),
        "may_decide": may(officer, Action.DECIDE) and not inspection.training,
        "purposes": codes.PURPOSES,
        "means": codes.MEANS,
        "stays": queries.stay_choices(known.person if known else None, state=state, on=today) if entering else (),
        "referral_reasons": codes.REFERRAL_REASONS,
        "known": known,
        "against": inspection.advice == "refer",
        "last": request.session.get("last", {}),
    }


@allow(Action.DECIDE)
@require_POST
def decide_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Admit, pass or refer. Against `refer` a second officer signs on the same screen."""
    from fanal.station.inspections.views import page

    inspection = get_object_or_404(Inspection, pk=pk)
    post = request.POST
    try:
        lane = inspection.lane or current_lane(request)
        if lane is None:
            raise Refusal("lane_missing")
        outcome = post.get("outcome", "")
        stay = post.get("stay", "none")
        if stay not in codes.STAYS:
            raise Refusal("stay_unknown")
        reasons = post.getlist("reasons") if outcome == "referred" else []
        if outcome == "referred" and not reasons:
            raise Refusal("reason_missing")
        if "other" in reasons and not post.get("note", "").strip():
            raise Refusal("note_missing")
        crossing = decide(
            request_id=request_id(request),
            officer=officer_of(request),
            inspection=inspection,
            lane=lane,
            outcome=outcome,
            reasons=reasons,
            note=post.get("note", ""),
            purpose=post.get("purpose", ""),
            means=post.get("means", ""),
            conveyance=post.get("conveyance", ""),
            rule=codes.STAYS[stay] if outcome == "admitted" else {},
            countersigned_by=sign_in_place(
                request, post.get("second", ""), post.get("second_password", ""), post.get("second_code", "")
            )
            if outcome != "referred"
            else None,
            person=_person(post.get("person", "")),
        )
    except Refusal as refusal:
        context = page(inspection, lang_of(request)) | decision_context(request, inspection)
        context |= {"refusal": refusal, "typed": post, "typed_reasons": post.getlist("reasons")}
        return render(request, "inspection.html", context, status=422)
    # The next traveller often came with the same bus, flight or ferry.
    request.session["last"] = {name: post.get(name, "")[:64] for name in ("means", "conveyance", "purpose", "stay")}
    return redirect(f"{reverse('inspect')}?done={crossing.pk}")


def _person(text: str) -> uuid.UUID | None:
    if not text:
        return None
    if (found := uuid_or_none(text)) is None:
        raise Refusal("person_unknown")
    return found


@allow(Action.HISTORY)
@require_GET
def crossing(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A crossing as it was decided, with the sum of the stay as it was shown."""
    row = _crossing(pk)
    # Who has just decided it sees what they decided.
    own = row.officer_id == officer_of(request).pk and timezone.now() - row.at < timedelta(hours=12)
    if not own and (closed := closed_to(request, row.person_id)):
        return closed
    record(
        actor=officer_of(request),
        action="crossing_read",
        subject_kind="person",
        subject=row.person_id,
        why="border_control",
    )
    return render(request, "crossing.html", _crossing_context(row))


def _crossing(pk: uuid.UUID) -> Crossing:
    related = ("person", "document", "officer", "countersigned_by", "point", "lane", "closes", "corrects")
    return get_object_or_404(Crossing.objects.select_related(*related), pk=pk)


def _crossing_context(row: Crossing) -> dict[str, Any]:
    newer = Crossing.objects.filter(corrects=row).first()
    visit = next((v for v in visits_of(row.person) if v.entry.pk == row.pk), None)
    today = timezone.localdate()
    return {
        "crossing": row,
        "sum": row.rule.get("sum"),
        "newer": newer,
        "visit": visit,
        "days_over": visit.days_over(today) if visit else 0,
        "today": today,
    }


@allow(Action.DECIDE)
@require_http_methods(["GET", "POST"])
def correct_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct a crossing: a new one that points to it, with what was wrong in words."""
    row = _crossing(pk)
    context = _crossing_context(row) | {
        "request_id": uuid.uuid4(),
        "purposes": codes.PURPOSES,
        "means": codes.MEANS,
        "typed": request.POST,
    }
    if request.method == "GET":
        return render(request, "correct.html", context)
    post = request.POST
    try:
        changes: dict[str, Any] = {}
        for name in ("purpose", "means", "conveyance"):
            if name in post and post[name] != getattr(row, name):
                changes[name] = post[name][:64]
        if (text := post.get("permitted_until", "")) and row.permitted_until is not None:
            until = _day(text)
            if until != row.permitted_until:
                changes["permitted_until"] = until
        if post.get("withdraw"):
            changes["outcome"] = "withdrawn"
        if not changes:
            raise Refusal("nothing_changed")
        new = correct(
            request_id=request_id(request),
            officer=officer_of(request),
            crossing=row,
            note=post.get("note", ""),
            **changes,
        )
    except Refusal as refusal:
        return render(request, "correct.html", context | {"refusal": refusal}, status=422)
    return redirect("crossing", new.pk)


@allow(Action.DECIDE)
@require_http_methods(["GET", "POST"])
def missed_exit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The traveller shows that they left earlier: an exit that this station missed is recorded."""
    row = _crossing(pk)
    context = _crossing_context(row) | {"request_id": uuid.uuid4(), "typed": request.POST}
    context["back"] = request.POST.get("inspection") or request.GET.get("inspection", "")
    if request.method == "GET":
        return render(request, "missed_exit.html", context)
    try:
        day = _day(request.POST.get("day", ""))
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        record_exit(
            request_id=request_id(request),
            officer=officer_of(request),
            entry=row,
            at=min(noon, timezone.now()) if day == timezone.localdate() else noon,
            note=request.POST.get("note", ""),
        )
    except Refusal as refusal:
        return render(request, "missed_exit.html", context | {"refusal": refusal}, status=422)
    if back := uuid_or_none(request.POST.get("inspection", "")):
        return redirect("inspection", back)
    return redirect("person", row.person_id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal("day_missing") from None


@allow(Action.HISTORY)
@require_GET
def person(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A person's visits, crossings and documents, as this station knows them."""
    row = get_object_or_404(Person, pk=pk)
    if closed := closed_to(request, row.pk):
        return closed
    record(actor=officer_of(request), action="person_read", subject_kind="person", subject=row.pk, why="border_control")
    today = timezone.localdate()
    visits = visits_of(row)
    context = {
        "person": row,
        "documents": row.documents.filter(ended_at=None).select_related("document", "confirmed_by"),
        "visits": [{"visit": v, "stay": v.stay, "days_over": v.days_over(today)} for v in reversed(visits)],
        "history": queries.history(row),
        "registration": row.registrations.filter(ended_at=None).first(),
        "today": today,
    }
    return render(request, "person.html", context)


@allow(Action.HISTORY)
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Crossings by document number or name. Each search is on the record, found or not.

    What is searched for stands in the session, never in an address, which histories and logs of other programs keep.
    """
    if request.method == "POST":
        request.session["search"] = {
            "number": request.POST.get("number", "").strip()[:64],
            "name": request.POST.get("name", "").strip()[:200],
        }
        return redirect(f"{reverse('crossings')}?found=1")
    if "found" not in request.GET:
        request.session.pop("search", None)
    searched = request.session.get("search", {})
    number, name = searched.get("number", ""), searched.get("name", "")
    found = queries.recent(number=number, name=name)
    if number or name:
        record(
            actor=officer_of(request),
            action="crossings_searched",
            subject_kind="station",
            subject="crossings",
            why="border_control",
            data={"by": [k for k, v in (("number", number), ("name", name)) if v], "found": len(found)},
        )
        for person_id in dict.fromkeys(row.person_id for row in found):
            record(
                actor=officer_of(request),
                action="crossing_found",
                subject_kind="person",
                subject=person_id,
                why="border_control",
            )
    return render(request, "crossings.html", {"found": found, "number": number, "name": name})
