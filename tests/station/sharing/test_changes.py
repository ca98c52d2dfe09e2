"""What changes between two places: keys, terms, revocations, a partner that leaves, a lost checkpoint, a restore."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from fanal.exchange import Agreement, Agreements, ExchangeError, KeyPair, Revocation, Signed, open_envelope, seal
from fanal.exchange import agreements as signing
from fanal.exchange.messages import NoticeBody, WithdrawBody
from fanal.exchange.statements import Counted, Leaving, Removed, is_statement, read_statement, sign_statement, wrap
from fanal.station.journal.models import Entry
from fanal.station.sharing import changes, inbox, pairing, place
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, Outbox, Post, SignedAgreement, Step, Thread
from tests.station.sharing.conftest import Partner
from tests.station.sharing.test_sharing import LOST, by


def now() -> datetime:
    return datetime.now(UTC)


def sent(partner: Partner) -> list[bytes]:
    return [bytes(row.envelope) for row in Outbox.objects.filter(partner=partner.id).order_by("id")]


def proposal(partner: Partner) -> Signed:
    """What was proposed to the partner last."""
    return signing.read(sent(partner)[-1])


def agree(partner: Partner) -> Agreement:
    """The partner agrees to what was proposed last, and says so."""
    complete = signing.sign(proposal(partner), partner.side.keys)
    assert partner.deliver(complete.write()) == "applied"
    partner.mine = Agreements(partner.id, (complete.agreement,))
    return complete.agreement


def rolled(partner: Partner, made: KeyPair) -> Signed:
    """The partner's next version, in which its new keys stand before the old, signed with the old."""
    before = partner.mine.agreements[0]
    them = before.party(partner.id)
    keys = (*made.public(now(), now() + timedelta(days=365)), *them.keys)
    parties = tuple(one.model_copy(update={"keys": keys}) if one.id == partner.id else one for one in before.parties)
    following = before.model_copy(update={"version": before.version + 1, "previous": before.digest, "parties": parties})
    return signing.sign(following, partner.side.keys)


def test_a_new_key_is_used_with_each_partner_once_it_has_agreed(jamaica: Partner, malpasse: Partner) -> None:
    old = place.keys()[0]
    made = changes.roll(at=now(), actor="test")
    agree(jamaica)
    mine = agreements("HTI")
    named = {
        partner: {k.kid for k in mine.between(partner)[0].party("HTI").keys} for partner in ("JAM", "HTI.malpasse")
    }
    assert made.sign.thumbprint() in named["JAM"]
    assert made.sign.thumbprint() not in named["HTI.malpasse"]
    # Both still send: the one with the new key, the other with the old.
    assert jamaica.send(by(jamaica, NoticeBody(datum=LOST))) == "applied"
    rows = Outbox.objects.filter(partner="JAM").order_by("id")
    opened = open_envelope(bytes(rows[len(rows) - 1].envelope), (jamaica.side.keys,), jamaica.mine, at=now())
    assert opened.kid == made.sign.thumbprint()
    assert malpasse.send(by(malpasse, NoticeBody(datum=LOST.model_copy(update={"number": "B1"})))) == "applied"
    rows = Outbox.objects.filter(partner=malpasse.id).order_by("id")
    opened = open_envelope(bytes(rows[len(rows) - 1].envelope), (malpasse.side.keys,), malpasse.mine, at=now())
    assert opened.kid == old.sign.thumbprint()
    assert old.sign.thumbprint() in named["JAM"]
    assert changes.propose_keys(at=now()) == []


def test_a_partner_that_changes_its_keys_alone_is_agreed_with_at_once(jamaica: Partner) -> None:
    made = KeyPair.generate()
    assert jamaica.deliver(rolled(jamaica, made).write()) == "applied"
    complete = signing.read(sent(jamaica)[-1])
    signing.verify(complete, previous=jamaica.agreement, at=now())
    jamaica.side.keys, jamaica.mine = made, Agreements("JAM", (complete.agreement,))
    assert jamaica.send(by(jamaica, NoticeBody(datum=LOST))) == "applied"


