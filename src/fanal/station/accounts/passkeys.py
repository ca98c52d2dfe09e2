"""The four steps of passkeys, as JSON: the library's views, with this station's permissions and record."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from django_otp_webauthn import exceptions
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.views import (
    BeginCredentialAuthenticationView,
    BeginCredentialRegistrationView,
    CompleteCredentialAuthenticationView,
    CompleteCredentialRegistrationView,
)

from fanal.station.accounts import second_factor
from fanal.station.accounts.permissions import Action, allow
from fanal.station.journal.services import record


class _Enrol(CompleteCredentialRegistrationView):  # type: ignore[misc]
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        device = WebAuthnCredential.objects.filter(user=self.request.user).order_by("-created_at").first()
        name = str(self.request.data.get("name", "")) if isinstance(self.request.data, dict) else ""
        second_factor.passkey_added(self.request, self.request.user, device, name)
        return response


class _Pass(CompleteCredentialAuthenticationView):  # type: ignore[misc]
    def complete_auth(self, device: Any) -> Any:
        user = super().complete_auth(device)
        second_factor.done(self.request, device)
        record(actor=device.user, action="second_factor", subject_kind="officer", subject=device.user_id, why="access")
        return user


def _answer(view: Any, request: HttpRequest) -> HttpResponse:
    """What a browser sends that no browser would send is a refusal of ours, not a failure."""
    try:
        response: HttpResponse = view.as_view()(request)
    except (exceptions.OTPWebAuthnApiError, KeyError, TypeError, ValueError, AttributeError):
        return JsonResponse({"code": "malformed"}, status=422)
    return response


@allow(Action.OWN_ACCOUNT)
@require_POST
def enrol_begin(request: HttpRequest) -> HttpResponse:
    """The password is asked again: a screen that was left open enrols no stranger's key."""
    try:
        password = json.loads(request.body or b"{}")["password"]
    except (ValueError, KeyError, TypeError):
        password = None
    if not isinstance(password, str) or not request.user.check_password(password):
        return JsonResponse({"code": "password_wrong"}, status=422)
    return _answer(BeginCredentialRegistrationView, request)


@allow(Action.OWN_ACCOUNT)
@require_POST
def enrol_complete(request: HttpRequest) -> HttpResponse:
    return _answer(_Enrol, request)


@allow(Action.OWN_ACCOUNT)
@require_POST
def pass_begin(request: HttpRequest) -> HttpResponse:
    return _answer(BeginCredentialAuthenticationView, request)


@allow(Action.OWN_ACCOUNT)
@require_POST
def pass_complete(request: HttpRequest) -> HttpResponse:
    return _answer(_Pass, request)
