"""Officers and their roles, as an administrator keeps them; and the second person who signs in place."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from axes.utils import reset as axes_reset
from django.contrib.auth import authenticate
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp import devices_for_user

from fanal.station.accounts import second_factor
from fanal.station.accounts.models import Grant, Officer
from fanal.station.accounts.permissions import Role
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.texts import LANGUAGES


def sign_in_place(request: HttpRequest, username: str, password: str, code: str = "") -> Officer | None:
    """The second officer, by their own name, password and, where they have one, second factor, on this screen.
    None where no name was given. Wrong passwords count towards the lockout of that name.

    Raises:
        Refusal: `countersign_password`; `countersign_not_own`: they have not chosen their own password yet.
    """
    if not username.strip():
        return None
    officer = authenticate(request, username=username.strip(), password=password)
    if not isinstance(officer, Officer):
        raise Refusal("countersign_password")
    if officer.must_change_password:
        raise Refusal("countersign_not_own")  # whoever made the password would sign in their name
    if any(True for _ in devices_for_user(officer)) and second_factor.match(officer, code) is None:
        raise Refusal("countersign_password")
    return officer


def new_password() -> str:
    """A password that can be read aloud once and is then changed: 64 random bits."""
    return "-".join(secrets.token_hex(2) for _ in range(4))


def create_officer(
    *, by: Officer, username: str, name: str, language: str, agency: str, roles: Iterable[str]
) -> tuple[Officer, str]:
    """A new officer and the password that is shown this once. It is changed at the first sign-in.

    Raises:
        Refusal: the name is taken or empty, the language or a role is unknown.
    """
    username, name = username.strip(), name.strip()
    if not username or not name:
        raise Refusal("officer_name_missing")
    if language not in LANGUAGES:
        raise Refusal("language_unknown")
    wanted = _known(roles)
    password = new_password()
    try:
        with transaction.atomic():
            officer = Officer.objects.create_officer(
                username[:64],
                password,
                name=name[:200],
                language=language,
                agency=agency.strip()[:64],
                must_change_password=True,
            )
            for role in sorted(wanted):
                Grant.objects.create(officer=officer, role=role.value, granted_by=by)
            _record(by, "officer_created", officer, roles=sorted(wanted))
    except IntegrityError as error:
        raise Refusal("officer_name_taken") from error
    return officer, password


def set_roles(*, by: Officer, officer: Officer, roles: Iterable[str]) -> None:
    """Grant and take back, so that the officer has these roles. Nobody changes their own.

    Whoever administers the station reads nothing about travellers: the administrator's role goes with no other.

    Raises:
        Refusal: `own_account`, `role_unknown`, `administrator_alone`, `last_administrator`.
    """
    wanted = _known(roles)
    with transaction.atomic():
        row = _lock(by, officer)
        held = {Role(g.role): g for g in row.grants.filter(ended_at=None)}
        if Role.ADMINISTRATOR in held and Role.ADMINISTRATOR not in wanted:
            _check_another_administrator(row)
        for role in sorted(set(held) - wanted):
            held[role].ended_at = timezone.now()
            held[role].save(update_fields=["ended_at"])
        for role in sorted(wanted - set(held)):
            Grant.objects.create(officer=row, role=role.value, granted_by=by)
        if wanted != set(held):
            _record(by, "officer_roles", row, granted=sorted(wanted - set(held)), ended=sorted(set(held) - wanted))


def set_active(*, by: Officer, officer: Officer, active: bool) -> None:
    """Let an officer in, or no longer. What they did stays under their name.

    Raises:
        Refusal: `own_account`, `last_administrator`.
    """
    with transaction.atomic():
        row = _lock(by, officer)
        if row.is_active == active:
            return
        if not active and Role.ADMINISTRATOR in row.roles:
            _check_another_administrator(row)
        row.is_active = active
        row.save(update_fields=["is_active"])
        _record(by, "officer_activated" if active else "officer_deactivated", row)


def reset_password(*, by: Officer, officer: Officer) -> str:
    """A new password, shown this once. Every session of the officer ends, and they change it at the next sign-in."""
    password = new_password()
    with transaction.atomic():
        row = _lock(by, officer)
        row.set_password(password)
        row.must_change_password = True
        row.save(update_fields=["password", "must_change_password"])
        _record(by, "officer_password_reset", row)
    axes_reset(username=officer.username)
    return password


def reset_second_factor(*, by: Officer, officer: Officer) -> None:
    """Forget the officer's second factors: they lost the device. The next sign-in is with the password alone."""
    with transaction.atomic():
        row = _lock(by, officer)
        for device in devices_for_user(row, confirmed=None):
            device.delete()
        _record(by, "officer_second_factor_reset", row)


def unlock(*, by: Officer, officer: Officer) -> None:
    """Open the door again that too many wrong passwords closed."""
    with transaction.atomic():
        axes_reset(username=officer.username)
        _record(by, "officer_unlocked", officer)


def change_person(*, by: Officer, officer: Officer, name: str, language: str, agency: str) -> None:
    """Correct an officer's name, language and agency."""
    if not name.strip():
        raise Refusal("officer_name_missing")
    if language not in LANGUAGES:
        raise Refusal("language_unknown")
    with transaction.atomic():
        row = Officer.objects.select_for_update().get(pk=officer.pk)
        row.name, row.language, row.agency = name.strip()[:200], language, agency.strip()[:64]
        row.save(update_fields=["name", "language", "agency"])
        _record(by, "officer_changed", row)


def _known(roles: Iterable[str]) -> set[Role]:
    try:
        wanted = {Role(role) for role in roles}
    except ValueError:
        raise Refusal("role_unknown") from None
    if Role.ADMINISTRATOR in wanted and len(wanted) > 1:
        raise Refusal("administrator_alone")
    return wanted


def _lock(by: Officer, officer: Officer) -> Officer:
    if officer.pk == by.pk:
        raise Refusal("own_account")
    return Officer.objects.select_for_update().get(pk=officer.pk)


def _check_another_administrator(officer: Officer) -> None:
    others = Grant.objects.filter(role=Role.ADMINISTRATOR, ended_at=None, officer__is_active=True)
    if not others.exclude(officer=officer).exists():
        raise Refusal("last_administrator")


def _record(by: Officer, action: str, officer: Officer, **data: object) -> None:
    record(actor=by, action=action, subject_kind="officer", subject=officer.pk, why="administration", data=data)


def forget_sessions() -> None:
    """What the worker does: a session that ended by itself may hold what was searched for, and serves nobody."""
    SessionStore.clear_expired()