def test_a_version_that_its_own_new_key_signs_is_refused(jamaica: Partner) -> None:
    made = KeyPair.generate()
    following = rolled(jamaica, made).agreement
    assert jamaica.deliver(signing.sign(following, made).write()) == "refused"
    assert Inbox.objects.get().code == "agreement_unsigned"


def test_other_terms_wait_for_a_person_on_the_other_side(jamaica: Partner) -> None:
    before = jamaica.agreement
    fewer = before.model_copy(update={"version": 2, "previous": before.digest, "grants": before.grants[:2]})
    assert jamaica.deliver(signing.sign(fewer, jamaica.side.keys).write()) == "applied"
    assert agreements("HTI").agreements == (before,)
    ((new, _, ours),) = changes.proposals()
    assert (new, ours) == (fewer, False)
    agreed = changes.accept("JAM", at=now(), actor="test")
    assert agreements("HTI").agreements == (agreed,) == (fewer,)
    signing.verify(signing.read(sent(jamaica)[-1]), previous=before, at=now())


def test_a_proposal_that_is_declined_changes_nothing(jamaica: Partner) -> None:
    before = jamaica.agreement
    fewer = before.model_copy(update={"version": 2, "previous": before.digest, "grants": before.grants[:2]})
    jamaica.deliver(signing.sign(fewer, jamaica.side.keys).write())
    changes.decline("JAM", at=now(), actor="test")
    with pytest.raises(ExchangeError, match="no_proposal"):
        changes.accept("JAM", at=now(), actor="test")
    assert agreements("HTI").agreements == (before,)


def test_what_a_person_accepts_is_in_force_on_both_sides(jamaica: Partner) -> None:
    terms = pairing.usual_terms("HTI", "JAM", now().date()).model_copy(update={"valid_until": now().date()})
    changes.propose("JAM", terms, at=now(), actor="test")
    with pytest.raises(ExchangeError, match="no_proposal"):  # our own
        changes.accept("JAM", at=now(), actor="test")
    agreed = agree(jamaica)
    assert agreements("HTI").agreements == (agreed,)
    assert agreed.valid_until == terms.valid_until


def test_where_both_propose_at_once_one_goes_first(jamaica: Partner) -> None:
    changes.roll(at=now(), actor="test")
    assert jamaica.deliver(rolled(jamaica, KeyPair.generate()).write()) == "refused"  # "HTI" is before "JAM"
    assert Inbox.objects.get().code == "proposal_crossed"
    agree(jamaica)


def test_a_key_is_revoked_on_both_records_and_refused_from_then_on(jamaica: Partner) -> None:
    old = place.keys()[0]
    with pytest.raises(ExchangeError, match="last_key"):
        changes.revoke(old.sign.thumbprint(), at=now(), actor="test")
    changes.roll(at=now(), actor="test")
    agreed = agree(jamaica)
    assert changes.revoke(old.sign.thumbprint(), at=now(), actor="test") == ["JAM"]
    kids = {signing.read_revocation(json.loads(one)["statement"], agreed).kid for one in sent(jamaica)[-2:]}
    assert kids == {old.sign.thumbprint(), old.decrypt.thumbprint()}
    # What the next version names is without it, and signed by the new one.
    assert changes.propose_keys(at=now()) == ["JAM"]
    assert old.sign.thumbprint() not in {key.kid for key in agree(jamaica).party("HTI").keys}


