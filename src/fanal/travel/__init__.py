"""Crossings and length of stay: the arithmetic that an officer shows to a traveller. Pure; the day is an argument."""

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
    "PerEntry",
    "RollingWindow",
    "Rule",
    "Stay",
    "StayError",
    "Sum",
    "Used",
    "add_months",
    "count",
    "last_lawful_day",
]
