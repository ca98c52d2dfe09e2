"""Signing in and out, the lock, one's own account."""

from __future__ import annotations

import base64
import time
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from fanal.station.accounts import second_factor
from fanal.station.accounts.forms import PasswordForm, SignInForm
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, allow, public
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.texts import LANGUAGES


def _next(request: HttpRequest) -> str:
    """Where to go on, if it is a place of ours."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse(settings.LOGIN_REDIRECT_URL)


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.officer is not None:
        login(request, form.officer)
        request.session["seen"] = time.time()
        second_factor.after_password(request, form.officer)
        record(actor=form.officer, action="sign_in", subject_kind="officer", subject=form.officer.pk, why="access")
        return redirect(_next(request))
    status = 200 if request.method == "GET" else 422
    return render(request, "login.html", {"form": form, "next": _next(request)}, status=status)


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any) -> HttpResponse:
    """Too many wrong passwords."""
    return render(request, "locked_out.html", {"minutes": int(settings.AXES_COOLOFF_TIME * 60)}, status=429)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        record(actor=request.user, action="sign_out", subject_kind="officer", subject=request.user.pk, why="access")
    logout(request)
    return redirect("login")


@allow(Action.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def locked(request: HttpRequest) -> HttpResponse:
    """The idle lock: the session is kept, the password is asked again."""
    wrong = False
    if request.method == "POST":
        if request.user.check_password(request.POST.get("password", "")):
            request.session["locked"] = False
            request.session["seen"] = time.time()
            return redirect(_next(request))
        wrong = True
        tries = request.session.get("unlock_tries", 0) + 1
        request.session["unlock_tries"] = tries
        if tries >= settings.AXES_FAILURE_LIMIT:
            logout(request)
            return redirect("login")
    else:
        request.session["locked"] = True
    return render(request, "locked.html", {"wrong": wrong, "next": _next(request)}, status=422 if wrong else 200)


@allow(Action.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own password."""
    officer = cast(Officer, request.user)  # `allow` lets nobody else through
    form = PasswordForm(officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        officer.set_password(form.cleaned_data["new"])
        officer.must_change_password = False
        officer.save(update_fields=["password", "must_change_password"])
        update_session_auth_hash(request, officer)
        record(actor=officer, action="password_changed", subject_kind="officer", subject=officer.pk, why="access")
        return redirect(f"{reverse('account')}?saved=1")
    bound_wrong = request.method == "POST"
    return render(
        request, "account.html", {"form": form, "saved": "saved" in request.GET}, status=422 if bound_wrong else 200
    )


@allow(Action.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """After the right password, the second factor. Guessing at it signs the officer out."""
    officer = cast(Officer, request.user)
    if request.session.get("second") != "ask":
        return redirect(_next(request))
    wrong = False
    if request.method == "POST":
        if second_factor.pass_with_code(request, officer, request.POST.get("code", "")):
            record(actor=officer, action="second_factor", subject_kind="officer", subject=officer.pk, why="access")
            return redirect(_next(request))
        wrong = True
        tries = request.session.get("second_tries", 0) + 1
        request.session["second_tries"] = tries
        if tries >= settings.AXES_FAILURE_LIMIT:
            logout(request)
            return redirect("login")
    context = {"wrong": wrong, "next": _next(request), "factors": second_factor.factors(officer)}
    return render(request, "second.html", context, status=422 if wrong else 200)


@allow(Action.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """One's own second factors: enrol, print codes for paper, take away. A change asks for the password again."""
    officer = cast(Officer, request.user)
    refusal: Refusal | None = None
    codes: list[str] = []
    if request.method == "POST":
        try:
            codes = _change_factors(request, officer)
        except Refusal as caught:
            refusal = caught
        else:
            if not codes:
                return redirect("second_factor")
    held = second_factor.factors(officer)
    context: dict[str, Any] = {
        "refusal": refusal,
        "codes": codes,
        "factors": held,
        "required": second_factor.required(officer),
    }
    if not held.totp:
        pending = second_factor.pending_totp(officer)
        context |= {"qr": second_factor.qr_code(pending), "secret": base64.b32encode(pending.bin_key).decode()}
    return render(request, "second_factor.html", context, status=422 if refusal else 200)


def _change_factors(request: HttpRequest, officer: Officer) -> list[str]:
    """Do what the page asks. Returns codes for paper where new ones were made."""
    do = request.POST.get("do", "")
    if not officer.check_password(request.POST.get("password", "")):
        raise Refusal("password_wrong")
    if do == "totp":
        return second_factor.confirm_totp(request, officer, request.POST.get("code", ""))
    if do == "paper":
        if not second_factor.factors(officer).any:
            raise Refusal("second_factor_unknown")
        return second_factor.new_paper_codes(officer)
    second_factor.remove(officer, do.removeprefix("remove_"), request.POST.get("passkey", ""))
    return []


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language, for the officer where one is signed in, else for this browser."""
    lang = request.POST.get("lang", "")
    response = redirect(_next(request))
    if lang in LANGUAGES:
        if request.user.is_authenticated:
            request.user.language = lang
            request.user.save(update_fields=["language"])
        response.set_cookie(
            "fanal_lang", lang, max_age=365 * 86400, httponly=True, samesite="Strict", secure=settings.PRODUCTION
        )
    return response


@allow(Action.OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    """The first page that the officer's roles allow."""
    from fanal.station.places.queries import current_lane, lanes

    return render(request, "home.html", {"lanes": lanes(), "lane": current_lane(request)})


@public
def health(request: HttpRequest) -> HttpResponse:
    """That the station answers: for whatever watches it."""
    return HttpResponse("ok\n", content_type="text/plain")
