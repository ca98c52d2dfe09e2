"""The machine readable zone in itself (ICAO Doc 9303-3, 4; data structures in 9303-4 to 9303-7, 4.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from fanal.documents import Field
from fanal.documents.mrz import Format, Problem, ProblemCode
from fanal.documents.mrz import State as DigitState
from fanal.inspection.checks.common import SURE
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.subject import MrzReading, Subject

# Where each thing that the parser notices is asked about; IMPOSSIBLE_DATE and DATE_WITHOUT_YEAR in the family "dates".
STRUCTURE: Final = frozenset(
    {
        ProblemCode.WRONG_LENGTH,
        ProblemCode.MISSING_LINE,
        ProblemCode.FILLER_EXPECTED,
        ProblemCode.FILLER_INSIDE_CODE,
        ProblemCode.EMPTY_FIELD,
    }
)
ALPHABET: Final = frozenset(
    {
        ProblemCode.INVALID_CHARACTER,
        ProblemCode.LETTER_IN_NUMBER_FIELD,
        ProblemCode.DIGIT_IN_LETTER_FIELD,
        ProblemCode.UNKNOWN_SEX,
    }
)
NAME: Final = frozenset(
    {ProblemCode.NAME_WITHOUT_FILLER, ProblemCode.PRIMARY_IDENTIFIER_EMPTY, ProblemCode.REPEATED_SEPARATOR}
)
READING: Final = frozenset({ProblemCode.NOT_AS_PRINTED, ProblemCode.REPAIRED})

# Problems whose expectation is a number or a form; the words of the others are in the catalogue.
_WITHOUT_WORDS: Final = frozenset({ProblemCode.WRONG_LENGTH, ProblemCode.MISSING_LINE})

_CARDS: Final = (Format.TD1, Format.TD2, Format.FRENCH_ID, Format.ROMANIAN_ID)
# The formats of each first letter of a document code (9303-4, 4.2.2.1; 9303-5 and -6, 4.2.2.1; 9303-7, 4.2.2.1).
_FORMATS: Final = {
    "P": (Format.TD3,),
    "V": (Format.MRV_A, Format.MRV_B),
    "A": _CARDS,
    "C": _CARDS,
    "I": _CARDS,
}
# Driving licences: codes and formats of their State's own.
_NATIONAL: Final = (Format.SWISS_DL, Format.FRENCH_DL)


def _problems(subject: Subject, codes: frozenset[ProblemCode]) -> Iterator[tuple[MrzReading, Problem]]:
    for reading in subject.mrzs:
        for problem in reading.mrz.problems:
            if problem.code in codes:
                yield reading, problem


def _no_mrz() -> Result:
    return Result(Outcome.NOT_DONE)


def _without(codes: frozenset[ProblemCode]) -> Callable[[Subject], Result]:
    def without(subject: Subject) -> Result:
        if not subject.mrzs:
            return _no_mrz()
        found = list(_problems(subject, codes))
        if not found:
            return Result(Outcome.PASSED, values={"format": subject.mrzs[0].mrz.format.value})
        reading, first = found[0]
        values = {
            "format": reading.mrz.format.value,
            "field": first.field.value if first.field else "check_digit",
            "mrz_problem": first.code.value,
        }
        regions = tuple(r.region(p.line, p.columns) for r, p in found)
        sure = reading.confidence >= SURE
        return Result(
            Outcome.FAILED if sure else Outcome.UNDETERMINED,
            "" if sure else "doubtful",
            first.seen,
            first.expected if first.code in _WITHOUT_WORDS else None,
            values,
            regions,
        )

    return without


_structure = _without(STRUCTURE)


def structure(subject: Subject) -> Result:
    if not subject.mrzs:
        pictured = any(e.kind.value in ("picture", "mrz_text") for e in subject.evidence)
        return Result(Outcome.UNDETERMINED, "no_mrz", severity=Severity.CONCERN) if pictured else _no_mrz()
    return _structure(subject)


def _check_digit(name: str) -> Callable[[Subject], Result]:
    def check_digit(subject: Subject) -> Result:
        if not subject.mrzs:
            return _no_mrz()
        results = [r for r in (_one_digit(reading, name) for reading in subject.mrzs) if r is not None]
        order = (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.PASSED)
        return min(results, key=lambda r: order.index(r.outcome), default=Result(Outcome.NOT_DONE, "no_digit"))

    return check_digit


def _one_digit(reading: MrzReading, name: str) -> Result | None:
    digit = reading.mrz.check_digit(name)
    if digit is None:
        return None
    regions = (
        reading.region(digit.line, (digit.column, digit.column)),
        *(reading.region(line, (first, last)) for line, first, last in digit.covers),
    )
    if digit.state is DigitState.VALID:
        return Result(Outcome.PASSED, "", digit.printed, digit.computed, regions=regions)
    if digit.state is DigitState.UNREADABLE:
        return Result(Outcome.UNDETERMINED, "unreadable", digit.printed, digit.computed, regions=regions)
    sure = reading.confidence >= SURE
    return Result(
        Outcome.FAILED if sure else Outcome.UNDETERMINED,
        "" if sure else "doubtful",
        digit.printed,
        digit.computed,
        regions=regions,
    )


def read_without_repair(subject: Subject) -> Result:
    if not subject.mrzs:
        return _no_mrz()
    found = [(r, p.line, p.columns, p.seen, p.expected) for r, p in _problems(subject, READING)]
    found += [(r, o.line, (o.column, o.column), o.seen, o.read) for r in subject.mrzs for o in r.overruled]
    if not found:
        return Result(Outcome.PASSED)
    return Result(
        Outcome.FAILED,
        seen=", ".join(seen for *_, seen, _ in found),
        expected=", ".join(expected for *_, expected in found),
        regions=tuple(reading.region(line, columns) for reading, line, columns, _, _ in found),
    )


def name_whole(subject: Subject) -> Result:
    if not subject.mrzs:
        return _no_mrz()
    for reading in subject.mrzs:
        element = reading.mrz.get(Field.PRIMARY_IDENTIFIER)
        if reading.mrz.name_truncated and element is not None:
            return Result(Outcome.FAILED, seen=element.raw, regions=(reading.region(element.line, element.columns),))
    return Result(Outcome.PASSED)


def format_fits_document_code(subject: Subject) -> Result:
    if not subject.mrzs:
        return _no_mrz()
    passing: Result | None = None
    for reading in subject.mrzs:
        mrz = reading.mrz
        element = mrz.get(Field.DOCUMENT_CODE)
        if element is None or not element.value:
            continue
        values = {"format": mrz.format.value}
        regions = (reading.region(element.line, element.columns),)
        allowed = (mrz.format,) if mrz.format in _NATIONAL else _FORMATS.get(element.value[0], ())
        if not allowed:
            return Result(
                Outcome.FAILED, "unknown_code", element.value, "P, V, A, C, I", values, regions, Severity.CONCERN
            )
        if mrz.format not in allowed:
            expected = ", ".join(f.value.upper().replace("_", "-") for f in allowed if f not in _CARDS[2:])
            return Result(Outcome.FAILED, "", element.value, expected, values, regions)
        passing = passing or Result(Outcome.PASSED, "", element.value, values=values, regions=regions)
    return passing or _no_mrz()


# One line against the next, in letters of 2.54 mm. One pass of a printer sets them under each other; the standard gives
# each line's beginning a millimetre either way. A camera that looks aslant by 35 degrees moves a line half a letter.
_ASIDE: Final = 0.6
# How much more or less far apart the second and third line of three are than the first and second.
_UNEVEN: Final = 0.3
_ALIGNED: Final = (*_CARDS, Format.TD3, Format.MRV_A, Format.MRV_B)


def lines_in_place(subject: Subject) -> Result:
    if not subject.mrzs:
        return _no_mrz()
    passing: Result | None = None
    for reading in subject.mrzs:
        starts = _starts(reading) if reading.mrz.format in _ALIGNED else []
        if len(starts) < 2:
            continue
        regions = reading.lines
        steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(starts)]
        aside = max((x for x, _ in steps), key=abs)
        apart = [y for _, y in steps]
        reason, seen = ("", aside) if abs(aside) > _ASIDE else ("uneven", max(apart) - min(apart))
        if reason and seen <= _UNEVEN:
            passing = passing or Result(Outcome.PASSED, regions=regions)
            continue
        if reading.confidence < SURE:
            return Result(Outcome.UNDETERMINED, "doubtful", regions=regions)
        return Result(Outcome.FAILED, reason, f"{abs(seen) * 2.54:.1f} mm", regions=regions)
    return passing or Result(Outcome.NOT_DONE, "not_seen")


def _starts(reading: MrzReading) -> list[tuple[float, float]]:
    """Where each line begins, in letters to the right of the first line's beginning and down from it; empty where
    the places of the letters were not seen."""
    lines = [
        [(sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)) for corners in line]
        for line in reading.characters
        if line and all(line)
    ]
    if len(lines) != len(reading.mrz.lines) or any(len(line) < 20 for line in lines):
        return []
    # The straight line through the letters' middles. Its ends are means of ten letters: one may be misjudged.
    ends = [(_mean(line[:10]), _mean(line[-10:]), len(line) - 10) for line in lines]
    begins = [
        (x1 - (x2 - x1) / count * 4.5, y1 - (y2 - y1) / count * 4.5, (x2 - x1) / count, (y2 - y1) / count)
        for (x1, y1), (x2, y2), count in ends
    ]
    x0, y0, right, down = begins[0]
    pitch = right * right + down * down
    if pitch == 0:
        return []
    return [
        (((x - x0) * right + (y - y0) * down) / pitch, ((y - y0) * right - (x - x0) * down) / pitch)
        for x, y, _, _ in begins
    ]


def _mean(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


_ALTERED = (FraudKind.FORGERY, FraudKind.COUNTERFEIT)
_MADE_UP = (FraudKind.COUNTERFEIT, FraudKind.FANTASY)
_STRUCTURES = "ICAO Doc 9303-4, 9303-5, 9303-6 and 9303-7, 4.2.2"
_DIGITS = "ICAO Doc 9303-3, 4.9; 9303-4, 9303-5 and 9303-6, 4.2.4; 9303-7, 4.2.2.2"
_COMPOSITE = "ICAO Doc 9303-3, 4.9; 9303-4, 9303-5 and 9303-6, 4.2.4"

CHECKS: Final = (
    Check("mrz.structure", f"ICAO Doc 9303-3, 4.10; {_STRUCTURES[9:]}", Severity.SERIOUS, structure, _MADE_UP),
    Check("mrz.alphabet", "ICAO Doc 9303-3, 4.3, 4.4 and 4.6", Severity.SERIOUS, _without(ALPHABET), _MADE_UP),
    *(
        Check(f"mrz.{name}_check_digit", clause, Severity.SERIOUS, _check_digit(name), _ALTERED)
        for name, clause in (
            ("document_number", _DIGITS),
            ("date_of_birth", _DIGITS),
            ("date_of_expiry", _DIGITS),
            ("personal_number", "ICAO Doc 9303-3, 4.9; 9303-4, 4.2.2.2"),
            ("composite", _COMPOSITE),
        )
    ),
    Check("mrz.name_well_formed", "ICAO Doc 9303-3, 4.6", Severity.CONCERN, _without(NAME), _MADE_UP),
    Check("mrz.name_whole", "ICAO Doc 9303-4, 9303-5 and 9303-6, 4.2.3; 9303-7, 4.2.3", Severity.NOTE, name_whole),
    Check(
        "mrz.format_fits_document_code",
        "ICAO Doc 9303-4, 9303-5, 9303-6 and 9303-7, 4.2.2.1",
        Severity.SERIOUS,
        format_fits_document_code,
        _MADE_UP,
    ),
    Check(
        "mrz.lines_in_place",
        "ICAO Doc 9303-3, 4.2; 9303-4, 9303-5, 9303-6 and 9303-7, 4.2.1",
        Severity.CONCERN,
        lines_in_place,
        (FraudKind.COUNTERFEIT, FraudKind.FORGERY),
    ),
    Check("mrz.read_without_repair", "ICAO Doc 9303-3, 4.3 and 4.4", Severity.NOTE, read_without_repair),
)
