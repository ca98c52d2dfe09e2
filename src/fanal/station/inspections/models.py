"""Inspections at this station: the evidence as it came, and the report as the software made it. Never changed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from fanal.station.accounts.models import Officer
from fanal.station.places.models import Lane


class Inspection(models.Model):
    """One document presented once. `report` is the inspection's record, rendered in any language when it is read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    machine = models.CharField(max_length=64, blank=True)  # the API token's id, where no officer was there
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, null=True)
    # The inspection whose evidence this one looked at again, together with more.
    follows = models.ForeignKey("self", on_delete=models.PROTECT, related_name="followed_by", null=True)
    training = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField()  # the day of inspection, which the checks took
    advice = models.CharField(max_length=16)
    report = models.JSONField()
    issuing_state = models.CharField(max_length=3, blank=True)
    document_number = models.CharField(max_length=64, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["issuing_state", "document_number"], name="inspection_document"),
            models.Index(fields=["at"], name="inspection_at"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(advice__in=["no_objection", "look_again", "refer"]), name="inspection_advice_known"
            ),
            models.CheckConstraint(
                condition=models.Q(officer__isnull=False) | ~models.Q(machine=""), name="inspection_has_an_author"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class EvidenceFile(models.Model):
    """A piece of evidence of an inspection, with its bytes. In the database, so that one transaction saves it all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="evidence")
    position = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    label = models.CharField(max_length=255, blank=True)
    captured = models.JSONField(default=dict)
    media_type = models.CharField(max_length=64, blank=True)
    # Of a picture as it is shown (EXIF orientation applied), in pixels: regions are drawn over it.
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    content = models.BinaryField(null=True)  # None once retention has erased it; the digest stays

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inspection", "position"], name="evidence_position_once"),
        ]

    def __str__(self) -> str:
        return self.sha256


class Taken(models.Model):
    """That an officer took up what a machine had delivered."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="taken")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.inspection_id)
