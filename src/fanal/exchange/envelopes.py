"""Envelopes: a message signed by the agency that sends it and readable by the one that it is for.

Inside: the message (`messages.Message`) as JWS (RFC 7515, Ed25519 after RFC 9864). Around it: JWE (RFC 7516,
ECDH-ES+A256KW on X25519 and A256GCM). Outside stand only id, sender and recipient, so that a hub can route it and set
aside what it cannot read; they must be those inside. A message for three partners is three envelopes, each under the
agreement with that partner.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from joserfc import jwe, jws
from joserfc.errors import JoseError
from pydantic import Field

from fanal.exchange.agreements import ID, Agreement, Agreements, Grant, PartyId
from fanal.exchange.errors import ExchangeError
from fanal.exchange.keys import KeyPair
from fanal.exchange.messages import Message
from fanal.exchange.model import MAX_BYTES, Model, parse_object

SCHEMA: Final = "fanal.envelope/1"
MAX_ENVELOPE: Final = 3 * MAX_BYTES
"""Octets: a message of the largest content, signed and encrypted, each in base64url."""

SKEW: Final = timedelta(minutes=5)
"""How far a partner's clock may be ahead of ours."""

_SIGN: Final = jws.JWSRegistry(algorithms=["Ed25519"])
_CRYPT: Final = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"])
# The library's own bounds are lower than ours; an envelope's length is looked at before either sees it.
_SIGN.max_payload_length = _CRYPT.max_ciphertext_length = MAX_ENVELOPE


