"""The supervisor's pages: the board, the hand-over, overrides, statistics and exports."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanal.station import texts
from fanal.station.accounts.permissions import Action, allow
from fanal.station.accounts.services import sign_in_place
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.places.models import CrossingPoint
from fanal.station.requests import lang_of, officer_of, request_id, uuid_or_none
from fanal.station.supervision import exports, queries, services
from fanal.station.supervision.models import ShiftHandover
from fanal.travel import LEAST


def _points() -> list[CrossingPoint]:
    return list(CrossingPoint.objects.filter(is_active=True).order_by("name"))


def _point(request: HttpRequest, points: list[CrossingPoint]) -> CrossingPoint | None:
    """The point that the page asks for, else the one last looked at, else the first."""
    wanted = request.GET.get("point") or request.POST.get("point") or request.session.get("board_point", "")
    found = next((point for point in points if str(point.pk) == wanted), points[0] if points else None)
    if found is not None and request.session.get("board_point") != str(found.pk):
        request.session["board_point"] = str(found.pk)
    return found


@allow(Action.SUPERVISE)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The shift at a glance: lanes, waiting, referrals, age of lists and trust store, the link."""
    officer, now = officer_of(request), timezone.now()
    points = _points()
    point = _point(request, points)
    lang = lang_of(request)
    lines = [
        (texts.text(line.key, lang, **line.values), line.at, (now - line.at).days if line.at else None)
        for line in queries.lines()
    ]
    context: dict[str, Any] = {"points": points, "point": point, "lines": lines, "now": now}
    if point is not None:
        context |= {
            "lanes": queries.lanes(point, now),
            "cases": queries.cases(officer, point, now),
            "figures": queries.figures(officer, point, now),
            "handover": ShiftHandover.objects.filter(point=point).select_related("incoming").order_by("-at").first(),
        }
    return render(request, "board.html", context)


