"""The only place where a case is moved. Each use case: one lock, one event, one entry on the record, or nothing.

The table of moves (`moves.MOVES`) says who may do what in which state; here stands what more each move asks.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from fanal.documents import names
from fanal.documents.dates import DateError, parse_iso
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Action, may
from fanal.station.administration.queries import station
from fanal.station.crossings.models import Crossing
from fanal.station.crossings.services import Identity, check_countersign, decide
from fanal.station.errors import Refusal
from fanal.station.inspections.models import EvidenceFile, Inspection
from fanal.station.journal.services import record
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.secondary import codes, refusal_form
from fanal.station.secondary.measures import Point, measure
from fanal.station.secondary.models import (
    Agency,
    AgencyAnswer,
    AgencyReferral,
    Case,
    ConsentCheck,
    Event,
    FormHanded,
    Look,
    Measure,
    Note,
    Outcome,
    RefusalForm,
    Tick,
)
from fanal.station.secondary.moves import MOVES, OPENED, State
from fanal.station.texts import LANGUAGES
from fanal.travel import Certificate, Company, Question, Signer, is_child, open_questions

MAX_WORDS = 8000


def visible(officer: Officer) -> QuerySet[Case]:
    """The cases that the officer may know of. A case that protection alone opened is for few."""
    cases = Case.objects.all()
    return cases if may(officer, Action.RESTRICTED_NOTES) else cases.filter(restricted=False)


# --- opening ----------------------------------------------------------------------------------------------------------


def open_case(*, crossing: Crossing, **_: object) -> Case:
    """Open the case of a referral, in the referral's own transaction (`crossings.signals.referred`)."""
    case = Case.objects.create(
        point=crossing.point,
        referral=crossing,
        inspection=crossing.inspection,
        person=crossing.person,
        document=crossing.document,
        opened_at=crossing.at,
    )
    Event.objects.create(
        request_id=uuid.uuid4(),
        case=case,
        move=OPENED,
        officer=crossing.officer,
        at=crossing.at,
        before="",
        after=State.WAITING,
    )
    return case


def protect(
    *,
    request_id: uuid.UUID,
    officer: Officer,
    kind: str,
    text: str,
    inspection: Inspection | None = None,
    case: uuid.UUID | None = None,
    lane: Lane | None = None,
) -> Case:
    """Refer someone to protection, from any screen. The same request twice is one referral.

    1. Where they have a case, the note is added to it, and the way to a refusal is closed.
    2. Where only an inspection is there, it is referred to secondary as any other may be, with no reason that others
       could read, and the note is added to that case.
    3. Without either, or where the inspection is decided already or does not say who they are, a case is opened that
       only those see who may read restricted notes.

    On the record it looks like any other note.

    Raises:
        Refusal: not of this officer's role, an unknown kind, no words, a closed case.
    """
    if not may(officer, Action.PROTECT):
        raise Refusal("move_role")
    _check_note(kind, text, codes.RESTRICTED_NOTES)
    with transaction.atomic():
        if earlier := Event.objects.filter(request_id=request_id).select_related("case").first():
            return _same_request(earlier, officer).case
        row = _case_to_protect(officer, inspection, case, lane)
        step = _begin(row.pk, officer, "protect", request_id)
        event = step.write(restricted=True)
        Note.objects.create(event=event, kind=kind, text=text[:MAX_WORDS])
        if kind in codes.STOPS_REFUSAL and not step.case.refusal_stopped:
            step.case.refusal_stopped = True
            step.case.save(update_fields=["refusal_stopped"])
        _record(step.case, officer, "case_note")
    return step.case


