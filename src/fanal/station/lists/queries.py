"""What the pages on lists and hits show."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from fanal.screening.explain import Reason
from fanal.station.inspections.models import Inspection
from fanal.station.lists import codes
from fanal.station.lists.hits import reasons_of
from fanal.station.lists.models import Cleared, Hit, ListEntry, Redress, Screened, WatchList

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with its reasons in the officer's language, and whether its time is up."""

    hit: Hit
    reasons: list[Reason]
    late: bool
    asked: Any = None  # the newest question to the partner that shares the entry


def lists() -> Any:
    """Every list, with how many entries are in force and how many wait for approval."""
    return WatchList.objects.annotate(
        in_force=Count("entries", filter=Q(entries__state="in_force")),
        proposed=Count("entries", filter=Q(entries__state="proposed")),
    )


def shown(hit: Hit, lang: str) -> ShownHit:
    from fanal.station.sharing.queries import confirmation_of

    asked = confirmation_of(hit.entry.pk) if hit.entry is not None and hit.entry.came_from else None
    late = hit.state in codes.UNSETTLED and hit.due_at < timezone.now()
    return ShownHit(hit, reasons_of(hit, lang), late, asked)


def panel(inspection: Inspection, lang: str) -> dict[str, Any]:
    """What the screen of an inspection shows of lists: the hits, or that nothing was found or asked."""
    hits = inspection.hits.select_related("entry__watch_list", "rule", "holder").order_by("-sure", "at")
    to_compare = any(hit.state in codes.UNSETTLED for hit in hits)
    return {
        "screened": Screened.objects.filter(inspection=inspection).first(),
        "hits": [shown(hit, lang) for hit in hits],
        "to_compare": to_compare,
        # The advice is about the document. Where something is to be compared, the screen does not look settled.
        "advice_shown": "look_again" if to_compare and inspection.advice == "no_objection" else inspection.advice,
    }


def needs_an_officer(inspection: Inspection) -> bool:
    """Whether somebody has to look before this traveller passes: something is to be compared, or was not asked."""
    screened = Screened.objects.filter(inspection=inspection).first()
    return screened is None or bool(screened.problem) or inspection.hits.filter(state__in=codes.UNSETTLED).exists()


def open_hits() -> Any:
    """What nobody has settled yet, the nearest deadline first: this is what one shift leaves to the next."""
    return (
        Hit.objects.filter(state__in=codes.UNSETTLED, inspection__training=False)
        .select_related("entry__watch_list", "rule", "holder", "inspection__lane__point")
        .order_by("due_at")[:200]
    )


def export(watch_list: WatchList) -> Iterator[str]:
    """The entries in force as CSV that can be read in again. No cell is a formula in a spreadsheet."""
    yield _line(
        "ref", "name", "other_names", "born", "sex", "nationality", "place_of_birth", "kind", "document_number", "last",
        "document_state", "document_type", "status", "reason", "expires",
    )  # fmt: skip
    for entry in watch_list.entries.filter(state=ListEntry.State.IN_FORCE).order_by("at", "pk").iterator(500):
        person: dict[str, Any] = entry.person or {}
        names = person.get("names", [])
        about = [
            entry.ref or str(entry.pk), names[0] if names else "", ";".join(names[1:]),
            ";".join(person.get("born", ())),
            person.get("sex", ""), ";".join(person.get("nationalities", ())), person.get("place", ""),
        ]  # fmt: skip
        ends = [entry.reason, entry.expires_on.isoformat()]
        if names and not any(n["last"] for n in entry.numbers):
            first = entry.numbers[0] if entry.numbers else {}
            numbers = ";".join(n["number"] for n in entry.numbers)
            kind = first.get("kind", "document")
            yield _line(
                *about, kind, numbers, "", first.get("state", ""), first.get("type", ""), first.get("status", ""), *ends
            )
        else:
            for n in entry.numbers or [{}]:
                yield _line(
                    *about, *(n.get(k, "") for k in ("kind", "number", "last", "state", "type", "status")), *ends
                )


def _line(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def told_apart(inspections: Iterable[Any]) -> list[dict[str, str]]:
    """Where a person of these inspections was said not to be the listed one: when, by which document, until when."""
    return [
        {
            "at": row.at.isoformat(),
            "issuing_state": row.issuing_state,
            "document_number": row.document_number,
            "until": row.until.isoformat(),
        }
        for row in Cleared.objects.filter(hit__inspection__in=list(inspections)).order_by("at")
    ]


def put_right(inspections: Iterable[Any]) -> list[dict[str, str]]:
    """Mistakes of lists that were put right and had reached one of these inspections."""
    entries = Hit.objects.filter(inspection__in=list(inspections), entry__isnull=False).values("entry")
    return [
        {"at": row.at.isoformat(), "owner": row.entry.watch_list.owner, "why": row.why}
        for row in Redress.objects.filter(entry__in=entries).select_related("entry__watch_list").order_by("at")
    ]
