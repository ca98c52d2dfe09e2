"""Officers and their roles."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice

from fanal.station.accounts.factor_key import app_secret
from fanal.station.accounts.permissions import Role
from fanal.station.texts import LANGUAGES


class OfficerManager(BaseUserManager["Officer"]):
    def create_officer(self, username: str, password: str | None, **fields: Any) -> Officer:
        officer = self.model(username=username.strip(), **fields)
        officer.set_password(password)
        officer.save(using=self._db)
        return officer


class Officer(AbstractBaseUser):
    """A person who works here. Decisions name them, so an officer is never deleted, only made inactive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="en", choices=[(lang, lang) for lang in LANGUAGES])
    agency = models.CharField(max_length=64, blank=True)
    demo = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OfficerManager] = OfficerManager()

    USERNAME_FIELD = "username"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(language__in=LANGUAGES), name="officer_language_known"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles granted and not taken back, read once a request."""
        cached: frozenset[Role] | None = self.__dict__.get("_roles")
        if cached is None:
            held = self.grants.filter(ended_at=None).values_list("role", flat=True)
            cached = self.__dict__["_roles"] = frozenset(Role(role) for role in held)
        return cached


class Grant(models.Model):
    """A role of an officer, by whom and from when to when. Taking a role back ends the grant; the record stays."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in Role])
    granted_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="grant_role_known"),
            models.UniqueConstraint(
                fields=["officer", "role"], condition=models.Q(ended_at=None), name="grant_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.role}"


class AppDevice(TOTPDevice):  # type: ignore[misc]
    """An officer's app for codes. `key` is a salt: with the station's key it makes the secret (`factor_key`)."""

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        return app_secret(self.key)
