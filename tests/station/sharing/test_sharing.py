"""The register of what is shared: what comes is applied once, what is refused is kept, the owner owns."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fanal.exchange import Category, ExchangeError, Kind, Message, Purpose, open_envelope, seal, write
from fanal.exchange.messages import (
    Alert,
    AnswerBody,
    Bulletin,
    ConfirmationBody,
    ConfirmBody,
    CorrectBody,
    DataBody,
    DataRequestBody,
    DocumentRef,
    HeadBody,
    LostDocument,
    Name,
    NoticeBody,
    QuestionBody,
    ReceiptBody,
    Receipted,
    RegisterBody,
    RegisterItem,
    WithdrawBody,
)
from fanal.ledger import Checkpoint, Signer, Tree, leaf_hash, sign_note
from fanal.screening.documents import find_document
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.journal.models import Entry
from fanal.station.journal.services import verify
from fanal.station.lists import hits, index
from fanal.station.lists.models import ListEntry, Rule, WatchList
from fanal.station.lists.services import approve, make_list, propose, redress
from fanal.station.sharing import given, inbox, jobs, outbox, place, register, services
from fanal.station.sharing.agreed import agreements
from fanal.station.sharing.models import Datum, Inbox, Outbox, Post, Step, Thread
from tests.exchange.test_envelopes import forge
from tests.exchange.world import Side
from tests.station import travellers
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
    assert found("JAM", "A0472819") == [(str(row.pk), "JAM")]
    (receipt,) = jamaica.got()
    assert isinstance(receipt.body, ReceiptBody)
    assert receipt.body.items == (Receipted(thread=notice.id, of=notice.id, reached=1),)
    assert list(verify()) == []


def found(state: str, number: str) -> list[tuple[str, str]]:
    """The entries that the desk would be shown for this number, each with the partner that shares it."""
    seen = find_document(index.opened().numbers, number, state=state)
    entries = ListEntry.objects.filter(pk__in=[one.entry.ref for one in seen if one.is_hit], state="in_force")
    return [(str(entry.pk), entry.came_from) for entry in entries]


def listed(number: str, *, state: str = "HTI", subject: str = "documents", sharing: str = "given") -> ListEntry:
    """An entry of a list of ours, in force."""
    keeper, second = (Officer.objects.get_or_create(username=name, defaults={"name": name})[0] for name in ("a", "b"))
    values = {"owner": "Ministry", "legal_basis": "Law 1", "action": "call_owner", "expires_on": "2031-01-01"}
    made = WatchList.objects.filter(name=f"{subject} {sharing}").first() or make_list(
        officer=keeper,
        values=values | {"name": f"{subject} {sharing}", "subject": subject, "sharing": sharing},
        purposes=["lost_documents"],
        handling=[],
    )
    about = {"document_number": number, "document_state": state, "status": "stolen"} | (
        {"name": "Andre INVENTED", "born": "1980-01-01"} if subject == "persons" else {}
    )
    values = about | {"reason": "reported", "expires_on": "2030-01-01"}
    return approve(
        officer=second, entry=propose(request_id=uuid.uuid4(), officer=keeper, watch_list=made, values=values)
    )


def test_what_comes_twice_is_applied_once(jamaica: Partner) -> None:
    data = seal(by(jamaica, NoticeBody(datum=LOST)), jamaica.side.keys, jamaica.mine, at=datetime.now(UTC))
    assert [jamaica.deliver(data) for _ in range(3)] == ["applied", "known", "known"]
    assert Datum.objects.count() == Outbox.objects.count() == 1


def test_a_run_of_blanks_is_found_by_any_number_of_its_length_in_it(jamaica: Partner) -> None:
    run = LOST.model_copy(update={"number": "B0100", "last": "B0199", "status": "stolen_blank"})
    jamaica.send(by(jamaica, NoticeBody(datum=run)))
    assert found("JAM", "B0150")
    for outside in ("B0200", "B015", "B01500", "B0099"):
        assert not found("JAM", outside)


def test_a_correction_and_a_withdrawal_reach_our_copy_and_our_checkpoints(jamaica: Partner, malpasse: Partner) -> None:
    notice = by(jamaica, NoticeBody(datum=LOST))
    jamaica.send(notice)
    (given,) = relayed(malpasse)
    assert (given.datum, given.owner, given.content) == (notice.id, "JAM", LOST)

    right = LOST.model_copy(update={"number": "A0472818"})
    correct = by(jamaica, CorrectBody(datum=right, reason="mistaken"), follows=notice)
    assert jamaica.send(correct) == "applied"
    assert not found("JAM", "A0472819")
    assert found("JAM", "A0472818")

    assert jamaica.send(by(jamaica, WithdrawBody(reason="found"), follows=correct)) == "applied"
    row = Datum.objects.get()
    assert (row.body, row.gone_why) == (None, "found")
    assert not found("JAM", "A0472818")
    assert not Step.objects.filter(kind__in=("notice", "correct"), content__datum__isnull=False).exists()
    # The checkpoint is given what stands, not each step: it never hears of the correction.
    (given,) = relayed(malpasse)
    assert (given.content, given.gone) == (None, "found")
    last = jamaica.got()[-1].body
    assert isinstance(last, ReceiptBody)
    assert [item.reached for item in last.items] == [2]


def relayed(post: Partner) -> list[RegisterItem]:
    """What our checkpoint is given now, which it receipts."""
    outbox.relay()
    items: list[RegisterItem] = []
    for message in post.got():
        if isinstance(message.body, RegisterBody) and not Thread.objects.filter(pk=message.id, state="held").exists():
            items += message.body.items
            receipt = ReceiptBody(items=(Receipted(thread=message.id, of=message.id),))
            assert post.send(by(post, receipt, category=message.category)) == "applied"
    return items


def test_a_checkpoint_that_was_cut_off_is_given_each_datum_once_and_few_messages_at_a_time(
    jamaica: Partner, malpasse: Partner
) -> None:
    for number in range(8):
        jamaica.send(by(jamaica, NoticeBody(datum=LOST.model_copy(update={"number": f"A{number}"}))))
        outbox.relay()
    assert len(malpasse.got()) == register.UNDER_WAY
    assert len(relayed(malpasse)) == register.UNDER_WAY
    assert len(relayed(malpasse)) == 8 - register.UNDER_WAY  # in one message
    assert len(malpasse.got()) == register.UNDER_WAY + 1
    assert relayed(malpasse) == []
    state = Post.objects.get(partner="HTI.malpasse")
    assert (state.given, state.confirmed, state.under_way) == (8, 8, [])


def test_what_a_checkpoint_does_not_receipt_is_given_again(jamaica: Partner, malpasse: Partner) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    outbox.relay()
    mine = agreements("HTI")
    assert register.relay("HTI", mine, datetime.now(UTC)) == 0
    assert register.relay("HTI", mine, datetime.now(UTC) + register.GIVE_AGAIN + timedelta(minutes=1)) == 1


def test_nobody_but_our_own_hub_passes_on_what_is_anothers(jamaica: Partner, malpasse: Partner) -> None:
    item = RegisterItem(
        datum=str(uuid.uuid4()), owner="BHS", version=1, expires=datetime.now(UTC) + timedelta(days=1), content=LOST
    )
    for partner in (jamaica, malpasse):
        passed = by(partner, RegisterBody(items=(item,)))
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


def test_an_entry_of_a_list_that_is_given_goes_to_partners_when_it_comes_into_force_and_back_when_it_ends(
    jamaica: Partner, malpasse: Partner
) -> None:
    entry = listed("RD123")
    given.share()  # the worker's turn finds nothing left to do
    (notice,) = jamaica.got()
    assert isinstance(notice.body, NoticeBody)
    assert isinstance(notice.body.datum, LostDocument)
    assert (notice.body.datum.number, notice.body.origin) == ("RD123", str(entry.pk))
    assert [one.owner for one in relayed(malpasse)] == ["HTI"]
    redress(request_id=uuid.uuid4(), officer=Officer.objects.get(username="b"), entry=entry, why="typed wrong")
    withdrawal = jamaica.got()[-1].body
    assert isinstance(withdrawal, WithdrawBody)
    assert withdrawal.reason == "mistaken"
    assert [one.gone for one in relayed(malpasse)] == ["mistaken"]
    index.opened()
    assert list(verify()) == []
    with pytest.raises(ExchangeError, match="gone"):
        services.correct(entry.pk, LOST, reason="mistaken", at=datetime.now(UTC), actor="test")


def test_a_partners_alert_is_screened_by_name_and_its_withdrawal_closes_the_hit(
    jamaica: Partner, officer: Callable[..., Officer]
) -> None:
    wanted = ALERT.model_copy(update={"date_of_birth": "1980-01-01"})
    alert = by(jamaica, NoticeBody(datum=wanted), category=Category.ALERT)
    assert jamaica.send(alert) == "applied"
    claims = {"primary_identifier": "INVENTED", "secondary_identifier": "ANDRE", "date_of_birth": "1980-01-01"}
    inspection = travellers.inspection(officer(Role.PRIMARY), None, advice="refer", picture=False, **claims)
    hits.screen(inspection)
    (hit,) = inspection.hits.all()
    entry = ListEntry.objects.get(pk=alert.id)
    assert (hit.entry, entry.came_from) == (entry, "JAM")
    withdrawal = by(jamaica, WithdrawBody(reason="mistaken"), follows=alert, category=Category.ALERT)
    assert jamaica.send(withdrawal) == "applied"
    hit.refresh_from_db()
    assert hit.state == "expired"
    assert entry.redress.get().reached["hits"] == [str(hit.pk)]
    entry.refresh_from_db()
    assert (entry.title, entry.person, entry.numbers, entry.reason) == (entry.ref, None, [], "")


def test_a_partners_bulletin_waits_until_it_is_tried_and_switched_on_here(jamaica: Partner) -> None:
    pattern: dict[str, object] = {
        "name": "series",
        "condition": 'document_number =~ "L8988.*"',
        "look_at": "the number",
        "fraud": "counterfeit",
        "expires_on": "2031-01-01",
    }
    good = by(jamaica, NoticeBody(datum=Bulletin(pattern=pattern)), category=Category.BULLETIN)
    assert jamaica.send(good) == "applied"
    rule = Rule.objects.get(pk=good.id)
    assert (rule.came_from, rule.state, rule.tried) == ("JAM", "off", {})
    by_traits = pattern | {"condition": 'nationality == "JAM"'}
    nameless: dict[str, object] = {"name": "x"}
    for wrong in (by_traits, pattern | {"condition": "__import__"}, nameless):
        refused = by(jamaica, NoticeBody(datum=Bulletin(pattern=wrong)), category=Category.BULLETIN)
        assert jamaica.send(refused) == "refused"
        assert Inbox.objects.get(message=refused.id).code == "bulletin_form"


def test_a_question_is_answered_from_our_own_lists_that_may_be_asked_and_once(jamaica: Partner) -> None:
    jamaica.send(by(jamaica, NoticeBody(datum=LOST)))
    listed("RD123", sharing="asked")
    listed("RD777", sharing="none")
    now = datetime.now(UTC)
    for state, number, result in (
        ("HTI", "RD123", "hit"),
        ("HTI", "RDI23", "possible"),
        ("HTI", "RD777", "no_hit"),
        ("JAM", "A0472819", "no_hit"),
    ):
        asked = by(jamaica, QuestionBody(document=DocumentRef(issuing_state=state, number=number)))
        envelope = seal(asked, jamaica.side.keys, jamaica.mine, at=now)
        answered = open_envelope(inbox.answer("JAM", envelope, now), (jamaica.side.keys,), jamaica.mine, at=now).message
        assert isinstance(answered.body, AnswerBody)
        assert answered.body.result == result
        with pytest.raises(ExchangeError, match="replayed"):
            inbox.answer("JAM", envelope, now)


def test_a_question_about_a_person_is_at_most_possible_and_the_data_are_given_on_request(jamaica: Partner) -> None:
    entry = listed("RD9", subject="persons", sharing="asked")
    name = Name(primary="INVENTED", secondary="ANDRE")
    asked = by(jamaica, QuestionBody(names=(name,), date_of_birth="1980-01-01"), category=Category.ALERT)
    assert jamaica.send(asked) == "applied"
    answered = jamaica.got()[-1]
    assert isinstance(answered.body, AnswerBody)
    assert (answered.body.result, answered.body.datum) == ("possible", str(entry.pk))
    body = DataRequestBody(datum=str(entry.pk), reason="same_person")
    request = by(jamaica, body, follows=answered, category=Category.ALERT)
    assert jamaica.send(request) == "applied"
    services.give_data(uuid.UUID(asked.thread), at=datetime.now(UTC), actor="test")
    data = jamaica.got()[-1].body
    assert isinstance(data, DataBody)
    assert isinstance(data.datum, Alert)
    assert data.datum.names == (Name(primary="Andre INVENTED"),)


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
    assert not found("JAM", LOST.number)
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
