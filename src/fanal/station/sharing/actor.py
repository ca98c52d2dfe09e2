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


def _share(purpose: str, days: int, **datum: Any) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from fanal.exchange import Handling, Purpose
    from fanal.exchange.messages import Datum as DatumModel
    from fanal.station.sharing import services

    now = datetime.now(UTC)
    made: Any = TypeAdapter(DatumModel).validate_json(json.dumps(datum))
    row = services.share(
        made,
        purpose=Purpose(purpose),
        at=now,
        expires=now + timedelta(days=days),
        actor="demo",
        request_id=uuid.uuid4(),
        handling=(Handling.NO_THIRD_PARTY, Handling.CONFIRM_FIRST),
    )
    return {"datum": str(row.pk)}


def _share_many(count: int, state: str, first: int) -> dict[str, Any]:
    for number in range(first, first + count):
        _share(
            "border_check",
            30,
            type="lost_document",
            issuing_state=state,
            number=f"Z{number:07d}",
            status="stolen",
            reported=datetime.now(UTC).date().isoformat(),
        )
    return {"shared": count}


def _look(state: str, number: str) -> dict[str, Any]:
    from fanal.station.sharing.queries import numbers

    found = numbers("document", state, number).select_related("datum").first()
    if found is None:
        return {"found": None}
    row = found.datum
    return {"found": {"datum": str(row.pk), "owner": row.owner, "status": row.body["status"], "handling": row.handling}}


def _holds(datum: str) -> dict[str, Any]:
    from fanal.station.sharing.models import Datum

    row = Datum.objects.filter(pk=datum).first()
    return {"holds": row is not None and row.gone is None, "version": row.version if row else 0}


def _count(state: str) -> dict[str, Any]:
    from fanal.station.sharing.models import Inbox, Number

    return {
        "numbers": Number.objects.filter(state=state, first__startswith="Z").count(),
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


def _withdraw(datum: str) -> dict[str, Any]:
    from fanal.station.sharing import services

    return {"given_to": services.withdraw(uuid.UUID(datum), reason="mistaken", at=datetime.now(UTC), actor="demo")}


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
    "share": _share,
    "share_many": _share_many,
    "look": _look,
    "holds": _holds,
    "count": _count,
    "confirm": _confirm,
    "asked": _asked,
    "answer": _answer,
    "thread": _thread,
    "withdraw": _withdraw,
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
