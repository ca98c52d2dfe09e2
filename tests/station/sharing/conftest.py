"""This station is Haiti's hub; Jamaica's and a checkpoint's side are played with their keys, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fanal.exchange import Agreement, Agreements, Message, open_envelope, seal
from fanal.exchange import agreements as signing
from fanal.station.journal import keys as record_keys
from fanal.station.sharing import pairing, place
from fanal.station.sharing.inbox import receive
from fanal.station.sharing.models import Outbox, SignedAgreement
from tests.exchange.world import Side


class Partner:
    """Another place, with an agreement that both have signed."""

    def __init__(self, id: str) -> None:  # noqa: A002 - the standard word
        self.side = Side(id)
        self.id = id
        self.agreement: Agreement
        self.mine: Agreements

    def agree(self, us: place.Place, now: datetime, *more: pairing.Term) -> None:
        terms = pairing.usual_terms(us.id, self.id, now.date())
        terms = terms.model_copy(update={"grants": (*terms.grants, *more)})
        invitation = pairing.Invitation(
            id="00000000-0000-4000-8000-" + self.id.lower().encode().hex()[:12].ljust(12, "0"),
            party=pairing.party(us, now),
            to=self.id,
            terms=terms,
            address=pairing.Address(),
        )
        them = self.side.party().model_copy(
            update={"keys": self.side.keys.public(now - timedelta(days=1), now + timedelta(days=365))}
        )
        drafted = pairing._drafted(invitation, them)
        signed = signing.sign(signing.sign(drafted, place.keys()[0]), self.side.keys)
        self.agreement = signing.verify(signed, previous=None, at=now)
        self.mine = Agreements(self.id, (self.agreement,))
        SignedAgreement.objects.create(
            agreement=self.agreement.id,
            version=1,
            partner=self.id,
            text=signed.write().decode(),
            state="in_force",
            at=now,
        )

    def send(self, message: Message) -> str:
        """What becomes of it here."""
        return self.deliver(seal(message, self.side.keys, self.mine, at=datetime.now(UTC)))

    def deliver(self, data: bytes) -> str:
        (outcome,) = receive(self.id, [data], datetime.now(UTC))
        return outcome

    def got(self) -> list[Message]:
        """What this station has written to the partner, in order."""
        rows = Outbox.objects.filter(partner=self.id).order_by("id")
        now = datetime.now(UTC)
        return [open_envelope(bytes(row.envelope), (self.side.keys,), self.mine, at=now).message for row in rows]


@pytest.fixture
def hub(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> place.Place:
    settings.HOME = tmp_path
    monkeypatch.setattr(place, "folder", lambda: tmp_path / "exchange")
    record_keys.make()
    return place.make(id="HTI", name="Immigration", host="127.0.0.1", port=1, leaf_port=2, at=datetime.now(UTC))


@pytest.fixture
def jamaica(hub: place.Place) -> Partner:
    partner = Partner("JAM")
    partner.agree(hub, datetime.now(UTC))
    return partner


@pytest.fixture
def malpasse(hub: place.Place) -> Partner:
    partner = Partner("HTI.malpasse")
    partner.agree(hub, datetime.now(UTC))
    return partner
