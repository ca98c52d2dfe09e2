"""Reports: an inspection as JSON (`docs/schemas/inspection-1.json`) and as text for a terminal, in four languages.

The JSON keeps the compared values beside the finished sentences, so that whoever stores it can render its findings in
another language later: `finding_of` makes a `Finding` of one again, and `Catalogue.render` gives its texts.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fanal.documents import Captured, Claim, Evidence, Field, Region
from fanal.inspection.advice import Advice
from fanal.inspection.findings import Finding, FraudKind, Outcome, Severity
from fanal.inspection.inspect import Inspection, worst_first
from fanal.inspection.texts import check_language, label, printable, state_name

SCHEMA: Final = "fanal.inspection/1"

_STATES: Final = (Field.ISSUING_STATE, Field.NATIONALITY)


# --- JSON -------------------------------------------------------------------------------------------------------------


def to_json(inspection: Inspection, lang: str = "en") -> dict[str, Any]:
    """The inspection as `docs/schemas/inspection-1.json` describes it; texts in `lang`.

    Raises:
        TextsError: there are no texts in `lang`.
    """
    check_language(lang)
    subject = inspection.subject
    return {
        "schema": SCHEMA,
        "on": subject.context.on.isoformat(),
        "lang": lang,
        "advice": inspection.advice.value,
        "advice_text": label("advice", inspection.advice.value, lang),
        "advice_next": label("advice_next", inspection.advice.value, lang),
        "profile": subject.profile.id,
        "findings": [_finding(inspection, finding, lang) for finding in inspection.findings],
        "claims": [_claim(claim) for claim in subject.document.claims],
        "mrzs": [
            {
                "format": reading.mrz.format.value,
                "lines": list(reading.mrz.lines),
                "text": list(reading.mrz.text),
                "confidence": reading.confidence,
                "evidence": reading.evidence,
            }
            for reading in subject.mrzs
        ],
        "problems": [{"evidence": p.evidence, "problem": p.problem} for p in subject.problems],
        "evidence": [_evidence(piece) for piece in subject.evidence],
    }


def _finding(inspection: Inspection, finding: Finding, lang: str) -> dict[str, Any]:
    texts = inspection.catalogue.render(finding, lang)
    return {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "clause": finding.clause,
        "reason": finding.reason,
        "seen": finding.seen,
        "expected": finding.expected,
        "values": dict(finding.values),
        "title": texts.title,
        "text": texts.text,
        "what_to_do": texts.what_to_do,
        "regions": [_region(region) for region in finding.regions],
        "fraud_kinds": [kind.value for kind in finding.fraud_kinds],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "field": claim.field.value,
        "value": claim.value,
        "source": claim.source.value,
        "confidence": claim.confidence,
        "region": None if claim.region is None else _region(claim.region),
        "raw": claim.raw,
        "repaired_from": claim.repaired_from,
    }


def _region(region: Region) -> dict[str, Any]:
    return {
        "evidence": region.evidence,
        "polygon": [[round(x, 1), round(y, 1)] for x, y in region.polygon],
        "line": region.line,
        "columns": None if region.columns is None else list(region.columns),
        "part": region.part,
    }


def _evidence(piece: Evidence) -> dict[str, Any]:
    return {
        "sha256": piece.sha256,
        "kind": piece.kind.value,
        "label": piece.label,
        "size": len(piece.content),
        "captured": _captured(piece.captured),
    }


def _captured(captured: Captured) -> dict[str, str | None]:
    return {
        "at": None if captured.at is None else captured.at.isoformat(),
        "place": captured.place,
        "device": captured.device,
        "light": None if captured.light is None else captured.light.value,
    }


def finding_of(data: Mapping[str, Any]) -> Finding:
    """The finding that an entry of `findings` in a report was made of, to be rendered again."""
    return Finding(
        check=data["check"],
        outcome=Outcome(data["outcome"]),
        severity=Severity(data["severity"]),
        clause=data["clause"],
        reason=data["reason"],
        seen=data["seen"],
        expected=data["expected"],
        values=dict(data["values"]),
        regions=tuple(region_of(region) for region in data["regions"]),
        fraud_kinds=tuple(FraudKind(kind) for kind in data["fraud_kinds"]),
    )


def region_of(data: Mapping[str, Any]) -> Region:
    """The region that was written so."""
    columns = data["columns"]
    return Region(
        data["evidence"],
        tuple((float(x), float(y)) for x, y in data["polygon"]),
        data["line"],
        None if columns is None else (columns[0], columns[1]),
        data["part"],
    )


# --- text -------------------------------------------------------------------------------------------------------------

_MARKS: Final = {Outcome.FAILED: "✗", Outcome.UNDETERMINED: "?", Outcome.NOT_DONE: "·", Outcome.PASSED: "✓"}
_RED, _YELLOW, _GREEN, _DIM, _BOLD = "31", "33", "32", "2", "1"
_COLOURS: Final = {
    Outcome.FAILED: _RED,
    Outcome.UNDETERMINED: _YELLOW,
    Outcome.NOT_DONE: _DIM,
    Outcome.PASSED: _GREEN,
    Advice.REFER: _RED,
    Advice.LOOK_AGAIN: _YELLOW,
    Advice.NO_OBJECTION: _GREEN,
}


def to_text(
    inspection: Inspection, lang: str = "en", *, width: int = 100, colour: bool = False, verbose: bool = False
) -> str:
    """The inspection for a terminal of `width` columns: what was read, the findings worst first, and the advice.

    Checks that passed are counted, and named only with `verbose`.

    Raises:
        TextsError: there are no texts in `lang`.
    """
    check_language(lang)
    return "\n".join(_Page(inspection, lang, max(40, width), colour).lines(verbose)) + "\n"


class _Page:
    """One report being written."""

    def __init__(self, inspection: Inspection, lang: str, width: int, colour: bool) -> None:
        self.inspection, self.lang, self.width, self.colour = inspection, lang, width, colour

    def lines(self, verbose: bool) -> Iterator[str]:
        inspection, subject = self.inspection, self.inspection.subject
        advice = inspection.advice
        yield self.heading("read")
        yield from self.evidence()
        yield from self.mrzs()
        yield from self.claims()
        yield ""
        yield self.heading("findings")
        ordered = worst_first(inspection.findings)
        for finding in ordered:
            if finding.outcome in (Outcome.FAILED, Outcome.UNDETERMINED):
                yield from self.finding(finding)
        yield from self.passed([f for f in ordered if f.outcome is Outcome.PASSED], verbose)
        yield from self.not_done([f for f in ordered if f.outcome is Outcome.NOT_DONE], verbose)
        yield ""
        on = self.word("on").format(date=subject.context.on.isoformat())
        painted = self.paint(label("advice", advice.value, self.lang).upper(), _BOLD, _COLOURS[advice])
        yield f"{self.paint(self.word('advice').upper(), _BOLD)}: {painted}   {self.paint(on, _DIM)}"
        yield from self.wrap(label("advice_next", advice.value, self.lang), 2)
        yield from self.wrap(self.word("decides"), 2, _DIM)

    def evidence(self) -> Iterator[str]:
        for piece in self.inspection.subject.evidence:
            kind = label("kind", piece.kind.value, self.lang)
            yield f"  {kind} {printable(piece.label, 60)}  {self.paint('sha256 ' + piece.sha256[:16] + '…', _DIM)}"

    def mrzs(self) -> Iterator[str]:
        for reading in self.inspection.subject.mrzs:
            yield ""
            yield from (f"    {printable(line)}" for line in reading.mrz.text)
            yield from self.wrap(label("format", reading.mrz.format.value, self.lang), 4, _DIM)

    def claims(self) -> Iterator[str]:
        """Field by field, each value once with the sources that state it."""
        fields: dict[Field, dict[str, list[str]]] = {}
        for claim in self.inspection.subject.document.claims:
            shown = state_name(claim.value, self.lang) if claim.field in _STATES else printable(claim.value)
            source = label("source", claim.source.value, self.lang)
            if (sure := round(claim.confidence * 100)) < 100:
                source += f" {sure}%"
            if claim.repaired_from is not None:
                source += ", " + self.word("repaired").format(value=printable(claim.repaired_from))
            sources = fields.setdefault(claim.field, {}).setdefault(shown, [])
            if source not in sources:
                sources.append(source)
        if not fields:
            yield from self.wrap(self.word("nothing_read"), 2)
            return
        yield ""
        names = {field: label("field", field.value, self.lang) for field in fields}
        wide = max(_columns(name) for name in names.values())
        values = max(_columns(value) for by_value in fields.values() for value in by_value)
        values = min(values, max(16, self.width - wide - 24))
        for field, by_value in fields.items():
            name = names[field]
            for value, sources in by_value.items():
                yield f"  {_padded(name, wide)}  {_padded(value, values)}  {self.paint('; '.join(sources), _DIM)}"
                name = ""

    def finding(self, finding: Finding) -> Iterator[str]:
        texts = self.inspection.catalogue.render(finding, self.lang)
        outcome = label("outcome", finding.outcome.value, self.lang)
        severity = label("severity", finding.severity.value, self.lang)
        mark = self.paint(f"{_MARKS[finding.outcome]} {outcome} ({severity})", _BOLD, _COLOURS[finding.outcome])
        yield f"  {mark}  {self.paint(texts.title, _BOLD)}"
        yield from self.wrap(texts.text, 6)
        compared = [
            f"{self.word(name)}: {printable(value)}"
            for name, value in (("seen", finding.seen), ("expected", finding.expected))
            if value
        ]
        if where := "; ".join(dict.fromkeys(filter(None, map(self.where, finding.regions)))):
            compared.append(f"{self.word('where')}: {where}")
        if compared:
            yield from self.wrap(" · ".join(compared), 6)
        if finding.fraud_kinds and finding.outcome is Outcome.FAILED and finding.severity is not Severity.NOTE:
            kinds = ", ".join(label("fraud", kind.value, self.lang) for kind in finding.fraud_kinds)
            yield from self.wrap(f"{self.word('fraud')}: {kinds}", 6)
        yield from self.wrap(f"{finding.clause} · {finding.check}", 6, _DIM)
        if texts.what_to_do:
            yield from self.wrap(f"→ {texts.what_to_do}", 6)

    def where(self, region: Region) -> str:
        if region.line is None:
            return ""
        if region.columns is None:
            return self.word("line").format(line=region.line)
        first, last = region.columns
        word = self.word("column" if first == last else "columns")
        return word.format(line=region.line, first=first, last=last)

    def passed(self, findings: list[Finding], verbose: bool) -> Iterator[str]:
        if findings:
            count = self.word("passed").format(count=len(findings))
            yield f"  {self.paint(f'{_MARKS[Outcome.PASSED]} {count}', _COLOURS[Outcome.PASSED])}"
        if verbose:
            yield from self.titles(findings)

    def not_done(self, findings: list[Finding], verbose: bool) -> Iterator[str]:
        if not findings:
            return
        families = Counter(finding.check.partition(".")[0] for finding in findings)
        shown = ", ".join(f"{label('family', name, self.lang)} {count}" for name, count in families.items())
        more = "" if verbose else f" ({self.word('all_named')})"
        yield from self.wrap(f"{_MARKS[Outcome.NOT_DONE]} {self.word('not_looked_at')}: {shown}{more}", 2, _DIM)
        if verbose:
            yield from self.titles(findings)

    def titles(self, findings: Iterable[Finding]) -> Iterator[str]:
        for finding in findings:
            texts = self.inspection.catalogue.render(finding, self.lang)
            yield from self.wrap(f"{texts.title}: {texts.text}", 6)
            yield from self.wrap(f"{finding.clause} · {finding.check}", 8, _DIM)

    def heading(self, word: str) -> str:
        return self.paint(self.word(word).upper(), _BOLD)

    def word(self, key: str) -> str:
        return label("report", key, self.lang)

    def wrap(self, text: str, indent: int, *codes: str) -> Iterator[str]:
        margin = " " * indent
        wrapped = textwrap.wrap(
            text, self.width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
        )
        return (self.paint(line, *codes) for line in wrapped)

    def paint(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and codes else text


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))
