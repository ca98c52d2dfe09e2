"""Agreements: who shares which categories with whom, for what, how it is handled and kept, from when to when.

An agreement is one JSON object that both sides sign as it stands (JWS, RFC 7515). It carries both sides' keys: a
partner's key enters in no other way. A later version is signed with keys that the version before names, so that nobody
but the two can change it; that is also how keys roll over. A side may revoke a key of its own alone.

What no agreement covers is refused, with the clause where one comes near.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Final, Literal

from joserfc import jws
from joserfc.errors import JoseError
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from fanal.exchange.codes import Category, Handling, Purpose
from fanal.exchange.errors import ExchangeError
from fanal.exchange.keys import KeyPair, PublicKey
from fanal.exchange.model import Model, parse_object
from fanal.ledger import canonical

PartyId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}(\.[a-z0-9][a-z0-9-]{0,30})?$", max_length=35)]
"""A State's hub ("HTI"), or a place under it ("HTI.malpasse")."""

ID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_REGISTRY: Final = jws.JWSRegistry(algorithms=["Ed25519"])
_TYPE: Final = "fanal-agreement+json"
SIGNED: Final = "fanal.agreement-signed/1"


class Party(Model):
    id: PartyId
    name: str = Field(min_length=1, max_length=200)
    record: str = Field(default="", max_length=300)  # the key that signs its record's heads (C2SP signed-note form)
    keys: tuple[PublicKey, ...] = Field(min_length=2, max_length=16)

    def keys_for(self, use: Literal["sig", "enc"], at: datetime) -> tuple[PublicKey, ...]:
        """The keys that are valid at `at`, the newest first."""
        fit = [key for key in self.keys if key.use == use and key.valid(at)]
        return tuple(sorted(fit, key=lambda key: key.not_before, reverse=True))


class Grant(Model):
    """One clause: `giver` gives `taker` a category, for these purposes and under this handling."""

    clause: str = Field(min_length=1, max_length=16, pattern=r"^[0-9A-Za-z.]+$")
    giver: PartyId
    taker: PartyId
    category: Category
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    handling: tuple[Handling, ...] = ()
    retention_days: int = Field(ge=1, le=3660)
    questions: bool = False  # whether `taker` may also ask `giver` about this category


class Agreement(Model):
    """What both sides sign. `previous` is the digest of the version before, in hexadecimal."""

    schema_: Literal["fanal.agreement/1"] = Field(default="fanal.agreement/1", alias="schema")
    id: str = Field(pattern=ID)
    version: int = Field(ge=1, le=10_000)
    previous: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    parties: tuple[Party, Party]
    grants: tuple[Grant, ...] = Field(min_length=1, max_length=200)
    valid_from: date
    valid_until: date

    @model_validator(mode="after")
    def _hangs_together(self) -> Agreement:
        ids = {party.id for party in self.parties}
        if len(ids) != 2:
            raise ValueError("an agreement has two sides")
        if any({grant.giver, grant.taker} != ids for grant in self.grants):
            raise ValueError("a grant is between the two sides")
        if len({grant.clause for grant in self.grants}) != len(self.grants):
            raise ValueError("a clause stands once")
        if self.valid_until < self.valid_from:
            raise ValueError("it ends before it begins")
        if (self.version == 1) != (self.previous is None):
            raise ValueError("a later version names the one before")
        kids = [key.kid for party in self.parties for key in party.keys]
        if len(set(kids)) != len(kids):
            raise ValueError("a key stands once")
        return self

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()

    def party(self, party: str) -> Party:
        """One side, by its id.

        Raises:
            ExchangeError: `not_a_party`.
        """
        for one in self.parties:
            if one.id == party:
                return one
        raise ExchangeError("not_a_party", party)

    def other(self, party: str) -> Party:
        self.party(party)
        return next(one for one in self.parties if one.id != party)

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Signed:
    """An agreement with the signatures it has so far: JWS in compact form, all over the same payload."""

    agreement: Agreement
    signatures: tuple[str, ...] = ()

    def write(self) -> bytes:
        """As a file that `read` takes."""
        return canonical({"schema": SIGNED, "signatures": list(self.signatures)})


class Revocation(Model):
    """A side's own statement that one of its keys is no longer to be trusted, from `at` on."""

    schema_: Literal["fanal.revocation/1"] = Field(default="fanal.revocation/1", alias="schema")
    party: PartyId
    kid: str = Field(min_length=43, max_length=43)
    at: AwareDatetime


