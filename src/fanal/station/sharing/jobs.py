"""What the worker does for the exchange: expiry, reminders, and heads for the partners to cosign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from fanal.exchange import Category, ExchangeError, Purpose
from fanal.exchange.messages import HeadBody
from fanal.ledger import Checkpoint, consistency_proof, open_note
from fanal.station.journal import keys
from fanal.station.journal.models import Entry, SignedHead
from fanal.station.journal.services import record
from fanal.station.sharing import changes, inbox, register, services
from fanal.station.sharing import place as places
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, Outbox, Step, Thread

HEAD_EVERY: Final = timedelta(hours=1)
MOST_PROVED: Final = 200_000
"""Entries up to which a proof is computed from all leaves."""


def expire() -> None:
    """End every datum whose time is over, ours and theirs, and forget envelopes that are long applied."""
    now = datetime.now(UTC)
    for row in Datum.objects.filter(gone__isnull=True, expires__lte=now)[:500]:
        with transaction.atomic():
            register.end([row], "expired", now)
            record(
                actor="system",
                action="datum_expired",
                subject_kind="datum",
                subject=row.pk,
                why=row.purpose,
                rows=() if row.agreement else (row,),
            )
    old = now - services.KEEP_TRYING - timedelta(days=1)
    Outbox.objects.filter(published__lt=old).delete()
    # An id may be forgotten when the message can no longer be opened: it has expired.
    Inbox.objects.filter(outcome="applied", received__lt=now - timedelta(days=400)).delete()


def take_again() -> None:
    """Take in what came before its time, and what this version of the software has learnt to read."""
    if places.find() is not None:
        inbox.take_again(datetime.now(UTC))


def changes_over_time() -> None:
    """Propose new keys to partners that do not know them, and end the links with those that left."""
    now = datetime.now(UTC)
    if places.find() is not None:
        changes.propose_keys(at=now)
        changes.unlink(at=now)


def remind() -> None:
    """Half way to a deadline the owner is reminded; past it, once more, and both sides' supervisors see it."""
    now = datetime.now(UTC)
    place = places.find()
    if place is None:
        return
    due = Thread.objects.filter(kind="confirm", state="open", opener=place.id, deadline__isnull=False)
    for thread in due.filter(Q(reminders=0) | Q(escalated__isnull=True)):
        assert thread.deadline is not None
        half = thread.opened + (thread.deadline - thread.opened) / 2
        try:
            if now >= thread.deadline and thread.escalated is None:
                services.remind(thread.pk, escalated=True, at=now)
            elif now >= half and thread.reminders == 0:
                services.remind(thread.pk, escalated=False, at=now)
        except ExchangeError:
            continue  # the agreement ended: the thread stays open, and is shown as unanswered


def send_heads() -> None:
    """Give each partner our newest signed head with the proof that it continues the last one it cosigned."""
    place = places.find()
    if place is None or place.hub is not None:
        return
    now = datetime.now(UTC)
    head = SignedHead.objects.order_by("-size").first()
    if head is None or head.size > MOST_PROVED:
        return
    for party in agreements(place.id).partners(now.date()):
        last = Thread.objects.filter(kind="heads", opener=place.id, partner=party.id).order_by("-opened").first()
        if last is not None and (last.state == "offered" or last.opened > now - HEAD_EVERY):
            continue
        since = _size_of(last)
        if since == head.size:
            continue
        leaves = [bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)[: head.size]]
        proof = [one.hex() for one in consistency_proof(leaves, since)] if since else []
        try:
            services.send(
                HeadBody(note=head.note, proof=tuple(proof), since=since),
                partner=party.id,
                category=Category.LEDGER,
                purpose=Purpose.OVERSIGHT,
                at=now,
                actor="system",
                expires=now + services.KEEP_TRYING,
            )
        except ExchangeError:
            continue  # this partner has no clause on records


def _size_of(thread: Thread | None) -> int:
    if thread is None:
        return 0
    done = Step.objects.filter(thread__kind="heads", thread__partner=thread.partner, thread__opener=thread.opener)
    step = done.filter(kind="head", thread__state="cosigned").order_by("-created").first()
    if step is None or step.content is None:
        return 0
    text, _ = open_note(step.content["note"], keys.verifiers())
    return Checkpoint.parse(text).size
