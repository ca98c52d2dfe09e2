"""Reading cases: the queue, one case with its time line, earlier cases. What is restricted is for few, in every list,
count and export alike: everything here starts from `services.visible` or leaves restricted events out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from fanal.station.accounts.models import Grant, Officer
from fanal.station.accounts.permissions import TABLE, Action, may
from fanal.station.inspections.models import EvidenceFile
from fanal.station.privacy.queries import restricted
from fanal.station.secondary import codes
from fanal.station.secondary.models import Agency, Case, ConsentCheck, Event, Measure, Outcome, Tick
from fanal.station.secondary.moves import MOVES, State
from fanal.station.secondary.services import visible


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, masked: who stands there knows who they are; the file is opened, on the record, to read it."""

    case: Case
    reasons: list[str]
    mask: str
    minutes: int


def queue(officer: Officer) -> dict[str, list[Row]]:
    """The open cases by state, oldest first, and those closed since yesterday."""
    rows = visible(officer).select_related("referral__lane", "point", "holder", "person", "document")
    now = timezone.now()
    open_ = rows.exclude(state=State.CLOSED).order_by("opened_at")[:500]
    closed = rows.filter(state=State.CLOSED, closed_at__gte=now - timedelta(hours=24)).order_by("-closed_at")[:50]
    found: dict[str, list[Row]] = {state.value: [] for state in State}
    for case in [*open_, *closed]:
        reasons = list(case.referral.reasons) if case.referral else []
        minutes = int((now - case.opened_at).total_seconds() // 60)
        found[case.state].append(Row(case, reasons, mask(case), minutes))
    return found


def mask(case: Case) -> str:
    """The traveller's initials and the end of the document's number: "E. A. · …2C3"."""
    if case.person is None:
        return "–"
    names = (case.person.primary_identifier, case.person.secondary_identifier)
    initials = " ".join(f"{name[0]}." for name in names if name)
    return f"{initials} · …{case.document.number[-3:]}" if case.document else initials


def moves_open_to(officer: Officer, case: Case) -> frozenset[str]:
    """The moves that the table allows this officer now."""
    return frozenset(
        name
        for name, move in MOVES.items()
        if may(officer, move.action)
        and State(case.state) in move.states
        and (not move.holder_only or case.holder_id == officer.pk)
    )


def timeline(officer: Officer, case: Case) -> QuerySet[Event]:
    """What happened, in order, with what hangs on each event."""
    events = case.events.select_related(
        "officer",
        "other",
        "note",
        "tick",
        "look__inspection",
        "measure",
        "consentcheck",
        "agencyreferral__agency",
        "agencyanswer",
        "outcome__agency",
        "formhanded",
    ).order_by("at", "id")
    return events if may(officer, Action.RESTRICTED_NOTES) else events.filter(restricted=False)


def checklist(case: Case) -> list[tuple[str, Event | None]]:
    done = {t.item: t.event for t in Tick.objects.filter(event__case=case).select_related("event__officer")}
    return [(item, done.get(item)) for item in codes.CHECKLIST]


def measures(case: Case) -> dict[Any, list[Measure]]:
    found: dict[Any, list[Measure]] = {}
    for row in Measure.objects.filter(event__case=case).select_related("event__officer").order_by("event__at"):
        found.setdefault(row.picture_id, []).append(row)
    return found


def latest_consent(case: Case) -> ConsentCheck | None:
    return ConsentCheck.objects.filter(event__case=case).order_by("-event__at").first()


def outcome_of(officer: Officer, case: Case) -> Outcome | None:
    """The outcome; whom a case was handed to is left out where that would say what few may know."""
    found = (
        Outcome.objects.filter(case=case).select_related("agency", "officer", "countersigned_by", "crossing").first()
    )
    if found and found.agency and found.agency.restricted and not may(officer, Action.RESTRICTED_NOTES):
        found.agency = None
    return found


def pictures(inspection_id: Any) -> QuerySet[EvidenceFile]:
    return EvidenceFile.objects.filter(inspection=inspection_id).exclude(media_type="").defer("content")


def prior(officer: Officer, case: Case) -> list[Case]:
    """Earlier cases of the same person or document."""
    if case.person_id is None and case.document_id is None:
        return []
    if case.person_id in restricted():
        return []  # kept, and not to be used
    same = Q(person__isnull=False, person=case.person_id) | Q(document__isnull=False, document=case.document_id)
    rows = visible(officer).filter(same).exclude(pk=case.pk).select_related("outcome", "point")
    return list(rows.order_by("-opened_at")[:20])


def agencies(*, appeal: bool = False) -> list[Agency]:
    rows = Agency.objects.filter(is_active=True).order_by("kind", "name")
    return list(rows.filter(kind="appeal") if appeal else rows.exclude(kind="appeal"))


def officers_for_cases(*, but: Any = None) -> list[Officer]:
    """Who may be handed a case."""
    roles = [role.value for role in TABLE[Action.CASE]]
    held = Grant.objects.filter(role__in=roles, ended_at=None, officer__is_active=True).values("officer")
    return list(Officer.objects.filter(pk__in=held).exclude(pk=but).order_by("name"))


def day() -> date:
    return timezone.localdate()
