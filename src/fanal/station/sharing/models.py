"""What the exchange keeps: agreements, what goes out, what came in, where each thread stands, and the shared data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

_THREADS = ["share", "register", "query", "confirm", "reconcile", "heads", "receipts"]


class SignedAgreement(models.Model):
    """An agreement as both sides signed it, or a proposal that one has. The text is never changed."""

    STATES = ("proposed", "in_force", "superseded", "leaving", "ended")

    agreement = models.UUIDField()
    version = models.PositiveIntegerField()
    partner = models.CharField(max_length=35)
    text = models.TextField()
    state = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "version"], name="agreement_version_once"),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "in_force", "superseded", "leaving", "ended")),
                name="agreement_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.version}"


class RevokedKey(models.Model):
    """A key of a partner's or of ours that is not to be trusted from `at` on, with the statement that says so."""

    kid = models.CharField(max_length=43, unique=True)
    party = models.CharField(max_length=35)
    at = models.DateTimeField()
    statement = models.TextField()

    def __str__(self) -> str:
        return self.kid


class Outbox(models.Model):
    """An envelope that was written in the transaction of what it announces, until the stream has it."""

    message = models.UUIDField(unique=True)
    partner = models.CharField(max_length=35)
    envelope = models.BinaryField()
    written = models.DateTimeField()
    published = models.DateTimeField(null=True)
    problem = models.CharField(max_length=40, blank=True)
    round = models.PositiveSmallIntegerField(default=0)  # how often a partner that was restored has asked for it again

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="outbox_waiting", condition=Q(published__isnull=True)),
        ]

    def __str__(self) -> str:
        return str(self.message)


class Inbox(models.Model):
    """An envelope that came, once. What was refused or cannot be read yet is kept as it came, and shown."""

    message = models.CharField(max_length=36)
    partner = models.CharField(max_length=35)
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=40, blank=True)
    clause = models.CharField(max_length=16, blank=True)
    envelope = models.BinaryField(null=True)  # kept for what was not applied
    received = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "message"], name="inbox_message_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=("applied", "refused", "set_aside")), name="inbox_outcome_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["received"], name="inbox_problems", condition=~Q(outcome="applied")),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.message}"


class Datum(models.Model):
    """A shared datum: ours, or a partner's that we hold under its agreement. The owner owns.

    `id` is the owner's. `body` is emptied when it is withdrawn or expires; that it was held stays on the record.
    """

    id = models.UUIDField(primary_key=True)
    owner = models.CharField(max_length=35)
    category = models.CharField(max_length=16)
    purpose = models.CharField(max_length=20)
    handling = models.JSONField(default=list)
    agreement = models.UUIDField(null=True)  # none for our own
    clause = models.CharField(max_length=16, blank=True)
    body = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)
    sequence = models.BigIntegerField(unique=True)  # of its last change, in the order of all changes
    created = models.DateTimeField()
    changed = models.DateTimeField()
    expires = models.DateTimeField()
    gone = models.DateTimeField(null=True)
    gone_why = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(gone__isnull=True) | Q(body__isnull=True), name="datum_gone_is_empty"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires"], name="datum_expires", condition=Q(gone__isnull=True)),
            models.Index(fields=["owner", "category"], name="datum_owner"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Counter(models.Model):
    """The number of the register's last change: one row, locked by whoever changes it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="counter_is_one_row")]

    def __str__(self) -> str:
        return str(self.last)


class Post(models.Model):
    """How far a checkpoint of ours has been given the register, and how far it holds it."""

    partner = models.CharField(max_length=35, primary_key=True)
    given = models.BigIntegerField(default=0)
    confirmed = models.BigIntegerField(default=0)
    under_way = models.JSONField(default=list)  # [message, given before it, when], oldest first

    def __str__(self) -> str:
        return f"{self.partner} {self.confirmed}"


class Thread(models.Model):
    """Where an exchange of messages with one partner stands. `datum`: what it is about, where it is about one."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in _THREADS])
    state = models.CharField(max_length=16)
    opener = models.CharField(max_length=35)
    partner = models.CharField(max_length=35)
    category = models.CharField(max_length=16)
    purpose = models.CharField(max_length=20)
    datum = models.UUIDField(null=True)
    relays = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="relayed")
    opened = models.DateTimeField()
    changed = models.DateTimeField()
    reached = models.PositiveIntegerField(default=0)  # copies, as the other side's receipts say
    deadline = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    escalated = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["datum"], name="thread_datum"),
            models.Index(fields=["kind", "state"], name="thread_state"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Step(models.Model):
    """One message of a thread, ours or theirs. `body` is emptied with the datum that it speaks of."""

    message = models.UUIDField(primary_key=True)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16)
    sender = models.CharField(max_length=35)
    created = models.DateTimeField()
    content = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["thread", "created"], name="step_thread")]

    def __str__(self) -> str:
        return str(self.message)


class Passage(models.Model):
    """One crossing of a document at a land border, ours or a neighbour's, until its other half is found or it expires.

    `id` is the crossing's where it was recorded. `matched`: the partner that has the other half.
    """

    id = models.UUIDField(primary_key=True)
    holder = models.CharField(max_length=35)
    direction = models.CharField(max_length=5)
    at = models.DateTimeField()
    point = models.CharField(max_length=16)
    issuing_state = models.CharField(max_length=3)
    number = models.CharField(max_length=32)
    matched = models.CharField(max_length=35, blank=True)
    offered = models.DateTimeField(null=True)
    expires = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["issuing_state", "number", "at"], name="passage_document")]

    def __str__(self) -> str:
        return str(self.id)


class PartnerHead(models.Model):
    """The newest head of a partner's record that we cosigned: the next one has to continue it."""

    partner = models.CharField(max_length=35, primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.partner} {self.size}"
