"""The fast lane: who is registered to pass in it, with which document and which card."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Person, TravelDocument
from fanal.station.inspections.models import Inspection
from fanal.station.places.models import CrossingPoint

KINDS = ("inhabitant", "worker", "trader", "pupil")


class Registration(models.Model):
    """That a person may use the fast lane of a crossing point, for the day, with this document, until when.

    `inspection` is the one on which the document was registered: each pass puts its evidence to the checks again.
    Ending a registration keeps it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    card = models.CharField(max_length=16, unique=True)  # what the card's code holds (`cards`)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="registrations")
    document = models.ForeignKey(TravelDocument, on_delete=models.PROTECT, related_name="registrations")
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="registrations")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    valid_from = models.DateField()
    valid_until = models.DateField()
    registered_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    end_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="registration_kind_known"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="registration_period"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="registration_end_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["person", "point"], condition=Q(ended_at=None), name="registration_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
