"""What this place sends: one function a use case, one transaction each, with the outbox and the record inside it.

A message that an agreement does not cover is refused before anything is written. What is written here is on its way:
the node publishes the outbox, however often it is killed.
"""

from __future__ import annotations

import base64
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
    ReceiptBody,
    Receipted,
    RegisterBody,
    ReminderBody,
    ThreadKind,
    WithdrawBody,
)
from fanal.station.journal.services import record
from fanal.station.sharing import effects, register
from fanal.station.sharing import place as places
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Outbox, Step, Thread

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
        envelope = seal(message, places.keys(), mine, at=at)
        Outbox.objects.create(message=message.id, partner=partner, envelope=envelope, written=at)
        _note("exchange_sent", message, actor)
    return message


def take(message: Message, *, partner: str, datum: uuid.UUID | None = None) -> Thread:
    """Advance a message's thread and keep the message as its step; for messages of either side.

    Raises:
        ExchangeError: `move_not_allowed`; `follows_unknown` where the thread is not here (yet).
    """
    row = Thread.objects.select_for_update().filter(pk=message.thread).first()
    if row is not None and row.partner != partner:
        raise ExchangeError("move_not_allowed", "another partner's thread")
    if row is None and message.previous is not None:
        raise ExchangeError("follows_unknown", message.previous)
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
    row.save(force_insert=before is None)
    Step.objects.create(
        message=message.id,
        thread=row,
        kind=message.kind.value,
        sender=message.sender,
        created=message.created,
        content=_content(message.body),
    )
    return row


def _content(body: Body) -> dict[str, Any]:
    if isinstance(body, RegisterBody):  # what it carries is in the register, and only there
        return {"kind": body.kind.value, "data": [item.datum for item in body.items]}
    return body.model_dump(mode="json")


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
        (row,) = register.hold(
            [register.Held(request_id, datum, place.id, purpose, tuple(handling), expires)],
            at,
        )
        named = None if partners is None else set(partners)
        for party in mine.partners(at.date()):
            if place_of(party.id, place.id) or (named is not None and party.id not in named):
                continue  # our own checkpoints get it with the register
            try:
                mine.permit(giver=place.id, taker=party.id, category=category, purpose=purpose, on=at.date())
            except ExchangeError:
                if named is not None:
                    raise
                continue  # this partner is given other things
            send(
                NoticeBody(datum=datum, origin=str(row.pk)),
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


def correct(datum_id: uuid.UUID, datum: Any, *, reason: str, at: datetime, actor: object) -> int:
    """Put a datum of ours right, here and with everyone who received it. Returns how many that is.

    Raises:
        ExchangeError: `not_ours`, `gone`.
    """
    with transaction.atomic():
        row = _ours(datum_id)
        register.replace(row, datum, at)
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
        register.end([row], reason, at)
        record(
            actor=actor,
            action="datum_withdrawn",
            subject_kind="datum",
            subject=row.pk,
            why=row.purpose,
            data={"reason": reason, "reached": reached},
            rows=(row,),
        )
    return reached


def pass_on(row: Datum, body: CorrectBody | WithdrawBody, *, at: datetime, actor: object) -> int:
    """Send what became of a datum on every thread on which this place gave it."""
    us = places.get().id
    threads = Thread.objects.filter(datum=row.pk, kind="share", opener=us).exclude(
        state__in=("withdrawn", "gone", "ended")
    )
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


def receipt_again(row: Datum, *, reached: int, at: datetime) -> None:
    """Tell the owner that what it put right is right in more places: our checkpoints hold it so now."""
    thread = Thread.objects.filter(datum=row.pk, kind="share", partner=row.owner, opener=row.owner).first()
    if thread is None:
        return
    last = thread.steps.filter(sender=row.owner).order_by("-created").values_list("message", flat=True).first()
    send(
        ReceiptBody(items=(Receipted(thread=str(thread.pk), of=str(last), reached=reached),)),
        partner=row.owner,
        category=Category(row.category),
        purpose=Purpose(row.purpose),
        at=at,
        actor=SYSTEM,
        expires=at + KEEP_TRYING,
        handling=[Handling(one) for one in row.handling],
    )


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
    asked = (request.content or {}).get("datum") if request else None
    datum = effects.datum_by_id(uuid.UUID(asked)) if asked else None
    if datum is None:
        raise ExchangeError("gone")
    return _follow(thread_id, DataBody(datum=datum), at=at, actor=actor)


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


def given_to(datum_id: uuid.UUID) -> list[str]:
    """The partners to whom a datum of ours went."""
    threads = Thread.objects.filter(datum=datum_id, kind="share", opener=places.get().id)
    return sorted(threads.values_list("partner", flat=True))


# --- the trust store --------------------------------------------------------------------------------------------------


def import_trust(datum_id: uuid.UUID, *, at: datetime, actor: object) -> list[Any]:
    """Import a partner's trust update into this station's store: what came of each file (`chip.trust.FileReport`).

    Raises:
        ExchangeError: `gone`.
        StoreError: the store cannot be read or written.
    """
    from fanal.chip.trust import import_files
    from fanal.station.inspections.services import trust_directory

    row = Datum.objects.filter(pk=datum_id, category="trust", gone__isnull=True, agreement__isnull=False).first()
    if row is None:
        raise ExchangeError("gone", str(datum_id))
    files = [
        (f"{row.owner}-{number}", base64.b64decode(one)) for number, one in enumerate((row.body or {})["files"], 1)
    ]
    reports = import_files(
        trust_directory(), files, now=at.replace(microsecond=0), source=f"exchange: {row.owner}, {row.clause}"
    )
    record(
        actor=actor,
        action="trust_imported",
        subject_kind="datum",
        subject=row.pk,
        why="oversight",
        data={"from": row.owner, "files": len(files), "refused": sum(bool(one.error) for one in reports)},
    )
    return reports
