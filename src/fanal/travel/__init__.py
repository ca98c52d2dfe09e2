"""Crossings and length of stay: the arithmetic that an officer shows to a traveller; consent for a child; statistics
that show nobody. Pure; the day is an argument."""

from fanal.travel.consent import (
    AGE_OF_MAJORITY,
    Certificate,
    Company,
    Question,
    Signer,
    is_child,
    open_questions,
)
from fanal.travel.small_cells import LEAST, Table, shown
from fanal.travel.stays import (
    PerEntry,
    RollingWindow,
    Rule,
    Stay,
    StayError,
    Sum,
    Used,
    add_months,
    count,
    last_lawful_day,
)

__all__ = [
    "AGE_OF_MAJORITY",
    "LEAST",
    "Certificate",
    "Company",
    "PerEntry",
    "Question",
    "RollingWindow",
    "Rule",
    "Signer",
    "Stay",
    "StayError",
    "Sum",
    "Table",
    "Used",
    "add_months",
    "count",
    "is_child",
    "last_lawful_day",
    "open_questions",
    "shown",
]