def _case_to_protect(
    officer: Officer, inspection: Inspection | None, case: uuid.UUID | None, lane: Lane | None
) -> Case:
    if case is not None:
        return Case.objects.filter(pk=case).first() or _refuse("case_unknown")
    if inspection is not None:
        open_ = Case.objects.filter(inspection=inspection).exclude(state=State.CLOSED).order_by("-opened_at").first()
        if open_ is not None:
            return open_
        used = inspection.lane or lane
        decided = inspection.crossings.exists()
        if used is not None and not decided and not inspection.training and _says_who(inspection):
            crossing = decide(
                request_id=uuid.uuid4(), officer=officer, inspection=inspection, lane=used, outcome="referred"
            )
            return Case.objects.get(referral=crossing)
    new = Case.objects.create(
        point=lane.point if lane else None, inspection=inspection, opened_at=timezone.now(), restricted=True
    )
    Event.objects.create(
        request_id=uuid.uuid4(),
        case=new,
        move=OPENED,
        officer=officer,
        at=new.opened_at,
        before="",
        after=State.WAITING,
        restricted=True,
    )
    return new


def _says_who(inspection: Inspection) -> bool:
    try:
        Identity.of(inspection)
    except Refusal:
        return False
    return True


# --- who holds it -----------------------------------------------------------------------------------------------------


def claim(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID) -> Event:
    """Take a waiting case. Whoever comes second is told that it is taken."""
    with transaction.atomic():
        step = _begin(case, officer, "claim", request_id)
        if step.earlier:
            return step.earlier
        step.case.holder = officer
        event = step.write()
        _record(step.case, officer, "case_claimed")
    return event


def release(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, note: str) -> Event:
    """Put a case back into the queue, with what the next officer should know."""
    with transaction.atomic():
        step = _begin(case, officer, "release", request_id)
        if step.earlier:
            return step.earlier
        _check_words(note)
        step.case.holder = None
        event = step.write(words=note)
        _record(step.case, officer, "case_released")
    return event


def hand_over(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, to: Officer, note: str) -> Event:
    """Hand a case to another officer who works cases, with what they should know."""
    return _give(request_id, officer, case, to, note, "hand_over")


def assign(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, to: Officer, note: str) -> Event:
    """A supervisor gives someone's case to another: its holder has gone and did not hand it over."""
    return _give(request_id, officer, case, to, note, "assign")


def _give(request_id: uuid.UUID, officer: Officer, case: uuid.UUID, to: Officer, note: str, move: str) -> Event:
    with transaction.atomic():
        step = _begin(case, officer, move, request_id)
        if step.earlier:
            return step.earlier
        _check_words(note)
        if not to.is_active or not may(to, Action.CASE) or to.pk == step.case.holder_id:
            raise Refusal("officer_not_for_case")
        if step.case.restricted and not may(to, Action.RESTRICTED_NOTES):
            raise Refusal("officer_not_for_case")
        step.case.holder = to
        event = step.write(words=note, other=to)
        _record(step.case, officer, f"case_{'handed_over' if move == 'hand_over' else 'assigned'}", to=str(to.pk))
    return event


# --- working on it ----------------------------------------------------------------------------------------------------


def add_note(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, kind: str, text: str) -> Event:
    """Add a note. A restricted kind is for who may write and read such; at the desk `protect` is there for all."""
    restricted = kind in codes.RESTRICTED_NOTES
    with transaction.atomic():
        step = _begin(case, officer, "restricted_note" if restricted else "note", request_id)
        if step.earlier:
            return step.earlier
        _check_note(kind, text, (*codes.NOTES, *codes.RESTRICTED_NOTES))
        if kind in codes.STOPS_REFUSAL:
            step.case.refusal_stopped = True
        event = step.write(restricted=restricted)
        Note.objects.create(event=event, kind=kind, text=text[:MAX_WORDS])
        _record(step.case, officer, "case_note")
    return event


def tick(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, item: str) -> Event:
    """Mark a line of the checklist as done. What is done stays done."""
    with transaction.atomic():
        step = _begin(case, officer, "tick", request_id)
        if step.earlier:
            return step.earlier
        if item not in codes.CHECKLIST:
            raise Refusal("item_unknown")
        if done := Event.objects.filter(case=step.case, tick__item=item).first():
            return done
        event = step.write()
        Tick.objects.create(event=event, item=item)
        _record(step.case, officer, "case_checked", item=item)
    return event


