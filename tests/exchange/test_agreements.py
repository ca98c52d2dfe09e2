"""Agreements: nothing that is not signed by both, nothing that they do not cover."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.exchange import Agreement, Category, ExchangeError, Purpose, Revocation, agreements, fingerprint
from tests.exchange.world import NOW, Side, agreed, draft, grant, held

HTI, DOM, JAM = Side("HTI"), Side("DOM"), Side("JAM")


def successor(before: Agreement, **changes: object) -> Agreement:
    return before.model_copy(update={"version": before.version + 1, "previous": before.digest, **changes})


def refused(code: str, signed: agreements.Signed, previous: Agreement | None = None) -> None:
    with pytest.raises(ExchangeError, match=code):
        agreements.verify(agreements.read(signed.write()), previous=previous, at=NOW)


def test_an_agreement_is_read_as_it_was_signed() -> None:
    text = draft(HTI, DOM)
    signed = agreements.sign(agreements.sign(text, HTI.keys), DOM.keys)
    assert agreements.verify(agreements.read(signed.write()), previous=None, at=NOW) == text


def test_one_signature_is_a_proposal_and_no_agreement() -> None:
    proposal = agreements.sign(draft(HTI, DOM), HTI.keys)
    assert agreements.signed_by(proposal, "HTI", NOW)
    assert not agreements.signed_by(proposal, "DOM", NOW)
    refused("agreement_unsigned: DOM", proposal)


def test_a_stranger_cannot_sign_for_a_side() -> None:
    refused("agreement_unsigned: DOM", agreements.sign(agreements.sign(draft(HTI, DOM), HTI.keys), JAM.keys))


def test_a_changed_text_is_noticed() -> None:
    one, other = draft(HTI, DOM), draft(HTI, DOM)
    first = agreements.sign(one, HTI.keys).signatures[0].split(".")
    second = agreements.sign(other, HTI.keys).signatures[0].split(".")
    mixed = agreements.Signed(one, (".".join((first[0], second[1], first[2])),))
    refused("agreement_signature", mixed)


def test_signatures_over_two_texts_are_no_agreement() -> None:
    one, other = agreements.sign(draft(HTI, DOM), HTI.keys), agreements.sign(draft(HTI, DOM), DOM.keys)
    with pytest.raises(ExchangeError, match="agreement_form"):
        agreements.read(agreements.Signed(one.agreement, one.signatures + other.signatures).write())


def test_keys_roll_over_by_a_version_that_the_old_keys_sign() -> None:
    before = agreed(HTI, DOM)
    newer = Side("HTI")
    after = successor(before, parties=(newer.party(), before.parties[1]))
    refused("agreement_unsigned: HTI", agreements.sign(agreements.sign(after, newer.keys), DOM.keys), before)
    signed = agreements.sign(agreements.sign(after, HTI.keys), DOM.keys)
    assert agreements.verify(signed, previous=before, at=NOW) == after


def test_a_version_follows_the_very_one_before() -> None:
    before = agreed(HTI, DOM)
    other = successor(agreed(HTI, DOM))
    signed = agreements.sign(agreements.sign(other, HTI.keys), DOM.keys)
    refused("agreement_sequence", signed, before)
    refused("agreement_sequence", signed)


def test_a_revoked_key_signs_nothing_more() -> None:
    before = agreed(HTI, DOM)
    revocation = Revocation(party="HTI", kid=HTI.keys.sign.thumbprint(), at=NOW - timedelta(hours=1))
    statement = agreements.sign_revocation(revocation, HTI.keys)
    assert agreements.read_revocation(statement, before) == revocation
    signed = agreements.sign(agreements.sign(successor(before), HTI.keys), DOM.keys)
    with pytest.raises(ExchangeError, match="key_not_valid"):
        agreements.verify(signed, previous=before, at=NOW, revoked={revocation.kid: revocation.at})


def test_a_side_revokes_keys_of_its_own_alone() -> None:
    before = agreed(HTI, DOM)
    theirs = Revocation(party="HTI", kid=DOM.keys.sign.thumbprint(), at=NOW)
    with pytest.raises(ExchangeError, match="key_not_named"):
        agreements.read_revocation(agreements.sign_revocation(theirs, HTI.keys), before)
    ours = Revocation(party="HTI", kid=HTI.keys.sign.thumbprint(), at=NOW)
    with pytest.raises(ExchangeError, match="key_not_named"):
        agreements.read_revocation(agreements.sign_revocation(ours, DOM.keys), before)
    with pytest.raises(ExchangeError, match="revocation_form"):
        agreements.read_revocation("a.b.c", before)


PERMITTED = {"giver": "JAM", "taker": "HTI", "category": Category.LOST_DOCUMENT, "purpose": Purpose.BORDER_CHECK}


def test_what_an_agreement_covers_is_permitted_under_its_clause() -> None:
    mine = held(HTI, agreed(JAM, HTI, grant("2.1", "JAM", "HTI", Category.LOST_DOCUMENT)))
    _, clause = mine.permit(**PERMITTED, on=NOW.date())  # type: ignore[arg-type]
    assert clause.clause == "2.1"


@pytest.mark.parametrize(
    ("change", "code", "clause"),
    [
        ({"giver": "DOM"}, "no_agreement", ""),
        ({"giver": "HTI", "taker": "JAM"}, "category_not_covered", ""),
        ({"category": Category.ALERT}, "category_not_covered", ""),
        ({"purpose": Purpose.SMUGGLING}, "purpose_not_covered", "2.1"),
        ({"asking": True}, "questions_not_covered", "2.1"),
        ({"on": date(2028, 1, 1)}, "not_in_force", ""),
        ({"giver": "DOM", "taker": "JAM"}, "no_agreement", ""),
    ],
)
def test_what_no_agreement_covers_is_refused_with_its_clause(change: dict[str, object], code: str, clause: str) -> None:
    mine = held(HTI, agreed(JAM, HTI, grant("2.1", "JAM", "HTI", Category.LOST_DOCUMENT)))
    with pytest.raises(ExchangeError, match=code) as caught:
        mine.permit(**{**PERMITTED, "on": NOW.date(), **change})  # type: ignore[arg-type]
    assert caught.value.clause == clause


@pytest.mark.parametrize(
    "change",
    [
        {"grants": (grant("1", "JAM", "HTI", Category.ALERT),)},
        {"grants": (grant("1", "HTI", "DOM", Category.ALERT), grant("1", "DOM", "HTI", Category.ALERT))},
        {"valid_until": date(2025, 1, 1)},
        {"version": 2},
        {"parties": (HTI.party(), HTI.party())},
    ],
)
def test_an_agreement_that_does_not_hang_together_is_none(change: dict[str, object]) -> None:
    data = {**draft(HTI, DOM).model_dump(by_alias=True), **change}
    with pytest.raises(ValueError, match=r"validation error"):
        Agreement.model_validate(data)


def test_a_fingerprint_is_of_the_keys_and_not_of_their_order() -> None:
    keys = HTI.party().keys
    assert fingerprint(keys) == fingerprint(keys[::-1]) != fingerprint(DOM.party().keys)
    assert len(fingerprint(keys)) == 49


@given(st.binary(max_size=300) | st.text(alphabet='{}[]":,ab1.', max_size=80).map(str.encode))
def test_arbitrary_bytes_raise_nothing_but_an_exchange_error(data: bytes) -> None:
    with pytest.raises(ExchangeError):
        agreements.read(data)
