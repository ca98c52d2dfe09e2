"""Issuing, finding and revoking tokens; counting requests."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fanal.station.accounts.models import Officer
from fanal.station.api.models import PURPOSES, SCOPES, Token, Window
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.places.models import Lane

PREFIX = "fanal_"  # so that a secret that leaks into a repository or a log is recognised as one
MAX_DAYS = 400
MAX_PER_MINUTE = 6000


def issue(
    *,
    request_id: UUID,
    officer: Officer,
    name: str,
    scopes: Sequence[str],
    purpose: str,
    days: int,
    lane: Lane | None = None,
    per_minute: int = 120,
) -> tuple[Token, str]:
    """A new token and its secret, which is not kept and cannot be shown again.

    Raises:
        Refusal: with nothing written; `token_made_already` where the same request made one before.
    """
    if Token.objects.filter(request_id=request_id).exists():
        raise Refusal("token_made_already")
    if not name.strip():
        raise Refusal("token_name_missing")
    if not scopes or set(scopes) - {scope.value for scope in SCOPES}:
        raise Refusal("token_scopes")
    if purpose not in PURPOSES:
        raise Refusal("purpose_unknown")
    if not 1 <= days <= MAX_DAYS:
        raise Refusal("token_days", limit=str(MAX_DAYS))
    if not 1 <= per_minute <= MAX_PER_MINUTE:
        raise Refusal("token_rate", limit=str(MAX_PER_MINUTE))
    secret = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        token = Token.objects.create(
            request_id=request_id,
            name=name.strip()[:64],
            scopes=sorted(set(scopes)),
            purpose=purpose,
            lane=lane,
            per_minute=per_minute,
            hint=secret[:12],
            digest=_digest(secret),
            created_by=officer,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record(
            actor=officer,
            action="token_issued",
            subject_kind="token",
            subject=token.pk,
            why="administration",
            data={"scopes": token.scopes, "purpose": purpose, "days": days},
        )
    return token, secret


def revoke(*, officer: Officer, token: UUID) -> None:
    """End a token now. One that has ended already stays as it is.

    Raises:
        Refusal: `token_unknown`.
    """
    with transaction.atomic():
        row = Token.objects.select_for_update().filter(pk=token).first()
        if row is None:
            raise Refusal("token_unknown")
        if row.revoked_at is None:
            row.revoked_at, row.revoked_by = timezone.now(), officer
            row.save(update_fields=["revoked_at", "revoked_by"])
            record(actor=officer, action="token_revoked", subject_kind="token", subject=row.pk, why="administration")


def find(secret: str, *, now: datetime) -> Token | None:
    """The token of a secret, if it is good now. The digest is looked up, so the time it takes says nothing of it."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    token = Token.objects.select_related("lane__point").filter(digest=_digest(secret)).first()
    if token is None or token.revoked_at is not None or token.expires_at <= now:
        return None
    return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def spend(key: str, limit: int, *, now: datetime) -> int:
    """Count one request of `key`. 0 if it is within `limit` a minute, else the seconds until it may ask again."""
    seconds = int(now.timestamp())
    minute = seconds // 60
    with transaction.atomic():
        row, made = Window.objects.select_for_update().get_or_create(key=key, defaults={"minute": minute, "count": 1})
        if made:
            return 0
        if row.minute != minute:
            row.minute, row.count = minute, 0
        if row.count >= limit:
            return 60 - seconds % 60
        row.count += 1
        row.save(update_fields=["minute", "count"])
    return 0


def forget_windows() -> None:
    """What the worker does: counts of an hour ago say nothing any more."""
    Window.objects.filter(minute__lt=int(timezone.now().timestamp()) // 60 - 60).delete()