def add_look(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, inspection: Inspection) -> Event:
    """Add a further inspection of the same traveller. Its advice counts beside the first one's."""
    with transaction.atomic():
        step = _begin(case, officer, "look", request_id)
        if step.earlier:
            return step.earlier
        taken = Look.objects.filter(inspection=inspection).exists() or inspection.crossings.exists()
        if inspection.training or taken:
            raise Refusal("inspection_not_for_case")
        event = step.write()
        Look.objects.create(event=event, inspection=inspection)
        if step.case.inspection_id is None:
            step.case.inspection = inspection
            step.case.save(update_fields=["inspection"])
        _record(step.case, officer, "case_second_look", inspection=str(inspection.pk))
    return event


def add_measure(
    *,
    request_id: uuid.UUID,
    officer: Officer,
    case: uuid.UUID,
    picture: EvidenceFile,
    points: Sequence[Point],
    reference_mm: Decimal | None = None,
    label: str = "",
) -> Event:
    """Keep what was measured in a picture of this case."""
    with transaction.atomic():
        step = _begin(case, officer, "measure", request_id)
        if step.earlier:
            return step.earlier
        if picture.inspection_id not in {i.pk for i in inspections_of(step.case)}:
            raise Refusal("picture_not_of_case")
        found = measure(points, reference_mm)
        event = step.write()
        Measure.objects.create(
            event=event,
            picture=picture,
            points=[list(point) for point in points],
            reference_mm=reference_mm,
            pixels=found.pixels,
            ratio=found.ratio,
            millimetres=found.millimetres,
            label=label[:200],
        )
        _record(step.case, officer, "case_measured", evidence=picture.sha256)
    return event


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate of consent, as the officer read it."""

    signers: frozenset[Signer]
    child_primary: str
    child_secondary: str = ""
    companion_primary: str = ""
    companion_secondary: str = ""
    until: date | None = None
    certified_by: str = ""
    original: bool = False


def check_consent(
    *,
    request_id: uuid.UUID,
    officer: Officer,
    case: uuid.UUID,
    company: Company,
    companion: names.Name | None = None,
    relationship: str = "",
    paper: Paper | None = None,
    guardianship_shown: bool = False,
    other_parent_absent: bool = False,
    on: date | None = None,
) -> Event:
    """Check a child's company and papers, and keep what is open. A child alone goes to protection at once."""
    day = on or timezone.localdate()
    with transaction.atomic():
        step = _begin(case, officer, "consent", request_id)
        if step.earlier:
            return step.earlier
        if step.case.person is None:
            raise Refusal("identity_missing")
        questions = open_questions(
            company=company,
            child=names.Name(step.case.person.primary_identifier, step.case.person.secondary_identifier),
            companion=companion,
            certificate=None if paper is None else _certificate(paper),
            on=day,
            guardianship_shown=guardianship_shown,
            other_parent_absent=other_parent_absent,
        )
        if Question.UNACCOMPANIED in questions:
            step.case.refusal_stopped = True
        event = step.write()
        ConsentCheck.objects.create(
            event=event,
            company=company.value,
            companion=f"{companion.primary}, {companion.secondary}"[:200] if companion else "",
            relationship=relationship[:64],
            guardianship_shown=guardianship_shown,
            other_parent_absent=other_parent_absent,
            certificate=None if paper is None else _paper_json(paper),
            questions=[question.value for question in questions],
        )
        _record(step.case, officer, "case_consent_checked", open=len(questions))
    return event


def _certificate(paper: Paper) -> Certificate:
    named = names.Name(paper.companion_primary, paper.companion_secondary) if paper.companion_primary else None
    return Certificate(
        signers=paper.signers,
        child=names.Name(paper.child_primary, paper.child_secondary),
        companion=named,
        until=paper.until,
        certified=bool(paper.certified_by.strip()),
        original=paper.original,
    )


def _paper_json(paper: Paper) -> dict[str, Any]:
    return {
        "signers": sorted(paper.signers),
        "child": [paper.child_primary[:200], paper.child_secondary[:200]],
        "companion": [paper.companion_primary[:200], paper.companion_secondary[:200]],
        "until": paper.until.isoformat() if paper.until else None,
        "certified_by": paper.certified_by[:200],
        "original": paper.original,
    }


# --- other agencies ---------------------------------------------------------------------------------------------------


