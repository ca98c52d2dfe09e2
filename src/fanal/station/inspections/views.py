"""The inspect screen of primary inspection."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.documents import Light
from fanal.inspection.intake import MAX_BYTES
from fanal.station.accounts.permissions import Action, allow, may
from fanal.station.crossings.models import Crossing
from fanal.station.errors import Refusal
from fanal.station.inspections import queries
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.inspections.services import Delivery, glance, inspect_evidence, take_up
from fanal.station.inspections.typing_help import typing_help
from fanal.station.journal.services import record
from fanal.station.places.models import Lane
from fanal.station.places.queries import current_lane, lanes
from fanal.station.requests import lang_of, officer_of, request_id, uuid_or_none

_LIGHT = re.compile(r"(?:^|[-_. ])(white|uv|ir)(?=[-_. ]|$)", re.IGNORECASE)


@allow(Action.INSPECT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ready for the next traveller; a delivery of evidence becomes an inspection."""
    lane = current_lane(request)
    if request.method == "GET":
        return render(request, "inspect_new.html", _ready(request, lane))
    try:
        follows = uuid_or_none(request.POST.get("follows", ""))
        inspection = inspect_evidence(
            request_id=request_id(request),
            deliveries=_deliveries(request),
            officer=officer_of(request),
            lane=lane,
            training="training" in request.POST,
            follows=Inspection.objects.filter(pk=follows).first() if follows else None,
        )
    except Refusal as refusal:
        context = _ready(request, lane) | {"refusal": refusal, "typed": request.POST.get("mrz", "")}
        return render(request, "inspect_new.html", context, status=422)
    return redirect("inspection", inspection.pk)


def _ready(request: HttpRequest, lane: Lane | None) -> dict[str, Any]:
    officer = officer_of(request)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Crossing.objects.filter(officer=officer, at__gte=today, corrected_by=None)
    done = uuid_or_none(request.GET.get("done", ""))
    return {
        "lane": lane,
        "lanes": lanes(),
        "request_id": uuid.uuid4(),
        "waiting": queries.waiting(lane)[:5] if lane else (),
        "done": Crossing.objects.filter(pk=done, officer=officer).select_related("person").first() if done else None,
        "recent": mine.select_related("person").order_by("-at")[:6] if may(officer, Action.HISTORY) else (),
        "counts": dict(mine.order_by().values_list("outcome").annotate(Count("pk"))),
        "specimens": _specimens() if not settings.PRODUCTION else None,
    }


def _specimens() -> dict[str, Any]:
    """What a demonstration station can be tried with."""
    from fanal.specimens import shipped
    from fanal.station.demo import TRAVELLERS

    return {"documents": [one.name for one in shipped()], "travellers": TRAVELLERS}


def _deliveries(request: HttpRequest) -> list[Delivery]:
    deliveries = []
    if text := request.POST.get("mrz", "").strip():
        deliveries.append(Delivery(text.replace("\r\n", "\n").encode(), "mrz"))
    for file in request.FILES.getlist("files"):
        if (file.size or 0) > MAX_BYTES:
            raise Refusal("evidence", intake="too_large", size=str(file.size), limit=str(MAX_BYTES))
        if file.size:
            deliveries.append(Delivery(file.read(), file.name or "", light=light_of(file.name or "")))
    if not settings.PRODUCTION:
        deliveries += _tried(request.POST.get("specimen", ""), request.POST.get("traveller", ""))
    return deliveries


def _tried(specimen: str, traveller: str) -> list[Delivery]:
    """A specimen's pictures, or what a known traveller carries."""
    from fanal.specimens import shipped
    from fanal.station.demo import TRAVELLERS

    pictures = [path for one in shipped() if one.name == specimen for path in one.pictures]
    carried = [known.mrz for known in TRAVELLERS if known.key == traveller]
    return [Delivery(path.read_bytes(), path.name, device="specimen") for path in pictures] + [
        Delivery(text.encode(), "mrz") for text in carried
    ]


def light_of(label: str) -> Light | None:
    """The light that a file's name says it was taken under ("page-uv.jpg"); None where it says none."""
    found = _LIGHT.search(label)
    return Light(found[1].lower()) if found else None


@allow(Action.INSPECT)
@require_POST
def mrz_help(request: HttpRequest) -> HttpResponse:
    """Help while the MRZ is typed; nothing is kept."""
    return render(request, "inspect_new.html#mrz-help", {"help": typing_help(request.POST.get("mrz", ""))})


