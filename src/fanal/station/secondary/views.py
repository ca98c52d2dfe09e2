"""Secondary inspection: the queue, the case, a second look at a picture, the refusal form."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.documents.names import Name
from fanal.inspection.intake import MAX_BYTES
from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, allow, may
from fanal.station.accounts.services import sign_in_place
from fanal.station.crossings import codes as crossing_codes
from fanal.station.errors import Refusal
from fanal.station.inspections.models import EvidenceFile
from fanal.station.inspections.queries import fields, findings
from fanal.station.inspections.services import Delivery, inspect_evidence
from fanal.station.journal.services import record
from fanal.station.lists.queries import put_right
from fanal.station.places.queries import current_lane
from fanal.station.privacy.guard import closed_to
from fanal.station.requests import lang_of, officer_of, request_id, uuid_or_none
from fanal.station.secondary import codes, pictures, queries, services
from fanal.station.secondary.measures import MAX_SIDE, Point, measure
from fanal.station.secondary.models import Agency, Case, RefusalForm
from fanal.station.secondary.moves import State
from fanal.travel import Company, Signer


@allow(Action.CASE)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The cases that wait, are worked, are with an agency, were closed: masked, so that a list is no file."""
    officer = officer_of(request)
    found = queries.queue(officer)
    context = {
        "states": [(state, rows) for state, rows in found.items()],
        "mine": [row for rows in found.values() for row in rows if row.case.holder_id == officer.pk],
        "request_id": uuid.uuid4(),
        "refused": request.GET.get("refused", "") if request.GET.get("refused") == "move_state" else "",
    }
    return render(request, "cases.html", context)


def _case(request: HttpRequest, pk: uuid.UUID) -> Case:
    rows = services.visible(officer_of(request)).select_related(
        "referral__lane", "referral__point", "person", "document", "holder", "inspection", "point"
    )
    return get_object_or_404(rows, pk=pk)


def _not_to_be_used(request: HttpRequest, case: Case) -> HttpResponse | None:
    """The page that says so, where a closed case is of a person whose data may not be used; an open one is still
    decided: the traveller stands here."""
    if case.state != State.CLOSED or case.person_id is None:
        return None
    return closed_to(request, case.person_id)


def _read(request: HttpRequest, case: Case, action: str, **data: object) -> None:
    kind, subject = ("person", case.person_id) if case.person_id else ("case", case.pk)
    record(
        actor=request.user,
        action=action,
        subject_kind=kind,
        subject=subject,
        why="secondary_inspection",
        data={"case": str(case.pk), **data},
    )


