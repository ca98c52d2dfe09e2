"""A small region in memory: States with keys, and agreements between them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from fanal.exchange import Agreement, Agreements, Category, Grant, Handling, KeyPair, Party, Purpose
from fanal.exchange import agreements as module

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ALL_PURPOSES = (Purpose.BORDER_CHECK, Purpose.DOCUMENT_FRAUD)


def grant(clause: str, giver: str, taker: str, category: Category, *, questions: bool = False) -> Grant:
    return Grant(
        clause=clause,
        giver=giver,
        taker=taker,
        category=category,
        purposes=(Purpose.OVERSIGHT,) if category is Category.LEDGER else ALL_PURPOSES,
        handling=(Handling.NO_THIRD_PARTY,),
        retention_days=365,
        questions=questions,
    )


@dataclass
class Side:
    id: str
    keys: KeyPair = field(default_factory=KeyPair.generate)

    def party(self) -> Party:
        return Party(
            id=self.id,
            name=f"Immigration {self.id}",
            keys=self.keys.public(NOW - timedelta(days=1), NOW + timedelta(days=365)),
        )


def draft(one: Side, other: Side, *grants: Grant) -> Agreement:
    given = grants or tuple(
        grant(f"{number}.{place}", giver, taker, category, questions=True)
        for number, (giver, taker) in enumerate(((one.id, other.id), (other.id, one.id)), 1)
        for place, category in enumerate(Category, 1)
    )
    return Agreement(
        id=str(uuid.uuid4()),
        version=1,
        parties=(one.party(), other.party()),
        grants=given,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 12, 31),
    )


def agreed(one: Side, other: Side, *grants: Grant) -> Agreement:
    signed = module.sign(module.sign(draft(one, other, *grants), one.keys), other.keys)
    return module.verify(module.read(signed.write()), previous=None, at=NOW)


def held(us: Side, *agreements: Agreement) -> Agreements:
    return Agreements(us.id, agreements)
