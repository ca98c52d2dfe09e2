"""Someone at work in one place, told what to do by a line of JSON, answering by one: for the demonstration region.

`python -m fanal.station.sharing.actor` in that place's FANAL_HOME. It calls the same services as the pages.
"""

from __future__ import annotations

import json
import os
import sys
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


def _list_entry(subject: str, purpose: str, days: int, **values: str) -> dict[str, Any]:
    """An entry as two list keepers bring it into force; it goes to partners by itself."""
    from fanal.station.lists import services

    writes, approves = _keepers()
    form = {"reason": "invented", "expires_on": (datetime.now(UTC).date() + timedelta(days=days)).isoformat()} | values
    entry = services.propose(request_id=uuid.uuid4(), officer=writes, watch_list=_list(subject, purpose), values=form)
    services.approve(officer=approves, entry=entry)
    return {"datum": str(entry.pk)}


def _list_many(count: int, state: str, first: int) -> dict[str, Any]:
    for number in range(first, first + count):
        _list_entry(
            "documents", "lost_documents", 300, document_number=f"Z{number:07d}", document_state=state, status="stolen"
        )
    return {"listed": count}


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
    from fanal.station.sharing.models import Step, Thread

    threads = Thread.objects.filter(datum=datum, kind="share", state="gone")
    steps = Step.objects.filter(thread__in=threads, kind="receipt").order_by("created")
    last = {step.thread_id: step.content or {} for step in steps}
    return {"partners": len(last), "reached": sum(int(content.get("reached", 0)) for content in last.values())}


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


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "list_entry": _list_entry,
    "list_many": _list_many,
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
