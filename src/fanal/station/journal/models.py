"""The record of this station: entries in order, the tree's state, and the heads that were signed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One thing that was done or read: who, what, to which subject, why. Holds ids, never names or numbers.

    `body` is the canonical JSON that was hashed (`fanal.ledger.canonical`); the columns repeat it for searching.
    A trigger refuses to change or delete entries.
    """

    index = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)  # an officer's or a machine's id; "system" for the station itself
    action = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64)
    why = models.CharField(max_length=64)
    body = models.TextField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject"], name="entry_subject"),
            models.Index(fields=["actor", "at"], name="entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.action}"


class Commitment(models.Model):
    """What a row held when an entry named it: the entry holds SHA-256(salt || fields), the salt stands here.

    Erasing the row empties the salt too, and what the entry holds then says nothing about anyone: without 128 random
    bits nobody can try names against it. `erased` is the entry that says so.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="commitments")
    row = models.CharField(max_length=100)  # "crossings.crossing:<id>"
    fields = models.JSONField()  # their names: a later version's new column does not break an old commitment
    salt = models.BinaryField(max_length=16, null=True)
    erased = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["row", "entry"], name="commitment_once_an_entry"),
            models.CheckConstraint(
                condition=models.Q(salt__isnull=False, erased=None) | models.Q(salt=None, erased__isnull=False),
                name="commitment_erased_on_the_record",
            ),
        ]

    def __str__(self) -> str:
        return self.row


class Head(models.Model):
    """The state of the tree: one row, locked by whoever appends."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    peaks = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="head_is_one_row")]

    def __str__(self) -> str:
        return str(self.size)


class SignedHead(models.Model):
    """A head as it was signed, with the cosignatures that partners gave."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.size)
