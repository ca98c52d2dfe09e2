"""The dates of a document, of its holder and of the day of inspection (ICAO Doc 9303-3, 3.8 and 4.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from fanal.documents import Claim, Field
from fanal.documents.dates import DateError, PartialDate, add_months, age_on, parse_iso, years_between
from fanal.documents.mrz import ProblemCode
from fanal.inspection.checks.common import SURE, failed, not_done, passed, undetermined
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.subject import Subject

OLDEST: Final = 120
ADULT: Final = 18
# A portrait of somebody younger than this is of little use for the adult.
CHILD: Final = 12

_DATES: Final = (Field.DATE_OF_BIRTH, Field.DATE_OF_ISSUE, Field.VALID_FROM, Field.DATE_OF_EXPIRY)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A claim of a date, with the first and the last day that it may mean."""

    claim: Claim
    stated: PartialDate

    @property
    def shown(self) -> str:
        return self.claim.value

    @property
    def first(self) -> date:
        return self.stated.first_day

    @property
    def last(self) -> date:
        return self.stated.last_day


def _dated(subject: Subject, name: Field) -> _Dated | None:
    """The date to judge by; None where none was read, or what was read is no date (`possible` says so)."""
    claim = subject.first(name)
    found = None if claim is None else _find_date(claim.value)
    return None if claim is None or found is None else _Dated(claim, found)


def _find_date(value: str) -> PartialDate | None:
    try:
        return parse_iso(value)
    except DateError:
        return None


def _months_on(day: date, months: int) -> date:
    try:
        return add_months(day, months)
    except DateError:
        return date.max


def possible(subject: Subject) -> Result:
    found = False
    for reading in subject.mrzs:
        found = True
        for problem in reading.mrz.problems:
            if problem.code in (ProblemCode.IMPOSSIBLE_DATE, ProblemCode.DATE_WITHOUT_YEAR):
                sure = reading.confidence >= SURE
                return Result(
                    Outcome.FAILED if sure else Outcome.UNDETERMINED,
                    "" if sure else "doubtful",
                    problem.seen,
                    problem.expected,
                    {"field": problem.field.value if problem.field else "", "source": "mrz"},
                    (reading.region(problem.line, problem.columns),),
                )
    for name in _DATES:
        for claim in subject.document.find_all(name):
            found = True
            if claim.value and _find_date(claim.value) is None:
                return failed(
                    claim, seen=claim.value, expected="YYYY-MM-DD", field=name.value, source=claim.source.value
                )
    return passed() if found else not_done()


def birth_in_past(subject: Subject) -> Result:
    if (birth := _dated(subject, Field.DATE_OF_BIRTH)) is None:
        return not_done()
    on = subject.context.on
    if birth.first > on:
        return failed(birth.claim, seen=birth.shown, expected=on.isoformat())
    return passed(birth.claim, seen=birth.shown, expected=on.isoformat())


def age_possible(subject: Subject) -> Result:
    if (birth := _dated(subject, Field.DATE_OF_BIRTH)) is None or birth.first > subject.context.on:
        return not_done()
    # The youngest that the holder can be.
    age = max(0, age_on(birth.stated, subject.context.on).least)
    if age > OLDEST:
        return failed(birth.claim, seen=birth.shown, expected=str(OLDEST), age=str(age))
    return passed(birth.claim, seen=birth.shown, age=str(age))


def already_valid(subject: Subject) -> Result:
    on = subject.context.on
    dated = [(n, _dated(subject, n)) for n in (Field.DATE_OF_ISSUE, Field.VALID_FROM)]
    known = [(name, d) for name, d in dated if d is not None]
    if not known:
        return not_done()
    for name, d in known:
        if d.first > on:
            reason = "" if name is Field.DATE_OF_ISSUE else "not_yet"
            return failed(d.claim, seen=d.shown, expected=on.isoformat(), reason=reason)
    for _, d in known:
        if d.last > on:
            return undetermined(d.claim, seen=d.shown, expected=on.isoformat())
    return passed(known[-1][1].claim, seen=known[-1][1].shown, expected=on.isoformat())


def issued_after_birth(subject: Subject) -> Result:
    issue, birth = _dated(subject, Field.DATE_OF_ISSUE), _dated(subject, Field.DATE_OF_BIRTH)
    if issue is None or birth is None:
        return not_done()
    if issue.last < birth.first:
        return failed(issue.claim, birth.claim, seen=issue.shown, expected=birth.shown)
    return passed(issue.claim, birth.claim, seen=issue.shown, expected=birth.shown)


def expires_after_issue(subject: Subject) -> Result:
    issue, expiry = _dated(subject, Field.DATE_OF_ISSUE), _dated(subject, Field.DATE_OF_EXPIRY)
    if issue is None or expiry is None:
        return not_done()
    if expiry.last < issue.first or (expiry.last == issue.first):
        return failed(expiry.claim, issue.claim, seen=expiry.shown, expected=issue.shown)
    return passed(expiry.claim, issue.claim, seen=expiry.shown, expected=issue.shown)


