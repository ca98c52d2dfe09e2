"""Cases of secondary inspection. A case is moved from state to state; each move is an event that is never changed,
and what belongs to a move (a note, a measure, an outcome) hangs on its event and is never changed either.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fanal.station.accounts.models import Officer
from fanal.station.crossings.models import Crossing, Person, TravelDocument
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.places.models import CrossingPoint
from fanal.station.secondary import codes
from fanal.station.secondary.moves import MOVES, OPENED, State
from fanal.station.texts import LANGUAGES

_RESTRICTED = list(codes.RESTRICTED_NOTES)


class Agency(models.Model):
    """Whom officers refer to, and where a refusal is contested: local data, kept by the administrator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in codes.AGENCIES])
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    hours = models.CharField(max_length=200, blank=True)
    days_to_contest = models.PositiveSmallIntegerField(null=True)  # appeal only: days from the refusal
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=list(codes.AGENCIES)), name="agency_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="appeal") | (Q(days_to_contest__gt=0) & ~Q(address="")),
                name="agency_appeal_has_address_and_days",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def restricted(self) -> bool:
        return self.kind in codes.RESTRICTED_AGENCIES


class Case(models.Model):
    """Someone who was asked into secondary. `restricted`: opened by a referral to protection alone, so that even its
    existence is for few. `refusal_stopped`: someone may need protection, and the way to a refusal is closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    point = models.ForeignKey(CrossingPoint, on_delete=models.PROTECT, related_name="+", null=True)
    referral = models.OneToOneField(Crossing, on_delete=models.PROTECT, related_name="case", null=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases", null=True)
    document = models.ForeignKey(TravelDocument, on_delete=models.PROTECT, related_name="cases", null=True)
    opened_at = models.DateTimeField()
    restricted = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in State], default=State.WAITING.value)
    holder = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)
    refusal_stopped = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "opened_at"], name="case_queue")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="case_state_known"),
            models.CheckConstraint(
                condition=Q(state="waiting", holder=None) | (~Q(state="waiting") & Q(holder__isnull=False)),
                name="case_held_unless_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="case_closed_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Event(models.Model):
    """One move of a case: who, when, from which state to which."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    move = models.CharField(max_length=20)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)  # handed over to
    at = models.DateTimeField()
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    restricted = models.BooleanField(default=False)
    words = models.TextField(blank=True)  # at a hand-over, for whoever works on; a Note has its kind

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(move__in=[*MOVES, OPENED]), name="event_move_known"),
            models.CheckConstraint(
                condition=~Q(move__in=["protect", "restricted_note", "settle_protection"]) | Q(restricted=True),
                name="event_protection_is_restricted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.move}"


class _OfEvent(models.Model):
    """What hangs on an event."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="%(class)s")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Note(_OfEvent):
    """Words of an officer. The restricted kinds are seen by those who may see them, and counted nowhere else."""

    kind = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=[*codes.NOTES, *_RESTRICTED]), name="note_kind_known"),
        ]


class Tick(_OfEvent):
    """A line of the checklist that is done."""

    item = models.CharField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(item__in=list(codes.CHECKLIST)), name="tick_item_known"),
        ]


class Look(_OfEvent):
    """A further inspection of the same traveller's documents: better light, a magnifier, another page."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="look")


class Measure(_OfEvent):
    """What an officer measured in a picture: a distance, and where a second one is given, the ratio to it.

    Points are pixels of the picture as it was delivered. `reference_mm` is the length of the second distance, where
    it is known (the height of an ID-1 card, 53.98 mm): the first is then had in millimetres.
    """

    picture = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")
    points = models.JSONField()
    reference_mm = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    pixels = models.FloatField()
    ratio = models.FloatField(null=True)
    millimetres = models.FloatField(null=True)
    label = models.CharField(max_length=200, blank=True)


class ConsentCheck(_OfEvent):
    """A child's company and papers as the officer saw them, and what was open then (`fanal.travel.open_questions`)."""

    company = models.CharField(max_length=16)
    companion = models.CharField(max_length=200, blank=True)
    relationship = models.CharField(max_length=64, blank=True)
    guardianship_shown = models.BooleanField(default=False)
    other_parent_absent = models.BooleanField(default=False)
    certificate = models.JSONField(null=True)  # who signed, for whom, with whom, until when, certified, original
    questions = models.JSONField(default=list)


class AgencyReferral(_OfEvent):
    """That the case was put to another agency, and why."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()


class AgencyAnswer(_OfEvent):
    """What the agency said."""

    referral = models.OneToOneField(AgencyReferral, on_delete=models.PROTECT, related_name="answer")
    text = models.TextField()


class Outcome(_OfEvent):
    """How the case ended. An admission, an exit and a refusal are crossings as well."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="outcome")
    outcome = models.CharField(max_length=16)
    crossing = models.OneToOneField(Crossing, on_delete=models.PROTECT, related_name="outcome_of", null=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", null=True)
    reasons = models.JSONField(default=list)
    note = models.TextField(blank=True)
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(outcome__in=list(codes.OUTCOMES)), name="outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["admitted", "exited", "refused"], crossing__isnull=False)
                | Q(outcome__in=["turned_back", "handed_over"], crossing=None),
                name="outcome_has_its_crossing",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="handed_over") | Q(agency__isnull=False), name="outcome_handed_to_someone"
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by=None) | (~Q(countersigned_by=F("officer")) & ~Q(note="")),
                name="outcome_second_is_someone_else",
            ),
        ]


class RefusalForm(models.Model):
    """The form that a refused traveller gets, as it was printed, in their language."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    outcome = models.OneToOneField(Outcome, on_delete=models.PROTECT, related_name="form")
    number = models.CharField(max_length=40, unique=True)
    language = models.CharField(max_length=2)
    contest_until = models.DateField()
    contest_with = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)  # None once retention has erased it; the digest stays

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(language__in=list(LANGUAGES)), name="refusal_form_language_known"),
        ]

    def __str__(self) -> str:
        return self.number


class FormHanded(_OfEvent):
    """That the traveller got the form. Signing says that they got it, not that they agree; they may decline."""

    form = models.OneToOneField(RefusalForm, on_delete=models.PROTECT, related_name="handed")
    signed = models.BooleanField()
