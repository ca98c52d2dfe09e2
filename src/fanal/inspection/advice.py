"""Advice: computed from findings by one small table. Never "deny": a named officer decides.

| outcome \\ severity | note         | concern      | serious      |
|--------------------|--------------|--------------|--------------|
| failed             | no_objection | look_again   | refer        |
| undetermined       | no_objection | look_again   | look_again   |
| not_done           | no_objection | no_objection | no_objection |
| passed             | no_objection | no_objection | no_objection |

The advice is the gravest that any finding asks for. One rule stands above the table: `no_objection` needs at least one
serious check that passed. No findings, or only `not_done`, is `look_again`: nothing is green because it was not
looked at. What a document of its kind must show and did not (a chip, a visual zone) is not a `not_done` but a failed
check of its profile.

Examples:

- every MRZ check digit passed, no chip, the model has none: `no_objection`;
- the composite check digit failed (serious): `refer`;
- the visual zone was read with doubt and differs from the MRZ (undetermined, serious): `look_again`;
- the document is a specimen (failed, note): the other findings decide;
- an empty set of findings: `look_again`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from fanal.inspection.findings import Finding, Outcome, Severity


class Advice(StrEnum):
    """What the software advises. In order of gravity."""

    NO_OBJECTION = "no_objection"
    LOOK_AGAIN = "look_again"
    REFER = "refer"


_GRAVITY = {Advice.NO_OBJECTION: 0, Advice.LOOK_AGAIN: 1, Advice.REFER: 2}

TABLE: dict[tuple[Outcome, Severity], Advice] = {
    (Outcome.FAILED, Severity.NOTE): Advice.NO_OBJECTION,
    (Outcome.FAILED, Severity.CONCERN): Advice.LOOK_AGAIN,
    (Outcome.FAILED, Severity.SERIOUS): Advice.REFER,
    (Outcome.UNDETERMINED, Severity.NOTE): Advice.NO_OBJECTION,
    (Outcome.UNDETERMINED, Severity.CONCERN): Advice.LOOK_AGAIN,
    (Outcome.UNDETERMINED, Severity.SERIOUS): Advice.LOOK_AGAIN,
    (Outcome.NOT_DONE, Severity.NOTE): Advice.NO_OBJECTION,
    (Outcome.NOT_DONE, Severity.CONCERN): Advice.NO_OBJECTION,
    (Outcome.NOT_DONE, Severity.SERIOUS): Advice.NO_OBJECTION,
    (Outcome.PASSED, Severity.NOTE): Advice.NO_OBJECTION,
    (Outcome.PASSED, Severity.CONCERN): Advice.NO_OBJECTION,
    (Outcome.PASSED, Severity.SERIOUS): Advice.NO_OBJECTION,
}


def advise(findings: Iterable[Finding]) -> Advice:
    """The advice that follows from `findings`, by the table above."""
    findings = tuple(findings)
    looked = any(f.outcome is Outcome.PASSED and f.severity is Severity.SERIOUS for f in findings)
    floor = Advice.NO_OBJECTION if looked else Advice.LOOK_AGAIN
    asked = [TABLE[f.outcome, f.severity] for f in findings]
    return max([floor, *asked], key=_GRAVITY.__getitem__)
