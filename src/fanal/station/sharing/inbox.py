"""What comes in: every envelope once, in one transaction with what it does, its receipt and its entry on the record.

Nothing that came is dropped: what is refused or of a version that this software does not know is kept as it came, with
the reason, and shown. The node acknowledges an envelope to its sender only after `receive` has returned.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from fanal.exchange import (
    Agreements,
    Category,
    ExchangeError,
    Handling,
    Message,
    Opened,
    Purpose,
    address,
    open_envelope,
    seal,
    write,
)
from fanal.exchange.agreements import place_of
from fanal.exchange.messages import (
    RECEIPTED,
    AnswerBody,
    ConfirmationBody,
    ConfirmBody,
    CorrectBody,
    CosignedBody,
    HeadBody,
    NoticeBody,
    PassagesBody,
    QuestionBody,
    ReceiptBody,
    Receipted,
    ReconciledBody,
    RegisterBody,
    ThreadKind,
    WithdrawBody,
)
from fanal.exchange.statements import unwrap
from fanal.ledger import Checkpoint, LedgerError, Verifier, open_note, sign_note, verify_consistency
from fanal.screening import Kind, Person
from fanal.station.journal import keys as record_keys
from fanal.station.journal.services import record
from fanal.station.lists import partners
from fanal.station.lists.partners import Answer
from fanal.station.sharing import changes, effects, reconcile, register, services
from fanal.station.sharing import place as places
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, PartnerHead, Thread

SET_ASIDE: Final = {"envelope_version", "message_version"}
LATER: Final = {*SET_ASIDE, "statement_version", "clock_ahead", "follows_unknown"}
"""Why an envelope is kept and tried again. What it follows may come behind it after a restore, or where a server of a
cluster was lost."""

AGAIN_AT_ONCE: Final = 500


def receive(partner: str, envelopes: Sequence[bytes], at: datetime) -> list[str]:
    """Take envelopes from one partner, in order, in one transaction. Returns the outcome of each.

    One that came before is `known`. Where the transaction fails, all of them come again.
    """
    place = places.get()
    keys = places.keys()
    with transaction.atomic():
        mine = agreements(place.id)
        outcomes = []
        applied: list[tuple[Message, int]] = []
        for data in envelopes:
            if changes.is_change(data):
                outcomes.append(changes.take(partner, data, at))
                mine = agreements(place.id)  # what comes behind it is held to it
            else:
                outcomes.append(_take(partner, data, place, keys, mine, at, applied))
        _send_receipts(partner, applied, at)
        return outcomes


def _take(
    partner: str,
    data: bytes,
    place: places.Place,
    keys: Any,
    mine: Agreements,
    at: datetime,
    applied: list[tuple[Message, int]],
) -> str:
    """One envelope. What is to be receipted of it is added to `applied`."""
    name = name_of(data)
    if Inbox.objects.filter(partner=partner, message=name).exists():
        return "known"
    try:
        with transaction.atomic():
            opened = open_envelope(data, keys, mine, at=at)
            if opened.message.sender != partner:
                raise ExchangeError("outside_differs", opened.message.sender)
            reached = _apply(opened, place, at)
            outcome = Inbox(message=name, partner=partner, outcome="applied", received=at, clause=opened.grant.clause)
            outcome.save()
            services._note("exchange_received", opened.message, services.SYSTEM, clause=opened.grant.clause)
        if reached is not None:
            applied.append((opened.message, reached))
    except ExchangeError as error:
        outcome = Inbox.objects.create(
            message=name,
            partner=partner,
            outcome="set_aside" if error.code in SET_ASIDE else "refused",
            code=error.code,
            clause=error.clause,
            envelope=data,
            received=at,
        )
        record(
            actor=services.SYSTEM,
            action=f"exchange_{outcome.outcome}",
            subject_kind="envelope",
            subject=name,
            why="oversight",
            data={"from": partner, "code": error.code, "clause": error.clause},
        )
    return outcome.outcome


def take_again(at: datetime) -> int:
    """Try once more what came before its time, or in a version that was not known. Returns how many were taken in.

    A partner's clock that is ahead spoils nothing: what it wrote is taken in, in order, when our clock gets there.
    """
    place = places.get()
    keys = places.keys()
    taken = 0
    kept = Inbox.objects.filter(envelope__isnull=False, code__in=LATER).order_by("id")
    for row in kept[:AGAIN_AT_ONCE]:
        data = bytes(row.envelope or b"")
        with transaction.atomic():
            mine = agreements(place.id)
            try:
                if changes.is_change(data):
                    unwrap(data)
                elif not _follows_known(open_envelope(data, keys, mine, at=at).message):
                    continue
            except ExchangeError as error:
                if error.code in LATER:
                    continue
            row.delete()
            if changes.is_change(data):
                changes.take(row.partner, data, at)
            else:
                applied: list[tuple[Message, int]] = []
                _take(row.partner, data, place, keys, mine, at, applied)
                _send_receipts(row.partner, applied, at)
            taken += 1
    return taken


def _follows_known(message: Message) -> bool:
    return message.previous is None or Thread.objects.filter(pk=message.thread).exists()


def name_of(data: bytes) -> str:
    """The envelope's id; of what has none, the beginning of its digest."""
    try:
        return address(data).id
    except ExchangeError:
        return hashlib.sha256(data).hexdigest()[:36]


