"""What this place sends: one function a use case, one transaction each, with the outbox and the record inside it.

A message that an agreement does not cover is refused before anything is written. What is written here is on its way:
the node publishes the outbox, however often it is killed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fanal.exchange import Category, ExchangeError, Handling, Message, Purpose, advance, seal, write
from fanal.exchange import Thread as ThreadState
from fanal.exchange.agreements import place_of
from fanal.exchange.messages import (
    CATEGORY_OF,
    Alert,
    Body,
    ConfirmationBody,
    ConfirmBody,
    CorrectBody,
    DataBody,
    DataRequestBody,
    LostDocument,
    NoticeBody,
    ReminderBody,
    ThreadKind,
    WithdrawBody,
)
from fanal.station.journal.services import record
from fanal.station.sharing import place as places
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Number, Outbox, Step, Thread

SYSTEM: Final = "system"
ANSWER_WITHIN: Final = timedelta(minutes=1)
KEEP_TRYING: Final = timedelta(days=30)
"""How long a message that is not about one datum may be under way."""


def send(
    body: Body,
    *,
    partner: str,
    category: Category,
    purpose: Purpose,
    at: datetime,
    actor: object,
    expires: datetime,
    handling: Iterable[Handling] = (),
    follows: Thread | None = None,
    datum: uuid.UUID | None = None,
    id: str | None = None,  # noqa: A002 - the standard word
) -> Message:
    """Write one message: a step of its thread, the envelope in the outbox, an entry on the record.

    Raises:
        ExchangeError: what the agreements refuse; `move_not_allowed`; `no_place`.
    """
    place = places.get()
    mine = agreements(place.id)
    with transaction.atomic():
        last = None if follows is None else last_message(follows, partner)
        message = write(
            body,
            sender=place.id,
            recipient=partner,
            category=category,
            purpose=purpose,
            agreements=mine,
            at=at,
            expires=expires,
            handling=tuple(handling),
            id=id,
        )
        if last is not None and follows is not None:
            message = message.model_copy(update={"thread": str(follows.pk), "previous": last})
        take(message, partner=partner, datum=datum)
        envelope = seal(message, places.keys()[0], mine, at=at)
        Outbox.objects.create(message=message.id, partner=partner, envelope=envelope, written=at)
        _note("exchange_sent", message, actor)
    return message


def take(message: Message, *, partner: str, datum: uuid.UUID | None = None) -> Thread:
    """Advance a message's thread and keep the message as its step; for messages of either side.

    Raises:
        ExchangeError: `move_not_allowed`.
    """
    row = Thread.objects.select_for_update().filter(pk=message.thread).first()
    if row is not None and row.partner != partner:
        raise ExchangeError("move_not_allowed", "another partner's thread")
    before = None if row is None else ThreadState(ThreadKind(row.kind), row.state, row.opener)
    after = advance(before, message)
    if row is None:
        row = Thread(
            pk=uuid.UUID(message.thread),
            kind=after.kind.value,
            opener=after.opener,
            partner=partner,
            category=message.category.value,
            purpose=message.purpose.value,
            datum=datum or _about(message),
            opened=message.created,
        )
        if isinstance(message.body, ConfirmBody):
            row.deadline = message.body.deadline
    row.state, row.changed = after.state, message.created
    row.save()
    Step.objects.create(
        message=message.id,
        thread=row,
        kind=message.kind.value,
        sender=message.sender,
        created=message.created,
        content=message.body.model_dump(mode="json"),
    )
    return row


def last_message(thread: Thread, partner: str) -> str:
    """The id of the thread's newest step.

    Raises:
        ExchangeError: `move_not_allowed` where it is a thread with somebody else.
    """
    if thread.partner != partner:
        raise ExchangeError("move_not_allowed", "another partner's thread")
    newest = thread.steps.order_by("-created", "-pk").values_list("message", flat=True).first()
    return str(newest or thread.pk)


def _about(message: Message) -> uuid.UUID | None:
    body: Any = message.body
    if isinstance(body, NoticeBody):
        return uuid.UUID(body.origin or message.id)
    found = getattr(body, "datum", None)
    return uuid.UUID(found) if isinstance(found, str) else None


def _note(action: str, message: Message, actor: object, **more: object) -> None:
    record(
        actor=actor,
        action=action,
        subject_kind="message",
        subject=message.id,
        why=message.purpose.value,
        data={
            "kind": message.kind.value,
            "thread": message.thread,
            "from": message.sender,
            "to": message.recipient,
            "agreement": message.agreement,
            **more,
        },
    )


# --- our own data -----------------------------------------------------------------------------------------------------


def share(
    datum: LostDocument | Alert | Any,
    *,
    purpose: Purpose,
    at: datetime,
    expires: datetime,
    actor: object,
    request_id: uuid.UUID,
    handling: Iterable[Handling] = (),
    partners: Iterable[str] | None = None,
) -> Datum:
    """Give a datum of ours to partners: to all whom an agreement gives it, or to those named.

    The same `request_id` twice is one datum.

    Raises:
        ExchangeError: what the agreement with a named partner refuses; `no_place`.
    """
    place = places.get()
    mine = agreements(place.id)
    category = CATEGORY_OF[datum.type]
    with transaction.atomic():
        if earlier := Datum.objects.filter(pk=request_id).first():
            return earlier
        row = hold(
            datum,
            id=request_id,
            owner=place.id,
            purpose=purpose,
            handling=tuple(handling),
            at=at,
            expires=expires,
        )
        named = None if partners is None else set(partners)
        for party in mine.partners(at.date()):
            if named is not None and party.id not in named:
                continue
            try:
                mine.permit(giver=place.id, taker=party.id, category=category, purpose=purpose, on=at.date())
            except ExchangeError:
                if named is not None or place_of(party.id, place.id):
                    raise
                continue  # this partner is given other things
            send(
                NoticeBody(datum=datum, owner=place.id, origin=str(row.pk)),
                partner=party.id,
                category=category,
                purpose=purpose,
                at=at,
                actor=actor,
                expires=expires,
                handling=handling,
                datum=row.pk,
            )
        if named is not None and (unknown := named - {party.id for party in mine.partners(at.date())}):
            raise ExchangeError("no_agreement", min(unknown))
        record(actor=actor, action="datum_shared", subject_kind="datum", subject=row.pk, why=purpose.value, rows=(row,))
    return row


def hold(
    datum: Any,
    *,
    id: uuid.UUID,  # noqa: A002 - the standard word
    owner: str,
    purpose: Purpose,
    handling: tuple[Handling, ...],
    at: datetime,
    expires: datetime,
    agreement: str | None = None,
    clause: str = "",
) -> Datum:
    """Keep a datum with the numbers by which it is found."""
    row = Datum.objects.create(
        id=id,
        owner=owner,
        category=CATEGORY_OF[datum.type].value,
        purpose=purpose.value,
        handling=[one.value for one in handling],
        agreement=agreement,
        clause=clause,
        body=datum.model_dump(mode="json"),
        created=at,
        changed=at,
        expires=expires,
    )
    _index(row, datum)
    return row


def replace(row: Datum, datum: Any, at: datetime) -> None:
    """The datum as it should have been."""
    row.body, row.changed, row.version = datum.model_dump(mode="json"), at, row.version + 1
    row.save(update_fields=["body", "changed", "version"])
    row.numbers.all().delete()
    _index(row, datum)


def end(row: Datum, why: str, at: datetime) -> None:
    """The datum is no more: its content goes, here and in every step that carried it."""
    row.body, row.gone, row.gone_why, row.changed = None, at, why, at
    row.save(update_fields=["body", "gone", "gone_why", "changed"])
    row.numbers.all().delete()
    Step.objects.filter(thread__datum=row.pk, kind__in=("notice", "correct", "data")).update(content=None)


def _index(row: Datum, datum: Any) -> None:
    made = []
    if isinstance(datum, LostDocument):
        made.append(Number(datum=row, kind="document", state=datum.issuing_state, first=datum.number))
        made[0].last = datum.last or datum.number
    elif isinstance(datum, Alert):
        made += [
            Number(datum=row, kind="document", state=one.issuing_state, first=one.number, last=one.number)
            for one in datum.documents
        ]
        if datum.thing:
            number = "".join(filter(str.isalnum, datum.thing.number.upper()))
            made.append(Number(datum=row, kind=datum.thing.kind, state=datum.thing.state, first=number, last=number))
    Number.objects.bulk_create(made)


def correct(datum_id: uuid.UUID, datum: Any, *, reason: str, at: datetime, actor: object) -> int:
    """Put a datum of ours right, here and with everyone who received it. Returns how many that is.

    Raises:
        ExchangeError: `not_ours`, `gone`.
    """
    with transaction.atomic():
        row = _ours(datum_id)
        replace(row, datum, at)
        reached = pass_on(row, CorrectBody(datum=datum, reason=reason), at=at, actor=actor)
        record(
            actor=actor,
            action="datum_corrected",
            subject_kind="datum",
            subject=row.pk,
            why=row.purpose,
            data={"reason": reason, "reached": reached},
            rows=(row,),
        )
    return reached


def withdraw(datum_id: uuid.UUID, *, reason: str, at: datetime, actor: object) -> int:
    """Take a datum of ours back, here and from everyone who received it. Returns how many that is.

    Raises:
        ExchangeError: `not_ours`, `gone`.
    """
    with transaction.atomic():
        row = _ours(datum_id)
        reached = pass_on(row, WithdrawBody(reason=reason), at=at, actor=actor)
        end(row, reason, at)
        record(
            actor=actor,
            action="datum_withdrawn",
            subject_kind="datum",
            subject=row.pk,
            why=row.purpose,
            data={"reason": reason, "reached": reached},
        )
    return reached


def pass_on(row: Datum, body: CorrectBody | WithdrawBody, *, at: datetime, actor: object) -> int:
    """Send what became of a datum on every thread on which this place gave it."""
    us = places.get().id
    threads = Thread.objects.filter(datum=row.pk, kind="share", opener=us).exclude(state__in=("withdrawn", "gone"))
    for thread in threads:
        send(
            body,
            partner=thread.partner,
            category=Category(row.category),
            purpose=Purpose(row.purpose),
            at=at,
            actor=actor,
            expires=max(row.expires, at + KEEP_TRYING),  # a withdrawal outlives what it withdraws
            handling=[Handling(one) for one in row.handling],
            follows=thread,
            datum=row.pk,
        )
    return len(threads)


def _ours(datum_id: uuid.UUID) -> Datum:
    row = Datum.objects.select_for_update().filter(pk=datum_id).first()
    if row is None or row.owner != places.get().id:
        raise ExchangeError("not_ours", str(datum_id))
    if row.gone:
        raise ExchangeError("gone", row.gone_why)
    return row


# --- questions, data, confirmations -----------------------------------------------------------------------------------


def request_data(thread_id: uuid.UUID, *, datum: str, reason: str, at: datetime, actor: object) -> Message:
    """After a hit, ask its owner for the data, for a reason. The owner may decline.

    Raises:
        ExchangeError: `move_not_allowed`, and what the agreements refuse.
    """
    return _follow(thread_id, DataRequestBody(datum=datum, reason=reason), at=at, actor=actor)


def give_data(thread_id: uuid.UUID, *, declined: str = "", at: datetime, actor: object) -> Message:
    """Answer a request for data: with them, or with the reason why not.

    Raises:
        ExchangeError: `move_not_allowed`, `gone`, and what the agreements refuse.
    """
    if declined:
        return _follow(thread_id, DataBody(declined=declined), at=at, actor=actor)
    request = Step.objects.filter(thread=thread_id, kind="data_request").order_by("-created").first()
    asked = str((request.content or {}).get("datum")) if request else ""
    row = Datum.objects.filter(pk=asked).first() if asked else None
    if row is None or row.body is None or row.owner != places.get().id:
        raise ExchangeError("gone")
    return _follow(thread_id, DataBody.model_validate_json(json.dumps({"datum": row.body})), at=at, actor=actor)


def ask_to_confirm(
    datum_id: uuid.UUID, *, within: timedelta, compared: Iterable[str], at: datetime, actor: object
) -> Message:
    """A hit on a partner's datum: ask its owner, through our hub where we are a checkpoint, before anyone acts.

    Raises:
        ExchangeError: `gone`, and what the agreements refuse.
    """
    row = Datum.objects.filter(pk=datum_id, gone__isnull=True).first()
    if row is None:
        raise ExchangeError("gone", str(datum_id))
    place = places.get()
    return send(
        ConfirmBody(datum=str(row.pk), deadline=at + within, compared=tuple(compared)),
        partner=place.hub or row.owner,
        category=Category(row.category),
        purpose=Purpose(row.purpose),
        at=at,
        actor=actor,
        expires=at + KEEP_TRYING,
        handling=[Handling(one) for one in row.handling],
        datum=row.pk,
    )


def answer_confirmation(thread_id: uuid.UUID, *, confirmed: bool, reason: str, at: datetime, actor: object) -> Message:
    """The owner's word on a hit.

    Raises:
        ExchangeError: `move_not_allowed`, and what the agreements refuse.
    """
    answer = "confirmed" if confirmed else "not_confirmed"
    return _follow(thread_id, ConfirmationBody.model_validate({"answer": answer, "reason": reason}), at=at, actor=actor)


def remind(thread_id: uuid.UUID, *, escalated: bool, at: datetime) -> Message:
    """Ask once more for a confirmation that is due; when it is overdue, tell the supervisors of both sides."""
    with transaction.atomic():
        thread = Thread.objects.select_for_update().get(pk=thread_id)
        thread.reminders += 1
        thread.escalated = at if escalated else thread.escalated
        thread.save(update_fields=["reminders", "escalated"])
        body = ReminderBody(number=thread.reminders, escalated=escalated)
        return _follow(thread_id, body, at=at, actor=SYSTEM)


def _follow(thread_id: uuid.UUID, body: Body, *, at: datetime, actor: object) -> Message:
    with transaction.atomic():
        thread = Thread.objects.select_for_update().filter(pk=thread_id).first()
        if thread is None:
            raise ExchangeError("no_thread", str(thread_id))
        return send(
            body,
            partner=thread.partner,
            category=Category(thread.category),
            purpose=Purpose(thread.purpose),
            at=at,
            actor=actor,
            expires=at + KEEP_TRYING,
            handling=_handling(thread),
            follows=thread,
            datum=thread.datum,
        )


def _handling(thread: Thread) -> list[Handling]:
    held = Datum.objects.filter(pk=thread.datum).values_list("handling", flat=True).first() if thread.datum else None
    return [Handling(one) for one in held or ()]
