"""Someone at work in one place, told what to do by a line of JSON, answering by one: for the demonstration region.

`python -m fanal.station.sharing.actor` in that place's FANAL_HOME. It calls the same services as the pages.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fanal.station.processes import die_with_parent


def _keepers() -> tuple[Any, Any]:
    """Two list keepers: one writes, another approves."""
    from fanal.station.accounts.models import Grant, Officer
    from fanal.station.accounts.permissions import Role

    made = []
    for name in ("keeper-a", "keeper-b"):
        one = Officer.objects.filter(username=name).first()
        if one is None:
            one = Officer.objects.create_officer(name, None, name=name)
            Grant.objects.create(officer=one, role=Role.LIST_KEEPER)
        made.append(one)
    return made[0], made[1]


def _list(subject: str, purpose: str) -> Any:
    from fanal.station.lists.models import WatchList
    from fanal.station.lists.services import make_list

    if (there := WatchList.objects.filter(name=f"{subject} {purpose}").first()) is not None:
        return there
    values = {
        "name": f"{subject} {purpose}",
        "subject": subject,
        "owner": "invented",
        "legal_basis": "invented",
        "action": "refer_to_secondary",
        "sharing": "given",
        "expires_on": (datetime.now(UTC).date() + timedelta(days=3650)).isoformat(),
    }
    return make_list(officer=_keepers()[0], values=values, purposes=[purpose], handling=[])


def _proposed(subject: str, purpose: str, days: int, **values: str) -> Any:
    from fanal.station.lists import services

    form = {"reason": "invented", "expires_on": (datetime.now(UTC).date() + timedelta(days=days)).isoformat()} | values
    made = _list(subject, purpose)
    return services.propose(request_id=uuid.uuid4(), officer=_keepers()[0], watch_list=made, values=form)


def _list_entry(subject: str, purpose: str, days: int, **values: str) -> dict[str, Any]:
    """An entry as two list keepers bring it into force; it goes to partners by itself."""
    from fanal.station.lists import services

    entry = _proposed(subject, purpose, days, **values)
    services.approve(officer=_keepers()[1], entry=entry)
    return {"datum": str(entry.pk)}


def _lost(state: str, number: int) -> dict[str, str]:
    return {"document_number": f"Z{number:07d}", "document_state": state, "status": "stolen"}


def _list_many(count: int, state: str, first: int) -> dict[str, Any]:
    for number in range(first, first + count):
        _list_entry("documents", "lost_documents", 300, **_lost(state, number))
    return {"listed": count}


def _list_paced(rate: int, seconds: int, state: str, first: int) -> dict[str, Any]:
    """Entries that are proposed, and then approved, so many a second; the moment of each."""
    from fanal.station.lists import services

    proposed = [_proposed("documents", "lost_documents", 300, **_lost(state, first + n)) for n in range(rate * seconds)]
    approves, at = _keepers()[1], {}
    began = time.time()
    for number, entry in enumerate(proposed):
        time.sleep(max(0.0, began + number / rate - time.time()))
        at[str(entry.pk)] = time.time()
        services.approve(officer=approves, entry=entry)
    return {"at": at}


def _held_at(owner: str) -> dict[str, Any]:
    """When the register here took each datum of an owner."""
    from fanal.station.sharing.models import Datum

    return {"at": {str(row.pk): row.created.timestamp() for row in Datum.objects.filter(owner=owner)}}


def _hold_many(owner: str, count: int) -> dict[str, Any]:
    """Data of a partner's as its notices would have brought them, straight into this hub's register."""
    from django.db import transaction

    from fanal.exchange import Handling, Purpose
    from fanal.exchange.messages import LostDocument
    from fanal.station.sharing import place, register
    from fanal.station.sharing.agreed import agreements

    now = datetime.now(UTC)
    agreement = agreements(place.get().id).between(owner)[0]
    for start in range(0, count, 1000):
        with transaction.atomic():
            register.hold(
                [
                    register.Held(
                        uuid.uuid4(),
                        LostDocument(issuing_state=owner, number=f"Y{n:07d}", status="stolen", reported=now.date()),
                        owner,
                        Purpose.BORDER_CHECK,
                        (Handling.CONFIRM_FIRST, Handling.NO_THIRD_PARTY),
                        now + timedelta(days=300),
                        agreement.id,
                        "1.1",
                    )
                    for n in range(start, min(start + 1000, count))
                ],
                now,
            )
    return {}


def _ask_many(partner: str, state: str, number: str, count: int) -> dict[str, Any]:
    took, hits = [], 0
    for _ in range(count):
        began = time.perf_counter()
        hits += _ask(partner, state, number)["result"] == "hit"
        took.append(time.perf_counter() - began)
    return {"took": took, "hits": hits}


def _bulletin(name: str, condition: str) -> dict[str, Any]:
    """A bulletin that is written, tried and switched on here, and given to partners."""
    from fanal.station.lists import services
    from fanal.station.sharing.given import share_bulletin

    writes, approves = _keepers()
    values = {
        "name": name,
        "condition": condition,
        "purpose": "lost_documents",
        "look_at": "the number",
        "fraud": "counterfeit",
        "expires_on": (datetime.now(UTC).date() + timedelta(days=90)).isoformat(),
    }
    rule = services.write_rule(request_id=uuid.uuid4(), officer=writes, kind="bulletin", values=values)
    services.switch_on(officer=approves, rule=services.try_rule(officer=writes, rule=rule, days=30))
    rule.refresh_from_db()
    return {"datum": str(share_bulletin(rule, approves).pk)}


def _use_bulletin(datum: str) -> dict[str, Any]:
    """A partner's bulletin is tried on our own travellers, and switched on."""
    from fanal.station.lists import services
    from fanal.station.lists.models import Rule

    officer = _keepers()[0]
    rule = services.try_rule(officer=officer, rule=Rule.objects.get(pk=datum), days=30)
    return {"state": services.switch_on(officer=officer, rule=rule).state}