def not_expired(subject: Subject) -> Result:
    on = subject.context.on
    if (expiry := _dated(subject, Field.DATE_OF_EXPIRY)) is None:
        read = any(reading.mrz.get(Field.DATE_OF_EXPIRY) is not None for reading in subject.mrzs)
        claim = subject.first(Field.DATE_OF_EXPIRY)
        if read and (claim is None or not claim.value):
            return undetermined(reason="no_expiry")
        return not_done()
    # The day of expiry is the last day of validity.
    if expiry.last < on:
        return failed(expiry.claim, seen=expiry.shown, expected=on.isoformat())
    if expiry.first < on:
        return undetermined(expiry.claim, seen=expiry.shown, expected=on.isoformat())
    return passed(expiry.claim, seen=expiry.shown, expected=on.isoformat())


def valid_long_enough(subject: Subject) -> Result:
    expiry, margin = _dated(subject, Field.DATE_OF_EXPIRY), subject.context.margin
    if margin is None:
        return not_done("no_margin")
    if expiry is None:
        return not_done()
    asked = _months_on(margin.until or subject.context.on, margin.months) + timedelta(days=margin.days)
    if expiry.last < asked:
        return failed(expiry.claim, seen=expiry.shown, expected=asked.isoformat(), by=margin.source)
    if expiry.first < asked:
        return undetermined(expiry.claim, seen=expiry.shown, expected=asked.isoformat(), by=margin.source)
    return passed(expiry.claim, seen=expiry.shown, expected=asked.isoformat(), by=margin.source)


def validity_not_too_long(subject: Subject) -> Result:
    expiry = _dated(subject, Field.DATE_OF_EXPIRY)
    if expiry is None:
        return not_done()
    validity = subject.profile.validity
    if validity.months is None:
        return not_done("no_limit")
    issue, birth = _dated(subject, Field.DATE_OF_ISSUE), _dated(subject, Field.DATE_OF_BIRTH)
    # Whenever it was issued, it was not later than today.
    issued = min(issue.last, subject.context.on) if issue is not None else subject.context.on
    shown = issue.shown if issue is not None else subject.context.on.isoformat()
    claims = (expiry.claim, None if issue is None else issue.claim)
    if issue is not None and birth is not None and validity.child_months is not None:
        ends = _months_on(issued, validity.child_months)
        if years_between(birth.first, issued) < validity.child_until and expiry.first > ends:
            return failed(
                *claims, birth.claim, seen=expiry.shown, expected=ends.isoformat(), reason="child", issued=shown
            )
    usual = _months_on(issued, validity.months)
    longest = _months_on(usual, validity.carried_over)
    if expiry.first > longest:
        return failed(*claims, seen=expiry.shown, expected=longest.isoformat(), issued=shown)
    reason = "carried_over" if issue is not None and expiry.first > usual else ""
    return passed(*claims, seen=expiry.shown, expected=usual.isoformat(), reason=reason, issued=shown)


def not_outgrown(subject: Subject) -> Result:
    issue, birth = _dated(subject, Field.DATE_OF_ISSUE), _dated(subject, Field.DATE_OF_BIRTH)
    if issue is None or birth is None or birth.first > issue.last:
        return not_done()
    then, now = age_on(birth.stated, issue.last).most, age_on(birth.stated, subject.context.on).least
    values = {"age": str(max(0, then)), "now": str(max(0, now)), "issued": issue.shown}
    if then < ADULT <= now:
        weight = Severity.CONCERN if then < CHILD else Severity.NOTE
        return failed(issue.claim, birth.claim, seen=birth.shown, severity=weight, **values)
    return passed(issue.claim, birth.claim, seen=birth.shown, **values)


_ALTERED: Final = (FraudKind.FORGERY, FraudKind.COUNTERFEIT)
_WRITTEN: Final = "ICAO Doc 9303-3, 3.8 and 4.8"
_DIRECTORY: Final = "ICAO Doc 9303-4, 9303-5 and 9303-6, 4.1.1.1"

CHECKS: Final = (
    Check("dates.possible", _WRITTEN, Severity.SERIOUS, possible, _ALTERED),
    Check("dates.birth_in_past", f"{_DIRECTORY} (date of birth)", Severity.SERIOUS, birth_in_past, _ALTERED),
    Check("dates.age_possible", f"{_DIRECTORY} (date of birth)", Severity.CONCERN, age_possible, _ALTERED),
    Check(
        "dates.already_valid",
        f"{_DIRECTORY} (date of issue); 9303-7, 4.1.1.1 (valid from)",
        Severity.SERIOUS,
        already_valid,
        (*_ALTERED, FraudKind.STOLEN_BLANK),
    ),
    Check("dates.issued_after_birth", f"{_DIRECTORY} (date of issue)", Severity.SERIOUS, issued_after_birth, _ALTERED),
    Check(
        "dates.expires_after_issue", f"{_DIRECTORY} (date of expiry)", Severity.SERIOUS, expires_after_issue, _ALTERED
    ),
    Check(
        "dates.not_expired",
        f"{_DIRECTORY} (date of expiry); 9303-7, 4.1.1.1 (valid until)",
        Severity.SERIOUS,
        not_expired,
    ),
    Check("dates.valid_long_enough", f"{_DIRECTORY} (date of expiry)", Severity.CONCERN, valid_long_enough),
    Check(
        "dates.validity_not_too_long",
        f"{_DIRECTORY} (date of expiry); profile of the model",
        Severity.SERIOUS,
        validity_not_too_long,
        _ALTERED,
    ),
    Check(
        "dates.not_outgrown",
        "ICAO Doc 9303-3, 3.9.1 (a true likeness of the holder)",
        Severity.CONCERN,
        not_outgrown,
        (FraudKind.IMPOSTOR,),
    ),
)
