"""The one table of what weighs, and how much, when a traveller is compared with a listed person.

A weight is a natural logarithm of odds. The sum of all that apply, to which the base belongs, is the score:
0 is one to one, +3 about twenty to one for the same person, -3 twenty to one against. `probability` turns it into a
share. What a comparison found is shown with its weights, so that a person can add them up.

Names: fitted on labelled pairs of names (penalised logistic regression with the signs held; `bench/screening.py names`
measures it, docs/screening.md has the calibration). The base says how often two names without any difference were the
same person among pairs that were chosen because they were near. Other fields: how much oftener such an agreement is
seen with the same person than with another one, from the frequency of dates and the usual errors of clerks, rounded.

What is never weighed: religion, colour, opinion, and nationality, sex or place of birth without a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Weight:
    """What one finding weighs. `each`: it counts as often as it is found (letters, words)."""

    field: str
    finding: str
    weight: float
    each: bool = False


BASE: Final = 3.8
"""Two names with no difference at all."""

TABLE: Final = (
    # names, each found difference
    Weight("name", "edits", -1.7, each=True),
    Weight("name", "beginnings", -0.5, each=True),
    Weight("name", "initials", -0.2, each=True),
    Weight("name", "short_forms", -0.4, each=True),
    Weight("name", "omissions", -1.2, each=True),
    Weight("name", "contradictions", -3.4, each=True),
    Weight("name", "unlikeness", -3.4, each=True),
    Weight("name", "initial_conflicts", -3.6, each=True),
    Weight("name", "single", -0.6),
    Weight("name", "order", -3.9),
    # date of birth
    Weight("born", "same", 7.0),
    Weight("born", "day_and_month_swapped", 5.0),
    Weight("born", "same_month", 5.0),
    Weight("born", "same_year", 3.0),
    Weight("born", "one_figure", 3.0),
    Weight("born", "other_year", 2.0),
    Weight("born", "other_day", -2.2),
    Weight("born", "near", -3.5),
    Weight("born", "different", -6.0),
    # what many share supports a little; where it differs, an error is more seldom
    Weight("sex", "same", 0.6),
    Weight("sex", "different", -2.5),
    Weight("nationality", "same", 1.0),
    Weight("nationality", "different", -1.2),
    Weight("place", "same", 1.5),
    Weight("place", "different", -0.4),
    Weight("document", "same", 9.0),
    Weight("document", "confusable", 4.0),
)

WEIGHTS: Final = MappingProxyType({(row.field, row.finding): row.weight for row in TABLE})

RAREST: Final = 0.02
"""Names are not taken for rarer than this many chance bearers on the lists: the estimate is no better."""

HIT: Final = 4.4
"""From this score on a candidate is a hit: about one false one in 1,000 (`bench/screening.py persons`)."""
POSSIBLE: Final = 0.0
"""From this score on a candidate is shown where an officer asks for candidates: more likely than not."""


def probability(score: float) -> float:
    """The share of pairs with such a score that are the same person."""
    if score < -700:
        return 0.0
    return 1 / (1 + exp(-score))