@allow(Action.SUPERVISE)
@require_POST
def lane(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open or close a lane."""
    if services.set_lane_open(officer=officer_of(request), lane=pk, is_open=request.POST.get("open") == "1") is None:
        raise Http404
    return redirect("board")


@allow(Action.SUPERVISE)
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest) -> HttpResponse:
    """Hand the shift over: the outgoing supervisor's words, the figures now, the incoming one's signature here."""
    officer = officer_of(request)
    points = _points()
    point = _point(request, points)
    refusal: Refusal | None = None
    if request.method == "POST":
        post = request.POST
        try:
            if point is None or uuid_or_none(post.get("point", "")) != point.pk:
                raise Refusal("form_incomplete")
            services.hand_shift_over(
                request_id=request_id(request),
                outgoing=officer,
                incoming=sign_in_place(
                    request, post.get("second", ""), post.get("second_password", ""), post.get("second_code", "")
                ),
                point=point,
                note=post.get("note", ""),
            )
        except Refusal as caught:
            refusal = caught
        else:
            return redirect("handover")
    rows = ShiftHandover.objects.select_related("outgoing", "incoming", "point").order_by("-at")
    context = {
        "points": points,
        "point": point,
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "figures": queries.figures(officer, point, timezone.now()) if point else {},
        "rows": rows.filter(point=point)[:30],
        "request_id": uuid.uuid4(),
    }
    return render(request, "handover.html", context, status=422 if refusal else 200)


# --- overrides, statistics, exports -----------------------------------------------------------------------------------


def _days(request: HttpRequest, default: int) -> tuple[date, date]:
    """The days that the page asks for; today and the days before it, where it asks for none that can be."""
    today = timezone.localdate()
    try:
        until = date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        until = today
    try:
        since = date.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        since = until - timedelta(days=default)
    if not 2000 <= until.year <= 2200 or not 2000 <= since.year <= 2200:
        since, until = today - timedelta(days=default), today
    if since > until:
        since = until
    return max(since, until - timedelta(days=queries.MAX_DAYS)), until


@allow(Action.SUPERVISE)
@require_GET
def overrides(request: HttpRequest) -> HttpResponse:
    """Who went against `refer`, who signed with them, and why."""
    officer = officer_of(request)
    since, until = _days(request, 7)
    rows = queries.overrides(since, until)
    children = queries.child_overrides(officer, since, until)
    record(
        actor=officer,
        action="overrides_read",
        subject_kind="station",
        subject="overrides",
        why="supervision",
        data={"crossings": [str(row.pk) for row in rows], "cases": [str(row.case_id) for row in children]},
    )
    return render(request, "overrides.html", {"since": since, "until": until, "rows": rows, "children": children})


@allow(Action.SUPERVISE)
@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Crossings by day, hour, lane, purpose …: small cells hidden, and what would give them away."""
    since, until = _days(request, 7)
    points = _points()
    by, point = _division(request, points)
    table = queries.statistics(rows=by, since=since, until=until, point=point)
    lang = lang_of(request)
    context = {
        "since": since,
        "until": until,
        "by": by,
        "divisions": queries.ROWS,
        "points": points,
        "point": point,
        "rows": [
            (name, _name(by, name, lang), [table.cells[name, c] for c in table.columns], table.row_totals[name])
            for name in table.rows
        ],
        "columns": table.columns,
        "totals": [table.column_totals[c] for c in table.columns],
        "total": table.total,
        "least": LEAST,
    }
    return render(request, "statistics.html", context)


def _division(request: HttpRequest, points: list[CrossingPoint]) -> tuple[str, CrossingPoint | None]:
    by = request.GET.get("by", "day")
    point = next((p for p in points if str(p.pk) == request.GET.get("point", "")), None)
    return (by if by in queries.ROWS else "day"), point


def _name(by: str, name: str, lang: str) -> str:
    """The name of a row, in the reader's language where it is a code."""
    from fanal.inspection.texts import label, state_name

    if name == "–":
        return name
    if by == "nationality":
        return state_name(name, lang)
    if by == "advice":
        return label("advice", name, lang)
    return texts.text(f"{by}.{name}", lang) if by in ("purpose", "means") else name


@allow(Action.SUPERVISE)
@require_GET
def export(request: HttpRequest, what: str) -> HttpResponse:
    """A file: statistics, overrides or cases, as CSV or PDF. That it was made is on the record."""
    make = _EXPORTS.get(what)
    kind = request.GET.get("format", "csv")
    if make is None or kind not in ("csv", "pdf"):
        raise Http404
    since, until = _days(request, 7)
    lang = lang_of(request)
    head, rows, ids = make(request, since, until, lang)
    record(
        actor=officer_of(request),
        action="exported",
        subject_kind="export",
        subject=what,
        why="supervision",
        data={"format": kind, "since": since.isoformat(), "until": until.isoformat(), "rows": len(rows), "ids": ids},
    )
    if kind == "csv":
        content, media = exports.to_csv(head, rows), "text/csv; charset=utf-8"
    else:
        title = texts.text(f"board.export.{what}", lang)
        content, media = exports.to_pdf(title, f"{since} – {until}", head, rows, lang=lang), "application/pdf"
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{what}-{since}-{until}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


Rows = list[list[object]]
Made = tuple[list[str], Rows, list[str]]


def _statistics_rows(request: HttpRequest, since: date, until: date, lang: str) -> Made:
    by, point = _division(request, _points())
    table = queries.statistics(rows=by, since=since, until=until, point=point)

    def cell(count: int | None) -> object:
        return texts.text("board.cell_hidden", lang) if count is None else count

    head = [texts.text(f"board.by.{by}", lang), *(texts.text(f"outcome.{c}", lang) for c in table.columns)]
    rows: Rows = [
        [_name(by, name, lang), *(cell(table.cells[name, c]) for c in table.columns), cell(table.row_totals[name])]
        for name in table.rows
    ]
    total = texts.text("board.total", lang)
    rows.append([total, *(cell(table.column_totals[c]) for c in table.columns), cell(table.total)])
    return [*head, total], rows, []


def _overrides_rows(request: HttpRequest, since: date, until: date, lang: str) -> Made:
    found = queries.overrides(since, until)
    head = [texts.text(f"board.head.{name}", lang) for name in ("at", "point", "outcome", "officer", "second", "why")]
    rows: Rows = [
        [
            timezone.localtime(row.at).isoformat(timespec="minutes"),
            row.point.code,
            texts.text(f"outcome.{row.outcome}", lang),
            row.officer.name,
            row.countersigned_by.name if row.countersigned_by else "",
            row.note,
        ]
        for row in found
    ]
    return head, rows, [str(row.pk) for row in found]


def _cases_rows(request: HttpRequest, since: date, until: date, lang: str) -> Made:
    found = queries.case_rows(officer_of(request), since, until)
    names = ("case", "point", "opened", "closed", "state", "reasons", "outcome")
    head = [texts.text(f"board.head.{name}", lang) for name in names]
    return head, [[row[name] for name in names] for row in found], []


_EXPORTS: dict[str, Callable[[HttpRequest, date, date, str], Made]] = {
    "statistics": _statistics_rows,
    "overrides": _overrides_rows,
    "cases": _cases_rows,
}
