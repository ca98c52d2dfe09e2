"""Codes of States, organizations and documents (ICAO Doc 9303-3, 4.7 and 5; 9303-4, 4.4; 9303-5 and -6, 4.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from fanal.documents import Claim, Field
from fanal.documents.mrz import Format
from fanal.documents.states import State, StateKind, find_intended, find_state
from fanal.inspection.checks.common import failed, not_done, passed
from fanal.inspection.findings import Check, FraudKind, Result, Severity
from fanal.inspection.subject import Subject

# The longest that a travel document issued on a code's last day can have been valid: ten years and nine months.
_LONGEST: Final = timedelta(days=10 * 366 + 9 * 31)

# Doc 9303-4, 4.4: second letters of passports, obligatory for documents that use one from 2026 on. PU: 9303-8.
_PASSPORT_CODES: Final = ("PP", "PE", "PD", "PO", "PR", "PT", "PS", "PL", "PM", "PU")
_HARMONIZED: Final = "2026"


def _state_of(subject: Subject, name: Field) -> tuple[Claim | None, State | None]:
    claim = subject.first(name)
    if claim is None or not claim.value:
        return None, None
    return claim, find_state(claim.value)


def _known(name: Field) -> Callable[[Subject], Result]:
    def known(subject: Subject) -> Result:
        claim, state = _state_of(subject, name)
        if claim is None:
            return not_done()
        intended = find_intended(claim.value)
        if intended is not None:
            # An error that issuing offices and readers make too (DEU for D): worth a look, no more.
            return failed(
                claim,
                seen=claim.value,
                expected=intended.code,
                reason="misused",
                severity=Severity.CONCERN,
                state=intended.code,
            )
        if state is None:
            return failed(claim, seen=claim.value, state=claim.value)
        return passed(claim, seen=claim.value, state=claim.value)

    return known


def _current(name: Field) -> Callable[[Subject], Result]:
    def current(subject: Subject) -> Result:
        claim, state = _state_of(subject, name)
        if claim is None or state is None:
            return not_done()
        end = state.valid_until
        if state.kind is not StateKind.FORMER or end is None:
            return passed(claim, seen=claim.value, state=claim.value)
        issued, expiry = subject.value(Field.DATE_OF_ISSUE), subject.value(Field.DATE_OF_EXPIRY)
        too_late = (issued is not None and issued > end.isoformat()[: len(issued)]) or (
            _last_valid(expiry, subject.context.on) > end + _LONGEST
        )
        if too_late:
            until = expiry or subject.context.on.isoformat()
            return failed(claim, seen=claim.value, expected=end.isoformat(), state=claim.value, until=until)
        return failed(
            claim,
            seen=claim.value,
            expected=end.isoformat(),
            reason="former",
            severity=Severity.NOTE,
            state=claim.value,
        )

    return current


def _last_valid(expiry: str | None, on: date) -> date:
    """The last day that the document claims to be good for; a year or a month is taken at its beginning."""
    if not expiry:
        return on
    try:
        return date.fromisoformat((expiry + "-01-01")[:10])
    except ValueError:
        return on


def issuing_state_may_issue(subject: Subject) -> Result:
    claim, state = _state_of(subject, Field.ISSUING_STATE)
    if claim is None or state is None:
        return not_done()
    if not state.may_issue:
        return failed(claim, seen=claim.value, state=claim.value)
    return passed(claim, seen=claim.value, state=claim.value)


def nationality_possible(subject: Subject) -> Result:
    claim, state = _state_of(subject, Field.NATIONALITY)
    if claim is None or state is None:
        return not_done()
    meant = find_intended(claim.value)
    if meant is not None and meant.may_be_nationality:
        return not_done()  # DEU for D: `codes.nationality_known` speaks of it
    issuer, issuing = _state_of(subject, Field.ISSUING_STATE)
    # 9303-4, 4.2.2.2, note f: an organization's code stands for the nationality in its own document. Either of the
    # United Nations' codes may stand in a document of the other.
    own = issuing is not None and (issuing.code == state.code or {issuing.code, state.code} <= {"UNO", "UNA", "UNK"})
    if state.may_be_nationality or own:
        return passed(claim, seen=claim.value, state=claim.value)
    other = issuer.value if issuer is not None else ""
    return failed(claim, issuer, seen=claim.value, state=claim.value, other_state=other)


def not_specimen(subject: Subject) -> Result:
    read = False
    for name in (Field.ISSUING_STATE, Field.NATIONALITY):
        claim, state = _state_of(subject, name)
        read = read or claim is not None
        if claim is not None and state is not None and state.kind is StateKind.SPECIMEN:
            weight = Severity.NOTE if subject.context.accept_specimens else Severity.SERIOUS
            return failed(claim, seen=claim.value, severity=weight, field=name.value, state=claim.value)
    return passed() if read else not_done()


def document_code_allowed(subject: Subject) -> Result:
    claim = subject.first(Field.DOCUMENT_CODE)
    if claim is None or not claim.value:
        return not_done()
    code = claim.value
    if code[0] == "P":
        # Before 2026 the second letter was the issuing State's choice (9303-4, 4.4).
        issued = subject.value(Field.DATE_OF_ISSUE) or ""
        if len(code) > 1 and issued >= _HARMONIZED and code not in _PASSPORT_CODES:
            return failed(claim, seen=code, expected=", ".join(_PASSPORT_CODES))
        return passed(claim, seen=code)
    if code[0] == "V":
        return passed(claim, seen=code)
    if code[0] in "ACI":
        # 9303-5, 4.2.2.3, note k. AC is the crew member certificate's own.
        if code[1:] == "V" or code == "AI":
            return failed(claim, seen=code, expected="A?, C?, I?")
        return passed(claim, seen=code)
    # National documents with an MRZ of their own (driving licences) have codes of their own.
    if any(reading.mrz.format in (Format.SWISS_DL, Format.FRENCH_DL) for reading in subject.mrzs):
        return passed(claim, seen=code)
    return failed(claim, seen=code, expected="P, V, A, C, I")


_INVENTED = (FraudKind.COUNTERFEIT, FraudKind.FANTASY)

CHECKS: Final = (
    Check(
        "codes.issuing_state_known",
        "ICAO Doc 9303-3, 4.7 and 5",
        Severity.SERIOUS,
        _known(Field.ISSUING_STATE),
        (*_INVENTED, FraudKind.FORGERY),
    ),
    Check(
        "codes.nationality_known",
        "ICAO Doc 9303-3, 4.7 and 5",
        Severity.SERIOUS,
        _known(Field.NATIONALITY),
        (*_INVENTED, FraudKind.FORGERY),
    ),
    Check(
        "codes.issuing_state_current",
        "ICAO Doc 9303-3, 5, parts A and F; ISO 3166-3",
        Severity.SERIOUS,
        _current(Field.ISSUING_STATE),
        _INVENTED,
    ),
    Check(
        "codes.nationality_current",
        "ICAO Doc 9303-3, 5, parts A and F; ISO 3166-3",
        Severity.CONCERN,
        _current(Field.NATIONALITY),
        _INVENTED,
    ),
    Check(
        "codes.issuing_state_may_issue",
        "ICAO Doc 9303-3, 5, parts A to E",
        Severity.SERIOUS,
        issuing_state_may_issue,
        _INVENTED,
    ),
    Check(
        "codes.nationality_possible",
        "ICAO Doc 9303-3, 5, parts B to E; 9303-4, 4.2.2.2, note f",
        Severity.SERIOUS,
        nationality_possible,
        _INVENTED,
    ),
    Check("codes.not_specimen", "ICAO Doc 9303-3, 5, part G", Severity.SERIOUS, not_specimen, (FraudKind.FANTASY,)),
    Check(
        "codes.document_code_allowed",
        "ICAO Doc 9303-4, 4.4; 9303-5, 4.2.2.3, note k; 9303-7, 4.2.2.1",
        Severity.CONCERN,
        document_code_allowed,
        (FraudKind.COUNTERFEIT, FraudKind.FANTASY),
    ),
)