def _apply(opened: Opened, place: places.Place, at: datetime) -> int | None:
    message = opened.message
    thread = services.take(message, partner=message.sender)
    handle = _HANDLERS.get(type(message.body))
    return None if handle is None else handle(opened, thread, place, at)


def _send_receipts(partner: str, applied: list[tuple[Message, int]], at: datetime) -> None:
    """One message for all that came together and was applied, for each category and purpose."""
    groups: dict[tuple[Category, Purpose], list[Receipted]] = {}
    for message, reached in applied:
        item = Receipted(thread=message.thread, of=message.id, reached=reached)
        groups.setdefault((message.category, message.purpose), []).append(item)
    for (category, purpose), items in groups.items():
        try:
            services.send(
                ReceiptBody(items=tuple(items)),
                partner=partner,
                category=category,
                purpose=purpose,
                at=at,
                actor=services.SYSTEM,
                expires=at + services.KEEP_TRYING,
            )
        except ExchangeError:
            continue  # what it came under ended in this very moment


def _notice(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> int:
    message, body = opened.message, opened.message.body
    assert isinstance(body, NoticeBody)
    origin = uuid.UUID(body.origin or message.id)
    if Datum.objects.filter(pk=origin).exists():
        raise ExchangeError("datum_known", str(origin))
    held = register.Held(
        origin,
        body.datum,
        message.sender,
        message.purpose,
        message.handling,
        min(message.expires, at + timedelta(days=opened.grant.retention_days)),
        opened.agreement.id,
        opened.grant.clause,
    )
    register.hold([held], at)
    return 1


def _register(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> int:
    """What our own hub holds. Nobody else passes on to us what is another's."""
    message, body = opened.message, opened.message.body
    assert isinstance(body, RegisterBody)
    if message.sender != place.hub:
        raise ExchangeError("third_party", message.sender, clause=opened.grant.clause)
    return register.take(
        body,
        us=place.id,
        purpose=message.purpose,
        agreement=opened.agreement.id,
        clause=opened.grant.clause,
        until=at + timedelta(days=opened.grant.retention_days),
        at=at,
    )


def _receipted(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """The other side has what we gave it."""
    body, partner = opened.message.body, opened.message.sender
    assert isinstance(body, ReceiptBody)
    items = {uuid.UUID(item.thread): item for item in body.items}
    rows = Thread.objects.select_for_update().filter(pk__in=items, partner=partner, opener=place.id)
    moved = []
    for row in rows:
        state = RECEIPTED.get((ThreadKind(row.kind), row.state))
        if state is None:
            continue
        row.state, row.reached, row.changed = state, max(row.reached, items[row.pk].reached), at
        moved.append(row)
    Thread.objects.bulk_update(moved, ["state", "reached", "changed"], batch_size=500)
    for row in moved:
        if row.kind == "register":
            register.receipted(partner, items[row.pk].of, at)


def _theirs(thread: Thread) -> Datum | None:
    return Datum.objects.select_for_update().filter(pk=str(thread.datum), gone__isnull=True).first()


def _correct(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> int:
    body = opened.message.body
    assert isinstance(body, CorrectBody)
    reached = 0
    if (row := _theirs(thread)) is not None:
        register.replace(row, body.datum, at)
        reached = 1
    return reached


def _withdraw(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> int:
    body = opened.message.body
    assert isinstance(body, WithdrawBody)
    reached = 0
    if (row := _theirs(thread)) is not None:
        register.end([row], body.reason, at)
        reached = 1
    return reached


def _confirm(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """Ours: it waits for an officer. Another's, asked by a checkpoint of ours: its owner is asked."""
    body = opened.message.body
    assert isinstance(body, ConfirmBody)
    row = Datum.objects.filter(pk=body.datum).first()
    if row is None:
        raise ExchangeError("datum_unknown", body.datum)
    if row.owner == place.id or not place_of(opened.message.sender, place.id):
        return
    sent = services.send(
        body,
        partner=row.owner,
        category=Category(row.category),
        purpose=Purpose(row.purpose),
        at=at,
        actor=services.SYSTEM,
        expires=at + services.KEEP_TRYING,
        handling=[Handling(one) for one in row.handling],
        datum=row.pk,
    )
    Thread.objects.filter(pk=sent.thread).update(relays=thread)


def _confirmation(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """An owner's word, passed on to the checkpoint that asked."""
    body = opened.message.body
    assert isinstance(body, ConfirmationBody)
    if thread.relays is not None and thread.relays.state == "open":
        services._follow(thread.relays.pk, body, at=at, actor=services.SYSTEM)


def _question(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """A question that came as a message, since the link was down when it was asked: it is answered as one."""
    body = opened.message.body
    assert isinstance(body, QuestionBody)
    services._follow(thread.pk, look_up(body), at=at, actor=services.SYSTEM)


def look_up(body: QuestionBody) -> AnswerBody:
    """Whether a list of ours that partners may ask holds it. What others shared with us is theirs to answer for."""
    person = None
    if body.names:
        person = Person(effects.full_names(body.names), effects.born(body.date_of_birth))
    found = Answer("no_hit")
    if body.thing is not None:
        found = partners.answer(
            person=None, kind=Kind(body.thing.kind), number=body.thing.number, state=body.thing.state
        )
    if found.result != "hit" and (person is not None or body.document is not None):
        number, state = (body.document.number, body.document.issuing_state) if body.document else ("", "")
        other = partners.answer(person=person, kind=Kind.DOCUMENT, number=number, state=state)
        found = other if other.result != "no_hit" else found
    return AnswerBody.model_validate(
        {"result": found.result, "datum": str(found.entry) if found.entry else None, "alike": found.alike}
    )


def answer(partner: str, data: bytes, at: datetime) -> bytes:
    """Answer a question over the link at once: the question is taken in, the answer goes back in its envelope.

    Raises:
        ExchangeError: it is no question that an agreement covers. The node answers with silence, on the record.
    """
    place = places.get()
    with transaction.atomic():
        mine = agreements(place.id)
        opened = open_envelope(data, places.keys(), mine, at=at)
        message = opened.message
        if message.sender != partner or not isinstance(message.body, QuestionBody):
            raise ExchangeError("not_a_question", message.kind.value)
        _, new = Inbox.objects.get_or_create(
            partner=partner, message=message.id, defaults={"outcome": "applied", "received": at}
        )
        if not new:
            raise ExchangeError("replayed", message.id)
        services.take(message, partner=partner)
        answered = write(
            look_up(message.body),
            sender=place.id,
            recipient=partner,
            category=message.category,
            purpose=message.purpose,
            agreements=mine,
            at=at,
            expires=at + services.ANSWER_WITHIN,
            handling=message.handling,
            follows=message,
        )
        services.take(answered, partner=partner)
        services._note("exchange_answered", answered, services.SYSTEM, clause=opened.grant.clause)
        return seal(answered, places.keys(), mine, at=at)


def _passages(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """A neighbour's passages: which have their other half here is said at once, within the same agreement."""
    message, body = opened.message, opened.message.body
    assert isinstance(body, PassagesBody)
    until = at + timedelta(days=opened.grant.retention_days)
    answer = reconcile.take(body, partner=message.sender, us=place.id, until=until, now=at)
    services._follow(thread.pk, answer, at=at, actor=services.SYSTEM)


def _reconciled(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    body = opened.message.body
    assert isinstance(body, ReconciledBody)
    reconcile.reconciled(body.matched, partner=opened.message.sender, us=place.id)


def _head(opened: Opened, thread: Thread, place: places.Place, at: datetime) -> None:
    """Cosign a partner's head if it continues the last one that we cosigned: so its record cannot be rewritten."""
    body = opened.message.body
    assert isinstance(body, HeadBody)
    partner = opened.message.sender
    answer = _cosigned(body, partner, opened.agreement.party(partner).record, at)
    services.send(
        answer,
        partner=partner,
        category=Category.LEDGER,
        purpose=opened.message.purpose,
        at=at,
        actor=services.SYSTEM,
        expires=at + services.KEEP_TRYING,
        handling=opened.message.handling,
        follows=thread,
    )


def _cosigned(body: HeadBody, partner: str, key: str, at: datetime) -> CosignedBody:
    try:
        text, _ = open_note(body.note, (Verifier.parse(key),))
        head = Checkpoint.parse(text)
        last = PartnerHead.objects.select_for_update().filter(pk=partner).first()
        if last is not None:
            proof = [bytes.fromhex(one) for one in body.proof]
            verify_consistency(last.size, bytes(last.root), head.size, head.root, proof)
        note = sign_note(text, record_keys.signer())
    except (LedgerError, ValueError) as error:
        return CosignedBody(code=getattr(error, "code", "head_form"))
    PartnerHead.objects.update_or_create(
        partner=partner, defaults={"size": head.size, "root": head.root, "note": body.note, "at": at}
    )
    return CosignedBody(note=note)


# What a handler returns is how many copies it reached: it is receipted.
_HANDLERS: Final[dict[type, Callable[[Opened, Thread, places.Place, datetime], int | None]]] = {
    NoticeBody: _notice,
    RegisterBody: _register,
    ReceiptBody: _receipted,
    CorrectBody: _correct,
    WithdrawBody: _withdraw,
    ConfirmBody: _confirm,
    ConfirmationBody: _confirmation,
    QuestionBody: _question,
    PassagesBody: _passages,
    ReconciledBody: _reconciled,
    HeadBody: _head,
}