def refer_agency(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, agency: Agency, reason: str) -> Event:
    """Put a case to another agency. Who may need protection is never made known to a consulate."""
    with transaction.atomic():
        step = _begin(case, officer, "refer_agency", request_id)
        if step.earlier:
            return step.earlier
        _check_words(reason)
        _check_agency(step.case, agency)
        event = step.write(restricted=agency.restricted)
        AgencyReferral.objects.create(event=event, agency=agency, reason=reason[:MAX_WORDS])
        _record(step.case, officer, "case_put_to_agency")
    return event


def agency_answer(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, text: str) -> Event:
    """Keep what the agency answered; the case is worked on again."""
    with transaction.atomic():
        step = _begin(case, officer, "agency_answer", request_id)
        if step.earlier:
            return step.earlier
        _check_words(text)
        referral = (
            AgencyReferral.objects.filter(event__case=step.case, answer__isnull=True)
            .select_related("agency")
            .order_by("-event__at")
            .first()
        )
        if referral is None:
            raise Refusal("move_state")
        event = step.write(restricted=referral.agency.restricted)
        AgencyAnswer.objects.create(event=event, referral=referral, text=text[:MAX_WORDS])
        _record(step.case, officer, "case_agency_answered")
    return event


def settle_protection(
    *, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, text: str, countersigned_by: Officer | None
) -> Event:
    """Open the way to every outcome again, after an agency for protection has answered. Two officers sign who may
    read restricted notes."""
    with transaction.atomic():
        step = _begin(case, officer, "settle_protection", request_id)
        if step.earlier:
            return step.earlier
        check_countersign(officer, countersigned_by, text)
        if countersigned_by is None or not may(countersigned_by, Action.RESTRICTED_NOTES):
            raise Refusal("countersign_role")
        heard = AgencyAnswer.objects.filter(
            event__case=step.case, referral__agency__kind__in=codes.RESTRICTED_AGENCIES
        ).exists()
        if not heard:
            raise Refusal("protection_not_answered")
        step.case.refusal_stopped = False
        event = step.write(restricted=True, other=countersigned_by, words=text)
        _record(step.case, officer, "case_note")
    return event


# --- the outcome ------------------------------------------------------------------------------------------------------


def close(
    *,
    request_id: uuid.UUID,
    officer: Officer,
    case: uuid.UUID,
    outcome: str,
    reasons: Sequence[str] = (),
    note: str = "",
    rule: Mapping[str, Any] | None = None,
    purpose: str = "",
    agency: Agency | None = None,
    language: str = "en",
    countersigned_by: Officer | None = None,
    on: date | None = None,
) -> Outcome:
    """Close a case with its outcome. The same request twice is one outcome.

    1. Nobody is refused or turned back who may need protection, nor before their rights were explained.
    2. A child goes on only where consent was checked and nothing is open, or a second officer signs with the reason;
       a child alone is handed to protection.
    3. An admission, an exit and a refusal are crossings (`crossings.services.decide`, with its own four eyes).
    4. A refusal makes the form in the traveller's language, with where to contest it.

    Raises:
        Refusal: with nothing written.
    """
    day = on or timezone.localdate()
    with transaction.atomic():
        step = _begin(case, officer, "close", request_id)
        if step.earlier:
            return step.earlier.outcome
        row = step.case
        if outcome not in codes.OUTCOMES:
            raise Refusal("outcome_not_here")
        if outcome in ("refused", "turned_back"):
            _check_refusal(row)
        elif outcome == "handed_over":
            if agency is None:
                raise Refusal("agency_missing")
            _check_agency(row, agency)
        signed = _check_child(row, officer, outcome, agency, countersigned_by, note, day)
        crossing = None
        if outcome in ("admitted", "exited", "refused"):
            inspection = deciding_inspection(row)
            lane = row.referral.lane if row.referral else inspection.lane
            if lane is None:
                raise Refusal("lane_missing")
            crossing = decide(
                request_id=request_id,
                officer=officer,
                inspection=inspection,
                lane=lane,
                outcome=outcome,
                reasons=reasons if outcome == "refused" else [],
                note=note,
                purpose=purpose,
                means=row.referral.means if row.referral else "",
                conveyance=row.referral.conveyance if row.referral else "",
                rule=rule if outcome == "admitted" else {},
                countersigned_by=countersigned_by,
                person=row.person_id,
                in_secondary=True,
            )
            signed = signed or crossing.countersigned_by
        row.closed_at = timezone.now()
        event = step.write(restricted=row.restricted)
        made = Outcome.objects.create(
            event=event,
            case=row,
            outcome=outcome,
            crossing=crossing,
            agency=agency if outcome == "handed_over" else None,
            reasons=list(reasons) if outcome == "refused" else [],
            note=note[:MAX_WORDS],
            officer=officer,
            countersigned_by=signed,
        )
        if outcome == "refused":
            _make_form(made, language, day)
        _record(row, officer, "case_closed", outcome=outcome)
    return made