def sign(agreement: Agreement | Signed, keys: KeyPair) -> Signed:
    """Add a signature; the text that is signed does not change."""
    signed = agreement if isinstance(agreement, Signed) else Signed(agreement)
    header = {"alg": "Ed25519", "kid": keys.sign.thumbprint(), "typ": _TYPE}
    made = jws.serialize_compact(header, signed.agreement.canonical(), keys.sign, registry=_REGISTRY)
    return Signed(signed.agreement, (*signed.signatures, made))


def read(data: bytes) -> Signed:
    """Read an agreement with its signatures. Nothing is verified yet: `verify` does.

    Raises:
        ExchangeError: `agreement_form`.
    """
    document = parse_object(data, "agreement_form")
    signatures = document.get("signatures")
    if document.get("schema") != SIGNED or set(document) != {"schema", "signatures"}:
        raise ExchangeError("agreement_form", f"not {SIGNED}")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= 8:
        raise ExchangeError("agreement_form", "one to eight signatures")
    payloads = {_open(one)[1] for one in signatures}
    if len(payloads) != 1:
        raise ExchangeError("agreement_form", "not all signed the same")
    (payload,) = payloads
    agreement = Agreement.parse(payload, "agreement_form")
    if agreement.canonical() != payload:
        raise ExchangeError("agreement_form", "not in the form that is signed")
    return Signed(agreement, tuple(signatures))


def verify(
    signed: Signed, *, previous: Agreement | None, at: datetime, revoked: Mapping[str, datetime] | None = None
) -> Agreement:
    """The agreement, if both sides signed it.

    1. A first version is signed with keys that it names itself: people have compared their fingerprints.
    2. A later version follows the very version before, between the same two, and is signed with keys that *that* names
       and that have not been revoked: a new key cannot vouch for itself.

    Raises:
        ExchangeError: `agreement_sequence`, `agreement_signature`, `agreement_unsigned` with the side that is missing.
    """
    agreement = signed.agreement
    if previous is None:
        if agreement.version != 1:
            raise ExchangeError("agreement_sequence", "the version before is not known")
    elif (
        agreement.id != previous.id
        or agreement.version != previous.version + 1
        or agreement.previous != previous.digest
        or {p.id for p in agreement.parties} != {p.id for p in previous.parties}
    ):
        raise ExchangeError("agreement_sequence", "it does not follow the version before")
    named = previous or agreement
    signers = _verified(signed, [key for party in named.parties for key in party.keys], at, revoked or {})
    for party in named.parties:
        if not any(key.kid in signers for key in party.keys):
            raise ExchangeError("agreement_unsigned", party.id)
    return agreement


def signed_by(
    signed: Signed,
    party: str,
    at: datetime,
    *,
    previous: Agreement | None = None,
    revoked: Mapping[str, datetime] | None = None,
) -> bool:
    """Whether one side has signed, as the side that proposes it has: with a key that the version before names.

    Raises:
        ExchangeError: `agreement_signature` where a signature does not hold; `key_not_valid`.
    """
    keys = (previous or signed.agreement).party(party).keys
    return bool(_verified(signed, list(keys), at, revoked or {}))


def only_keys_of(party: str, new: Agreement, before: Agreement) -> bool:
    """Whether a version differs from the one before in the keys of one side alone."""
    kept = tuple(
        one.model_copy(update={"keys": was.keys}) if one.id == party == was.id else one
        for one, was in zip(new.parties, before.parties, strict=True)
    )
    return new.model_copy(update={"version": before.version, "previous": before.previous, "parties": kept}) == before


def kid_of(signature: str) -> str:
    """Which key a signature says it is by; not verified."""
    return _open(signature)[0]


def _open(signature: object) -> tuple[str, bytes]:
    """The kid and the payload of one signature, not verified."""
    try:
        opened = jws.extract_compact(str(signature).encode())
        header = opened.headers()
    except (JoseError, ValueError, TypeError):
        raise ExchangeError("agreement_form", "not a JWS") from None
    if header.get("typ") != _TYPE or not isinstance(header.get("kid"), str):
        raise ExchangeError("agreement_form", "a signature names its key and what it signs")
    return str(header["kid"]), opened.payload


def _verified(signed: Signed, keys: list[PublicKey], at: datetime, revoked: Mapping[str, datetime]) -> set[str]:
    """The kids of `keys` whose signatures stand and hold. One of a known key that does not hold spoils all."""
    known = {key.kid: key for key in keys if key.use == "sig"}
    held: set[str] = set()
    for signature in signed.signatures:
        kid, _ = _open(signature)
        if (key := known.get(kid)) is None:
            continue
        if not key.valid(at) or (kid in revoked and revoked[kid] <= at):
            raise ExchangeError("key_not_valid", kid)
        try:
            jws.deserialize_compact(signature, key.jwk, registry=_REGISTRY)
        except (JoseError, ValueError):
            raise ExchangeError("agreement_signature", kid) from None
        held.add(kid)
    return held


