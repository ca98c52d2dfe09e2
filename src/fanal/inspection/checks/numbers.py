"""The document number against the profile of its model (ICAO Doc 9303-4, 4.1.1.1, field 05)."""

from __future__ import annotations

from typing import Final

from fanal.documents import Field
from fanal.inspection.checks.common import failed, not_done, passed
from fanal.inspection.findings import Check, FraudKind, Result, Severity
from fanal.inspection.subject import Subject

_ROWS: Final = ("0123456789", "9876543210", "1234567890")


def pattern(subject: Subject) -> Result:
    claim, profile = subject.first(Field.DOCUMENT_NUMBER), subject.profile
    if claim is None or not claim.value or not profile.numbers:
        return not_done(profile=profile.id)
    expected = ", ".join(profile.numbers)
    if profile.number_fits(claim.value):
        return passed(claim, seen=claim.value, expected=expected, profile=profile.id)
    return failed(claim, seen=claim.value, expected=expected, profile=profile.id)


def series(subject: Subject) -> Result:
    claim, profile = subject.first(Field.DOCUMENT_NUMBER), subject.profile
    if claim is None or not claim.value or not profile.series:
        return not_done(profile=profile.id)
    if profile.number_issued(claim.value):
        return passed(claim, seen=claim.value, profile=profile.id)
    return failed(claim, seen=claim.value, profile=profile.id)


def not_a_sample(subject: Subject) -> Result:
    claim = subject.first(Field.DOCUMENT_NUMBER)
    if claim is None or not claim.value:
        return not_done(profile=subject.profile.id)
    digits = "".join(c for c in claim.value if c.isdigit())
    made_up = len(digits) >= 6 and (len(set(digits)) == 1 or any(digits in row for row in _ROWS))
    if made_up:
        return failed(claim, seen=claim.value)
    return passed(claim, seen=claim.value)


_NUMBER: Final = "ICAO Doc 9303-4, 4.1.1.1 (05/I)"
_KINDS: Final = (FraudKind.COUNTERFEIT, FraudKind.FORGERY, FraudKind.STOLEN_BLANK)

CHECKS: Final = (
    Check("numbers.pattern", f"{_NUMBER}; profile of the model", Severity.SERIOUS, pattern, _KINDS),
    Check("numbers.series", f"{_NUMBER}; profile of the model", Severity.SERIOUS, series, _KINDS),
    Check("numbers.not_a_sample", _NUMBER, Severity.NOTE, not_a_sample, (FraudKind.FANTASY, FraudKind.COUNTERFEIT)),
)
