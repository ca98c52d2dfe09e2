"""Machines that speak to the station: their tokens, and how much they ask."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action
from fanal.station.places.models import Lane

# What a machine may be allowed. It never decides: a decision is a named officer's.
SCOPES: Final = (Action.INSPECT, Action.HISTORY, Action.LEDGER)
# For what a machine reads what is about people: it stands on the record with each reading.
PURPOSES: Final = ("border_control", "public_security", "agreement", "statistics")


class Token(models.Model):
    """A machine's token: what it may do, for what purpose, until when. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=64)
    scopes = models.JSONField()
    purpose = models.CharField(max_length=32)
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+", null=True)
    per_minute = models.PositiveIntegerField(default=120)
    hint = models.CharField(max_length=12)  # its first characters, to tell tokens apart
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of 256 random bits needs no salt
    created_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(purpose__in=list(PURPOSES)), name="token_purpose_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="token_expires"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_revoked_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def scope_keys(self) -> list[str]:
        return [f"action.{scope}" for scope in self.scopes]


class Window(models.Model):
    """How often a token, or an address without one, asked within the current minute."""

    key = models.CharField(max_length=80, primary_key=True)
    minute = models.BigIntegerField()  # since 1970
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.key
