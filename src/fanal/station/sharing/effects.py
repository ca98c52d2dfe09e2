"""What shared data do here: partners' reports and alerts are screened, bulletins wait to be switched on.

Certificates wait too: the trust keeper imports them (`views.import_trust`), as they would a file.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from fanal.documents.dates import DateError, PartialDate, parse_iso
from fanal.exchange import ExchangeError, Handling, Purpose
from fanal.exchange.messages import Alert, Bulletin, DocumentRef, LostDocument, Name, Thing
from fanal.screening import DocumentNumber, Kind, Person
from fanal.screening.imports import ListedNumber
from fanal.station.errors import Refusal
from fanal.station.lists import partners
from fanal.station.lists.models import ListEntry, Rule
from fanal.station.sharing.models import Datum

_PURPOSES: Final = {
    "border_control": Purpose.BORDER_CHECK,
    "lost_documents": Purpose.BORDER_CHECK,
    "wanted": Purpose.WANTED_PERSON,
    "missing_person": Purpose.MISSING_PERSON,
    "child_protection": Purpose.CHILD_PROTECTION,
    "customs": Purpose.SMUGGLING,
}
_ALERTS: Final = {
    "wanted": "wanted",
    "missing_person": "missing_person",
    "child_protection": "child_at_risk",
}


def take(pairs: Sequence[tuple[Datum, Any]]) -> None:
    """Data of partners' take effect, or as they should have been. Ours have: they come from our lists.

    Raises:
        ExchangeError: `bulletin_form`.
    """
    theirs = [(row, datum) for row, datum in pairs if row.agreement is not None]
    partners.hold([_foreign(row, datum) for row, datum in theirs if isinstance(datum, LostDocument | Alert)])
    for row, datum in theirs:
        if isinstance(datum, Bulletin):
            try:
                partners.hold_bulletin(id=row.pk, partner=row.owner, values=_bulletin(datum.pattern, row))
            except (Refusal, KeyError, TypeError, ValueError):
                raise ExchangeError("bulletin_form", str(row.pk)) from None


def end(rows: Sequence[Datum], why: str) -> None:
    """And end, with every hit that came of them."""
    theirs = [row for row in rows if row.agreement is not None]
    partners.end([row.pk for row in theirs if row.category in ("lost_document", "alert")], reason=why)
    partners.end_bulletin([row.pk for row in theirs if row.category == "bulletin"])


def _foreign(row: Datum, datum: LostDocument | Alert) -> partners.Foreign:
    expires = row.expires.date()
    if isinstance(datum, LostDocument):
        number = ListedNumber(
            Kind.DOCUMENT, datum.number, datum.issuing_state, datum.document_code[:1], datum.status, datum.last or ""
        )
        return partners.Foreign(
            row.pk,
            row.owner,
            "documents",
            None,
            (number,),
            datum.status,
            row.clause or "–",
            expires,
            expires,
        )
    numbers = tuple(ListedNumber(Kind.DOCUMENT, one.number, one.issuing_state) for one in datum.documents)
    person = None
    if datum.names:
        person = Person(
            full_names(datum.names),
            born(datum.date_of_birth),
            datum.sex,
            (datum.nationality,) if datum.nationality else (),
            "",
            tuple(DocumentNumber(one.number, one.issuing_state) for one in datum.documents),
        )
    if datum.thing is not None:
        numbers += (ListedNumber(Kind(datum.thing.kind), datum.thing.number, datum.thing.state),)
    subject = "persons" if person else "things" if datum.thing else "documents"
    return partners.Foreign(
        row.pk,
        row.owner,
        subject,
        person,
        numbers,
        f"{datum.kind} · {datum.action} · {datum.legal_basis}",
        datum.legal_basis,
        min(datum.review, expires),
        expires,
    )


def full_names(names: Iterable[Name]) -> tuple[str, ...]:
    """Names as they are screened: given names first, in one text."""
    return tuple(" ".join(filter(None, (one.secondary, one.primary)))[:300] for one in names)


def born(text: str | None) -> tuple[PartialDate, ...]:
    """A birth date as it was given, where there is such a day."""
    try:
        return (parse_iso(text),) if text else ()
    except DateError:
        return ()  # a day that there is not: it says nothing


def _bulletin(pattern: dict[str, object], row: Datum) -> dict[str, Any]:
    expires = min(date.fromisoformat(str(pattern["expires_on"])), row.expires.date())
    return {
        "name": str(pattern["name"])[:80],
        "condition": str(pattern["condition"]),
        "purpose": "border_control",
        "look_at": str(pattern.get("look_at", ""))[:4000],
        "fraud": str(pattern.get("fraud", ""))[:32],
        "review_on": expires,
        "expires_on": expires,
    }


# --- ours, as partners get it ----------------------------------------------------------------------------------------


def datum_of(entry: ListEntry) -> LostDocument | Alert:
    """An entry of ours as it is shared."""
    listed = entry.watch_list
    first = entry.numbers[0] if entry.numbers else {}
    if listed.subject == "documents" and len(entry.numbers) == 1 and first["state"]:
        return LostDocument(
            issuing_state=first["state"],
            document_code=first["type"][:2].upper(),
            number=_plain(first["number"]),
            last=_plain(first["last"]) or None,
            status=first["status"] or "lost",
            reported=entry.at.date(),
        )
    person = entry.person or {}
    documents = [n for n in entry.numbers if n["kind"] == "document" and n["state"]]
    documents += [{"number": number, "state": state} for number, state in person.get("documents", ()) if state]
    thing = next((n for n in entry.numbers if n["kind"] != "document"), None)
    kind = next((_ALERTS[code] for code in listed.purposes if code in _ALERTS), "specific_check")
    return Alert(
        kind="thing" if thing and not person else kind,  # type: ignore[arg-type]
        names=tuple(Name(primary=name[:120]) for name in person.get("names", ())[:20]),
        date_of_birth=next(iter(person.get("born", ())), None),
        sex=person.get("sex", ""),
        nationality=next(iter(person.get("nationalities", ())), ""),
        documents=tuple(DocumentRef(issuing_state=n["state"], number=_plain(n["number"])) for n in documents[:20]),
        thing=Thing(kind=thing["kind"], number=thing["number"][:40], state=thing["state"]) if thing else None,
        action=listed.action,
        legal_basis=listed.legal_basis[:200],
        review=entry.review_on,
    )


def pattern_of(rule: Rule) -> dict[str, object]:
    """A bulletin of ours as it is shared."""
    return {
        "name": rule.name,
        "condition": rule.condition,
        "look_at": rule.look_at,
        "fraud": rule.fraud,
        "expires_on": rule.expires_on.isoformat(),
    }


def purpose_of(entry: ListEntry) -> Purpose:
    return next((_PURPOSES[code] for code in entry.watch_list.purposes if code in _PURPOSES), Purpose.BORDER_CHECK)


def handling_of(entry: ListEntry) -> tuple[Handling, ...]:
    discreet = {"discreet", "do_not_tell"} & set(entry.watch_list.handling)
    return (Handling.NO_THIRD_PARTY, Handling.CONFIRM_FIRST, *((Handling.DISCREET,) if discreet else ()))


def _plain(number: str) -> str:
    return "".join(filter(str.isalnum, number.upper()))


def datum_by_id(id: uuid.UUID) -> LostDocument | Alert | None:  # noqa: A002 - the standard word
    """An entry of ours that partners may ask about, as they would get it."""
    entry = partners.may_be_asked().select_related("watch_list").filter(pk=id).first()
    return None if entry is None else datum_of(entry)
