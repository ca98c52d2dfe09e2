"""Checks and findings.

A check asks one question of a subject and answers it with one finding. A finding keeps the compared values, not a
finished sentence, so that any language can be rendered later from the catalogue (`fanal.inspection.texts`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from fanal.documents import Region

log = logging.getLogger(__name__)

S = TypeVar("S")


class Outcome(StrEnum):
    """The answer of a check. Only `PASSED` reassures."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"  # tried; the evidence does not settle it
    NOT_DONE = "not_done"  # nothing to look at, or the check does not apply


class Severity(StrEnum):
    """How much a failed check weighs. The rule that uses it is `fanal.inspection.advice`."""

    NOTE = "note"  # for the officer's information; never changes the advice
    CONCERN = "concern"  # harmless explanations are common: look again
    SERIOUS = "serious"  # hardly ever harmless: refer


class FraudKind(StrEnum):
    """The kinds of travel-document fraud that a failed check may speak for."""

    COUNTERFEIT = "counterfeit"  # made from nothing to look like a genuine document
    FORGERY = "forgery"  # a genuine document, altered
    PAGE_SUBSTITUTION = "page_substitution"
    PHOTO_SUBSTITUTION = "photo_substitution"
    FANTASY = "fantasy"  # of a State or an authority that does not exist, or is not competent
    STOLEN_BLANK = "stolen_blank"
    FRAUDULENTLY_OBTAINED = "fraudulently_obtained"
    IMPOSTOR = "impostor"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found, before it is put on record as a finding.

    `reason` names the text in the catalogue; it is the outcome's own name unless a check has several ways to reach
    one outcome. `seen` and `expected` are values as an officer would compare them; `values` fills further
    placeholders of the text. `severity` only where this reason weighs otherwise than the check does.
    """

    outcome: Outcome
    reason: str = ""
    seen: str | None = None
    expected: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer, as it goes on record."""

    check: str
    outcome: Outcome
    severity: Severity
    clause: str
    reason: str
    seen: str | None = None
    expected: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    fraud_kinds: tuple[FraudKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """One question, with the clause that asks it. `id` is stable for ever: records, texts and training name it."""

    id: str
    clause: str
    severity: Severity
    answer: Callable[[S], Result]
    fraud_kinds: tuple[FraudKind, ...] = ()

    def run(self, subject: S) -> Finding:
        """Answer the question. A check that breaks is undetermined, never passed."""
        try:
            result = self.answer(subject)
        except Exception as error:  # noqa: BLE001 - whatever broke, a human looks: fail open to a human, never silently
            # Only the kind of error: its message may hold a name or a number from the document.
            log.error("check %s broke: %s", self.id, type(error).__name__)
            result = Result(Outcome.UNDETERMINED, reason="broken")
        return Finding(
            check=self.id,
            outcome=result.outcome,
            severity=result.severity or self.severity,
            clause=self.clause,
            reason=result.reason or result.outcome.value,
            seen=result.seen,
            expected=result.expected,
            values=dict(result.values),
            regions=result.regions,
            fraud_kinds=self.fraud_kinds,
        )


def run_all(checks: Iterable[Check[S]], subject: S) -> tuple[Finding, ...]:
    """Every check's finding, in the order of the catalogue."""
    return tuple(check.run(subject) for check in checks)