class Envelope(Model):
    """What is on the wire."""

    schema_: Literal["fanal.envelope/1"] = Field(default="fanal.envelope/1", alias="schema")
    id: str = Field(pattern=ID)
    sender: PartyId
    recipient: PartyId
    jwe: str = Field(max_length=MAX_ENVELOPE, pattern=r"^[A-Za-z0-9_.-]+$")


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was opened, with the clause under which it came and the key that signed it."""

    message: Message
    agreement: Agreement
    grant: Grant
    kid: str


def seal(message: Message, keys: KeyPair | tuple[KeyPair, ...], agreements: Agreements, *, at: datetime) -> bytes:
    """Sign a message and close it for its recipient, if an agreement covers it.

    `keys`: ours, the newest first. The first that the agreement names signs: each partner learns a new one in its time.

    Raises:
        ExchangeError: what `Agreements.permit` refuses; `key_not_valid` where a side has no key for it now.
    """
    agreement, _ = message.permitted(agreements, on=at.date())
    pairs = keys if isinstance(keys, tuple) else (keys,)
    named = {
        key.kid for key in agreement.party(message.sender).keys_for("sig", at) if not agreements.is_revoked(key.kid, at)
    }
    ours = next((pair for pair in pairs if pair.sign.thumbprint() in named), None)
    if ours is None:
        raise ExchangeError("key_not_valid", message.sender)
    kid = ours.sign.thumbprint()
    encrypting = [
        key for key in agreement.party(message.recipient).keys_for("enc", at) if not agreements.is_revoked(key.kid, at)
    ]
    if not encrypting:
        raise ExchangeError("key_not_valid", message.recipient)
    header = {"alg": "Ed25519", "kid": kid, "typ": "fanal-message+jws"}
    signed = jws.serialize_compact(header, message.canonical(), ours.sign, registry=_SIGN)
    to = encrypting[0]
    outer = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": to.kid, "cty": "fanal-message+jws"}
    closed = jwe.encrypt_compact(outer, signed.encode(), to.jwk, registry=_CRYPT)
    return Envelope(id=message.id, sender=message.sender, recipient=message.recipient, jwe=closed).canonical()


def address(data: bytes) -> Envelope:
    """What stands outside an envelope.

    Raises:
        ExchangeError: `envelope_form`; `envelope_version` for a schema that is not known: it is to be set aside.
    """
    if len(data) > MAX_ENVELOPE:
        raise ExchangeError("envelope_form", "too long")
    try:
        return Envelope.model_validate_json(data)
    except ValueError:
        schema = parse_object(data[: MAX_BYTES + 1], "envelope_form").get("schema")
    if isinstance(schema, str) and schema.startswith("fanal.envelope/") and schema != SCHEMA:
        raise ExchangeError("envelope_version", schema[:40])
    raise ExchangeError("envelope_form")


def open_envelope(data: bytes, keys: tuple[KeyPair, ...], agreements: Agreements, *, at: datetime) -> Opened:
    """Open an envelope that is for us.

    1. It is for us and from a partner.
    2. One of our keys opens it.
    3. The message inside is signed with a key of that partner's that was valid when it was written and is not revoked.
    4. Inside stands what stands outside.
    5. It was not written in the future, and has not expired.
    6. The agreement that it names covers it, by kind, category, purpose and handling.

    `keys`: ours, the newest first; older ones open what was under way when they were replaced.

    Raises:
        ExchangeError: `not_for_us`, `no_agreement`, `key_unknown`, `not_readable`, `signature_wrong`, `key_not_valid`,
            `outside_differs`, `clock_ahead`, `expired`, `message_form`, `message_version`, and what
            `Agreements.permit` refuses.
    """
    outer = address(data)
    if outer.recipient != agreements.us:
        raise ExchangeError("not_for_us", outer.recipient)
    if not agreements.between(outer.sender):
        raise ExchangeError("no_agreement", outer.sender)
    signed = _decrypt(outer.jwe, keys)
    kid, payload = _verify(signed, outer.sender, agreements, at)
    message = Message.read(payload)
    if (message.id, message.sender, message.recipient) != (outer.id, outer.sender, outer.recipient):
        raise ExchangeError("outside_differs", outer.id)
    if message.created > at + SKEW:
        raise ExchangeError("clock_ahead", message.created.isoformat())
    if message.expires <= at:
        raise ExchangeError("expired", message.expires.isoformat())
    agreement, grant = message.permitted(agreements, on=at.date())
    if agreement.id != message.agreement:
        raise ExchangeError("no_agreement", message.agreement)
    named = {key.kid: key for key in agreement.party(message.sender).keys}
    if kid not in named or not named[kid].valid(message.created):
        raise ExchangeError("key_not_valid", kid)
    return Opened(message, agreement, grant, kid)


def _decrypt(closed: str, keys: tuple[KeyPair, ...]) -> bytes:
    kid = _kid(closed, "not_readable")
    for pair in keys:
        if pair.decrypt.thumbprint() != kid:
            continue
        try:
            return jwe.decrypt_compact(closed, pair.decrypt, registry=_CRYPT).plaintext or b""
        except (JoseError, ValueError, TypeError, KeyError):
            raise ExchangeError("not_readable") from None
    raise ExchangeError("key_unknown", str(kid)[:43])


def _kid(compact: str, code: str) -> object:
    """The key that the header of a JWS or JWE in compact form names; nothing is verified yet."""
    head = compact.partition(".")[0]
    try:
        return parse_object(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)), code).get("kid")
    except ValueError:
        raise ExchangeError(code, "no header") from None


def _verify(signed: bytes, sender: str, agreements: Agreements, at: datetime) -> tuple[str, bytes]:
    kid = _kid(signed.decode("ascii", "replace"), "signature_wrong")
    candidates = [
        key
        for agreement in agreements.between(sender)
        for key in agreement.party(sender).keys
        if key.use == "sig" and key.kid == kid
    ]
    if not candidates:
        raise ExchangeError("key_unknown", str(kid)[:43])
    if agreements.is_revoked(candidates[0].kid, at):
        raise ExchangeError("key_not_valid", candidates[0].kid)
    try:
        payload = jws.deserialize_compact(signed, candidates[0].jwk, registry=_SIGN).payload
    except (JoseError, ValueError, TypeError, KeyError):
        raise ExchangeError("signature_wrong", candidates[0].kid) from None
    return candidates[0].kid, payload
