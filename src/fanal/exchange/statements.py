"""Statements between two places about what is between them: one leaves, one has removed what it held, one was restored.

Each is a JWS (RFC 7515) by a key that their agreement names; a revocation (`agreements.Revocation`) travels in the same
wrapping. They are no envelopes: they hold no personal data, and the first two pass when the agreement is at its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from joserfc import jws
from joserfc.errors import JoseError
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from fanal.exchange.agreements import ID, Agreement, PartyId
from fanal.exchange.errors import ExchangeError
from fanal.exchange.keys import KeyPair
from fanal.exchange.model import MAX_BYTES, Model, parse_object
from fanal.ledger import canonical

SCHEMA: Final = "fanal.statement/1"
REVOCATION: Final = "fanal-revocation+json"
_TYPE: Final = "fanal-statement+json"
_REGISTRY: Final = jws.JWSRegistry(algorithms=["Ed25519"])


class Counted(Model):
    """What was removed, or is held. `digest`: SHA-256 over the sorted ids of the data, one a line, in hexadecimal."""

    data: int = Field(ge=0)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    messages: int = Field(default=0, ge=0)
    envelopes: int = Field(default=0, ge=0)


class _Stated(Model):
    """Who states it, under which agreement, and when."""

    party: PartyId
    agreement: str = Field(pattern=ID)
    at: AwareDatetime


class Leaving(_Stated):
    """The agreement is at its end. What was the partner's is removed here: `removed`; what it has of ours: `given`."""

    schema_: Literal["fanal.leaving/1"] = Field(default="fanal.leaving/1", alias="schema")
    removed: Counted
    given: Counted


class Removed(_Stated):
    """The receipt for a `Leaving`: what of the leaver's was removed. `entry`: its number on the record there."""

    schema_: Literal["fanal.removed/1"] = Field(default="fanal.removed/1", alias="schema")
    removed: Counted
    entry: int = Field(ge=0)


class Restored(_Stated):
    """A place was restored from a backup of `since`: what came to it after that is to be sent once more."""

    schema_: Literal["fanal.restored/1"] = Field(default="fanal.restored/1", alias="schema")
    since: AwareDatetime


Statement = Leaving | Removed | Restored
_ANY: Final[TypeAdapter[Statement]] = TypeAdapter(Annotated[Statement, Field(discriminator="schema_")])


def is_statement(data: bytes) -> bool:
    return data.startswith(b'{"schema":"fanal.statement/')


def wrap(signature: str) -> bytes:
    return canonical({"schema": SCHEMA, "statement": signature})


def unwrap(data: bytes) -> tuple[str, str]:
    """The JWS, not verified, and what it says it is.

    Raises:
        ExchangeError: `statement_form`; `statement_version` for a schema that is not known: it is to be set aside.
    """
    held = parse_object(data, "statement_form")
    if held.get("schema") != SCHEMA:
        raise ExchangeError("statement_version", str(held.get("schema"))[:40])
    signature = held.get("statement")
    try:
        if set(held) != {"schema", "statement"} or not isinstance(signature, str):
            raise ValueError
        kind = jws.extract_compact(signature.encode()).headers().get("typ")
    except (JoseError, ValueError, TypeError, KeyError):
        raise ExchangeError("statement_form", "not a JWS") from None
    return signature, str(kind)


def sign_statement(statement: Statement, keys: KeyPair) -> bytes:
    header = {"alg": "Ed25519", "kid": keys.sign.thumbprint(), "typ": _TYPE}
    return wrap(jws.serialize_compact(header, statement.canonical(), keys.sign, registry=_REGISTRY))


def read_statement(
    data: bytes, agreement: Agreement, party: str, *, at: datetime, revoked: Mapping[str, datetime]
) -> Statement:
    """What `party` states under this agreement.

    Raises:
        ExchangeError: `statement_form`, `statement_version`, `key_not_valid`, `statement_signature`, `no_agreement`.
    """
    signature, kind = unwrap(data)
    if kind != _TYPE or len(signature) > MAX_BYTES:
        raise ExchangeError("statement_form", kind[:40])
    kid = jws.extract_compact(signature.encode()).headers().get("kid")
    keys = {key.kid: key for key in agreement.party(party).keys if key.use == "sig" and key.valid(at)}
    if kid not in keys or (kid in revoked and revoked[kid] <= at):
        raise ExchangeError("key_not_valid", str(kid)[:43])
    try:
        payload = jws.deserialize_compact(signature, keys[kid].jwk, registry=_REGISTRY).payload
    except (JoseError, ValueError, TypeError, KeyError):
        raise ExchangeError("statement_signature", kid) from None
    schema = parse_object(payload, "statement_form").get("schema")
    if schema not in ("fanal.leaving/1", "fanal.removed/1", "fanal.restored/1"):
        raise ExchangeError("statement_version", str(schema)[:40])
    try:
        statement = _ANY.validate_json(payload)
    except ValidationError:
        raise ExchangeError("statement_form", str(schema)) from None
    if statement.party != party or statement.agreement != agreement.id:
        raise ExchangeError("no_agreement", statement.agreement)
    return statement
