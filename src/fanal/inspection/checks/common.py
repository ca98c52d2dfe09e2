"""What the families share: the regions of claims, and the difference between wrong and read with doubt."""

from __future__ import annotations

from typing import Final

from fanal.documents import Claim, Region
from fanal.inspection.findings import Outcome, Result, Severity

# A reader's confidence from which a value is held against a document. Below it, the finding is "look at it yourself".
SURE: Final = 0.8


def regions(*claims: Claim | None) -> tuple[Region, ...]:
    """Where the claims stand, each place once."""
    return tuple(dict.fromkeys(c.region for c in claims if c is not None and c.region is not None))


def passed(
    *claims: Claim | None, seen: str | None = None, expected: str | None = None, reason: str = "", **values: str
) -> Result:
    return Result(Outcome.PASSED, reason, seen, expected, values, regions(*claims))


def failed(
    *claims: Claim | None,
    seen: str | None = None,
    expected: str | None = None,
    reason: str = "",
    severity: Severity | None = None,
    **values: str,
) -> Result:
    """A failure, unless one of the claims it rests on was read with doubt: then it is undetermined, `doubtful`."""
    if any(c is not None and c.confidence < SURE for c in claims):
        return Result(Outcome.UNDETERMINED, "doubtful", seen, expected, values, regions(*claims), severity)
    return Result(Outcome.FAILED, reason, seen, expected, values, regions(*claims), severity)


def undetermined(
    *claims: Claim | None, seen: str | None = None, expected: str | None = None, reason: str = "", **values: str
) -> Result:
    return Result(Outcome.UNDETERMINED, reason, seen, expected, values, regions(*claims))


def not_done(reason: str = "", **values: str) -> Result:
    return Result(Outcome.NOT_DONE, reason, values=values)
