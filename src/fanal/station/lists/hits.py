"""Hits: an inspection compared with lists, rules and bulletins, and the steps of what was met.

The steps: an officer compares; the owner confirms; somebody acts. A hit that nobody compared in time expires and says
so. "Not the same person" holds for that person's document and traits, against that entry, until its day.
"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fanal.documents.dates import DateError, PartialDate, parse_iso
from fanal.screening import Comparison, DocumentNumber, Evidence, Pairing, Person, ScreeningError
from fanal.screening.documents import Status, find_document, marked
from fanal.screening.explain import Reason, explain, say
from fanal.screening.name_features import Agreement
from fanal.screening.numbers import plain
from fanal.station import texts
from fanal.station.accounts.models import Officer
from fanal.station.errors import Refusal
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import profiles
from fanal.station.journal.services import record
from fanal.station.lists import codes, conditions, index
from fanal.station.lists.models import Cleared, Hit, HitMove, ListEntry, Rule, Screened

log = logging.getLogger(__name__)

DAYS_CLEARED: Final = 365
_RULE_HOURS: Final = 2


def screen(inspection: Inspection) -> Screened:
    """Compare an inspection with everything in force. Once; what cannot be asked is written down as not asked."""
    if done := Screened.objects.filter(inspection=inspection).first():
        return done
    problem = ""
    hits: list[Hit] = []
    try:
        hits = [*_of_lists(inspection), *_of_rules(inspection)]
    except (ScreeningError, Refusal, sqlite3.Error, OSError) as error:
        log.error("the lists cannot be asked: %s", getattr(error, "code", "index"))
        problem = getattr(error, "code", "index")
    with transaction.atomic():
        made, new = Screened.objects.get_or_create(
            inspection=inspection,
            defaults={"problem": problem, "lists": len({h.entry.watch_list_id for h in hits if h.entry})},
        )
        if new:
            Hit.objects.bulk_create(hits)
            record(
                actor=inspection.officer or inspection.machine,
                action="screened",
                subject_kind="inspection",
                subject=inspection.pk,
                why="training" if inspection.training else "border_control",
                data={"hits": [str(hit.pk) for hit in hits], "problem": problem},
            )
    return made


def screen_inspected(*, inspection: Inspection, **_signal: Any) -> None:
    """An inspection was saved: ask the lists."""
    screen(inspection)


def traveller_of(inspection: Inspection) -> tuple[Person | None, str, str, str]:
    """The person, and the document's number, issuing State and kind, as the inspection understood them."""
    values = conditions.claims_of(inspection)
    number, state = values.get("document_number", ""), values.get("issuing_state", "")
    name = " ".join(filter(None, (values.get("secondary_identifier"), values.get("primary_identifier"))))
    born: tuple[PartialDate, ...]
    try:
        born = (parse_iso(values.get("date_of_birth", "")),)
    except DateError:
        born = ()
    person = None
    if name.strip():
        nationality = values.get("nationality", "")
        person = Person(
            (name[:300],),
            born,
            values.get("sex", "")[:1],
            (nationality,) if nationality else (),
            values.get("place_of_birth", ""),
            (DocumentNumber(number, state),) if number else (),
        )
    return person, number, state, (values.get("document_code") or "")[:1]


def _of_lists(inspection: Inspection) -> list[Hit]:
    asked = index.opened()
    person, number, state, kind = traveller_of(inspection)
    found: dict[str, tuple[bool, dict[str, Any]]] = {}
    for candidate in asked.persons.find(person) if person else ():
        found[candidate.entry.ref] = (candidate.is_hit, {"person": _comparison_json(candidate.comparison)})
    for one in find_document(asked.numbers, number, state=state, type_=kind, lengths=_lengths(inspection)):
        sure, data = found.get(one.entry.ref, (False, {}))
        data["number"] = {
            "likeness": one.likeness.value,
            "asked": number,
            "shown": marked(number, one),
            "listed": f"{one.entry.number}-{one.entry.last}" if one.entry.last else one.entry.number,
            "status": one.entry.status,
        }
        found[one.entry.ref] = (sure or one.is_hit, data)
    today = inspection.on
    entries = ListEntry.objects.select_related("watch_list").filter(
        pk__in=found, state=ListEntry.State.IN_FORCE, expires_on__gt=today, watch_list__expires_on__gt=today
    )
    now = timezone.now()
    return [
        Hit(
            inspection=inspection,
            entry=entry,
            sure=found[str(entry.pk)][0],
            found=found[str(entry.pk)][1],
            due_at=now + timedelta(hours=entry.watch_list.hours_to_compare),
        )
        for entry in entries
        if not _is_cleared(entry, inspection)
    ]


def _lengths(inspection: Inspection) -> list[int]:
    """How long the numbers of such documents are, as far as a profile knows."""
    values = conditions.claims_of(inspection)
    profile = profiles().find(
        issuing_state=values.get("issuing_state"),
        document_code=values.get("document_code"),
        issued=values.get("date_of_issue"),
    )
    return sorted({len(pattern) for pattern in profile.numbers})


def _of_rules(inspection: Inspection) -> list[Hit]:
    rules = Rule.objects.filter(state=Rule.State.ON, expires_on__gt=inspection.on)
    facts = conditions.facts_of(inspection) if rules else {}
    due = timezone.now() + timedelta(hours=_RULE_HOURS)
    return [
        Hit(inspection=inspection, rule=rule, sure=False, found={}, due_at=due)
        for rule in rules
        if conditions.meets(rule.condition, facts)
    ]


