"""An inspection: every check's finding on one subject, and the advice that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fanal.inspection.advice import Advice, advise
from fanal.inspection.catalogue import Catalogue, catalogue
from fanal.inspection.findings import Finding, Outcome, Severity, run_all
from fanal.inspection.subject import Subject

_OUTCOMES: Final = (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.NOT_DONE, Outcome.PASSED)
_SEVERITIES: Final = (Severity.SERIOUS, Severity.CONCERN, Severity.NOTE)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was inspected, by which catalogue, and what came of it. Findings are in the catalogue's order."""

    subject: Subject
    findings: tuple[Finding, ...]
    advice: Advice
    catalogue: Catalogue


def inspect(subject: Subject, checks: Catalogue | None = None) -> Inspection:
    """Ask every check of `checks` (the product's own catalogue unless another is given) of `subject`."""
    used = checks or catalogue()
    findings = run_all(used.checks, subject)
    return Inspection(subject, findings, advise(findings), used)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Failed before undetermined before not done before passed, and in each the more serious first."""
    return tuple(sorted(findings, key=lambda f: (_OUTCOMES.index(f.outcome), _SEVERITIES.index(f.severity))))
