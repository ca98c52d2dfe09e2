"""The register of what is shared: what comes is applied once, what is refused is kept, the owner owns."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fanal.exchange import Category, ExchangeError, Kind, Message, Purpose, open_envelope, seal, write
from fanal.exchange.messages import (
    Alert,
    AnswerBody,
    ConfirmationBody,
    ConfirmBody,
    CorrectBody,
    DocumentRef,
    HeadBody,
    LostDocument,
    Name,
    NoticeBody,
    QuestionBody,
    ReceiptBody,
    WithdrawBody,
)
from fanal.ledger import Checkpoint, Signer, Tree, leaf_hash, sign_note
from fanal.station.journal.models import Entry
from fanal.station.journal.services import verify
from fanal.station.sharing import inbox, jobs, place, queries, services
from fanal.station.sharing.models import Datum, Inbox, Number, Outbox, Step, Thread
from tests.exchange.test_envelopes import forge
from tests.exchange.world import Side
from tests.station.sharing.conftest import Partner

LOST = LostDocument(issuing_state="JAM", number="A0472819", status="stolen", reported=date(2026, 11, 24))
ALERT = Alert(
    kind="wanted",
    names=(Name(primary="INVENTED", secondary="ANDRE"),),
    action="refer",
    legal_basis="invented",
    review=date(2027, 1, 1),
)


def by(partner: Partner, body: Any, *, follows: Message | None = None, category: Category | None = None) -> Message:
    now = datetime.now(UTC)
    made = write(
        body,
        sender=partner.id,
        recipient="HTI",
        category=category or Category.LOST_DOCUMENT,
        purpose=Purpose.OVERSIGHT if category is Category.LEDGER else Purpose.BORDER_CHECK,
        agreements=partner.mine,
        at=now,
        expires=now + timedelta(days=30),
    )
    if follows is not None:
        made = made.model_copy(update={"thread": follows.thread, "previous": follows.id})
    return made


def test_a_partners_notice_is_held_found_and_receipted(jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    assert jamaica.send(notice) == "applied"
    row = Datum.objects.get(pk=notice.id)
    assert (row.owner, row.category) == ("JAM", "lost_document")
    assert queries.numbers("document", "JAM", "A0472819").get().datum == row
    (receipt,) = jamaica.got()
    assert isinstance(receipt.body, ReceiptBody)
    assert (receipt.body.of, receipt.body.outcome, receipt.thread) == (notice.id, "applied", notice.id)
    assert list(verify()) == []


def test_what_comes_twice_is_applied_once(jamaica: Partner) -> None:
    data = seal(by(jamaica, NoticeBody(datum=LOST)), jamaica.side.keys, jamaica.mine, at=datetime.now(UTC))
    assert [jamaica.deliver(data) for _ in range(3)] == ["applied", "known", "known"]
    assert Datum.objects.count() == Outbox.objects.count() == 1


def test_a_run_of_blanks_is_found_by_any_number_of_its_length_in_it(jamaica: Partner) -> None:
    run = LOST.model_copy(update={"number": "B0100", "last": "B0199", "status": "stolen_blank"})
    jamaica.send(by(jamaica, NoticeBody(datum=run)))
    assert queries.numbers("document", "JAM", "B0150").exists()
    for outside in ("B0200", "B015", "B01500", "B0099"):
        assert not queries.numbers("document", "JAM", outside).exists()


def test_a_correction_and_a_withdrawal_reach_our_copy_and_our_checkpoints(jamaica: Partner, malpasse: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    (relayed,) = malpasse.got()
    assert isinstance(relayed.body, NoticeBody)
    assert (relayed.body.owner, relayed.body.origin) == ("JAM", notice.id)

    right = LOST.model_copy(update={"number": "A0472818"})
    correct = by(jamaica, CorrectBody(datum=right, reason="mistaken"), follows=notice)
    assert jamaica.send(correct) == "applied"
    assert not queries.numbers("document", "JAM", "A0472819").exists()
    assert queries.numbers("document", "JAM", "A0472818").exists()

    assert jamaica.send(by(jamaica, WithdrawBody(reason="found"), follows=correct)) == "applied"
    row = Datum.objects.get()
    assert (row.body, row.gone_why) == (None, "found")
    assert not Step.objects.filter(kind__in=("notice", "correct"), content__isnull=False).exists()
    assert [m.kind for m in malpasse.got()] == [Kind.NOTICE, Kind.CORRECT, Kind.WITHDRAW]
    last = jamaica.got()[-1].body
    assert isinstance(last, ReceiptBody)
    assert last.reached == 2


def test_nobody_but_our_own_hub_passes_on_what_is_anothers(jamaica: Partner, malpasse: Partner) -> None:
    for partner in (jamaica, malpasse):
        passed = by(partner, NoticeBody(datum=LOST, owner="BHS", origin=str(uuid.uuid4())))
        assert partner.send(passed) == "refused"
        assert Inbox.objects.get(message=passed.id).code == "third_party"
    assert not Datum.objects.exists()


def test_what_is_refused_is_kept_with_its_reason_and_changes_nothing(jamaica: Partner) -> None:
    other = by(jamaica, NoticeBody(datum=LOST))
    wrong = other.model_copy(update={"purpose": Purpose.SMUGGLING})
    us = Side("HTI", place.keys()[0])
    assert jamaica.deliver(forge(wrong, jamaica.side, to=us)) == "refused"
    row = Inbox.objects.get()
    assert (row.code, row.envelope is not None) == ("purpose_not_covered", True)
    assert not Datum.objects.exists()
    assert Entry.objects.filter(action="exchange_refused").count() == 1


def test_a_version_that_is_not_known_is_set_aside_and_shown(jamaica: Partner) -> None:
    newer = f'{{"schema":"fanal.envelope/9","id":"{uuid.uuid4()}"}}'.encode()
    assert jamaica.deliver(newer) == "set_aside"
    assert bytes(Inbox.objects.get(outcome="set_aside").envelope or b"") == newer


def test_what_is_ours_goes_to_every_partner_that_a_clause_gives_it_and_comes_back_everywhere(
    jamaica: Partner, malpasse: Partner
) -> None:
    now = datetime.now(UTC)
    request = uuid.uuid4()
    for _ in range(2):  # the same click twice
        row = services.share(
            LOST.model_copy(update={"issuing_state": "HTI"}),
            purpose=Purpose.BORDER_CHECK,
            at=now,
            expires=now + timedelta(days=365),
            actor="test",
            request_id=request,
        )
    assert [[m.kind for m in p.got()] for p in (jamaica, malpasse)] == [[Kind.NOTICE], [Kind.NOTICE]]
    assert services.withdraw(row.pk, reason="found", at=now, actor="test") == 2
    assert [p.got()[-1].kind for p in (jamaica, malpasse)] == [Kind.WITHDRAW, Kind.WITHDRAW]
    with pytest.raises(ExchangeError, match="gone"):
        services.correct(row.pk, LOST, reason="mistaken", at=now, actor="test")


def test_a_question_is_answered_from_our_own_lists_alone_and_once(jamaica: Partner) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    now = datetime.now(UTC)
    services.share(
        LOST.model_copy(update={"issuing_state": "HTI", "number": "RD123"}),
        purpose=Purpose.BORDER_CHECK,
        at=now,
        expires=now + timedelta(days=1),
        actor="test",
        request_id=uuid.uuid4(),
    )
    for state, number, result in (("HTI", "RD123", "hit"), ("JAM", "A0472819", "no_hit")):
        asked = by(jamaica, QuestionBody(document=DocumentRef(issuing_state=state, number=number)))
        envelope = seal(asked, jamaica.side.keys, jamaica.mine, at=now)
        answered = open_envelope(inbox.answer("JAM", envelope, now), (jamaica.side.keys,), jamaica.mine, at=now).message
        assert isinstance(answered.body, AnswerBody)
        assert answered.body.result == result
        with pytest.raises(ExchangeError, match="replayed"):
            inbox.answer("JAM", envelope, now)


def test_a_checkpoints_hit_is_confirmed_by_the_owner_through_the_hub(jamaica: Partner, malpasse: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    now = datetime.now(UTC)
    ask = by(malpasse, ConfirmBody(datum=notice.id, deadline=now + timedelta(minutes=15)))
    assert malpasse.send(ask) == "applied"
    asked = jamaica.got()[-1]
    assert asked.kind is Kind.CONFIRM
    assert Thread.objects.get(pk=asked.thread).state == "open"
    jamaica.send(by(jamaica, ConfirmationBody(answer="confirmed", reason="same"), follows=asked))
    told = malpasse.got()[-1].body
    assert isinstance(told, ConfirmationBody)
    assert told.answer == "confirmed"
    assert Thread.objects.get(pk=ask.thread).state == "confirmed"


def test_an_unanswered_confirmation_is_reminded_of_escalated_and_stays_open(jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    sent = services.ask_to_confirm(
        uuid.UUID(notice.id), within=timedelta(seconds=0), compared=(), at=datetime.now(UTC), actor="test"
    )
    jobs.remind()
    jobs.remind()
    thread = Thread.objects.get(pk=sent.thread)
    assert (thread.state, thread.reminders, thread.escalated is not None) == ("open", 1, True)
    assert jamaica.got()[-1].kind is Kind.REMINDER


def test_a_datum_ends_with_its_time(jamaica: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    Datum.objects.update(expires=datetime.now(UTC) - timedelta(seconds=1))
    jobs.expire()
    assert Datum.objects.get().gone_why == "expired"
    assert not Number.objects.exists()
    assert list(verify()) == []


def test_a_head_that_does_not_continue_the_last_one_is_not_cosigned(jamaica: Partner) -> None:
    signer = Signer.generate("region.invalid/JAM")
    leaves = [leaf_hash(bytes([n])) for n in range(4)]
    tree = Tree()
    for leaf in leaves:
        tree = tree.append(leaf)
    body = HeadBody(note=sign_note(str(Checkpoint(signer.name, tree.size, tree.root)), signer))
    good = inbox._cosigned(body, "JAM", str(signer.verifier), datetime.now(UTC))
    assert good.note
    rewritten = Tree()
    for number in range(5):
        rewritten = rewritten.append(leaf_hash(bytes([number + 1])))
    other = HeadBody(note=sign_note(str(Checkpoint(signer.name, 5, rewritten.root)), signer))
    assert inbox._cosigned(other, "JAM", str(signer.verifier), datetime.now(UTC)).code == "not_consistent"


def test_an_alert_never_rests_on_traits_alone() -> None:
    with pytest.raises(ValueError, match="names nobody"):
        Alert(kind="wanted", nationality="HTI", action="refer", legal_basis="x", review=date(2027, 1, 1))