@allow(Action.CASE)
@require_GET
def case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The case file."""
    row = _case(request, pk)
    if (closed := _not_to_be_used(request, row)) is not None:
        return closed
    _read(request, row, "case_read")
    return render(request, "case.html", _context(request, row))


def _context(request: HttpRequest, row: Case) -> dict[str, Any]:
    officer, lang = officer_of(request), lang_of(request)
    measured = queries.measures(row)
    inspections: list[dict[str, Any]] = []
    of_case = list(services.inspections_of(row))
    for inspection in of_case:
        shown = findings(inspection, lang)
        inspections.append(
            {
                "inspection": inspection,
                "fields": fields(inspection, lang),
                "open_findings": [s for s in shown if s.finding.outcome in ("failed", "undetermined")],
                "pictures": [(p, measured.get(p.pk, [])) for p in queries.pictures(inspection.pk)],
            }
        )
    outcome = queries.outcome_of(officer, row)
    child = services.child(row, queries.day())
    direction = row.referral.direction if row.referral else ""
    advises_refer = any(i["inspection"].advice == "refer" for i in inspections)
    consent = queries.latest_consent(row)
    return {
        "case": row,
        "moves": queries.moves_open_to(officer, row),
        "restricted_reader": may(officer, Action.RESTRICTED_NOTES),
        "reasons": row.referral.reasons if row.referral else [],
        "inspections": inspections,
        "put_right": put_right(of_case),
        "timeline": queries.timeline(officer, row),
        "checklist": queries.checklist(row),
        "consent": consent,
        "child": child,
        "companies": list(Company),
        "signers": list(Signer),
        "note_kinds": codes.NOTES,
        "restricted_kinds": codes.RESTRICTED_NOTES,
        "agencies": queries.agencies(),
        "officers": queries.officers_for_cases(but=row.holder_id),
        "prior": queries.prior(officer, row),
        "outcome": outcome,
        "form": RefusalForm.objects.filter(outcome__case=row).defer("content").first() if outcome else None,
        "outcomes": _outcomes(direction),
        "direction": direction,
        "refusal_reasons": list(crossing_codes.REFUSAL_REASONS),
        "stays": list(crossing_codes.STAYS),
        "purposes": crossing_codes.PURPOSES,
        "two_needed": advises_refer or bool(child and consent and consent.questions),
        "languages": [(lang, name) for lang, name in _languages()],
        "request_id": uuid.uuid4(),
    }


def _languages() -> list[tuple[str, str]]:
    from django.conf import settings

    return [(code, name) for code, name in settings.LANGUAGES if code in texts.LANGUAGES]


def _outcomes(direction: str) -> list[str]:
    passing = {"entry": ["admitted", "refused", "turned_back"], "exit": ["exited"]}.get(direction)
    return [*(passing or ["admitted", "refused", "turned_back", "exited"]), "handed_over"]


@allow(Action.CASE)
@require_POST
def move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One move of the case, as its page asked for it. A refusal is shown on the page, with what was typed."""
    row = _case(request, pk)
    do = request.POST.get("do", "")
    try:
        work = _MOVES.get(do)
        if work is None:
            raise Refusal("form_incomplete")
        work(request, row, {"request_id": request_id(request), "officer": officer_of(request), "case": row.pk})
    except Refusal as refusal:
        context = _context(request, _case(request, pk)) | {"refusal": refusal, "typed": request.POST}
        return render(request, "case.html", context, status=422)
    return redirect("case", pk)


Common = dict[str, Any]


def _note(request: HttpRequest, row: Case, common: Common) -> None:
    services.add_note(**common, kind=request.POST.get("kind", ""), text=request.POST.get("text", ""))


def _give(service: Callable[..., object]) -> Callable[[HttpRequest, Case, Common], None]:
    def work(request: HttpRequest, row: Case, common: Common) -> None:
        service(**common, to=_officer(request.POST.get("to", "")), note=request.POST.get("note", ""))

    return work


def _officer(text: str) -> Officer:
    pk = uuid_or_none(text)
    found = Officer.objects.filter(pk=pk).first() if pk else None
    if found is None:
        raise Refusal("officer_not_for_case")
    return found


def _agency(text: str, *, needed: bool) -> Agency | None:
    if not text and not needed:
        return None
    pk = uuid_or_none(text)
    found = Agency.objects.filter(pk=pk).first() if pk else None
    if found is None:
        raise Refusal("agency_missing")
    return found


def _look(request: HttpRequest, row: Case, common: Common) -> None:
    """New evidence of the same traveller: inspected as at the desk, then added."""
    deliveries = []
    if typed := request.POST.get("mrz", "").strip():
        deliveries.append(Delivery(typed.replace("\r\n", "\n").encode(), "mrz"))
    for file in request.FILES.getlist("files"):
        if (file.size or 0) > MAX_BYTES:
            raise Refusal("evidence", intake="too_large", size=str(file.size), limit=str(MAX_BYTES))
        if file.size:
            deliveries.append(Delivery(file.read(), file.name or ""))
    lane = row.referral.lane if row.referral else current_lane(request)
    if "look" not in queries.moves_open_to(common["officer"], row):
        raise Refusal("move_holder")
    made = inspect_evidence(
        request_id=common["request_id"], deliveries=deliveries, officer=common["officer"], lane=lane
    )
    services.add_look(**common, inspection=made)


def _consent(request: HttpRequest, row: Case, common: Common) -> None:
    post = request.POST
    try:
        company = Company(post.get("company", ""))
        signers = frozenset(Signer(each) for each in post.getlist("signers"))
        until = date.fromisoformat(post["until"]) if post.get("until") else None
    except ValueError:
        raise Refusal("form_incomplete") from None
    companion = post.get("companion_primary", "").strip()[:200]
    paper = None
    if "paper" in post:
        paper = services.Paper(
            signers=signers,
            child_primary=post.get("child_primary", "").strip()[:200],
            child_secondary=post.get("child_secondary", "").strip()[:200],
            companion_primary=post.get("named_primary", "").strip()[:200],
            companion_secondary=post.get("named_secondary", "").strip()[:200],
            until=until,
            certified_by=post.get("certified_by", ""),
            original="original" in post,
        )
    services.check_consent(
        **common,
        company=company,
        companion=Name(companion, post.get("companion_secondary", "").strip()[:200]) if companion else None,
        relationship=post.get("relationship", ""),
        paper=paper,
        guardianship_shown="guardianship_shown" in post,
        other_parent_absent="other_parent_absent" in post,
    )


