"""Setting up the station. Nothing here shows a traveller: an administrator keeps officers, places and notices."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from fanal.station import texts
from fanal.station.accounts import second_factor
from fanal.station.accounts import services as accounts
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, Role, allow, public
from fanal.station.administration import queries, services
from fanal.station.administration.models import NOTICES, RETENTION, Retention
from fanal.station.errors import Refusal
from fanal.station.places.models import CrossingPoint, Device, Lane
from fanal.station.requests import officer_of, request_id
from fanal.station.secondary import codes
from fanal.station.secondary.models import Agency


def _work(request: HttpRequest, do: Callable[[Officer, QueryDict], object]) -> tuple[object, Refusal | None]:
    """Do what the page asks in a POST; a refusal is shown on the page that asked."""
    try:
        return do(officer_of(request), request.POST), None
    except Refusal as refusal:
        return None, refusal


def _row(model: Any, text: str) -> Any:
    """The row of an id that a form names; None where it names none.

    Raises:
        Refusal: it names one that is not there.
    """
    if not text:
        return None
    try:
        row = model.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        row = None
    if row is None:
        raise Refusal("form_incomplete")
    return row


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def station(request: HttpRequest) -> HttpResponse:
    """The authority, the language before anyone has chosen one, and what the environment sets."""
    refusal = None
    if request.method == "POST":
        _, refusal = _work(
            request,
            lambda by, post: services.set_station(
                by=by, authority=post.get("authority", ""), default_language=post.get("default_language", "")
            ),
        )
        if refusal is None:
            return redirect("administration")
    context = {
        "refusal": refusal,
        "station": queries.station(),
        "languages": settings.LANGUAGES,
        "idle_minutes": settings.FANAL_IDLE_SECONDS // 60,
        "tries": settings.AXES_FAILURE_LIMIT,
        "lockout_minutes": int(settings.AXES_COOLOFF_TIME * 60),
        "second_factor": sorted(settings.FANAL_SECOND_FACTOR),
        "missing": _missing(),
    }
    return render(request, "administration.html", context, status=422 if refusal else 200)


def _missing() -> list[str]:
    """What a station needs before its first traveller and does not have yet, as text keys."""
    has_lane = Lane.objects.filter(is_open=True, point__is_active=True).exists()
    has_body = Agency.objects.filter(kind="appeal", is_active=True).exists()
    has_protection = Agency.objects.filter(kind__in=codes.RESTRICTED_AGENCIES, is_active=True).exists()
    checks = (
        ("administration.no_authority", bool(queries.station().authority)),
        ("administration.no_lane", has_lane),
        ("administration.no_appeal", has_body),
        ("administration.no_protection", has_protection),
    )
    return [key for key, there in checks if not there]


# --- officers ---------------------------------------------------------------------------------------------------------


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def officers(request: HttpRequest) -> HttpResponse:
    """Every officer, and a new one with the password that is shown once."""
    made, refusal = None, None
    if request.method == "POST":
        made, refusal = _work(
            request,
            lambda by, post: accounts.create_officer(
                by=by,
                username=post.get("username", ""),
                name=post.get("name", ""),
                language=post.get("language", ""),
                agency=post.get("agency", ""),
                roles=post.getlist("roles"),
            ),
        )
    rows = Officer.objects.prefetch_related("grants").order_by("-is_active", "username")
    context = {
        "refusal": refusal,
        "made": made,
        "typed": request.POST if refusal else {},
        "chosen": request.POST.getlist("roles") if refusal else [],
        "rows": [(row, sorted(g.role for g in row.grants.all() if g.ended_at is None)) for row in rows],
        "roles": list(Role),
        "languages": settings.LANGUAGES,
    }
    return render(request, "administration_officers.html", context, status=422 if refusal else 200)


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def officer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One officer: roles, whether they work here, a new password, second factor, lockout."""
    row = get_object_or_404(Officer, pk=pk)
    password, refusal = None, None
    if request.method == "POST":
        password, refusal = _work(request, lambda by, post: _change_officer(by, row, post))
        if refusal is None and password is None:
            return redirect("administration_officer", pk)
    row = get_object_or_404(Officer, pk=pk)
    context = {
        "refusal": refusal,
        "password": password,
        "row": row,
        "held": [role.value for role in row.roles],
        "grants": row.grants.select_related("granted_by").order_by("-granted_at"),
        "roles": list(Role),
        "languages": settings.LANGUAGES,
        "factors": second_factor.factors(row),
        "own": row.pk == request.user.pk,
    }
    return render(request, "administration_officer.html", context, status=422 if refusal else 200)


