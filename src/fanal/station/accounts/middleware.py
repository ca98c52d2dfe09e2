"""What stands before every page: the language, the idle lock, the permission."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from fanal.station.accounts.permissions import PUBLIC, TABLE, Action, may
from fanal.station.administration.queries import station
from fanal.station.texts import LANGUAGES

Next = Callable[[HttpRequest], HttpResponse]


class Language:
    """The officer's language; before sign-in the cookie's, then the browser's first that we speak."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.lang = self.of(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.lang)  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            # A desk's screen is shared: what one officer saw is not to be had by going back after they signed out.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    @staticmethod
    def of(request: HttpRequest) -> str:
        if request.user.is_authenticated:
            return str(request.user.language)
        wanted = [request.COOKIES.get("fanal_lang", "")]
        wanted += [
            part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")
        ]
        found = next((lang for lang in wanted if lang in LANGUAGES), None)
        return found or station().default_language


class IdleLock:
    """After so long without a request the screen asks for the password again; the work stays where it was."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        # What a page asks every second is no sign that somebody is there.
        self.asked_by_itself = frozenset({reverse("waiting"), reverse("later")})

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            seen = request.session.get("seen", now)
            if now - seen > settings.FANAL_IDLE_SECONDS:
                request.session["locked"] = True
            open_anyway = (reverse("locked"), reverse("logout"))
            if request.session.get("locked"):
                if request.path not in open_anyway and not request.path.startswith(settings.STATIC_URL):
                    return go_to(request, "locked")
            elif request.path not in self.asked_by_itself and (now - seen > 15 or "seen" not in request.session):
                # Not on every request: each write of a session is a write to the database.
                request.session["seen"] = now
        return self.get_response(request)


class Unfinished:
    """What stands between the right password and the work: the second factor, and a password that was given by
    another and must be changed."""

    AFTER: ClassVar = {
        "ask": ("second", frozenset({"second", "passkey_pass_begin", "passkey_pass_complete"})),
        "enrol": (
            "second_factor",
            frozenset({"second_factor", "passkey_enrol_begin", "passkey_enrol_complete"}),
        ),
    }
    ALWAYS = frozenset({"logout", "language", "locked", "health", "notices"})

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in self.ALWAYS:
            return None
        if request.user.must_change_password and request.session.get("second") != "ask":
            return None if name == "account" else redirect("account")
        where, open_anyway = self.AFTER.get(request.session.get("second", ""), (None, frozenset()))
        if where is None or name in open_anyway:
            return None
        if where == "second":
            return redirect(f"{reverse(where)}?{urlencode({'next': request.get_full_path()})}")
        return redirect(where)


class Permission:
    """Deny by default: a view names its action (`permissions.allow`), and the officer's roles must allow it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        action = getattr(view, "fanal_action", None)
        if action == PUBLIC:
            return None
        if not request.user.is_authenticated:
            return go_to(request, "login")
        if action is not None and may(request.user, action):
            return None
        return refused(request, action)


def go_to(request: HttpRequest, name: str) -> HttpResponse:
    """To sign in or to unlock, and then back; where a part of a page asks, the whole page goes."""
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}")
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = page.path + (f"?{page.query}" if page.query else "")
    return HttpResponse(status=204, headers={"HX-Redirect": f"{reverse(name)}?{urlencode({'next': back})}"})


def refused(request: HttpRequest, action: Action | None) -> HttpResponse:
    """The page that says which permission is missing and whom to ask."""
    roles = sorted(TABLE[action]) if action is not None else []
    context = {
        "action": action,
        "action_key": f"action.{action}",
        "roles": roles,
        "role_keys": [f"role.{role}" for role in roles],
    }
    return render(request, "refused.html", context, status=403)