def _second(request: HttpRequest) -> Officer | None:
    post = request.POST
    return sign_in_place(request, post.get("second", ""), post.get("second_password", ""), post.get("second_code", ""))


def _close(request: HttpRequest, row: Case, common: Common) -> None:
    post = request.POST
    outcome = post.get("outcome", "")
    stay = post.get("stay", "none")
    if stay not in crossing_codes.STAYS:
        raise Refusal("stay_unknown")
    if not may(common["officer"], Action.CASE_OUTCOME):
        raise Refusal("move_role")
    services.close(
        **common,
        outcome=outcome,
        reasons=post.getlist("reasons"),
        note=post.get("note", ""),
        rule=crossing_codes.STAYS[stay],
        purpose=post.get("purpose", ""),
        agency=_agency(post.get("agency", ""), needed=outcome == "handed_over"),
        language=post.get("language", ""),
        countersigned_by=_second(request),
    )


_MOVES: dict[str, Callable[[HttpRequest, Case, Common], object]] = {
    "claim": lambda request, row, common: services.claim(**common),
    "release": lambda request, row, common: services.release(**common, note=request.POST.get("note", "")),
    "hand_over": _give(services.hand_over),
    "assign": _give(services.assign),
    "note": _note,
    "settle_protection": lambda request, row, common: services.settle_protection(
        **common, text=request.POST.get("text", ""), countersigned_by=_second(request)
    ),
    "tick": lambda request, row, common: services.tick(**common, item=request.POST.get("item", "")),
    "look": _look,
    "consent": _consent,
    "refer_agency": lambda request, row, common: services.refer_agency(
        **common,
        agency=_agency(request.POST.get("agency", ""), needed=True),  # type: ignore[arg-type]
        reason=request.POST.get("reason", ""),
    ),
    "agency_answer": lambda request, row, common: services.agency_answer(**common, text=request.POST.get("text", "")),
    "close": _close,
    "hand_form": lambda request, row, common: services.hand_form(**common, signed="signed" in request.POST),
}