def _change_officer(by: Officer, row: Officer, post: QueryDict) -> str | None:
    """Do what the officer's page asks; a new password where one was made."""
    do = post.get("do", "")
    if do == "password":
        return accounts.reset_password(by=by, officer=row)
    if do == "roles":
        accounts.set_roles(by=by, officer=row, roles=post.getlist("roles"))
    elif do in ("activate", "deactivate"):
        accounts.set_active(by=by, officer=row, active=do == "activate")
    elif do == "second_factor":
        accounts.reset_second_factor(by=by, officer=row)
    elif do == "unlock":
        accounts.unlock(by=by, officer=row)
    elif do == "person":
        accounts.change_person(
            by=by,
            officer=row,
            name=post.get("name", ""),
            language=post.get("language", ""),
            agency=post.get("agency", ""),
        )
    else:
        raise Refusal("form_incomplete")
    return None


# --- places -----------------------------------------------------------------------------------------------------------


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def points(request: HttpRequest) -> HttpResponse:
    """Every crossing point, and a new one."""
    refusal = None
    if request.method == "POST":
        made, refusal = _work(request, lambda by, post: _save_point(by, None, post))
        if isinstance(made, CrossingPoint):
            return redirect("administration_point", made.pk)
    context = {
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "rows": CrossingPoint.objects.prefetch_related("lanes", "devices").order_by("-is_active", "code"),
        "kinds": CrossingPoint.Kind.values,
    }
    return render(request, "administration_points.html", context, status=422 if refusal else 200)


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def point(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A crossing point with its lanes and devices."""
    row = get_object_or_404(CrossingPoint, pk=pk)
    refusal = None
    if request.method == "POST":
        _, refusal = _work(request, lambda by, post: _change_point(by, row, post))
        if refusal is None:
            return redirect("administration_point", pk)
        row = get_object_or_404(CrossingPoint, pk=pk)
    context = {
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "row": row,
        "lanes": row.lanes.order_by("name"),
        "devices": row.devices.select_related("lane").order_by("name"),
        "kinds": CrossingPoint.Kind.values,
        "directions": Lane.Direction.values,
        "device_kinds": Device.Kind.values,
    }
    return render(request, "administration_point.html", context, status=422 if refusal else 200)


def _save_point(by: Officer, row: CrossingPoint | None, post: QueryDict) -> CrossingPoint:
    return services.save_point(
        by=by,
        point=row,
        code=post.get("code", ""),
        name=post.get("name", ""),
        state=post.get("state", ""),
        kind=post.get("kind", ""),
        is_active=row is None or "is_active" in post,
    )


def _change_point(by: Officer, row: CrossingPoint, post: QueryDict) -> None:
    do = post.get("do", "")
    if do == "point":
        _save_point(by, row, post)
    elif do == "lane":
        lane = _row(Lane, post.get("lane", ""))
        if lane is not None and lane.point_id != row.pk:
            raise Refusal("form_incomplete")
        services.save_lane(
            by=by,
            point=row,
            lane=lane,
            name=post.get("name", ""),
            direction=post.get("direction", ""),
            fast="fast" in post,
            is_open=lane is None or "is_open" in post,
        )
    elif do == "device":
        device = _row(Device, post.get("device", ""))
        if device is not None and device.point_id != row.pk:
            raise Refusal("form_incomplete")
        services.save_device(
            by=by,
            point=row,
            device=device,
            kind=post.get("kind", ""),
            name=post.get("name", ""),
            serial=post.get("serial", ""),
            lane=_row(Lane, post.get("lane", "")),
            is_active=device is None or "is_active" in post,
        )
    else:
        raise Refusal("form_incomplete")


# --- agencies, notices, retention -------------------------------------------------------------------------------------


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def agencies(request: HttpRequest) -> HttpResponse:
    """Whom officers refer to, and where refusals are contested."""
    refusal = None
    if request.method == "POST":
        _, refusal = _work(request, _save_agency)
        if refusal is None:
            return redirect("administration_agencies")
    context = {
        "refusal": refusal,
        "typed": request.POST if refusal else {},
        "rows": Agency.objects.order_by("-is_active", "kind", "name"),
        "kinds": codes.AGENCIES,
    }
    return render(request, "administration_agencies.html", context, status=422 if refusal else 200)


def _save_agency(by: Officer, post: QueryDict) -> Agency:
    row = _row(Agency, post.get("agency", ""))
    return services.save_agency(
        by=by,
        agency=row,
        values={name: str(value) for name, value in post.items()},
        is_active=row is None or "is_active" in post,
    )


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """What travellers are told, in four languages."""
    refusal = None
    if request.method == "POST":
        _, refusal = _work(
            request,
            lambda by, post: services.write_notice(
                by=by,
                request_id=request_id(request),
                kind=post.get("kind", ""),
                texts={lang: post.get(f"text_{lang}", "") for lang in texts.LANGUAGES},
            ),
        )
        if refusal is None:
            return redirect("administration_notices")
    wordings = {lang: queries.notices(lang) for lang in texts.LANGUAGES}
    typed = request.POST if refusal else QueryDict()
    rows = []
    for kind in NOTICES:
        mine = typed.get("kind") == kind
        shown = [
            (lang, name, typed.get(f"text_{lang}", "") if mine else wordings[lang][kind])
            for lang, name in settings.LANGUAGES
        ]
        rows.append((kind, shown, uuid.uuid4()))
    return render(
        request, "administration_notices.html", {"refusal": refusal, "rows": rows}, status=422 if refusal else 200
    )


@allow(Action.ADMINISTER)
@require_http_methods(["GET", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """For how long each kind of record is kept, and by which law."""
    refusal = None
    if request.method == "POST":
        _, refusal = _work(
            request,
            lambda by, post: services.set_retention(
                by=by,
                request_id=request_id(request),
                kind=post.get("kind", ""),
                days=post.get("days", ""),
                legal_basis=post.get("legal_basis", ""),
            ),
        )
        if refusal is None:
            return redirect("administration_retention")
    newest: dict[str, Retention] = {}
    for row in Retention.objects.select_related("set_by").order_by("at"):
        newest[row.kind] = row
    rows = [
        {
            "kind": kind,
            "days": newest[kind].days if kind in newest else default,
            "row": newest.get(kind),
            "id": uuid.uuid4(),
        }
        for kind, default in RETENTION.items()
    ]
    context = {"refusal": refusal, "rows": rows}
    return render(request, "administration_retention.html", context, status=422 if refusal else 200)


@public
@require_GET
def notices_to_travellers(request: HttpRequest) -> HttpResponse:
    """What travellers are told, for a screen in the hall or for their own telephone: no sign-in, any language."""
    wanted = request.GET.get("lang", "")
    lang = wanted if wanted in texts.LANGUAGES else request.lang  # type: ignore[attr-defined]
    rows = [(texts.text(f"notice.kind.{kind}", lang), text) for kind, text in queries.notices(lang).items()]
    context = {
        "rows": rows,
        "notice_lang": lang,
        "languages": settings.LANGUAGES,
        "heading": texts.text("notice.title", lang),
        "authority": queries.station().authority,
    }
    return render(request, "notices.html", context)
