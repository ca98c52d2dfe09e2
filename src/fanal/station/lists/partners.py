"""Partners' entries beside ours: one list a partner and subject, which only the partner changes.

They are screened as our own are, and nobody here approves or edits them: they are in force because their owner says so,
for as long as it does. What partners ask us is answered from our own lists that may be asked, and from no other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from fanal.screening import Kind, Person
from fanal.screening.documents import marked
from fanal.screening.imports import ListedNumber, Row
from fanal.station.lists import conditions, index
from fanal.station.lists.entries import number_json, person_json, title_of
from fanal.station.lists.models import ListEntry, Redress, Rule, WatchList

_LAST_DAY: Final = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An entry as its owner gave it. `id` is the owner's."""

    id: uuid.UUID
    partner: str
    subject: str
    person: Person | None
    numbers: tuple[ListedNumber, ...]
    reason: str
    legal_basis: str
    review_on: date
    expires_on: date


def hold(entries: Sequence[Foreign]) -> None:
    """Put partners' entries in force, or as they should have been. Within the caller's transaction."""
    there = set(ListEntry.objects.filter(pk__in=[one.id for one in entries]).values_list("pk", flat=True))
    lists: dict[tuple[str, str], WatchList] = {}
    rows = []
    for one in entries:
        key = (one.partner, one.subject)
        if key not in lists:
            lists[key] = _list_of(one)
        rows.append(
            ListEntry(
                pk=one.id,
                request_id=one.id,
                watch_list=lists[key],
                ref=str(one.id),
                came_from=one.partner,
                title=title_of(Row(0, str(one.id), one.person, one.numbers)),
                person=person_json(one.person) if one.person else None,
                numbers=[number_json(number) for number in one.numbers],
                reason=one.reason,
                state=ListEntry.State.IN_FORCE,
                approved_at=timezone.now(),
                review_on=one.review_on,
                expires_on=one.expires_on,
                indexed=False,
            )
        )
    ListEntry.objects.bulk_create([row for row in rows if row.pk not in there], batch_size=500)
    changed = ["title", "person", "numbers", "reason", "review_on", "expires_on", "indexed"]
    ListEntry.objects.bulk_update([row for row in rows if row.pk in there], changed, batch_size=500)


def _list_of(one: Foreign) -> WatchList:
    made, _ = WatchList.objects.get_or_create(
        partner=one.partner,
        subject=one.subject,
        defaults={
            "name": f"{one.partner} · {one.subject}",
            "owner": one.partner,
            "legal_basis": one.legal_basis,
            "purposes": ["border_control"],
            "action": "call_owner",
            "expires_on": _LAST_DAY,
        },
    )
    return made


def end(entries: Iterable[uuid.UUID], *, reason: str) -> None:
    """Their owner took them back: they end and are emptied, and every hit that came from them is closed.

    Where it was a mistake, that is kept as redress, so that whoever was met by it can be told.
    """
    from fanal.station.lists.services import close_all

    now = timezone.now()
    theirs = ListEntry.objects.select_for_update().filter(pk__in=list(entries)).exclude(state=ListEntry.State.ENDED)
    found = list(theirs.select_related("watch_list"))
    for row in found:
        row.end(None, now, reason)
        row.title, row.person, row.numbers, row.reason = row.ref, None, [], ""
    ListEntry.objects.bulk_update(found, [*ListEntry.END, "title", "person", "numbers", "reason"], batch_size=500)
    for row in ListEntry.objects.filter(pk__in=[row.pk for row in found], hits__isnull=False).distinct():
        reached = close_all(row, None, reason)
        if reason == "mistaken":
            Redress.objects.create(request_id=uuid.uuid4(), entry=row, why=reason, reached=reached)


def hold_bulletin(*, id: uuid.UUID, partner: str, values: dict[str, Any]) -> None:  # noqa: A002 - the standard word
    """A partner's bulletin: off, until somebody here has tried it on our own travellers and switches it on.

    Raises:
        Refusal: the condition is not one of ours (`conditions.parse`).
    """
    conditions.parse(values["condition"])
    name = f"{partner} · {values['name']}"[:100]
    newest = Rule.objects.filter(name=name).order_by("-version").values_list("version", flat=True).first() or 0
    Rule.objects.update_or_create(
        pk=id,
        defaults={
            "request_id": id,
            "name": name,
            "version": newest + 1,
            "kind": Rule.Kind.BULLETIN,
            "came_from": partner,
            "condition": values["condition"],
            "purpose": values["purpose"],
            "look_at": values["look_at"],
            "fraud": values["fraud"],
            "state": Rule.State.OFF,
            "tried": {},
            "approver": None,
            "review_on": values["review_on"],
            "expires_on": values["expires_on"],
        },
    )


def end_bulletin(ids: Iterable[uuid.UUID]) -> None:
    Rule.objects.filter(pk__in=list(ids)).update(state=Rule.State.ENDED)


def may_be_asked() -> QuerySet[ListEntry]:
    """The entries of ours of which partners are told: in force, on a list that they may ask or are given."""
    today = timezone.localdate()
    return ListEntry.objects.filter(
        state=ListEntry.State.IN_FORCE,
        expires_on__gt=today,
        watch_list__expires_on__gt=today,
        watch_list__partner="",
        watch_list__sharing__in=("asked", "given"),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What our lists say to a partner: `hit`, `possible` or `no_hit`, of which entry, and where a number differs."""

    result: str
    entry: uuid.UUID | None = None
    alike: str = ""


def answer(*, person: Person | None, kind: Kind | None, number: str, state: str) -> Answer:
    """Whether a list of ours that partners may ask holds this person or number. A person is never more than possible:
    names are borne by many, and who compares is an officer.

    Raises:
        ScreeningError: the index cannot be read.
    """
    asked = index.opened()
    found: list[tuple[str, Answer]] = []
    if kind is not None and number:
        found += [
            (one.entry.ref, Answer("hit") if one.is_hit else Answer("possible", alike=marked(number, one)))
            for one in asked.numbers.find(kind, number, state=state)
        ]
    if person is not None:
        found += [(one.entry.ref, Answer("possible")) for one in asked.persons.find(person) if one.is_hit]
    open_ = set(may_be_asked().filter(pk__in=[ref for ref, _ in found]).values_list("pk", flat=True))
    theirs = [(uuid.UUID(ref), one) for ref, one in found if uuid.UUID(ref) in open_]
    if not theirs:
        return Answer("no_hit")
    ref, best = min(theirs, key=lambda pair: pair[1].result != "hit")
    return Answer(best.result, ref, best.alike)
