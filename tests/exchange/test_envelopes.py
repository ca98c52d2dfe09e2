"""Envelopes: what is for us, from whom it says, as it was written, under an agreement. All else is refused by name."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jws

from fanal.exchange import (
    MAX_ENVELOPE,
    Agreements,
    Category,
    ExchangeError,
    Handling,
    Message,
    Purpose,
    Revocation,
    address,
    open_envelope,
    seal,
    write,
)
from fanal.exchange.messages import LostDocument, NoticeBody, QuestionBody, Trust
from fanal.exchange.model import MAX_BYTES
from tests.exchange.world import NOW, Side, agreed, grant, held

HTI, DOM, JAM = Side("HTI"), Side("DOM"), Side("JAM")
BETWEEN = agreed(HTI, DOM)
SENT, CAME = held(HTI, BETWEEN), held(DOM, BETWEEN)
LOST = LostDocument(issuing_state="HTI", number="AB123456", status="stolen", reported=date(2026, 11, 24))


def notice(sending: Agreements = SENT, **changes: object) -> Message:
    made = write(
        NoticeBody(datum=LOST),
        sender="HTI",
        recipient="DOM",
        category=Category.LOST_DOCUMENT,
        purpose=Purpose.BORDER_CHECK,
        agreements=sending,
        at=NOW,
        expires=NOW + timedelta(days=30),
    )
    return made.model_copy(update=changes)


def forge(message: Message, signer: Side, *, to: Side = DOM, outside: dict[str, object] | None = None) -> bytes:
    """An envelope that `seal` would not make."""
    header = {"alg": "Ed25519", "kid": signer.keys.sign.thumbprint(), "typ": "fanal-message+jws"}
    signed = jws.serialize_compact(
        header, message.canonical(), signer.keys.sign, registry=jws.JWSRegistry(algorithms=["Ed25519"])
    )
    outer = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": to.keys.decrypt.thumbprint(), "cty": "x"}
    closed = jwe.encrypt_compact(
        outer,
        signed.encode(),
        to.keys.decrypt,
        registry=jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"]),
    )
    wire = {"schema": "fanal.envelope/1", "id": message.id, "sender": message.sender, "recipient": message.recipient}
    return json.dumps({**wire, "jwe": closed, **(outside or {})}).encode()


def refused(code: str, data: bytes, mine: Agreements = CAME) -> None:
    with pytest.raises(ExchangeError, match=f"^{code}"):
        open_envelope(data, (DOM.keys,), mine, at=NOW)


def test_what_was_sealed_opens_for_its_recipient_alone() -> None:
    message = notice()
    data = seal(message, HTI.keys, SENT, at=NOW)
    opened = open_envelope(data, (DOM.keys,), CAME, at=NOW)
    assert opened.message == message
    assert opened.grant.giver == "HTI"
    assert b"AB123456" not in data
    with pytest.raises(ExchangeError, match="not_for_us"):
        open_envelope(data, (JAM.keys,), held(JAM, agreed(HTI, JAM)), at=NOW)
    with pytest.raises(ExchangeError, match="key_unknown"):
        open_envelope(data, (JAM.keys,), CAME, at=NOW)


def test_the_largest_message_goes_through() -> None:
    files = ("A" * (MAX_BYTES - 2_000),)
    message = write(
        NoticeBody(datum=Trust(files=files)),
        sender="HTI",
        recipient="DOM",
        category=Category.TRUST,
        purpose=Purpose.BORDER_CHECK,
        agreements=SENT,
        at=NOW,
        expires=NOW + timedelta(days=30),
    )
    data = seal(message, HTI.keys, SENT, at=NOW)
    assert len(data) < MAX_ENVELOPE
    assert open_envelope(data, (DOM.keys,), CAME, at=NOW).message == message


def test_an_old_key_opens_what_was_under_way_when_it_was_replaced() -> None:
    data = seal(notice(), HTI.keys, SENT, at=NOW)
    assert open_envelope(data, (Side("DOM").keys, DOM.keys), CAME, at=NOW).message.sender == "HTI"


def test_handling_that_the_clause_asks_for_goes_with_the_message() -> None:
    assert Handling.NO_THIRD_PARTY in notice().handling
    refused("handling_missing", forge(notice(handling=()), HTI))


def test_a_partner_cannot_write_in_anothers_name() -> None:
    both = held(DOM, BETWEEN, agreed(JAM, DOM))
    refused("key_unknown", forge(notice(), JAM), both)
    refused("outside_differs", forge(notice(), HTI, outside={"id": notice().id}))
    relabelled = forge(notice(sender="JAM"), JAM)
    refused("no_agreement", relabelled)


def test_a_purpose_that_was_not_agreed_is_refused() -> None:
    refused("purpose_not_covered", forge(notice(purpose=Purpose.SMUGGLING), HTI))


def test_asking_needs_a_clause_of_its_own() -> None:
    only = agreed(HTI, DOM, grant("1", "HTI", "DOM", Category.LOST_DOCUMENT))
    with pytest.raises(ExchangeError, match="questions_not_covered"):
        write(
            QuestionBody(document={"issuing_state": "HTI", "number": "A1"}),  # type: ignore[arg-type]
            sender="DOM",
            recipient="HTI",
            category=Category.LOST_DOCUMENT,
            purpose=Purpose.BORDER_CHECK,
            agreements=held(DOM, only),
            at=NOW,
            expires=NOW + timedelta(minutes=1),
        )


def test_a_revoked_key_is_refused_however_the_message_is_dated() -> None:
    revocation = Revocation(party="HTI", kid=HTI.keys.sign.thumbprint(), at=NOW)
    early = notice(created=NOW - timedelta(days=3), expires=NOW + timedelta(days=3))
    refused("key_not_valid", forge(early, HTI), Agreements("DOM", (BETWEEN,), {revocation.kid: revocation.at}))


def test_time_is_held_to() -> None:
    refused("expired", forge(notice(created=NOW - timedelta(days=9), expires=NOW), HTI))
    refused("clock_ahead", forge(notice(created=NOW + timedelta(minutes=6)), HTI))
    near = forge(notice(created=NOW + timedelta(minutes=4)), HTI)
    assert open_envelope(near, (DOM.keys,), CAME, at=NOW).message.sender == "HTI"


def test_a_version_that_is_not_known_is_told_from_what_is_no_envelope() -> None:
    data = seal(notice(), HTI.keys, SENT, at=NOW)
    refused("envelope_version", data.replace(b"fanal.envelope/1", b"fanal.envelope/2"))
    refused("message_version", forge(notice(schema_="fanal.message/7"), HTI))
    refused("envelope_form", b'{"schema":"other"}')
    refused("envelope_form", b"x" * (MAX_ENVELOPE + 1))


def test_every_changed_character_of_an_envelope_is_noticed() -> None:
    data = bytearray(seal(notice(), HTI.keys, SENT, at=NOW))
    for at in range(0, len(data), 7):
        changed = bytearray(data)
        changed[at] = ord("A") if data[at] != ord("A") else ord("B")
        with pytest.raises(ExchangeError):
            open_envelope(bytes(changed), (DOM.keys,), CAME, at=NOW)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing_but_an_exchange_error(data: bytes) -> None:
    for read in (address, Message.read):
        with pytest.raises(ExchangeError):
            read(data)
