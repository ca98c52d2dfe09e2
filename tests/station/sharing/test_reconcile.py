"""Entries and exits of two neighbours are held against each other where both agreed, by document and time alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from fanal.exchange import Category, ExchangeError, Message, Purpose, write
from fanal.exchange.messages import DocumentRef, PassagesBody, ReconciledBody
from fanal.exchange.messages import Passage as Passing
from fanal.station.accounts.models import Officer
from fanal.station.accounts.permissions import Role
from fanal.station.crossings.services import decide
from fanal.station.places.models import Lane
from fanal.station.sharing import place, reconcile
from fanal.station.sharing.models import Outbox, Passage
from fanal.station.sharing.pairing import Term
from tests.station import travellers
from tests.station.sharing.conftest import Partner

PASSAGES = Term(giver="both", category=Category.CROSSING, purposes=(Purpose.STAY,), retention_days=30)


@pytest.fixture
def dominican(hub: place.Place) -> Partner:
    partner = Partner("DOM")
    partner.agree(hub, datetime.now(UTC), PASSAGES)
    return partner


@pytest.fixture
def entered(officer: Callable[..., Officer], entry_lane: Lane, hub: place.Place) -> str:
    """Somebody was admitted here just now."""
    entry_lane.point.kind = "land"
    entry_lane.point.save()
    desk = officer(Role.PRIMARY)
    shown = travellers.inspection(desk, entry_lane, advice="no_objection")
    made = decide(
        request_id=uuid.uuid4(),
        officer=desk,
        inspection=shown,
        lane=entry_lane,
        outcome="admitted",
        reasons=[],
        purpose="tourism",
    )
    return str(made.pk)


def passing(direction: str, at: datetime, number: str = "L898902C3") -> Passing:
    return Passing.model_validate(
        {
            "ref": str(uuid.uuid4()),
            "direction": direction,
            "at": at,
            "point": "DOJIM",
            "document": DocumentRef(issuing_state="UTO", number=number),
        }
    )


def offered(partner: Partner, *passages: Passing) -> Message:
    now = datetime.now(UTC)
    return write(
        PassagesBody(passages=passages),
        sender=partner.id,
        recipient="HTI",
        category=Category.CROSSING,
        purpose=Purpose.STAY,
        agreements=partner.mine,
        at=now,
        expires=now + timedelta(days=1),
    )


def test_an_exit_there_and_the_entry_here_are_one_journey(dominican: Partner, entered: str) -> None:
    reconcile.offer()
    (given,) = dominican.got()
    assert isinstance(given.body, PassagesBody)
    (ours,) = given.body.passages
    assert (ours.ref, ours.direction, ours.document.number) == (entered, "entry", "L898902C3")
    now = datetime.now(UTC)
    left = passing("exit", now - timedelta(minutes=20))
    others = (
        passing("exit", now - timedelta(days=1)),  # another day's
        passing("entry", now),  # the same way
        passing("exit", now, "X1"),  # another document
    )
    assert dominican.send(offered(dominican, left, *others)) == "applied"
    answer = dominican.got()[-1].body
    assert isinstance(answer, ReconciledBody)
    assert (answer.matched, set(answer.unmatched)) == ((left.ref,), {one.ref for one in others})
    assert Passage.objects.get(pk=entered).matched == "DOM"
    reconcile.offer(now + timedelta(hours=2))
    assert len([m for m in dominican.got() if isinstance(m.body, PassagesBody)]) == 1  # nothing waits any more


def test_a_passage_whose_other_half_nobody_has_is_asked_about_again_and_then_shown(
    dominican: Partner, entered: str, officer: Callable[..., Officer], signed_in: Callable[[Officer], Client]
) -> None:
    now = datetime.now(UTC)
    reconcile.offer()
    reconcile.offer(now + timedelta(minutes=30))
    assert Outbox.objects.count() == 1
    reconcile.offer(now + reconcile.AGAIN + timedelta(minutes=1))
    assert Outbox.objects.count() == 2
    assert not reconcile.alone("HTI", now)
    Passage.objects.update(at=now - reconcile.LOOK_BACK - timedelta(minutes=1))
    assert [str(row.pk) for row in reconcile.alone("HTI", now)] == [entered]
    page = signed_in(officer(Role.SUPERVISOR)).get("/sharing/").content.decode()
    assert "Passages without their other half" in page


def test_without_a_clause_of_both_nothing_is_offered_and_nothing_is_taken(jamaica: Partner, entered: str) -> None:
    reconcile.offer()
    assert jamaica.got() == []
    assert not Passage.objects.exists()
    with pytest.raises(ExchangeError, match="category_not_covered"):
        offered(jamaica, passing("exit", datetime.now(UTC)))


def test_a_checkpoints_passages_are_its_states_own(dominican: Partner, malpasse: Partner) -> None:
    now = datetime.now(UTC)
    came = passing("entry", now)
    assert malpasse.send(offered(malpasse, came)) == "applied"
    left = passing("exit", now - timedelta(minutes=5))
    assert dominican.send(offered(dominican, left)) == "applied"
    answer = dominican.got()[-1].body
    assert isinstance(answer, ReconciledBody)
    assert answer.matched == (left.ref,)
    assert Passage.objects.get(pk=came.ref).matched == "DOM"