@allow(Action.INSPECT)
@require_POST
def first_look(request: HttpRequest) -> HttpResponse:
    """The advice by the MRZ alone, while the rest of the picture is still to be read; nothing is kept."""
    try:
        seen = glance(deliveries=_deliveries(request), lane=current_lane(request))
    except Refusal:
        seen = None  # the inspection that follows says why
    if seen is None:
        return HttpResponse(status=204)
    lang = lang_of(request)
    context = {
        "seen": seen,
        "fields": queries.fields(seen, lang),
        "open_findings": [f for f in queries.findings(seen, lang) if f.number],
    }
    return render(request, "inspect_new.html#first-look", context)


@allow(Action.INSPECT)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What readers delivered at this lane. With `go=1`, and one that waits, the page goes straight on to it."""
    lane = current_lane(request)
    found = queries.waiting(lane)[:5] if lane else ()
    response = render(request, "inspect_new.html#waiting", {"waiting": found})
    # What follows an inspection is of the traveller who was here before: it is shown, and nobody is taken there.
    if found and found[0].follows_id is None and request.GET.get("go") == "1":
        response["HX-Redirect"] = reverse("inspection", args=[found[0].pk])
    return response


@allow(Action.INSPECT)
@require_GET
def later(request: HttpRequest) -> HttpResponse:
    """Whether more evidence of this document came in (its chip, by the reader of the desk): the page goes on to it."""
    pk = uuid_or_none(request.GET.get("of", ""))
    inspection = Inspection.objects.filter(pk=pk).first() if pk else None
    found = queries.later(inspection) if inspection else None
    response = HttpResponse(status=204)
    if found:
        response = HttpResponse()
        response["HX-Redirect"] = reverse("inspection", args=[found.pk])
    return response


@allow(Action.INSPECT)
@require_GET
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """An inspection: evidence left, document in the middle, findings right, decision below."""
    from fanal.station.crossings.views import decision_context
    from fanal.station.lists.hits import screen

    inspection = get_object_or_404(Inspection.objects.select_related("lane__point"), pk=pk)
    record(
        actor=officer_of(request), action="inspection_read", subject_kind="inspection", subject=pk, why="border_control"
    )
    if inspection.officer_id is None:
        take_up(inspection=inspection, officer=officer_of(request))
    screen(inspection)
    context = page(inspection, lang_of(request)) | decision_context(request, inspection)
    return render(request, "inspection.html", context)


def page(inspection: Inspection, lang: str) -> dict[str, Any]:
    """What the page of an inspection shows."""
    from fanal.station.lists.queries import panel

    findings = queries.findings(inspection, lang)
    pieces = [
        {"piece": piece, "outlines": queries.outlines(findings, piece.sha256)}
        for piece in inspection.evidence.defer("content")
    ]
    return {
        "inspection": inspection,
        "later": queries.later(inspection),
        "evidence": pieces,
        "fields": queries.fields(inspection, lang),
        "zones": queries.zones(inspection, findings),
        "open_findings": [f for f in findings if f.number],
        "not_done": [f for f in findings if f.finding.outcome == "not_done"],
        "passed": [f for f in findings if f.finding.outcome == "passed"],
    } | panel(inspection, lang)


@allow(Action.INSPECT)
@require_GET
def picture(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The bytes of a piece of evidence that is a picture; one that browsers cannot show (TIFF) as JPEG."""
    piece = get_object_or_404(EvidenceFile, pk=pk)
    if piece.content is None or not piece.media_type:
        raise Http404
    record(
        actor=officer_of(request),
        action="evidence_read",
        subject_kind="inspection",
        subject=piece.inspection_id,
        why="border_control",
        data={"evidence": piece.sha256},
    )
    content, media = bytes(piece.content), piece.media_type
    if media == "image/tiff":
        content, media = _as_jpeg(content), "image/jpeg"
    response = HttpResponse(content, content_type=media)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    return response


def _as_jpeg(content: bytes) -> bytes:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as opened:
            shown = ImageOps.exif_transpose(opened).convert("RGB")
            made = io.BytesIO()
            shown.save(made, "JPEG", quality=88)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Http404 from None
    return made.getvalue()


@allow(Action.INSPECT)
@require_POST
def choose_lane(request: HttpRequest) -> HttpResponse:
    """The lane that the officer works at, until they choose another."""
    chosen = uuid_or_none(request.POST.get("lane", ""))
    lane = lanes().filter(pk=chosen).first() if chosen else None
    if lane is not None:
        request.session["lane"] = str(lane.pk)
        if lane.fast and may(request.user, Action.FAST_LANE):
            return redirect("market")
    return redirect("inspect")
