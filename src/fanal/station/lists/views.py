"""Pages of list keepers, and of hits at the desk."""

from __future__ import annotations

import uuid
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.screening.documents import Status
from fanal.screening.things import THINGS
from fanal.station.accounts.permissions import Action, allow
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.journal.services import record
from fanal.station.lists import codes, conditions, hits, queries, services
from fanal.station.lists.models import Cleared, Hit, ListEntry, ListImport, Rule, WatchList
from fanal.station.requests import lang_of, officer_of, request_id

_CODES = {
    "subjects": codes.SUBJECTS,
    "purposes": codes.PURPOSES,
    "handling": codes.HANDLING,
    "actions": codes.ACTIONS,
    "frauds": codes.FRAUDS,
    "sharing": codes.SHARING,
    "things": [kind.value for kind in THINGS],
    "statuses": [status.value for status in Status],
}


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:4000] for name, value in request.POST.items()}


def _read(request: HttpRequest, kind: str, subject: object) -> None:
    record(actor=officer_of(request), action=f"{kind}_read", subject_kind=kind, subject=subject, why="lists")


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every list; a new one."""
    refusal = None
    if request.method == "POST":
        try:
            made = services.make_list(
                officer=officer_of(request),
                values=_texts(request),
                purposes=request.POST.getlist("purposes"),
                handling=request.POST.getlist("handling"),
            )
            return redirect("list", made.pk)
        except Refusal as refused:
            refusal = refused
    context = {"rows": queries.lists(), "refusal": refusal, "values": _texts(request), **_CODES}
    return render(request, "lists.html", context, status=422 if refusal else 200)


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One list: its entries, the proposal of another, files brought in."""
    watch_list = get_object_or_404(WatchList, pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            if file := request.FILES.get("file"):
                if (file.size or 0) > services.MAX_IMPORT:
                    raise Refusal("import_too_large", limit=f"{services.MAX_IMPORT // 2**20} MB")
                brought = services.bring_in(
                    officer=officer_of(request),
                    watch_list=watch_list,
                    name=file.name or "",
                    content=file.read(),
                    reason=request.POST.get("reason", ""),
                )
                return redirect("list_import", brought.pk)
            photo = request.FILES.get("photo")
            entry = services.propose(
                request_id=request_id(request),
                officer=officer_of(request),
                watch_list=watch_list,
                values=_texts(request),
                photo=photo.read(services.MAX_PHOTO + 1) if photo else b"",
            )
            return redirect("list_entry", entry.pk)
        except Refusal as refused:
            refusal = refused
    text = request.GET.get("q", "").strip()[:100]
    entries = watch_list.entries.exclude(state="ended").order_by("-state", "-at")
    _read(request, "list", pk)
    context = {
        "watch_list": watch_list,
        "entries": (entries.filter(title__icontains=text) if text else entries)[:100],
        "imports": watch_list.imports.all()[:20],
        "text": text,
        "request_id": uuid.uuid4(),
        "refusal": refusal,
        "values": _texts(request),
        **_CODES,
    }
    return render(request, "list.html", context, status=422 if refusal else 200)


@allow(Action.LISTS)
@require_GET
def export(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """The entries in force, as CSV."""
    watch_list = get_object_or_404(WatchList, pk=pk, partner="")  # a partner's is not ours to hand on
    record(actor=officer_of(request), action="list_exported", subject_kind="list", subject=pk, why="lists")
    response = StreamingHttpResponse(queries.export(watch_list), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="list-{watch_list.pk}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One entry: approve it, or put a mistake right."""
    row = get_object_or_404(ListEntry.objects.select_related("watch_list", "author", "approver", "ended_by"), pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            if request.POST.get("step") == "approve":
                services.approve(officer=officer_of(request), entry=row)
            elif request.POST.get("step") == "redress":
                services.redress(
                    request_id=request_id(request),
                    officer=officer_of(request),
                    entry=row,
                    why=request.POST.get("note", ""),
                )
            else:
                raise Http404
            return redirect("list_entry", pk)
        except Refusal as refused:
            refusal = refused
    _read(request, "list_entry", pk)
    context = {
        "entry": row,
        "facts": services.facts_shown(row),
        "redressed": row.redress.select_related("officer"),
        "request_id": uuid.uuid4(),
        "refusal": refusal,
    }
    return render(request, "list_entry.html", context, status=422 if refusal else 200)


@allow(Action.DECIDE)
@require_GET
def photo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """An entry's photo, for whoever compares."""
    row = get_object_or_404(ListEntry, pk=pk)
    if row.photo is None:
        raise Http404
    content = bytes(row.photo)
    record(actor=officer_of(request), action="photo_read", subject_kind="list_entry", subject=pk, why="border_control")
    response = HttpResponse(content, content_type="image/png" if content[:2] == b"\x89P" else "image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def list_import(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A file that was brought in: what it holds, what is wrong in it; another person takes it in."""
    brought = get_object_or_404(ListImport.objects.select_related("watch_list", "author", "approver"), pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            services.take_in(officer=officer_of(request), brought=brought)
            return redirect("list", brought.watch_list_id)
        except Refusal as refused:
            refusal = refused
    _read(request, "list_import", pk)
    context = {"brought": brought, "refusal": refusal, "rows": services.first_rows(brought, 20)}
    return render(request, "list_import.html", context, status=422 if refusal else 200)


# --- rules and bulletins ----------------------------------------------------------------------------------------------


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule and bulletin; a new one, or a new version."""
    refusal = None
    if request.method == "POST":
        try:
            made = services.write_rule(
                request_id=request_id(request),
                officer=officer_of(request),
                kind=request.POST.get("kind", ""),
                values=_texts(request),
            )
            return redirect("rule", made.pk)
        except Refusal as refused:
            refusal = refused
    context = {
        "rows": Rule.objects.exclude(state="ended"),
        "fields": sorted(conditions.FIELDS),
        "request_id": uuid.uuid4(),
        "refusal": refusal,
        "values": _texts(request),
        **_CODES,
    }
    return render(request, "rules.html", context, status=422 if refusal else 200)


@allow(Action.CASE)
@require_http_methods(["GET", "POST"])
def bulletin(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A bulletin from what secondary found on one document: its pattern is proposed, and written as a version."""
    inspection = get_object_or_404(Inspection, pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            services.write_rule(
                request_id=request_id(request),
                officer=officer_of(request),
                kind=Rule.Kind.BULLETIN,
                values=_texts(request),
                inspection=inspection,
            )
            return redirect("hits")
        except Refusal as refused:
            refusal = refused
    record(
        actor=officer_of(request), action="inspection_read", subject_kind="inspection", subject=pk, why="border_control"
    )
    context = {
        "inspection": inspection,
        "proposed": conditions.proposed(inspection),
        "request_id": uuid.uuid4(),
        "refusal": refusal,
        "values": _texts(request),
        **_CODES,
    }
    return render(request, "bulletin.html", context, status=422 if refusal else 200)


@allow(Action.LISTS)
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One version: try it on past travellers, switch it on, switch it off."""
    row = get_object_or_404(Rule.objects.select_related("author", "approver"), pk=pk)
    refusal = None
    if request.method == "POST":
        step = request.POST.get("step")
        try:
            if step == "try":
                days = request.POST.get("days", "30")
                services.try_rule(officer=officer_of(request), rule=row, days=int(days) if days.isdecimal() else 30)
            elif step == "on":
                services.switch_on(officer=officer_of(request), rule=row)
            elif step == "off":
                services.switch_off(officer=officer_of(request), rule=row)
            else:
                raise Http404
            return redirect("rule", pk)
        except Refusal as refused:
            refusal = refused
    context = {"rule": row, "refusal": refusal, "versions": Rule.objects.filter(name=row.name)}
    return render(request, "rule.html", context, status=422 if refusal else 200)


# --- hits at the desk -------------------------------------------------------------------------------------------------


@allow(Action.DECIDE)
@require_GET
def hit_queue(request: HttpRequest) -> HttpResponse:
    """What is not settled: one shift leaves it to the next."""
    rows = [queries.shown(hit, lang_of(request)) for hit in queries.open_hits()]
    record(
        actor=officer_of(request), action="hits_read", subject_kind="station", subject="", why="border_control",
        data={"hits": [str(row.hit.pk) for row in rows]},
    )  # fmt: skip
    return render(request, "hits.html", {"rows": rows})


@allow(Action.DECIDE)
@require_GET
def hit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One hit: what agrees and what does not, what to do, and its steps so far."""
    row = get_object_or_404(Hit.objects.select_related("entry__watch_list", "rule", "holder", "inspection"), pk=pk)
    return _hit_page(request, row, None)


def _hit_page(request: HttpRequest, row: Hit, refusal: Refusal | None) -> HttpResponse:
    record(actor=officer_of(request), action="hit_read", subject_kind="hit", subject=row.pk, why="border_control")
    context = {
        "shown": queries.shown(row, lang_of(request)),
        "moves": row.moves.select_related("officer"),
        "possible": codes.HIT_MOVES[row.state],
        "cleared": Cleared.objects.filter(hit=row).first(),
        "request_id": uuid.uuid4(),
        "refusal": refusal,
        "today": timezone.localdate(),
    }
    return render(request, "hit.html", context, status=422 if refusal else 200)


@allow(Action.DECIDE)
@require_POST
def move_hit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One step of a hit."""
    row = get_object_or_404(Hit.objects.select_related("entry__watch_list", "rule", "holder", "inspection"), pk=pk)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        until = None
    try:
        hits.move(
            request_id=request_id(request),
            officer=officer_of(request),
            hit=row,
            to=request.POST.get("to", ""),
            note=request.POST.get("note", ""),
            until=until,
        )
    except Refusal as refused:
        return _hit_page(request, row, refused)
    return redirect("hit", pk)