def _is_cleared(entry: ListEntry, inspection: Inspection) -> bool:
    """Whether this very person, by this very document and traits, was told apart from this entry, and still is."""
    values = conditions.claims_of(inspection)
    return any(
        plain(cleared.document_number) == plain(values.get("document_number", ""))
        and cleared.issuing_state == values.get("issuing_state", "")[:3]
        and (cleared.name, cleared.date_of_birth, cleared.sex) == _traits(values)
        for cleared in Cleared.objects.filter(entry=entry, until__gte=inspection.on)
    )


def _traits(values: dict[str, str]) -> tuple[str, str, str]:
    name = " ".join(filter(None, (values.get("primary_identifier"), values.get("secondary_identifier"))))
    return (name[:400], values.get("date_of_birth", "")[:10], values.get("sex", "")[:1])


# --- steps ------------------------------------------------------------------------------------------------------------


def move(
    *, request_id: UUID, officer: Officer, hit: Hit, to: str, note: str = "", until: date | None = None
) -> HitMove:
    """One step of a hit. The same request twice is one step.

    Raises:
        Refusal: `hit_state` (somebody else has moved it), `hit_holder`, `note_missing`, `hit_until`.
    """
    if earlier := HitMove.objects.filter(request_id=request_id).first():
        return earlier
    with transaction.atomic():
        row = Hit.objects.select_for_update().get(pk=hit.pk)
        if to not in codes.HIT_MOVES[row.state]:
            raise Refusal("hit_state")
        if to in ("confirmed", "not_same", "handed_over") and not note.strip():
            raise Refusal("note_missing")
        if to == "handed_over":
            row.holder = None  # whoever takes it up next compares on
            row.state = "new"
        else:
            row.holder, row.state = officer, to
        if to == "not_same":
            _clear(row, officer, note, until)
        row.save(update_fields=["state", "holder"])
        made = HitMove.objects.create(
            request_id=request_id, hit=row, move=to, officer=officer, note=note.strip()[:4000]
        )
        record(actor=officer, action=f"hit_{to}", subject_kind="hit", subject=row.pk, why="border_control", rows=[made])
    return made


def _clear(hit: Hit, officer: Officer, why: str, until: date | None) -> None:
    if hit.entry_id is None:
        return  # a rule met a document; there is no person to tell apart
    today = timezone.localdate()
    until = until or today + timedelta(days=DAYS_CLEARED)
    if not today < until <= today + timedelta(days=5 * 366):
        raise Refusal("hit_until")
    values = conditions.claims_of(hit.inspection)
    name, born, sex = _traits(values)
    Cleared.objects.create(
        entry_id=hit.entry_id,
        hit=hit,
        issuing_state=values.get("issuing_state", "")[:3],
        document_number=values.get("document_number", "")[:64],
        name=name,
        date_of_birth=born,
        sex=sex,
        officer=officer,
        why=why.strip()[:4000],
        until=until,
    )


def expire(hit: Hit, *, officer: Officer | None, note: str) -> None:
    """Close a hit whose time is up or whose entry has ended. Within the caller's transaction."""
    from uuid import uuid4

    hit.state, hit.holder = "expired", None
    hit.save(update_fields=["state", "holder"])
    HitMove.objects.create(request_id=uuid4(), hit=hit, move="expired", officer=officer, note=note.strip()[:4000])


def expire_due() -> None:
    """The worker's turn: hits that nobody compared in time expire, and the record says so."""
    now = timezone.now()
    for pk in Hit.objects.filter(state__in=("new", "in_comparison"), due_at__lt=now - timedelta(hours=24)).values_list(
        "pk", flat=True
    )[:500]:
        with transaction.atomic():
            hit = Hit.objects.select_for_update().get(pk=pk)
            if hit.state in ("new", "in_comparison"):
                expire(hit, officer=None, note="")
                record(actor="worker", action="hit_expired", subject_kind="hit", subject=pk, why="border_control")


# --- what a page shows ------------------------------------------------------------------------------------------------


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "score": round(comparison.score, 3),
        "evidence": [asdict(evidence) for evidence in comparison.evidence],
        "pairings": [asdict(pairing) for pairing in comparison.pairings],
    }


def reasons_of(hit: Hit, lang: str) -> list[Reason]:
    """Why it is a hit, in words: for, against, unknown."""
    reasons: list[Reason] = []
    if number := hit.found.get("number"):
        shown = number.get("shown", number["asked"])
        from fanal.screening.explain import Side

        text = say(f"number.{number['likeness']}", lang, seen=shown, listed=number["listed"])
        if status := number["status"]:  # a word of ours, or the owner's own
            said = texts.text(f"document_status.{status}", lang) if status in set(Status) else status
            text = f"{text} · {said}"
        reasons.append(Reason("document", Side.FOR, text, 0.0))
    if person := hit.found.get("person"):
        comparison = Comparison(
            person["score"],
            tuple(Evidence(**evidence) for evidence in person["evidence"]),
            tuple(Pairing(Agreement(p["agreement"]), p["first"], p["second"], p["edits"]) for p in person["pairings"]),
        )
        reasons += explain(comparison, lang)
    return reasons