def read_revocation(signature: str, agreement: Agreement) -> Revocation:
    """A side's revocation of a key of its own, signed by any key of that side's: the revoked one too, since whoever
    holds a stolen key may only do this much with it.

    Raises:
        ExchangeError: `revocation_form`, `not_a_party`, `key_not_named`, `revocation_signature`.
    """
    try:
        opened = jws.extract_compact(signature.encode())
        kid = opened.headers().get("kid")
    except (JoseError, ValueError, TypeError):
        raise ExchangeError("revocation_form", "not a JWS") from None
    revocation = Revocation.parse(opened.payload, "revocation_form")
    keys = {key.kid: key for key in agreement.party(revocation.party).keys if key.use == "sig"}
    if revocation.kid not in {key.kid for key in agreement.party(revocation.party).keys} or kid not in keys:
        raise ExchangeError("key_not_named", revocation.kid)
    try:
        jws.deserialize_compact(signature, keys[kid].jwk, registry=_REGISTRY)
    except (JoseError, ValueError):
        raise ExchangeError("revocation_signature", kid) from None
    return revocation


def sign_revocation(revocation: Revocation, keys: KeyPair) -> str:
    header = {"alg": "Ed25519", "kid": keys.sign.thumbprint(), "typ": "fanal-revocation+json"}
    return jws.serialize_compact(header, revocation.canonical(), keys.sign, registry=_REGISTRY)


@dataclass(frozen=True, slots=True)
class Agreements:
    """All agreements that one side has, the newest version of each, and which keys are revoked (kid: since when)."""

    us: str
    agreements: tuple[Agreement, ...] = ()
    revoked: Mapping[str, datetime] = field(default_factory=dict)

    def between(self, partner: str) -> tuple[Agreement, ...]:
        return tuple(a for a in self.agreements if {p.id for p in a.parties} == {self.us, partner})

    def partners(self, on: date) -> tuple[Party, ...]:
        """Everyone with whom an agreement is in force."""
        found = {}
        for agreement in self.agreements:
            if agreement.in_force(on):
                other = agreement.other(self.us)
                found[other.id] = other
        return tuple(found[key] for key in sorted(found))

    def is_revoked(self, kid: str, at: datetime) -> bool:
        return kid in self.revoked and self.revoked[kid] <= at

    def find(self, agreement: str) -> Agreement:
        """One agreement by its id.

        Raises:
            ExchangeError: `no_agreement`.
        """
        for one in self.agreements:
            if one.id == agreement:
                return one
        raise ExchangeError("no_agreement", agreement)

    def permit(
        self, *, giver: str, taker: str, category: Category, purpose: Purpose, on: date, asking: bool = False
    ) -> tuple[Agreement, Grant]:
        """The clause under which `giver` gives `taker` something of `category` (or is asked about it) for `purpose`.

        Raises:
            ExchangeError: `no_agreement`, `not_in_force`, `category_not_covered`, `questions_not_covered`,
                `purpose_not_covered`, each with the clause that comes nearest.
        """
        partner = taker if giver == self.us else giver
        if self.us not in (giver, taker) or not (mine := self.between(partner)):
            raise ExchangeError("no_agreement", partner)
        if not (live := [a for a in mine if a.in_force(on)]):
            raise ExchangeError("not_in_force", partner)
        grants = [(a, g) for a in live for g in a.grants if (g.giver, g.taker, g.category) == (giver, taker, category)]
        if not grants:
            raise ExchangeError("category_not_covered", category.value)
        if asking:
            clause = grants[0][1].clause
            grants = [(a, g) for a, g in grants if g.questions]
            if not grants:
                raise ExchangeError("questions_not_covered", category.value, clause=clause)
        for agreement, grant in grants:
            if purpose in grant.purposes:
                return agreement, grant
        raise ExchangeError("purpose_not_covered", purpose.value, clause=grants[0][1].clause)


def place_of(place: str, hub: str) -> bool:
    """Whether `place` is a checkpoint under `hub`."""
    return place.startswith(f"{hub}.")


def newest(agreements: Iterable[Agreement]) -> tuple[Agreement, ...]:
    """The last version of each."""
    last: dict[str, Agreement] = {}
    for agreement in agreements:
        if agreement.id not in last or last[agreement.id].version < agreement.version:
            last[agreement.id] = agreement
    return tuple(last.values())
