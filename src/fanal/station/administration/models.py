"""What an administrator sets for the whole station. None of it is about a traveller."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import Q

from fanal.station.accounts.models import Officer
from fanal.station.texts import LANGUAGES


class Station(models.Model):
    """The authority that works here, and the language before anyone has chosen one: one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    authority = models.CharField(max_length=200, blank=True)
    default_language = models.CharField(max_length=2, default="en")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="station_is_one_row"),
            models.CheckConstraint(condition=Q(default_language__in=list(LANGUAGES)), name="station_language_known"),
        ]

    def __str__(self) -> str:
        return self.authority


NOTICES: Final = ("data_protection", "rights", "help", "complaints")


class Notice(models.Model):
    """A notice to travellers in one language, as it stood from a moment on: a new wording is a new row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in NOTICES])
    language = models.CharField(max_length=2)
    text = models.TextField()
    written_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "language", "at"], name="notice_latest")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(NOTICES)), name="notice_kind_known"),
            models.CheckConstraint(condition=Q(language__in=list(LANGUAGES)), name="notice_language_known"),
            models.CheckConstraint(condition=~Q(text=""), name="notice_has_words"),
            models.UniqueConstraint(fields=["request_id", "language"], name="notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


# Days that each kind of record is kept, if the administrator sets nothing else: counted from the day that closes it.
RETENTION: Final = {
    "evidence": 90,  # pictures and files of an inspection that led to no case
    "inspection": 365,
    "crossing": 1095,  # from the exit; without one, from the last lawful day
    "case": 1825,
    "restricted_note": 1825,
    "fast_lane": 365,
}


class Retention(models.Model):
    """How many days a kind of record is kept: the newest row of a kind holds, earlier ones say what held before."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in RETENTION])
    days = models.PositiveIntegerField()
    legal_basis = models.CharField(max_length=400)
    set_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "at"], name="retention_latest")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(RETENTION)), name="retention_kind_known"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=36500), name="retention_days_sensible"),
            models.CheckConstraint(condition=~Q(legal_basis=""), name="retention_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"
