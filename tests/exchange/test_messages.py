"""Threads: each message only where the table of moves lets it follow, and only from the side that may."""

import uuid
from datetime import timedelta

import pytest

from fanal.exchange import MOVES, Category, ExchangeError, Kind, Message, Purpose, Thread, advance, write
from fanal.exchange.messages import (
    RECEIPTED,
    Alert,
    AnswerBody,
    Body,
    ConfirmationBody,
    ConfirmBody,
    CorrectBody,
    DataBody,
    DataRequestBody,
    DocumentRef,
    QuestionBody,
    ReceiptBody,
    Receipted,
    ThreadKind,
    WithdrawBody,
)
from tests.exchange.test_envelopes import CAME, LOST, SENT, notice
from tests.exchange.world import NOW


def follow(before: Message, body: Body, *, by: str) -> Message:
    mine, other = (SENT, "DOM") if by == "HTI" else (CAME, "HTI")
    return write(
        body,
        sender=by,
        recipient=other,
        category=before.category,
        purpose=before.purpose,
        agreements=mine,
        at=NOW,
        expires=NOW + timedelta(days=1),
        follows=before,
    )


def walk(*messages: Message) -> Thread:
    thread: Thread | None = None
    for message in messages:
        thread = advance(thread, message)
    assert thread is not None
    return thread


def question() -> Message:
    return write(
        QuestionBody(document=DocumentRef(issuing_state="HTI", number="AB123456")),
        sender="DOM",
        recipient="HTI",
        category=Category.LOST_DOCUMENT,
        purpose=Purpose.BORDER_CHECK,
        agreements=CAME,
        at=NOW,
        expires=NOW + timedelta(minutes=1),
    )


def test_a_notice_is_held_corrected_and_withdrawn_and_receipted_at_each_step() -> None:
    first = notice()
    correct = follow(first, CorrectBody(datum=LOST, reason="mistaken"), by="HTI")
    withdraw = follow(correct, WithdrawBody(reason="found"), by="HTI")
    states = [walk(first), walk(first, correct), walk(first, correct, withdraw)]
    assert [thread.state for thread in states] == ["offered", "corrected", "withdrawn"]
    assert [RECEIPTED[thread.kind, thread.state] for thread in states] == ["held", "held", "gone"]


def test_receipts_speak_of_many_threads_and_open_one_of_their_own() -> None:
    first = notice()
    body = ReceiptBody(items=(Receipted(thread=first.id, of=first.id, reached=2),))
    receipts = notice().model_copy(update={"body": body, "sender": "DOM", "recipient": "HTI"})
    assert walk(receipts).kind is ThreadKind.RECEIPTS
    with pytest.raises(ExchangeError, match="move_not_allowed"):
        walk(first, follow(first, body, by="DOM"))


def test_only_the_owner_corrects_or_withdraws() -> None:
    first = notice()
    with pytest.raises(ExchangeError, match="move_not_allowed"):
        walk(first, follow(first, WithdrawBody(reason="found"), by="DOM"))


def test_data_follow_only_on_a_second_request_after_a_hit() -> None:
    asked = question()
    miss = follow(asked, AnswerBody(result="no_hit"), by="HTI")
    hit = follow(asked, AnswerBody(result="hit", datum=str(uuid.uuid4())), by="HTI")
    request = follow(hit, DataRequestBody(datum=hit.id, reason="same_number"), by="DOM")
    assert walk(asked, hit, request, follow(request, DataBody(declined="not_ours"), by="HTI")).state == "declined"
    assert walk(asked, hit, request, follow(request, DataBody(datum=LOST), by="HTI")).state == "given"
    with pytest.raises(ExchangeError, match="move_not_allowed"):
        walk(asked, miss, follow(miss, DataRequestBody(datum=asked.id, reason="x"), by="DOM"))
    with pytest.raises(ExchangeError, match="move_not_allowed"):
        walk(asked, follow(asked, DataBody(datum=LOST), by="HTI"))


def test_an_unanswered_confirmation_is_not_a_confirmed_one() -> None:
    ask = ConfirmBody(datum=str(uuid.uuid4()), deadline=NOW + timedelta(hours=1))
    opened = question().model_copy(update={"body": ask})
    assert walk(opened).state == "open"
    assert walk(opened, follow(opened, ConfirmationBody(answer="not_confirmed"), by="HTI")).state == "not_confirmed"


def test_a_message_that_opens_no_thread_cannot_come_first() -> None:
    first = notice()
    with pytest.raises(ExchangeError, match="move_not_allowed"):
        advance(None, follow(first, WithdrawBody(reason="found"), by="HTI"))


def test_every_kind_of_message_has_a_move() -> None:
    assert {kind for _, _, kind, _ in MOVES} == set(Kind)


def test_every_state_that_is_entered_is_left_or_is_an_end() -> None:
    ends = {"gone", "no_hit", "refused", "given", "declined", "confirmed", "not_confirmed", "reconciled"}
    ends |= {"cosigned", "not_cosigned", "hit", "possible"}
    left = {state for _, state, _, _ in MOVES} | {state for _, state in RECEIPTED}
    assert {to for to in MOVES.values() if to != "="} <= left | ends


def test_an_alert_names_someone_or_something() -> None:
    traits = {"kind": "wanted", "nationality": "HTI", "sex": "F", "action": "refer", "legal_basis": "x"}
    with pytest.raises(ValueError, match="names nobody"):
        Alert.model_validate({**traits, "review": NOW.date()})
