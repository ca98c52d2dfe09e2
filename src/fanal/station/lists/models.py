"""Lists, entries, imports, rules and bulletins, hits. Lists are never merged; an entry answers to its list's owner.

Whoever writes an entry, an import or a rule is one person; whoever approves it is another: the database holds it too.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fanal.station.accounts.models import Officer
from fanal.station.inspections.models import Inspection
from fanal.station.lists import codes


class WatchList(models.Model):
    """A list: whose it is, on what legal basis, for which purposes, how it is handled, what to do on a hit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    subject = models.CharField(max_length=16)
    owner = models.CharField(max_length=200)
    contact = models.CharField(max_length=200, blank=True)  # how the owner is reached to confirm
    legal_basis = models.CharField(max_length=300)
    purposes = models.JSONField(default=list)
    handling = models.JSONField(default=list)
    action = models.CharField(max_length=32)
    hours_to_compare = models.PositiveSmallIntegerField(default=2)
    expires_on = models.DateField()
    partner = models.CharField(max_length=35, blank=True)  # whose list this mirrors: then nobody here writes in it
    sharing = models.CharField(max_length=8, default="none")
    created_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(subject__in=list(codes.SUBJECTS)), name="list_subject_known"),
            models.CheckConstraint(condition=Q(action__in=list(codes.ACTIONS)), name="list_action_known"),
            models.CheckConstraint(condition=~Q(owner="") & ~Q(legal_basis=""), name="list_has_owner_and_basis"),
            models.UniqueConstraint(
                fields=["partner", "subject"], condition=~Q(partner=""), name="list_once_a_partner"
            ),
            models.CheckConstraint(condition=Q(sharing__in=list(codes.SHARING)), name="list_sharing_known"),
            models.CheckConstraint(condition=Q(partner="") | Q(sharing="none"), name="list_of_partner_stays_here"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ListImport(models.Model):
    """A file that was brought in: looked at first, then taken in whole by another person, or not at all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=200)
    form = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)  # None once it is taken in or put away
    rows = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    first_errors = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    author = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    approver = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(approver=F("author")), name="import_needs_two"),
            models.CheckConstraint(condition=Q(approver=None) | Q(errors=0), name="import_whole_or_not"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ListEntry(models.Model):
    """One entry. `person` and `numbers` are as `entries.py` writes them. Proposed, then in force by another's approval,
    then ended; it is in force until it is ended or expires."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        IN_FORCE = "in_force"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True, default=uuid.uuid4)
    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="entries")
    ref = models.CharField(max_length=100, blank=True)  # the owner's own reference
    came_from = models.CharField(max_length=35, blank=True)  # the partner that shares it and answers for it
    title = models.CharField(max_length=300)  # the first name or number, to be shown
    person = models.JSONField(null=True)
    numbers = models.JSONField(default=list)
    reason = models.TextField()
    evidence = models.TextField(blank=True)
    photo = models.BinaryField(null=True)
    photo_basis = models.CharField(max_length=300, blank=True)  # by what law a photo may be kept
    state = models.CharField(max_length=16, choices=State.choices, default=State.PROPOSED)
    author = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)
    approver = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    review_on = models.DateField()
    expires_on = models.DateField()
    came_by = models.ForeignKey(ListImport, on_delete=models.PROTECT, related_name="entries", null=True)
    ended_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True)
    indexed = models.BooleanField(default=True)  # whether the index on disk is as this row

    UNCOMMITTED: ClassVar = ("indexed",)
    END: ClassVar = ("state", "ended_by", "ended_at", "ended_why", "indexed")  # what `end` sets

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["watch_list", "state"], name="entry_list_state"),
            models.Index(fields=["indexed"], condition=Q(indexed=False), name="entry_to_index"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["proposed", "in_force", "ended"]), name="entry_state_known"),
            models.CheckConstraint(condition=~Q(approver=F("author")), name="entry_needs_two"),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(approver__isnull=False) | ~Q(came_from=""),
                name="entry_in_force_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state="ended") | ((Q(ended_by__isnull=False) | ~Q(came_from="")) & ~Q(ended_why="")),
                name="entry_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(author__isnull=False, came_from="") | (Q(author=None) & ~Q(came_from="")),
                name="entry_of_an_officer_or_a_partner",
            ),
            models.CheckConstraint(condition=Q(photo=None) | ~Q(photo_basis=""), name="entry_photo_has_a_basis"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def end(self, by: Officer | None, at: datetime, why: str) -> None:
        """It is in force no more, and out of the index at the next turn; not saved."""
        self.state, self.ended_by, self.ended_at, self.ended_why = ListEntry.State.ENDED, by, at, why.strip()[:4000]
        self.indexed = False


class Rule(models.Model):
    """A readable condition, one version of it. A targeting rule, or a bulletin: how a forgery is known.

    Off until it has been tried on past travellers and another person has switched it on. A change is a new version.
    """

    class Kind(models.TextChoices):
        RULE = "rule"
        BULLETIN = "bulletin"

    class State(models.TextChoices):
        OFF = "off"
        ON = "on"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    condition = models.TextField()
    purpose = models.CharField(max_length=32)
    look_at = models.TextField(blank=True)  # what an officer is asked to look at
    fraud = models.CharField(max_length=32, blank=True)  # of a bulletin
    came_from = models.CharField(max_length=35, blank=True)  # the partner that learnt it
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="+", null=True)  # where found
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFF)
    author = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)
    approver = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    review_on = models.DateField()
    expires_on = models.DateField()
    tried = models.JSONField(default=dict)  # the dry run: days, travellers, stopped, share

    class Meta:
        ordering: ClassVar = ["name", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="rule_version_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(state="on"), name="rule_one_version_on"),
            models.CheckConstraint(condition=Q(kind__in=["rule", "bulletin"]), name="rule_kind_known"),
            models.CheckConstraint(
                condition=Q(author__isnull=False, came_from="") | (Q(author=None, kind="bulletin") & ~Q(came_from="")),
                name="rule_of_an_officer_or_a_partner",
            ),
            models.CheckConstraint(condition=Q(state__in=["off", "on", "ended"]), name="rule_state_known"),
            models.CheckConstraint(condition=~Q(approver=F("author")), name="rule_needs_two"),
            models.CheckConstraint(
                condition=~Q(state="on") | (Q(approver__isnull=False) & ~Q(tried={})), name="rule_on_was_tried"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Screened(models.Model):
    """That an inspection was compared with the lists, when, and if not, why: what was not asked is never "no hit"."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="screened")
    at = models.DateTimeField(auto_now_add=True)
    problem = models.CharField(max_length=32, blank=True)
    lists = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.inspection_id)


class Hit(models.Model):
    """An entry, a rule or a bulletin that an inspection met. `found` is what agreed and what did not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="hits")
    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="hits", null=True)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="hits", null=True)
    sure = models.BooleanField()  # a hit; else possible
    found = models.JSONField(default=dict)
    state = models.CharField(max_length=16, default="new")
    holder = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "due_at"], name="hit_queue")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=list(codes.HIT_STATES)), name="hit_state_known"),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, rule=None) | Q(entry=None, rule__isnull=False),
                name="hit_of_an_entry_or_a_rule",
            ),
            models.UniqueConstraint(fields=["inspection", "entry"], name="hit_entry_once"),
            models.UniqueConstraint(fields=["inspection", "rule"], name="hit_rule_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class HitMove(models.Model):
    """A step of a hit: who, when, to which state, why. Never changed."""

    request_id = models.UUIDField(unique=True)
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="moves")
    move = models.CharField(max_length=16)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)  # None: its time was up
    at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(move__in=list(codes.MOVES)), name="hit_move_known"),
        ]

    def __str__(self) -> str:
        return f"{self.hit_id} {self.move}"


class Cleared(models.Model):
    """Not the same person: who said so, why, until when. Bound to that person's document and traits, and to the one
    entry: another traveller is stopped, and this one is stopped again on another document or with other traits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="cleared")
    hit = models.OneToOneField(Hit, on_delete=models.PROTECT, related_name="cleared")
    issuing_state = models.CharField(max_length=3)
    document_number = models.CharField(max_length=64)
    name = models.CharField(max_length=400)
    date_of_birth = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    why = models.TextField()
    until = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["issuing_state", "document_number"], name="cleared_document")]

    def __str__(self) -> str:
        return str(self.id)


class Redress(models.Model):
    """A mistake that was put right, in one act: the entry ended, and every hit that came from it closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="redress")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)  # None: the partner did
    at = models.DateTimeField(auto_now_add=True)
    why = models.TextField()
    reached = models.JSONField(default=dict)  # ids of the hits, cases and copies that it reached

    def __str__(self) -> str:
        return str(self.id)
