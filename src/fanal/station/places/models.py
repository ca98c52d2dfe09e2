"""Where people cross: crossing points, their lanes, and the devices in them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class CrossingPoint(models.Model):
    """A place where a border is crossed. `code` is its UN/LOCODE, or a local one where there is none (Malpasse)."""

    class Kind(models.TextChoices):
        LAND = "land"
        AIR = "air"
        SEA = "sea"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=3)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=["land", "air", "sea"]), name="point_kind_known"),
        ]

    def __str__(self) -> str:
        return self.code


class Lane(models.Model):
    """A lane of a crossing point, for one direction."""

    class Direction(models.TextChoices):
        ENTRY = "entry"
        EXIT = "exit"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="lanes")
    name = models.CharField(max_length=64)
    direction = models.CharField(max_length=5, choices=Direction.choices)
    fast = models.BooleanField(default=False)  # identified habitual crossers
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["point", "name"], name="lane_name_once_a_point"),
            models.CheckConstraint(condition=models.Q(direction__in=["entry", "exit"]), name="lane_direction_known"),
        ]

    def __str__(self) -> str:
        return f"{self.point.code} {self.name}"


class Device(models.Model):
    """A machine at a crossing point: what it is, where it stands. Its evidence names it."""

    class Kind(models.TextChoices):
        PAGE_READER = "page_reader"
        CHIP_READER = "chip_reader"
        CAMERA = "camera"
        FINGERPRINT = "fingerprint"
        GATE = "gate"
        PRINTER = "printer"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="devices")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="devices", null=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=64)
    serial = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["point", "name"], name="device_name_once_a_point"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["page_reader", "chip_reader", "camera", "fingerprint", "gate", "printer", "other"]
                ),
                name="device_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point.code} {self.name}"