@allow(Action.CASE)
@require_GET
def form(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The refusal form as it was made, to print."""
    row = _case(request, pk)
    if (closed := _not_to_be_used(request, row)) is not None:
        return closed
    made = get_object_or_404(RefusalForm, outcome__case=row)
    if made.content is None:
        raise Http404
    _read(request, row, "refusal_form_read", form=made.number)
    response = HttpResponse(bytes(made.content), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{made.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


# --- a second look at a picture, and measures in it -------------------------------------------------------------------


def _picture(request: HttpRequest, pk: uuid.UUID, evidence: uuid.UUID) -> tuple[Case, EvidenceFile]:
    row = _case(request, pk)
    mine = [inspection.pk for inspection in services.inspections_of(row)]
    piece = get_object_or_404(EvidenceFile, pk=evidence, inspection__in=mine)
    if piece.content is None or not piece.media_type:
        raise Http404
    return row, piece


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and 0 <= value <= MAX_SIDE else None


def _points(texts_: list[str]) -> list[Point]:
    """The marked points of a page's address: at most four, what is none is left out."""
    found = []
    for text in texts_[:8]:
        x, _, y = text.partition(",")
        a, b = _number(x), _number(y)
        if a is not None and b is not None:
            found.append((a, b))
    return found[:4]


def _zoom(text: str) -> int:
    return int(text) if text in {str(z) for z in pictures.ZOOMS} else 1


def _centre(query: QueryDict) -> Point | None:
    x, y = _number(query.get("cx", "")), _number(query.get("cy", ""))
    return None if x is None or y is None else (x, y)


def _address(zoom: int, centre: Point | None, points: list[Point]) -> str:
    items: list[tuple[str, str]] = [("zoom", str(zoom))]
    if centre:
        items += [("cx", f"{centre[0]:g}"), ("cy", f"{centre[1]:g}")]
    items += [("p", f"{x:g},{y:g}") for x, y in points]
    return urlencode(items)


@allow(Action.CASE)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, pk: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """A picture of the case under the magnifier: enlarge, move, mark points by click or by number, keep the measure."""
    row, piece = _picture(request, pk, evidence)
    if (closed := _not_to_be_used(request, row)) is not None:
        return closed
    refusal: Refusal | None = None
    query = request.GET if request.method == "GET" else request.POST
    points, zoom, centre = _points(query.getlist("p")), _zoom(query.get("zoom", "")), _centre(query)
    try:
        opened = pictures.open_picture(bytes(piece.content or b""))
    except Refusal as caught:
        raise Http404 from caught
    window = pictures.view(opened.size, zoom, centre)
    if request.method == "POST":
        try:
            reference = _millimetres(request.POST.get("reference_mm", ""))
            services.add_measure(
                request_id=request_id(request),
                officer=officer_of(request),
                case=row.pk,
                picture=piece,
                points=points,
                reference_mm=reference,
                label=request.POST.get("label", ""),
            )
            return redirect("case", pk)
        except Refusal as caught:
            refusal = caught
    else:
        clicked = _number(query.get("at.x", "")), _number(query.get("at.y", ""))
        typed = _number(query.get("x", "")), _number(query.get("y", ""))
        added = None
        if clicked[0] is not None and clicked[1] is not None:
            added = window.to_picture(clicked[0], clicked[1])
        elif typed[0] is not None and typed[1] is not None:
            added = (min(typed[0], opened.width), min(typed[1], opened.height))
        if added is not None:
            points = [*points, added][-4:] if len(points) < 4 else [added]
            where = reverse("case_look", args=[pk, evidence])
            return redirect(f"{where}?{_address(zoom, centre or _middle(window), points)}")
    middle = _middle(window)
    step = (window.width / window.scale / 2, window.height / window.scale / 2)
    moved = {
        "left": (max(middle[0] - step[0], 0), middle[1]),
        "right": (min(middle[0] + step[0], opened.width), middle[1]),
        "up": (middle[0], max(middle[1] - step[1], 0)),
        "down": (middle[0], min(middle[1] + step[1], opened.height)),
    }
    measured = measure(points) if len(points) in (2, 4) and points[2:3] != points[3:4] else None
    context = {
        "case": row,
        "piece": piece,
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "window": window,
        "size": opened.size,
        "zoom": zoom,
        "centre": middle,
        "points": points,
        "crop": _address(zoom, middle, points),
        "zooms": [(z, _address(z, points[-1] if points else middle, points)) for z in pictures.ZOOMS],
        "moves": [(name, _address(zoom, at, points)) for name, at in moved.items()] if zoom > 1 else [],
        "back": _address(zoom, middle, points[:-1]),
        "measured": measured,
        "may_keep": "measure" in queries.moves_open_to(officer_of(request), row),
        "request_id": uuid.uuid4(),
    }
    return render(request, "case_look.html", context, status=422 if refusal else 200)


def _middle(window: pictures.View) -> Point:
    return (
        round(window.left + window.width / window.scale / 2, 1),
        round(window.top + window.height / window.scale / 2, 1),
    )


def _millimetres(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise Refusal("measure_reference") from None
    if not value.is_finite() or not 0 < value < 10_000:
        raise Refusal("measure_reference")
    return value.quantize(Decimal("0.01"))


@allow(Action.CASE)
@require_GET
def crop(request: HttpRequest, pk: uuid.UUID, evidence: uuid.UUID) -> HttpResponse:
    """The window of `look` as a picture."""
    row, piece = _picture(request, pk, evidence)
    if (closed := _not_to_be_used(request, row)) is not None:
        return closed
    try:
        opened = pictures.open_picture(bytes(piece.content or b""))
    except Refusal as refusal:
        raise Http404 from refusal
    window = pictures.view(opened.size, _zoom(request.GET.get("zoom", "")), _centre(request.GET))
    _read(request, row, "evidence_read", evidence=piece.sha256)
    response = HttpResponse(pictures.cut(opened, window, _points(request.GET.getlist("p"))), content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response
