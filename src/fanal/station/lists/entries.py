"""Entries as JSON in the database, and as values of `fanal.screening`."""

from __future__ import annotations

from typing import Any

from fanal.documents import dates
from fanal.screening import DocumentNumber, Kind, Listed, Person
from fanal.screening.imports import ListedNumber, Row
from fanal.station.lists.models import ListEntry


def person_json(person: Person) -> dict[str, Any]:
    return {
        "names": list(person.names),
        "born": [str(day) for day in person.born],
        "sex": person.sex,
        "nationalities": list(person.nationalities),
        "place": person.place,
        "documents": [[d.number, d.state] for d in person.documents],
    }


def person_of(data: dict[str, Any]) -> Person:
    return Person(
        tuple(data["names"]),
        tuple(dates.parse_iso(day) for day in data["born"]),
        data["sex"],
        tuple(data["nationalities"]),
        data["place"],
        tuple(DocumentNumber(number, state) for number, state in data["documents"]),
    )


def number_json(number: ListedNumber) -> dict[str, str]:
    return {
        "kind": number.kind.value,
        "number": number.number,
        "state": number.state,
        "type": number.type,
        "status": number.status,
        "last": number.last,
    }


def numbers_of(entry: ListEntry) -> list[Listed]:
    return [
        Listed(
            str(entry.watch_list_id),
            str(entry.pk),
            Kind(n["kind"]),
            n["number"],
            n["state"],
            n["type"],
            n["status"],
            n["last"],
        )
        for n in entry.numbers
    ]


def title_of(row: Row) -> str:
    """What an entry is called on a page: its first name, or its first number."""
    if row.person is not None:
        return row.person.names[0][:300]
    first = row.numbers[0]
    return (f"{first.number}-{first.last}" if first.last else first.number)[:300]
