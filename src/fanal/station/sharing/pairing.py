"""How two places come together: an invitation, its acceptance, and the agreement that both have signed.

1. One side writes an invitation: its keys, its server's address and certificate, and the terms.
2. The other looks at the terms, compares the fingerprint by another way, and accepts: it completes the agreement with
   its own keys, signs it, and writes that down with its own address.
3. The first compares that fingerprint, sees that the terms are those it offered, signs too, and both servers know each
   other. The agreement with both signatures goes to the other over the new link.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from pydantic import Field

from fanal.exchange import Agreement, Category, ExchangeError, Grant, Handling, Party, PublicKey, Purpose, fingerprint
from fanal.exchange import agreements as signing
from fanal.exchange.agreements import PartyId, place_of
from fanal.exchange.model import Model, parse_object
from fanal.exchange.transport import public_of
from fanal.station.journal import keys as record_keys
from fanal.station.journal.services import record
from fanal.station.sharing import place as places
from fanal.station.sharing.models import Outbox, SignedAgreement

KEY_YEARS = 2


class Term(Model):
    """A grant before the sides are named: `giver` is "us" (who invites), "you", or "both"."""

    giver: Literal["us", "you", "both"]
    category: Category
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    handling: tuple[Handling, ...] = ()
    retention_days: int = Field(ge=1, le=3660)
    questions: bool = False


class Terms(Model):
    """What an invitation offers."""

    grants: tuple[Term, ...] = Field(min_length=1, max_length=100)
    valid_from: date
    valid_until: date


class Address(Model):
    """How to reach a place: its leaf address, its server's certificate, and the user that it is there."""

    url: str = Field(default="", max_length=300)
    certificate: str = Field(default="", max_length=20_000)
    leaf_nkey: str = Field(default="", max_length=80)


class Invitation(Model):
    schema_: Literal["fanal.invitation/1"] = Field(default="fanal.invitation/1", alias="schema")
    id: str = Field(pattern=signing.ID)
    party: Party
    to: PartyId
    terms: Terms
    address: Address


class Acceptance(Model):
    schema_: Literal["fanal.acceptance/1"] = Field(default="fanal.acceptance/1", alias="schema")
    agreement: dict[str, Any]
    address: Address


def usual_terms(us: str, you: str, on: date) -> Terms:
    """What is offered where no terms are given: between States what each can withdraw at any time; within one, all."""
    own = place_of(you, us)
    purposes = tuple(Purpose) if own else (Purpose.BORDER_CHECK, Purpose.DOCUMENT_FRAUD, Purpose.WANTED_PERSON)
    handling = () if own else (Handling.NO_THIRD_PARTY, Handling.CONFIRM_FIRST)
    grants = [
        Term(
            giver="both",
            category=category,
            purposes=(Purpose.OVERSIGHT,) if category is Category.LEDGER else purposes,
            handling=() if category in (Category.LEDGER, Category.TRUST, Category.BULLETIN) else handling,
            retention_days=365,
            questions=category in (Category.LOST_DOCUMENT, Category.ALERT),
        )
        for category in Category
        if own or category is not Category.CROSSING
    ]
    return Terms(grants=tuple(grants), valid_from=on, valid_until=on + timedelta(days=365))


def read_terms(data: bytes) -> Terms:
    """Terms from a file.

    Raises:
        ExchangeError: `terms_form`.
    """
    return Terms.parse(data, "terms_form")


def party(place: places.Place, at: datetime) -> Party:
    """This place as agreements name it."""
    made: list[PublicKey] = []
    for pair in places.keys()[:4]:
        made += pair.public(at - timedelta(days=1), at + timedelta(days=365 * KEY_YEARS))
    record_keys.make()
    return Party(id=place.id, name=place.name, record=str(record_keys.signer().verifier), keys=tuple(made))


def _address(place: places.Place, link: places.Link) -> Address:
    """What the partner needs to take from us. A checkpoint is not taken from: its hub comes over its own leaf."""
    return Address(
        url="" if place.hub == link.partner else place.leaf_url,
        certificate="" if place.hub == link.partner else places.certificate(),
        leaf_nkey="" if place_of(link.partner, place.id) else public_of(link.leaf_seed),
    )


def invite(partner: str, terms: Terms, *, at: datetime, actor: object) -> bytes:
    """An invitation to `partner`, as a file.

    Raises:
        ExchangeError: `no_place`, `partner_known`.
    """
    place = places.get()
    if partner == place.id or SignedAgreement.objects.filter(partner=partner, state="in_force").exists():
        raise ExchangeError("partner_known", partner)
    link = place.link(partner)
    places.keep(place.with_link(link))
    invitation = Invitation(
        id=str(uuid.uuid4()), party=party(place, at), to=partner, terms=terms, address=_address(place, link)
    )
    with transaction.atomic():
        # An earlier invitation that was not accepted is replaced.
        SignedAgreement.objects.filter(partner=partner, state="proposed").update(state="ended")
        SignedAgreement.objects.create(
            agreement=invitation.id,
            version=1,
            partner=partner,
            text=invitation.canonical().decode(),
            state="proposed",
            at=at,
        )
        _note("partner_invited", partner, actor, agreement=invitation.id)
    return invitation.canonical()


