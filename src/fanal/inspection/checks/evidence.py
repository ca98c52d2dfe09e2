"""What was presented: whether it can be read, is of one document, and is all that the model shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fanal.documents import Field, Kind, Source
from fanal.inspection.checks.agreement import Likeness, compare_numbers
from fanal.inspection.checks.common import not_done, passed, regions, undetermined
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.profiles import Profile, Shows
from fanal.inspection.subject import Subject

# What somebody other than the document says.
_OTHERS: Final = (Source.VISA, Source.CARRIER)


# What a document is judged by. Formats that have no such field (an old French identity card) are not asked for it.
_ESSENTIAL: Final = (
    Field.ISSUING_STATE,
    Field.DOCUMENT_NUMBER,
    Field.PRIMARY_IDENTIFIER,
    Field.DATE_OF_BIRTH,
    Field.DATE_OF_EXPIRY,
)


def enough_read(subject: Subject) -> Result:
    missing = [name for name in _ESSENTIAL if subject.value(name) is None and not _may_lack(subject, name)]
    return undetermined(fields=",".join(name.value for name in missing)) if missing else passed()


def _may_lack(subject: Subject, name: Field) -> bool:
    """Whether every MRZ read has no such field, or has it empty: that is for the checks of the MRZ to judge."""
    elements = [reading.mrz.get(name) for reading in subject.mrzs]
    return bool(elements) and all(element is None or element.value == "" for element in elements)


def legible(subject: Subject) -> Result:
    if not subject.evidence and not subject.problems:
        return not_done()
    if not subject.problems:
        return passed()
    found = list(dict.fromkeys(problem.problem for problem in subject.problems))
    return undetermined(seen=None, problem=",".join(found))


def one_document(subject: Subject) -> Result:
    claims = [
        c
        for c in subject.document.find_all(Field.DOCUMENT_NUMBER)
        if c.value and c.source not in _OTHERS and c.source is not Source.OFFICER
    ]
    # Two zones of one kind with two numbers are two documents. One number that two sources of a document read
    # differently is a question of agreement.
    for source in dict.fromkeys(c.source for c in claims):
        of_source = [c for c in claims if c.source is source]
        first = of_source[0]
        for other in of_source[1:]:
            if compare_numbers(first.value, other.value).likeness is Likeness.DIFFERENT:
                seen = ", ".join(dict.fromkeys(c.value for c in of_source))
                return Result(Outcome.FAILED, seen=seen, expected="1", regions=regions(first, other))
    return passed(*claims[:1], seen=claims[0].value) if claims else not_done()


def _presented(
    source: Source, expected: Callable[[Profile], Shows], kinds: tuple[Kind, ...]
) -> Callable[[Subject], Result]:
    def presented(subject: Subject) -> Result:
        profile = subject.profile
        values = {"profile": profile.id}
        present = any(c.source is source for c in subject.document.claims) or any(
            e.kind in kinds for e in subject.evidence
        )
        shows = expected(profile)
        if present:
            if shows is Shows.NEVER:
                return Result(Outcome.FAILED, "unexpected", values=values, severity=Severity.SERIOUS)
            return passed(**values)
        if shows is not Shows.ALWAYS:
            return not_done(**values)
        if source is Source.VIZ:
            pictured = any(e.kind is Kind.PICTURE for e in subject.evidence)
            return undetermined(**values) if pictured else not_done("no_picture", **values)
        return Result(Outcome.FAILED, values=values)

    return presented


# What every visual zone shows and an MRZ repeats: where only one was read, nothing was compared.
_COMPARED: Final = (Field.DOCUMENT_NUMBER, Field.PRIMARY_IDENTIFIER, Field.DATE_OF_BIRTH, Field.DATE_OF_EXPIRY)


def visual_zone_whole(subject: Subject) -> Result:
    typed = {e.sha256 for e in subject.evidence if e.kind is Kind.OBSERVATION}
    seen = [c for c in subject.document.claims if c.source is Source.VIZ and c.value]
    seen = [c for c in seen if c.region is None or c.region.evidence not in typed]
    if not seen:
        return not_done()
    told = {c.field for c in subject.document.claims if c.value and c.source in (Source.MRZ, Source.CHIP)}
    missing = [name for name in _COMPARED if name in told and all(c.field is not name for c in seen)]
    return undetermined(fields=",".join(name.value for name in missing)) if missing else passed()


_ABSENT: Final = (FraudKind.COUNTERFEIT, FraudKind.FORGERY)

CHECKS: Final = (
    Check("evidence.enough_read", "ICAO Doc 9303-4, 9303-5 and 9303-6, 4.1.1.1", Severity.SERIOUS, enough_read),
    Check("evidence.legible", "ICAO Doc 9303-3, 4.2 and 4.11", Severity.CONCERN, legible),
    Check(
        "evidence.one_document",
        "ICAO Doc 9303-4, 4.1.1.1 (05/I)",
        Severity.CONCERN,
        one_document,
        (FraudKind.PAGE_SUBSTITUTION,),
    ),
    Check(
        "evidence.visual_zone_presented",
        "ICAO Doc 9303-4, 3.2.4; profile of the model",
        Severity.CONCERN,
        _presented(Source.VIZ, lambda p: p.viz, ()),
        _ABSENT,
    ),
    Check(
        "evidence.visual_zone_whole",
        "ICAO Doc 9303-4, 9303-5, 9303-6 and 9303-7, 4.1.1.1",
        Severity.CONCERN,
        visual_zone_whole,
    ),
    Check(
        "evidence.chip_presented",
        "ICAO Doc 9303-9; profile of the model",
        Severity.CONCERN,
        _presented(Source.CHIP, lambda p: p.chip, (Kind.CHIP_FILE,)),
        _ABSENT,
    ),
    Check(
        "evidence.seal_presented",
        "ICAO Doc 9303-13; profile of the model",
        Severity.CONCERN,
        _presented(Source.SEAL, lambda p: p.seal, (Kind.SEAL,)),
        _ABSENT,
    ),
)