def _look(state: str, number: str) -> dict[str, Any]:
    from fanal.screening.documents import find_document
    from fanal.station.lists import index
    from fanal.station.lists.models import ListEntry

    found = find_document(index.opened().numbers, number, state=state)
    if not found:
        return {"found": None}
    row = ListEntry.objects.get(pk=found[0].entry.ref)
    return {"found": {"datum": str(row.pk), "owner": row.came_from, "status": found[0].entry.status}}


def _holds(datum: str) -> dict[str, Any]:
    from fanal.station.sharing.models import Datum

    row = Datum.objects.filter(pk=datum).first()
    return {"holds": row is not None and row.gone is None, "version": row.version if row else 0}


def _count(owner: str) -> dict[str, Any]:
    """How many lost documents of `owner` the register holds, and how many can be found in the index."""
    from fanal.station.lists.models import ListEntry
    from fanal.station.sharing.models import Datum, Inbox

    return {
        "held": Datum.objects.filter(owner=owner, category="lost_document", gone__isnull=True).count(),
        "listed": ListEntry.objects.filter(came_from=owner, state="in_force", indexed=True).count(),
        "twice": Inbox.objects.count() - Inbox.objects.values("partner", "message").distinct().count(),
    }


def _confirm(datum: str) -> dict[str, Any]:
    from fanal.station.sharing import services

    sent = services.ask_to_confirm(
        uuid.UUID(datum),
        within=timedelta(minutes=15),
        compared=("document_number", "date_of_birth", "photo"),
        at=datetime.now(UTC),
        actor="demo",
    )
    return {"thread": sent.thread}


def _asked() -> dict[str, Any]:
    from fanal.station.sharing import place
    from fanal.station.sharing.models import Thread

    us = place.get().id
    row = Thread.objects.filter(kind="confirm", state="open").exclude(opener=us).order_by("-opened").first()
    return {"thread": str(row.pk) if row else None}


def _answer(thread: str, confirmed: bool) -> dict[str, Any]:
    from fanal.station.sharing import services

    services.answer_confirmation(
        uuid.UUID(thread), confirmed=confirmed, reason="same", at=datetime.now(UTC), actor="demo"
    )
    return {}


def _thread(thread: str) -> dict[str, Any]:
    from fanal.station.sharing.models import Thread

    row = Thread.objects.filter(pk=thread).first()
    return {"state": row.state if row else ""}


def _redress(datum: str) -> dict[str, Any]:
    """An entry was a mistake: it is put right here and with everyone who was given it."""
    from fanal.station.lists import services
    from fanal.station.lists.models import ListEntry

    entry = ListEntry.objects.get(pk=datum)
    services.redress(request_id=uuid.uuid4(), officer=_keepers()[1], entry=entry, why="mistaken")
    return {}


def _receipts(datum: str) -> dict[str, Any]:
    """How many copies the partners say that a withdrawal or correction reached."""
    from fanal.station.sharing.models import Thread

    reached = list(Thread.objects.filter(datum=datum, kind="share", state="gone").values_list("reached", flat=True))
    return {"partners": len(reached), "reached": sum(reached)}


def _ask(partner: str, state: str, number: str) -> dict[str, Any]:
    from fanal.exchange import Category, Purpose
    from fanal.exchange.messages import DocumentRef, QuestionBody
    from fanal.station.sharing.asking import ask

    answer = ask(
        QuestionBody(document=DocumentRef(issuing_state=state, number=number)),
        partner=partner,
        category=Category.LOST_DOCUMENT,
        purpose=Purpose.BORDER_CHECK,
        actor="demo",
    )
    return {"result": answer.result}


def _officers() -> dict[str, Any]:
    from fanal.station import demo

    demo.make_places()
    return {"passwords": demo.make_officers(renew=True)}


def _verify() -> dict[str, Any]:
    from fanal.station.journal import keys
    from fanal.station.journal.models import Head
    from fanal.station.journal.services import verify

    size = Head.objects.values_list("size", flat=True).first() or 0
    return {"problems": [f"{p.code} {p.at}" for p in verify(keys.verifiers())], "entries": size}


