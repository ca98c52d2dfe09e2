"""Persons, their documents, and crossings. A crossing is never changed: a correction is a new one that points to it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fanal.station.accounts.models import Officer
from fanal.station.inspections.models import Inspection
from fanal.station.places.models import CrossingPoint, Lane


class Person(models.Model):
    """A traveller, as the officers who met them understood them from their documents."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    primary_identifier = models.CharField(max_length=200)
    secondary_identifier = models.CharField(max_length=200, blank=True)
    date_of_birth = models.CharField(max_length=10, blank=True)  # as precise as the document: 1974-08-12, 1974-08, 1974
    sex = models.CharField(max_length=1, blank=True)
    nationality = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["date_of_birth", "primary_identifier"], name="person_traits")]

    def __str__(self) -> str:
        return str(self.id)


class TravelDocument(models.Model):
    """A document that was presented here: issuing State, kind (first letter of its code) and number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuing_state = models.CharField(max_length=3)
    kind = models.CharField(max_length=1)
    number = models.CharField(max_length=64)
    date_of_expiry = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuing_state", "kind", "number"], name="document_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Holder(models.Model):
    """That a person holds a document, and who said so. The first time the document says so itself; another document
    of a known person is theirs once an officer has confirmed it; a confirmation can be taken back."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="documents")
    document = models.ForeignKey(TravelDocument, on_delete=models.PROTECT, related_name="holders")
    confirmed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "document"], condition=Q(ended_at=None), name="holder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.document_id}"


class Crossing(models.Model):
    """A decision at a crossing point: who, where, which way, on which advice, by whom.

    `admitted` and `exited` are passages; `referred` opens a case in secondary, whose outcome is a further crossing.
    """

    class Outcome(models.TextChoices):
        ADMITTED = "admitted"
        EXITED = "exited"
        REFERRED = "referred"
        REFUSED = "refused"  # in secondary only, with reasons of the closed list
        WITHDRAWN = "withdrawn"  # a correction: this crossing did not take place

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="crossings", null=True)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="+")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+", null=True)
    direction = models.CharField(max_length=5, choices=Lane.Direction.choices)
    at = models.DateTimeField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="crossings")
    document = models.ForeignKey(TravelDocument, on_delete=models.PROTECT, related_name="crossings")
    means = models.CharField(max_length=16, blank=True)  # means of transport: a code
    conveyance = models.CharField(max_length=64, blank=True)  # flight, vessel, plate
    purpose = models.CharField(max_length=16, blank=True)  # purpose of travel: a code
    fast_lane = models.BooleanField(default=False)
    advice = models.CharField(max_length=16)  # what the officer saw when deciding
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    reasons = models.JSONField(default=list)  # codes
    note = models.TextField(blank=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    permitted_until = models.DateField(null=True)
    rule = models.JSONField(default=dict)  # the rule of stay by which, and the sum as it was shown
    # Not unique: an exit that is withdrawn leaves the entry to be closed by another (`visits`).
    closes = models.ForeignKey("self", on_delete=models.PROTECT, related_name="exits", null=True)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, related_name="corrected_by", null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "at"], name="crossing_person"),
            models.Index(fields=["document", "at"], name="crossing_document"),
            models.Index(fields=["point", "at"], name="crossing_point_at"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(direction__in=["entry", "exit"]), name="crossing_direction_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["admitted", "exited", "referred", "refused", "withdrawn"]),
                name="crossing_outcome_known",
            ),
            models.CheckConstraint(
                condition=~(Q(advice="refer") & Q(outcome__in=["admitted", "exited"]))
                | (Q(countersigned_by__isnull=False) & ~Q(countersigned_by=F("officer")) & ~Q(note="")),
                name="crossing_against_refer_needs_two",
            ),
            models.CheckConstraint(
                condition=~(Q(direction="entry") & Q(outcome="exited"))
                & ~(Q(direction="exit") & Q(outcome__in=["admitted", "refused"])),
                name="crossing_outcome_fits_direction",
            ),
            models.CheckConstraint(condition=Q(closes=None) | Q(direction="exit"), name="crossing_only_exits_close"),
        ]

    def __str__(self) -> str:
        return str(self.id)
