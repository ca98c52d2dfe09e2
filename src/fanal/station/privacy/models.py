"""What the data protection officer decides about a person's data: corrections, restrictions, legal holds."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Person

# For what the data protection officer looks at someone's data: it stands on the record.
REASONS: Final = ("access_request", "correction_request", "objection", "complaint", "audit", "court_order")

# What a person may have corrected.
TRAITS: Final = ("primary_identifier", "secondary_identifier", "date_of_birth", "sex", "nationality")


class _Ended(models.Model):
    """Something that holds for a person's data from one day until somebody ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="%(class)ss")
    reason = models.TextField()
    placed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class Restriction(_Ended):
    """The person's data is kept and not used: accuracy contested, or unlawful and the person wants it kept."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="restriction_once_at_a_time"),
            models.CheckConstraint(condition=~Q(reason=""), name="restriction_has_a_reason"),
        ]


class Hold(_Ended):
    """Nothing of the person's is erased while it stands, whatever retention says: a court, an investigation."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="hold_once_at_a_time"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_a_reason"),
        ]


class Correction(models.Model):
    """One trait of a person that was wrong: what it was, what it is. Erased with the person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="corrections")
    trait = models.CharField(max_length=32, choices=[(trait, trait) for trait in TRAITS])
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(trait__in=list(TRAITS)), name="correction_trait_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.id)