def _partners() -> dict[str, Any]:
    from fanal.station.sharing import place
    from fanal.station.sharing.agreed import agreements

    return {"count": len(agreements(place.get().id).partners(datetime.now(UTC).date()))}


def _init(id: str, name: str, port: int, leaf_port: int) -> dict[str, Any]:  # noqa: A002 - the standard word
    from fanal.exchange import fingerprint
    from fanal.station.sharing import pairing, place

    now = datetime.now(UTC)
    made = place.make(id=id, name=name, host="127.0.0.1", port=port, leaf_port=leaf_port, at=now)
    return {"fingerprint": fingerprint(pairing.party(made, now).keys)}


def _invite(partner: str) -> dict[str, Any]:
    from fanal.station.sharing import pairing, place

    now = datetime.now(UTC)
    terms = pairing.usual_terms(place.get().id, partner, now.date())
    return {"file": pairing.invite(partner, terms, at=now, actor="demo").decode()}


def _accept(file: str, fingerprint: str) -> dict[str, Any]:
    from fanal.station.sharing import pairing

    _, mark = pairing.preview(file.encode())
    if mark != fingerprint:
        raise ValueError("the fingerprints differ")
    _, answer = pairing.accept(file.encode(), at=datetime.now(UTC), actor="demo")
    return {"file": answer.decode() if answer else ""}


def _roll() -> dict[str, Any]:
    from fanal.station.sharing import changes, place

    old = place.keys()[0].sign.thumbprint()
    return {"new": changes.roll(at=datetime.now(UTC), actor="demo").sign.thumbprint(), "old": old}


def _revoke(kid: str) -> dict[str, Any]:
    from fanal.station.sharing import changes

    return {"told": changes.revoke(kid, at=datetime.now(UTC), actor="demo")}


def _keys() -> dict[str, Any]:
    from fanal.station.sharing import place, queries

    return {"keys": queries.our_keys(place.get())}


def _leave(partner: str) -> dict[str, Any]:
    from fanal.station.sharing import changes

    return changes.leave(partner, at=datetime.now(UTC), actor="demo").model_dump()


def _replace(post: str) -> dict[str, Any]:
    from fanal.station.sharing import changes, pairing, place

    now = datetime.now(UTC)
    terms = pairing.usual_terms(place.get().id, post, now.date())
    return {"file": changes.replace_post(post, terms, at=now, actor="demo").decode()}


def _noted(action: str) -> dict[str, Any]:
    """What stands on the record about one kind of event, the newest last."""
    from fanal.station.journal.models import Entry

    rows = Entry.objects.filter(action=action).order_by("index").values_list("body", flat=True)
    return {"noted": [json.loads(body)["data"] for body in rows]}


def _refused() -> dict[str, Any]:
    from fanal.station.sharing.models import Inbox

    return {"codes": sorted(Inbox.objects.exclude(outcome="applied").values_list("code", flat=True))}


def _data(owner: str) -> dict[str, Any]:
    from fanal.station.sharing.models import Datum

    ids = Datum.objects.filter(owner=owner, gone__isnull=True).values_list("pk", flat=True)
    return {"ids": sorted(str(one) for one in ids)}


def _passed(partner: str) -> dict[str, Any]:
    """The ids of the messages that, by this place's record, went to a partner and came from it."""
    from fanal.station.journal.models import Entry

    found: dict[str, list[str]] = {"sent": [], "received": []}
    side = {"sent": "to", "received": "from"}
    for way, ids in found.items():
        rows = Entry.objects.filter(action=f"exchange_{way}").values_list("subject", "body")
        ids += sorted(subject for subject, body in rows if json.loads(body)["data"][side[way]] == partner)
    return dict(found)


def _heads() -> dict[str, Any]:
    from fanal.station.sharing.models import Thread

    return {"not_cosigned": Thread.objects.filter(kind="heads", state="not_cosigned").count()}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "list_entry": _list_entry,
    "list_many": _list_many,
    "list_paced": _list_paced,
    "held_at": _held_at,
    "hold_many": _hold_many,
    "ask_many": _ask_many,
    "bulletin": _bulletin,
    "use_bulletin": _use_bulletin,
    "look": _look,
    "holds": _holds,
    "count": _count,
    "confirm": _confirm,
    "asked": _asked,
    "answer": _answer,
    "thread": _thread,
    "redress": _redress,
    "receipts": _receipts,
    "ask": _ask,
    "verify": _verify,
    "officers": _officers,
    "init": _init,
    "invite": _invite,
    "accept": _accept,
    "partners": _partners,
    "roll": _roll,
    "revoke": _revoke,
    "keys": _keys,
    "leave": _leave,
    "replace": _replace,
    "noted": _noted,
    "refused": _refused,
    "data": _data,
    "passed": _passed,
    "heads": _heads,
}


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = COMMANDS[order.pop("do")](**order)
        except Exception as error:  # noqa: BLE001 - the one who gave the order is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    die_with_parent()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    django.setup()
    main()