def test_a_partners_revoked_key_is_refused_even_in_the_same_batch(jamaica: Partner) -> None:
    stolen = jamaica.side.keys
    statement = signing.sign_revocation(Revocation(party="JAM", kid=stolen.sign.thumbprint(), at=now()), stolen)
    from fanal.station.sharing.inbox import receive

    notice = seal(by(jamaica, NoticeBody(datum=LOST)), stolen, jamaica.mine, at=now())
    assert receive("JAM", [wrap(statement), notice, wrap(statement)], now()) == ["applied", "refused", "known"]
    assert Inbox.objects.get(outcome="refused").code == "key_not_valid"
    assert Entry.objects.filter(action="key_revoked", subject="JAM").count() == 1


def test_nobody_revokes_anothers_key(jamaica: Partner) -> None:
    ours = place.keys()[0].sign.thumbprint()
    forged = signing.sign_revocation(Revocation(party="HTI", kid=ours, at=now()), jamaica.side.keys)
    assert jamaica.deliver(wrap(forged)) == "refused"
    assert agreements("HTI").revoked == {}


def test_leaving_removes_what_was_the_partners_and_both_sides_state_it(jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    removed = changes.leave("JAM", at=now(), actor="test")
    assert removed.data == 1
    assert Datum.objects.get().body is None
    assert not Step.objects.filter(sender="JAM", content__isnull=False).exists()
    statement = read_statement(sent(jamaica)[-1], jamaica.agreement, "HTI", at=now(), revoked={})
    assert isinstance(statement, Leaving)
    assert statement.removed == removed
    # Nothing passes any more but the receipt.
    assert jamaica.deliver(seal(by(jamaica, NoticeBody(datum=LOST)), jamaica.side.keys, jamaica.mine, at=now())) == (
        "refused"
    )
    receipt = Removed(party="JAM", agreement=jamaica.agreement.id, at=now(), removed=statement.given, entry=7)
    assert jamaica.deliver(sign_statement(receipt, jamaica.side.keys)) == "applied"
    assert SignedAgreement.objects.get().state == "ended"
    noted = json.loads(Entry.objects.get(action="partner_removed").body)["data"]
    assert (noted["same"], noted["entry"]) == (True, 7)


def test_a_partner_that_leaves_gets_the_number_and_the_entry_of_what_was_removed(jamaica: Partner) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    nothing = Counted(data=0, digest="0" * 64)
    leaving = Leaving(party="JAM", agreement=jamaica.agreement.id, at=now(), removed=nothing, given=nothing)
    said = sign_statement(leaving, jamaica.side.keys)
    assert [jamaica.deliver(said) for _ in range(2)] == ["applied", "known"]
    assert is_statement(sent(jamaica)[-1])
    receipt = read_statement(sent(jamaica)[-1], jamaica.agreement, "HTI", at=now(), revoked={})
    assert isinstance(receipt, Removed)
    assert receipt.removed.data == 1
    entry = Entry.objects.get(index=receipt.entry)
    assert (entry.action, entry.subject) == ("partner_left", "JAM")
    assert not Thread.objects.filter(partner="JAM", state="held").exists()


def test_a_stranger_cannot_state_anything(jamaica: Partner) -> None:
    nothing = Counted(data=0, digest="0" * 64)
    leaving = Leaving(party="JAM", agreement=jamaica.agreement.id, at=now(), removed=nothing, given=nothing)
    assert jamaica.deliver(sign_statement(leaving, KeyPair.generate())) == "refused"
    assert jamaica.deliver(b'{"schema":"fanal.statement/2","statement":"x"}') == "set_aside"
    assert jamaica.deliver(b'{"schema":"fanal.statement/1","statement":1}') == "refused"
    assert SignedAgreement.objects.get().state == "in_force"


def test_a_lost_checkpoint_is_shut_out_and_a_new_one_gets_the_whole_register(
    hub: place.Place, jamaica: Partner, malpasse: Partner
) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    Post.objects.create(partner=malpasse.id, given=1, confirmed=1)
    lost = seal(by(malpasse, NoticeBody(datum=LOST)), malpasse.side.keys, malpasse.mine, at=now())
    with pytest.raises(ExchangeError, match="not_our_post"):
        changes.replace_post("JAM", pairing.usual_terms("HTI", "JAM", now().date()), at=now(), actor="test")
    data = changes.replace_post(
        malpasse.id, pairing.usual_terms("HTI", malpasse.id, now().date()), at=now(), actor="test"
    )
    assert json.loads(data)["to"] == malpasse.id
    assert malpasse.deliver(lost) == "refused"
    assert {key.kid for key in malpasse.side.party().keys} <= set(agreements("HTI").revoked)
    assert not Post.objects.exists()  # what it was given counts for nothing: the register goes anew
    assert place.sweep() == [malpasse.id]


def test_what_a_partner_wrote_with_its_clock_ahead_is_taken_in_when_its_time_has_come(jamaica: Partner) -> None:
    ahead = now() + timedelta(minutes=10)
    notice = by(jamaica, NoticeBody(datum=LOST)).model_copy(update={"created": ahead})
    withdrawal = by(jamaica, WithdrawBody(reason="found"), follows=notice).model_copy(
        update={"created": ahead + timedelta(seconds=1)}
    )
    for message in (notice, withdrawal):
        assert jamaica.deliver(seal(message, jamaica.side.keys, jamaica.mine, at=now())) == "refused"
    assert set(Inbox.objects.values_list("code", flat=True)) == {"clock_ahead"}
    assert inbox.take_again(now()) == 0
    entries = Entry.objects.count()
    assert inbox.take_again(now()) == 0
    assert Entry.objects.count() == entries  # trying again is not an event
    assert inbox.take_again(ahead + timedelta(minutes=1)) == 2
    assert Datum.objects.get().gone_why == "found"
    assert set(Inbox.objects.values_list("outcome", flat=True)) == {"applied"}


def test_what_comes_before_what_it_follows_is_taken_in_after_it(jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    assert jamaica.send(by(jamaica, WithdrawBody(reason="found"), follows=notice)) == "refused"
    assert Inbox.objects.get().code == "follows_unknown"
    assert inbox.take_again(now()) == 0
    assert jamaica.send(notice) == "applied"
    assert inbox.take_again(now()) == 1
    assert Datum.objects.get().gone_why == "found"


def test_a_restored_place_sends_again_and_asks_for_what_came_after_its_backup(jamaica: Partner) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    Outbox.objects.update(published=now())
    assert changes.restored(now() - timedelta(hours=2), at=now()) == ["JAM"]
    assert not Outbox.objects.filter(published__isnull=False).exists()
    assert is_statement(sent(jamaica)[-1])


def test_a_partner_that_was_restored_is_sent_what_it_lost_under_another_number(jamaica: Partner) -> None:
    from fanal.exchange.statements import Restored
    from fanal.station.sharing.outbox import waiting

    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    (row,) = Outbox.objects.all()
    Outbox.objects.update(published=now())
    said = Restored(party="JAM", agreement=jamaica.agreement.id, at=now(), since=now() - timedelta(minutes=5))
    assert jamaica.deliver(sign_statement(said, jamaica.side.keys)) == "applied"
    ((_, partner, name, envelope),) = waiting(10)
    assert (partner, name, envelope) == ("JAM", f"{row.message}.1", bytes(row.envelope))
    assert uuid.UUID(name.partition(".")[0]) == row.message


def test_one_partners_full_stream_does_not_hold_up_the_others(jamaica: Partner, malpasse: Partner) -> None:
    from fanal.station.sharing.outbox import waiting

    for _ in range(3):
        jamaica.send(by(jamaica, NoticeBody(datum=LOST.model_copy(update={"number": uuid.uuid4().hex[:9].upper()}))))
    Outbox.objects.create(message=uuid.uuid4(), partner=malpasse.id, envelope=b"x", written=now())
    assert {partner for _, partner, *_ in waiting(2)} == {"JAM"}
    assert {partner for _, partner, *_ in waiting(2, {"JAM"})} == {malpasse.id}
