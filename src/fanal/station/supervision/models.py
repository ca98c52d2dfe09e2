"""A shift's hand-over from one supervisor to the next."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fanal.station.accounts.models import Officer
from fanal.station.places.models import CrossingPoint


class ShiftHandover(models.Model):
    """The outgoing supervisor's words, the state of the point then, and the incoming one's signature. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outgoing = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    incoming = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    note = models.TextField()
    state = models.JSONField()  # the board's figures then: counts and ids, no names

    class Meta:
        indexes: ClassVar = [models.Index(fields=["point", "at"], name="handover_point_at")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(outgoing=F("incoming")), name="handover_between_two"),
            models.CheckConstraint(condition=~Q(note=""), name="handover_has_words"),
        ]

    def __str__(self) -> str:
        return str(self.id)