def accept(data: bytes, *, at: datetime, actor: object) -> tuple[Agreement, bytes | None]:
    """Take an invitation (the answer is a file for the other side) or an acceptance (there is no more to carry).

    Whoever calls this has shown a person the terms and the fingerprint (`preview`).

    Raises:
        ExchangeError: `file_form`, `not_for_us`, `terms_changed`, `no_invitation`, and what `agreements.verify` raises.
    """
    schema = parse_object(data, "file_form").get("schema")
    if schema == "fanal.invitation/1":
        return _accept_invitation(Invitation.parse(data, "file_form"), at, actor)
    if schema == "fanal.acceptance/1":
        return _accept_acceptance(Acceptance.parse(data, "file_form"), at, actor), None
    raise ExchangeError("file_form", str(schema)[:40])


def preview(data: bytes) -> tuple[Party, str]:
    """Who wrote the file and the fingerprint of their keys: what a person compares before accepting.

    Raises:
        ExchangeError: `file_form`, `not_for_us`.
    """
    schema = parse_object(data, "file_form").get("schema")
    if schema == "fanal.invitation/1":
        other = Invitation.parse(data, "file_form").party
    else:
        acceptance = Acceptance.parse(data, "file_form")
        signed = signing.read(json.dumps(acceptance.agreement).encode())
        other = signed.agreement.other(places.get().id)
    return other, fingerprint(other.keys)


def _accept_invitation(invitation: Invitation, at: datetime, actor: object) -> tuple[Agreement, bytes]:
    place = places.get()
    if invitation.to != place.id:
        raise ExchangeError("not_for_us", invitation.to)
    agreement = _drafted(invitation, party(place, at))
    signed = signing.sign(agreement, places.keys()[0])
    link = _linked(place, invitation.party.id, invitation.address)
    with transaction.atomic():
        SignedAgreement.objects.create(
            agreement=agreement.id,
            version=1,
            partner=invitation.party.id,
            text=signed.write().decode(),
            state="proposed",
            at=at,
        )
        _note("invitation_accepted", invitation.party.id, actor, agreement=agreement.id)
    answer = Acceptance(agreement=json.loads(signed.write()), address=_address(place, link))
    return agreement, answer.canonical()


def _accept_acceptance(acceptance: Acceptance, at: datetime, actor: object) -> Agreement:
    place = places.get()
    signed = signing.read(json.dumps(acceptance.agreement).encode())
    agreement = signed.agreement
    other = agreement.other(place.id)
    with transaction.atomic():
        ours = (
            SignedAgreement.objects.select_for_update()
            .filter(agreement=agreement.id, version=1, partner=other.id, state="proposed")
            .first()
        )
        if ours is None:
            raise ExchangeError("no_invitation", other.id)
        if _drafted(Invitation.parse(ours.text, "file_form"), other) != agreement:
            raise ExchangeError("terms_changed", other.id)
        complete = signing.sign(signed, places.keys()[0])
        signing.verify(complete, previous=None, at=at)
        ours.text, ours.state, ours.at = complete.write().decode(), "in_force", at
        ours.save(update_fields=["text", "state", "at"])
        _linked(place, other.id, acceptance.address)
        # Not an envelope: nobody could open one yet. It proves itself by its signatures.
        Outbox.objects.create(message=uuid.uuid4(), partner=other.id, envelope=complete.write(), written=at)
        _note("agreement_in_force", other.id, actor, agreement=agreement.id)
    return agreement


def _drafted(invitation: Invitation, other: Party) -> Agreement:
    return Agreement(
        id=invitation.id,
        version=1,
        parties=(invitation.party, other),
        grants=grants_of(invitation.terms, invitation.party.id, other.id),
        valid_from=invitation.terms.valid_from,
        valid_until=invitation.terms.valid_until,
    )


def _linked(place: places.Place, partner: str, address: Address) -> places.Link:
    link = replace(place.link(partner), leaf_nkey=address.leaf_nkey, url=address.url, certificate=address.certificate)
    places.keep(place.with_link(link))
    return link


def grants_of(terms: Terms, us: str, you: str) -> tuple[Grant, ...]:
    """The clauses of an agreement from terms that `us` offers."""
    sides = {"us": ((us, you),), "you": ((you, us),), "both": ((us, you), (you, us))}
    return tuple(
        Grant(
            clause=f"{number}.{side}",
            giver=giver,
            taker=taker,
            category=term.category,
            purposes=term.purposes,
            handling=term.handling,
            retention_days=term.retention_days,
            questions=term.questions,
        )
        for number, term in enumerate(terms.grants, 1)
        for side, (giver, taker) in enumerate(sides[term.giver], 1)
    )


def _note(action: str, partner: str, actor: object, **data: object) -> None:
    record(actor=actor, action=action, subject_kind="partner", subject=partner, why="oversight", data=data)
