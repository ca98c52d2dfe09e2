"""An inspection as a page shows it, in the reader's language; and what machines delivered that waits for an officer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from fanal.documents import Kind, Region
from fanal.inspection import Finding, RenderedFinding, finding_of, label, worst_first
from fanal.inspection.texts import printable, show, state_name
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import checks
from fanal.station.places.models import Lane

_STATE_FIELDS = ("issuing_state", "nationality")
_SOURCES = ("chip", "mrz", "seal", "viz", "visa", "carrier", "officer")
# The document first, then its holder; what is not named here follows.
_ORDER = (
    "primary_identifier",
    "secondary_identifier",
    "date_of_birth",
    "sex",
    "nationality",
    "document_code",
    "issuing_state",
    "document_number",
    "date_of_issue",
    "date_of_expiry",
)
# What a machine delivered and nobody took up is no longer of the traveller who stands here.
WAITING = timedelta(minutes=15)
# For how long a chip is asked for: by then the traveller has gone, or the document has none.
CHIP_ASKED = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its texts, its number among the open ones (0: it is not), and where it shows in the evidence."""

    finding: Finding
    texts: RenderedFinding
    number: int
    where: str

    @property
    def regions(self) -> tuple[Region, ...]:
        return self.finding.regions


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of the document: each value once, with the sources that state it."""

    field: str
    label: str
    values: tuple[tuple[str, str], ...]  # (value, sources)

    @property
    def agree(self) -> bool:
        return len(self.values) == 1


@dataclass(frozen=True, slots=True)
class Outline:
    """A polygon to draw over a picture: of which finding, and its corners as SVG takes them."""

    number: int
    points: str
    x: float
    y: float


def findings(inspection: Inspection, lang: str) -> list[ShownFinding]:
    """Every finding, worst first. Those that failed or stayed open are numbered."""
    used = checks()
    shown = []
    number = 0
    for finding in worst_first([finding_of(data) for data in inspection.report["findings"]]):
        open_ = finding.outcome in ("failed", "undetermined")
        number += open_
        shown.append(
            ShownFinding(finding, used.render(finding, lang), number if open_ else 0, _where(finding.regions, lang))
        )
    return shown


def fields(inspection: Inspection, lang: str) -> list[ShownField]:
    """What the document says, field by field, each source beside the others."""
    by_field: dict[str, dict[str, str]] = {}
    for claim in inspection.report["claims"]:
        by_field.setdefault(claim["field"], {}).setdefault(claim["source"], claim["value"])
    names = [*(f for f in _ORDER if f in by_field), *(f for f in by_field if f not in _ORDER)]
    shown = []
    for field in names:
        values: dict[str, list[str]] = {}
        for source in _SOURCES:
            if value := by_field[field].get(source):
                values.setdefault(_value(field, value, lang), []).append(label("source", source, lang))
        if values:
            rows = tuple((value, ", ".join(sources)) for value, sources in values.items())
            shown.append(ShownField(field, label("field", field, lang), rows))
    return shown


def outlines(shown: Iterable[ShownFinding], sha256: str) -> list[Outline]:
    """What to draw over the picture with this digest."""
    drawn = []
    for one in shown:
        for region in one.regions:
            if one.number and region.evidence == sha256 and region.polygon:
                points = " ".join(f"{x:g},{y:g}" for x, y in region.polygon)
                x, y = min(region.polygon, key=lambda p: p[0] + p[1])
                drawn.append(Outline(one.number, points, x, y))
    return drawn


def waiting(lane: Lane) -> QuerySet[Inspection]:
    """What readers and gates delivered at this lane and no officer has taken up yet, latest first."""
    since = timezone.now() - WAITING
    return Inspection.objects.filter(
        lane=lane, officer=None, at__gte=since, crossings=None, taken=None, training=False
    ).order_by("-at")


def later(inspection: Inspection) -> Inspection | None:
    """The newest inspection that looked at this one's evidence again, together with more."""
    return inspection.followed_by.order_by("-at").first()


def chip_wanted(lane: Lane) -> tuple[Inspection, list[str]] | None:
    """The newest inspection at the lane and its MRZ, if its chip was not read and nobody has decided yet."""
    newest = Inspection.objects.filter(lane=lane, at__gte=timezone.now() - CHIP_ASKED).order_by("-at").first()
    if newest is None or newest.crossings.exists() or newest.evidence.filter(kind=Kind.CHIP_FILE.value).exists():
        return None
    zones = newest.report.get("mrzs") or []
    return (newest, [str(line) for line in zones[0]["lines"]]) if zones else None


def _value(field: str, value: str, lang: str) -> str:
    return state_name(value, lang) if field in _STATE_FIELDS else show("value", value, lang)


def _where(regions: Iterable[Region], lang: str) -> str:
    """ "line 2, columns 1 to 9", for what has no picture to draw it over."""
    places = []
    for region in regions:
        if region.line is None:
            continue
        values: dict[str, Any] = {"line": region.line}
        word = "line"
        if region.columns is not None:
            values["first"], values["last"] = region.columns
            word = "column" if region.columns[0] == region.columns[1] else "columns"
        places.append(label("report", word, lang).format(**values))
    return "; ".join(dict.fromkeys(places))


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of an MRZ line that belong together: in the same open findings, or in none."""

    text: str
    numbers: tuple[int, ...]


def zones(inspection: Inspection, shown: Iterable[ShownFinding]) -> list[list[list[Run]]]:
    """The machine readable zones as read; in each line, what the open findings speak of."""
    marks = [
        (region.evidence, region.line, region.columns, one.number)
        for one in shown
        for region in one.regions
        if one.number and region.line is not None and region.columns is not None
    ]
    return [
        [_runs(printable(line), n, zone["evidence"], marks) for n, line in enumerate(zone["lines"], 1)]
        for zone in inspection.report.get("mrzs", ())
    ]


def _runs(
    line: str, number: int, evidence: str, marks: Iterable[tuple[str, int | None, tuple[int, int] | None, int]]
) -> list[Run]:
    of: list[list[int]] = [[] for _ in line]
    for digest, at, columns, finding in marks:
        if digest == evidence and at == number and columns is not None:
            for column in range(max(columns[0], 1), min(columns[1], len(line)) + 1):
                if finding not in of[column - 1]:
                    of[column - 1].append(finding)
    runs: list[Run] = []
    for character, numbers in zip(line, of, strict=True):
        if runs and runs[-1].numbers == tuple(numbers):
            runs[-1] = Run(runs[-1].text + character, runs[-1].numbers)
        else:
            runs.append(Run(character, tuple(numbers)))
    return runs
