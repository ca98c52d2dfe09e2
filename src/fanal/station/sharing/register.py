"""The register: every datum that this place holds, its own and partners', and how a hub's reaches its checkpoints.

Each change takes the next number of one sequence, so that "what has this checkpoint not been given yet" is a range. A
checkpoint is given what stands there now, and not each step of how it came about: one that was cut off for hours gets
each datum once, many in an envelope. Few envelopes are under way to it at a time; the rest waits here, where it may
still change.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q

from fanal.exchange import Agreements, Category, ExchangeError, Handling, Purpose
from fanal.exchange.agreements import place_of
from fanal.exchange.messages import CATEGORY_OF, RegisterBody, RegisterItem
from fanal.exchange.model import MAX_BYTES
from fanal.station.sharing import effects
from fanal.station.sharing.models import Counter, Datum, Post, Step

IN_A_MESSAGE: Final = 500
OCTETS_IN_A_MESSAGE: Final = MAX_BYTES - 16 * 1024
UNDER_WAY: Final = 4
"""Messages that a checkpoint has not receipted yet; while there are so many, what is new waits."""

GIVE_AGAIN: Final = timedelta(hours=1)
"""After this time without a receipt it is all given again: twice changes nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A datum that is to be kept, as its owner gave it."""

    id: uuid.UUID
    datum: Any
    owner: str
    purpose: Purpose
    handling: tuple[Handling, ...]
    expires: datetime
    agreement: str | None = None  # none for our own
    clause: str = ""
    version: int = 1


def hold(held: Sequence[Held], at: datetime) -> list[Datum]:
    """Keep data, and let them take effect here.

    Raises:
        ExchangeError: what `effects.take` refuses.
    """
    if not held:
        return []
    number = _next(len(held))
    rows = Datum.objects.bulk_create(
        Datum(
            id=one.id,
            owner=one.owner,
            category=CATEGORY_OF[one.datum.type].value,
            purpose=one.purpose.value,
            handling=[code.value for code in one.handling],
            agreement=one.agreement,
            clause=one.clause,
            body=one.datum.model_dump(mode="json"),
            version=one.version,
            sequence=number + offset,
            created=at,
            changed=at,
            expires=one.expires,
        )
        for offset, one in enumerate(held)
    )
    effects.take([(row, one.datum) for row, one in zip(rows, held, strict=True)])
    return rows


def replace(row: Datum, datum: Any, at: datetime, *, version: int | None = None) -> None:
    """The datum as it should have been."""
    row.body, row.changed, row.version = datum.model_dump(mode="json"), at, version or row.version + 1
    row.sequence = _next(1)
    row.save(update_fields=["body", "changed", "version", "sequence"])
    effects.take([(row, datum)])


def end(rows: Sequence[Datum], why: str, at: datetime) -> None:
    """They are no more: the content goes, here and in every step that carried it, and so does what came of it."""
    if not rows:
        return
    number = _next(len(rows))
    for offset, row in enumerate(rows):
        row.body, row.gone, row.gone_why, row.changed, row.sequence = None, at, why, at, number + offset
    Datum.objects.bulk_update(rows, ["body", "gone", "gone_why", "changed", "sequence"])
    ids = [row.pk for row in rows]
    Step.objects.filter(thread__datum__in=ids, kind__in=("notice", "correct", "data")).update(content=None)
    effects.end(rows, why)


def _next(count: int) -> int:
    """The first of `count` numbers. The counter stays locked until the transaction ends, so that numbers are seen in
    their order."""
    if not Counter.objects.filter(pk=1).update(last=F("last") + count):
        Counter.objects.get_or_create(pk=1)
        Counter.objects.filter(pk=1).update(last=F("last") + count)
    return Counter.objects.values_list("last", flat=True).get(pk=1) - count + 1


# --- a hub gives ------------------------------------------------------------------------------------------------------


def relay(us: str, mine: Agreements, at: datetime) -> int:
    """Write, for each checkpoint of ours, what it has not been given yet. Returns how many data were written."""
    last = Counter.objects.filter(pk=1).values_list("last", flat=True).first() or 0
    posts = [party.id for party in mine.partners(at.date()) if place_of(party.id, us)]
    return sum(_relay_to(post, last, mine, at) for post in posts)


def _relay_to(post: str, last: int, mine: Agreements, at: datetime) -> int:
    from fanal.station.sharing import services

    state = Post.objects.filter(partner=post).first()
    if state is not None and state.given >= last and not state.under_way:
        return 0
    with transaction.atomic():
        state, _ = Post.objects.select_for_update().get_or_create(partner=post)
        if any(at - datetime.fromisoformat(sent) > GIVE_AGAIN for _, _, sent in state.under_way):
            state.given, state.under_way = state.confirmed, []
            state.save(update_fields=["given", "under_way"])
        if len(state.under_way) >= UNDER_WAY:
            return 0
        rows = list(Datum.objects.filter(sequence__gt=state.given).order_by("sequence")[:IN_A_MESSAGE])
        if not rows:
            return 0
        rows = _that_fit(rows)
        live = [row for row in rows if row.owner != post]  # its own it has
        written = 0
        for (category, purpose), group in groupby(
            sorted(live, key=lambda row: (row.category, row.purpose)), key=lambda row: (row.category, row.purpose)
        ):
            items = tuple(_item(row) for row in group)
            try:
                sent = services.send(
                    RegisterBody(items=items),
                    partner=post,
                    category=Category(category),
                    purpose=Purpose(purpose),
                    at=at,
                    actor=services.SYSTEM,
                    expires=at + services.KEEP_TRYING,
                )
            except ExchangeError:
                continue  # our own agreement with this checkpoint does not give it such data
            state.under_way.append([sent.id, state.given, at.isoformat()])
            written += len(items)
        state.given = rows[-1].sequence
        if not state.under_way:
            state.confirmed = state.given
        state.save(update_fields=["given", "confirmed", "under_way"])
    return written


def _that_fit(rows: list[Datum]) -> list[Datum]:
    size = 0
    for number, row in enumerate(rows):
        size += len(str(row.body)) * 2 + 400  # at most what it is in JSON
        if number and size > OCTETS_IN_A_MESSAGE:
            return rows[:number]
    return rows


def _item(row: Datum) -> RegisterItem:
    return RegisterItem.model_validate_json(
        json.dumps(
            {
                "datum": str(row.pk),
                "owner": row.owner,
                "version": row.version,
                "handling": row.handling,
                "expires": row.expires.isoformat(),
                "content": row.body,
                "gone": row.gone_why,
            }
        )
    )


# --- and learns that it came ------------------------------------------------------------------------------------------


def receipted(post: str, message: str, at: datetime) -> None:
    """A checkpoint holds what `message` gave it. The owners of what was corrected or withdrawn are told."""
    state = Post.objects.select_for_update().filter(partner=post).first()
    if state is None or not any(one[0] == message for one in state.under_way):
        return  # given again meanwhile
    before = state.confirmed
    state.under_way = [one for one in state.under_way if one[0] != message]
    state.confirmed = max(before, min((one[1] for one in state.under_way), default=state.given))
    state.save(update_fields=["confirmed", "under_way"])
    if state.confirmed > before:
        _tell_owners(before, state.confirmed, at)


def _tell_owners(after: int, until: int, at: datetime) -> None:
    """Send the owner of each datum that was put right the number of places that have it so, when all have."""
    from fanal.station.sharing import services

    posts = list(Post.objects.values_list("confirmed", flat=True))
    changed = Datum.objects.filter(Q(version__gt=1) | Q(gone__isnull=False), agreement__isnull=False)
    for row in changed.filter(sequence__gt=after, sequence__lte=until).exclude(gone_why="expired"):
        if all(confirmed >= row.sequence for confirmed in posts):
            services.receipt_again(row, reached=1 + len(posts), at=at)


# --- a checkpoint takes -----------------------------------------------------------------------------------------------


def take(
    body: RegisterBody, *, us: str, purpose: Purpose, agreement: str, clause: str, until: datetime, at: datetime
) -> int:
    """Bring this checkpoint's register to what its hub says. Returns how many data changed.

    Raises:
        ExchangeError: `datum_known`: the id is another owner's.
    """
    there = {row.pk: row for row in Datum.objects.select_for_update().filter(pk__in=[one.datum for one in body.items])}
    new: list[Held] = []
    gone: list[tuple[Datum, str]] = []
    replaced = 0
    for item in body.items:
        row = there.get(uuid.UUID(item.datum))
        if row is not None and row.owner != item.owner:
            raise ExchangeError("datum_known", item.datum)
        if item.owner == us or (row is not None and row.gone is not None):
            continue
        if item.content is None:
            if row is not None:
                gone.append((row, item.gone))
        elif row is None:
            new.append(
                Held(
                    uuid.UUID(item.datum),
                    item.content,
                    item.owner,
                    purpose,
                    item.handling,
                    min(item.expires, until),
                    agreement,
                    clause,
                    item.version,
                )
            )
        elif row.version < item.version:
            replace(row, item.content, at, version=item.version)
            replaced += 1
    hold(new, at)
    for why in {why for _, why in gone}:
        end([row for row, reason in gone if reason == why], why, at)
    return len(new) + len(gone) + replaced