def hand_form(*, request_id: uuid.UUID, officer: Officer, case: uuid.UUID, signed: bool) -> Event:
    """Keep that the traveller got the form, and whether they signed for it."""
    with transaction.atomic():
        step = _begin(case, officer, "hand_form", request_id)
        if step.earlier:
            return step.earlier
        form = RefusalForm.objects.filter(outcome__case=step.case).first()
        if form is None:
            raise Refusal("no_form")
        if FormHanded.objects.filter(form=form).exists():
            raise Refusal("form_handed_already")
        event = step.write()
        FormHanded.objects.create(event=event, form=form, signed=signed)
        _record(step.case, officer, "refusal_form_handed", signed=signed)
    return event


def inspections_of(case: Case) -> list[Inspection]:
    """Every inspection of a case: the one that led here, then the second looks, in order."""
    first = [case.inspection] if case.inspection else []
    looks = Look.objects.filter(event__case=case).select_related("inspection").order_by("event__at")
    return first + [look.inspection for look in looks if look.inspection_id != case.inspection_id]


def deciding_inspection(case: Case) -> Inspection:
    """The inspection that a case is decided on: the latest that advises to refer, so that a kinder second look does
    not take the four eyes away; else the latest.

    Raises:
        Refusal: `inspection_missing`: no document was inspected.
    """
    all_ = [i for i in inspections_of(case) if _says_who(i)]
    if not all_:
        raise Refusal("inspection_missing")
    against = [i for i in all_ if i.advice == "refer"]
    return (against or all_)[-1]


def child(case: Case, on: date) -> bool | None:
    """Whether the case is about a child; None where the birth date does not say."""
    if case.person is None:
        return None
    try:
        return is_child(parse_iso(case.person.date_of_birth), on)
    except DateError:
        return None


def _check_refusal(case: Case) -> None:
    if case.refusal_stopped:
        raise Refusal("refusal_stopped")
    done = set(Tick.objects.filter(event__case=case).values_list("item", flat=True))
    if not set(codes.BEFORE_REFUSAL) <= done:
        raise Refusal("before_refusal")


def _check_child(
    case: Case, officer: Officer, outcome: str, agency: Agency | None, second: Officer | None, note: str, on: date
) -> Officer | None:
    """The second officer, where a child's case needed one."""
    if not child(case, on):
        return None
    check = ConsentCheck.objects.filter(event__case=case).order_by("-event__at").first()
    if check is None:
        raise Refusal("consent_not_checked")
    if Question.UNACCOMPANIED in check.questions:
        if outcome != "handed_over" or agency is None or not agency.restricted:
            raise Refusal("child_to_protection")
        return None
    if check.questions and outcome in ("admitted", "exited"):
        try:
            check_countersign(officer, second, note)
        except Refusal as refusal:
            raise Refusal("consent_open" if refusal.code == "countersign_missing" else refusal.code) from refusal
        return second
    return None


def _check_agency(case: Case, agency: Agency) -> None:
    if not agency.is_active or agency.kind == "appeal":
        raise Refusal("agency_unknown")
    if agency.kind == "consulate" and case.refusal_stopped:
        raise Refusal("no_consulate")


