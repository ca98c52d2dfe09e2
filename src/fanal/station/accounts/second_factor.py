"""The second factor: a code that changes every half minute (TOTP, RFC 6238), passkeys (WebAuthn), and codes on paper
for the day the device is lost. Through django-otp and django-otp-webauthn; here stand the station's rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django_otp import devices_for_user
from django_otp import login as otp_login
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential

from fanal.station.accounts.factor_key import paper_digest
from fanal.station.accounts.models import AppDevice, Officer
from fanal.station.errors import Refusal
from fanal.station.journal.services import record

PAPER_CODES = 8


@dataclass(frozen=True, slots=True)
class Factors:
    """What an officer has."""

    totp: bool
    passkeys: list[Any]
    paper_codes: int

    @property
    def any(self) -> bool:
        return self.totp or bool(self.passkeys)


def factors(officer: Officer) -> Factors:
    return Factors(
        totp=AppDevice.objects.filter(user=officer, confirmed=True).exists(),
        passkeys=list(WebAuthnCredential.objects.filter(user=officer, confirmed=True).order_by("created_at")),
        paper_codes=StaticToken.objects.filter(device__user=officer).count(),
    )


def required(officer: Officer) -> bool:
    """Whether one of the officer's roles must have a second factor here (FANAL_SECOND_FACTOR)."""
    wanted = settings.FANAL_SECOND_FACTOR
    return "all" in wanted or bool(officer.roles & wanted)


def after_password(request: HttpRequest, officer: Officer) -> None:
    """Keep in the session what is still to be done after the right password: `middleware.SecondFactor` asks for it."""
    if any(True for _ in devices_for_user(officer)):
        request.session["second"] = "ask"
    elif required(officer):
        request.session["second"] = "enrol"
    else:
        request.session["second"] = "none"


def match(officer: Officer, code: str) -> Any:
    """The officer's device that the code is of; None where it is of none. It is used up."""
    typed = code.replace(" ", "").strip()[:32]
    with transaction.atomic():
        for device in devices_for_user(officer, for_verify=True):
            if isinstance(device, TOTPDevice):  # the library knows the row only as it stands, whose key is no secret
                device = AppDevice.objects.get(pk=device.pk)
            if device.verify_token(paper_digest(typed) if isinstance(device, StaticDevice) else typed):
                return device
    return None


def pass_with_code(request: HttpRequest, officer: Officer, code: str) -> bool:
    """Whether the code is right, of the app or on paper; then the session is through."""
    device = match(officer, code)
    if device is None:
        return False
    done(request, device)
    return True


def done(request: HttpRequest, device: Any) -> None:
    otp_login(request, device)
    request.session["second"] = "done"


# --- enrolling --------------------------------------------------------------------------------------------------------


def pending_totp(officer: Officer) -> AppDevice:
    """The key that waits for its first code; the same one until that code comes."""
    device: AppDevice
    device, _ = AppDevice.objects.get_or_create(user=officer, confirmed=False, defaults={"name": "totp"})
    return device


def qr_code(device: AppDevice) -> str:
    """The key as a picture for the app, as a data URI."""
    return str(segno.make(device.config_url, error="m").svg_data_uri(scale=6, border=3, dark="#000", light="#fff"))


def confirm_totp(request: HttpRequest, officer: Officer, code: str) -> list[str]:
    """Take the app's first code. Returns the codes for paper, shown this once.

    Raises:
        Refusal: `code_wrong`.
    """
    with transaction.atomic():
        device = AppDevice.objects.select_for_update().filter(user=officer, confirmed=False).first()
        if device is None or not device.verify_token(code.replace(" ", "").strip()[:16]):
            wrong = True
        else:
            wrong = False
            AppDevice.objects.filter(user=officer, confirmed=True).delete()
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            codes = _paper_codes(officer)
            _record(officer, "second_factor_added", "totp")
    if wrong:  # outside the transaction: the counted try is kept
        raise Refusal("code_wrong")
    done(request, device)
    return codes


def new_paper_codes(officer: Officer) -> list[str]:
    """New codes for paper; the old ones are void."""
    with transaction.atomic():
        codes = _paper_codes(officer)
        _record(officer, "second_factor_paper", "static")
    return codes


def remove(officer: Officer, kind: str, pk: str = "") -> None:
    """Take a factor away. The last one of an officer who must have one stays.

    Raises:
        Refusal: `second_factor_required`, `second_factor_unknown`.
    """
    with transaction.atomic():
        held = factors(officer)
        if required(officer) and held.totp + len(held.passkeys) == 1:
            raise Refusal("second_factor_required")
        if kind == "totp":
            gone, _ = AppDevice.objects.filter(user=officer).delete()
        elif kind == "passkey" and pk.isdecimal():
            gone, _ = WebAuthnCredential.objects.filter(user=officer, pk=int(pk)).delete()
        else:
            gone = 0
        if not gone:
            raise Refusal("second_factor_unknown")
        if not factors(officer).any:
            StaticDevice.objects.filter(user=officer).delete()
        _record(officer, "second_factor_removed", kind)


def passkey_added(request: HttpRequest, officer: Officer, device: Any, name: str) -> None:
    """Name a new passkey, and put it on the record."""
    with transaction.atomic():
        device.name = name.strip()[:64] or "passkey"
        device.save(update_fields=["name"])
        _record(officer, "second_factor_added", "passkey")
    done(request, device)


def _paper_codes(officer: Officer) -> list[str]:
    StaticDevice.objects.filter(user=officer).delete()
    device = StaticDevice.objects.create(user=officer, name="paper", confirmed=True)
    codes = [StaticToken.random_token() for _ in range(PAPER_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=paper_digest(code)) for code in codes)
    return codes


def _record(officer: Officer, action: str, kind: str) -> None:
    record(actor=officer, action=action, subject_kind="officer", subject=officer.pk, why="access", data={"kind": kind})


# --- passkeys ---------------------------------------------------------------------------------------------------------


class PasskeyHelper(WebAuthnHelper):  # type: ignore[misc]
    """The relying party is the host that the page came from: ALLOWED_HOSTS has checked it."""

    def get_relying_party_domain(self) -> str:
        return str(self.request.get_host().rsplit(":", 1)[0])

    def get_allowed_origins(self) -> list[str]:
        return [f"{self.request.scheme}://{self.request.get_host()}"]

    def get_credential_display_name(self, user: Any) -> str:
        return f"{user.name} ({user.username})"