def _make_form(outcome: Outcome, language: str, day: date) -> RefusalForm:
    if language not in LANGUAGES:
        raise Refusal("language_unknown")
    authority = station().authority
    if not authority:
        raise Refusal("authority_missing")
    body = Agency.objects.filter(kind="appeal", is_active=True).order_by("name").first()
    if body is None or body.days_to_contest is None:
        raise Refusal("contest_missing")
    crossing = outcome.crossing
    assert crossing is not None  # a refusal is a crossing
    # The point's row is the lock under which forms are numbered without a gap.
    point = CrossingPoint.objects.select_for_update().get(pk=crossing.point_id)
    start = f"{point.code}-{day.year}-"
    number = f"{start}{RefusalForm.objects.filter(number__startswith=start).count() + 1:05d}"
    until = day + timedelta(days=body.days_to_contest)
    content = refusal_form.render(
        refusal_form.Form(
            number=number,
            authority=authority,
            point=point.name,
            at=timezone.localtime(crossing.at),
            primary_identifier=crossing.person.primary_identifier,
            secondary_identifier=crossing.person.secondary_identifier,
            date_of_birth=crossing.person.date_of_birth,
            nationality=crossing.person.nationality,
            document=f"{crossing.document.issuing_state} {crossing.document.kind} {crossing.document.number}",
            reasons=tuple(outcome.reasons),
            contest_name=body.name,
            contest_address=body.address,
            contest_phone=body.phone,
            contest_email=body.email,
            contest_until=until,
            officer=outcome.officer.name,
        ),
        language,
        outcome.officer.language,
    )
    return RefusalForm.objects.create(
        outcome=outcome,
        number=number,
        language=language,
        contest_until=until,
        contest_with=body,
        sha256=sha256(content).hexdigest(),
        content=content,
    )


# --- what every move shares -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Step:
    """A move in progress: the case under lock, and the event of the same request, if it was made before."""

    case: Case
    officer: Officer
    move: str
    request_id: uuid.UUID
    earlier: Event | None = None

    def write(self, *, restricted: bool = False, words: str = "", other: Officer | None = None) -> Event:
        """Move the case and write the event."""
        before = self.case.state
        to = MOVES[self.move].to
        if to is not None:
            self.case.state = to.value
        self.case.save(update_fields=["state", "holder", "closed_at", "refusal_stopped"])
        return Event.objects.create(
            request_id=self.request_id,
            case=self.case,
            move=self.move,
            officer=self.officer,
            other=other,
            at=timezone.now(),
            before=before,
            after=self.case.state,
            restricted=restricted,
            words=words[:MAX_WORDS],
        )


def _begin(case: uuid.UUID, officer: Officer, move: str, request_id: uuid.UUID) -> _Step:
    """Lock the case and ask the table whether the move is allowed."""
    rule = MOVES[move]
    if not may(officer, rule.action):
        raise Refusal("move_role")
    cases = Case.objects.all() if move == "protect" else visible(officer)
    row = cases.select_for_update().filter(pk=case).first()
    if row is None:
        raise Refusal("case_unknown")
    if earlier := Event.objects.filter(request_id=request_id).first():
        return _Step(row, officer, move, request_id, _same_request(earlier, officer))
    if State(row.state) not in rule.states:
        raise Refusal("move_state")
    if rule.holder_only and row.holder_id != officer.pk:
        raise Refusal("move_holder")
    return _Step(row, officer, move, request_id)


def _same_request(earlier: Event, officer: Officer) -> Event:
    if earlier.officer_id != officer.pk:
        raise Refusal("request_id")
    return earlier


def _record(case: Case, officer: Officer, action: str, **data: object) -> None:
    """On the record under the person, where one is known: so that they can be told who did what about them."""
    kind, subject = ("person", case.person_id) if case.person_id else ("case", case.pk)
    record(
        actor=officer,
        action=action,
        subject_kind=kind,
        subject=subject,
        why="secondary_inspection",
        data={"case": str(case.pk), **data},
    )


def _check_words(text: str) -> None:
    if not text.strip():
        raise Refusal("note_missing")


def _check_note(kind: str, text: str, known: Sequence[str]) -> None:
    if kind not in known:
        raise Refusal("note_kind")
    _check_words(text)


def _refuse(code: str) -> Case:
    raise Refusal(code)
