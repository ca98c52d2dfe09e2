"""A comparison in words: for, against and unknown, in English, Spanish, French and Haitian Creole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from fanal.screening.documents import marked
from fanal.screening.errors import ScreeningError
from fanal.screening.name_features import Agreement, Pairing
from fanal.screening.numbers import Found
from fanal.screening.persons import Comparison
from fanal.screening.weights import HIT, POSSIBLE, WEIGHTS

LANGUAGES: Final = ("en", "es", "fr", "ht")


class Side(StrEnum):
    """Whether a reason speaks for or against the same person, or nothing can be said."""

    FOR = "for"
    AGAINST = "against"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence with its weight (0.0 where the weight is another reason's, as for words that agree)."""

    field: str
    side: Side
    text: str
    weight: float


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """All messages by "group.key"."""
    data = tomllib.loads(resources.files(__package__).joinpath("explain.toml").read_text(encoding="utf-8"))
    return {f"{group}.{key}": words for group, entries in data.items() for key, words in entries.items()}


def say(key: str, lang: str, **values: str) -> str:
    """One message in a language.

    Raises:
        ScreeningError: `no_such_language`.
    """
    if lang not in LANGUAGES:
        raise ScreeningError("no_such_language", f"there are {', '.join(LANGUAGES)}")
    text = texts()[key][lang]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def answer_key(score: float) -> str:
    """`hit`, `possible` or `no_hit`, by the score."""
    return "hit" if score >= HIT else "possible" if score >= POSSIBLE else "no_hit"


def explain(comparison: Comparison, lang: str) -> list[Reason]:
    """What speaks for, what against, and what is not known, in this order of fields: name, date of birth, the rest."""
    reasons = [_of_words(pairing, comparison, lang) for pairing in comparison.pairings]
    fields = set()
    for evidence in comparison.evidence:
        fields.add(evidence.field)
        key = f"{evidence.field}.{evidence.finding}"
        if key in texts():
            side = Side.FOR if evidence.weight > 0 else Side.AGAINST
            text = say(key, lang, seen=evidence.seen, listed=evidence.listed)
            reasons.append(Reason(evidence.field, side, text, evidence.weight))
    unknown = (field for field in ("born", "sex", "nationality", "place", "document") if field not in fields)
    return reasons + [Reason(field, Side.UNKNOWN, say(f"unknown.{field}", lang), 0.0) for field in unknown]


_OF_PAIRING: Final = {
    Agreement.SHORT_FORM: "short_forms",
    Agreement.INITIAL: "initials",
    Agreement.BEGINNING: "beginnings",
    Agreement.CONTRADICTS: "contradictions",
    Agreement.OMITTED: "omissions",
}


def _of_words(pairing: Pairing, comparison: Comparison, lang: str) -> Reason:
    how = pairing.agreement.value
    if pairing.agreement is Agreement.OMITTED:
        how = "omitted_seen" if not pairing.first else "omitted_listed"
    weight = 0.0
    if pairing.agreement is Agreement.SPELLING:
        weight = pairing.edits * WEIGHTS["name", "edits"]
    elif feature := _OF_PAIRING.get(pairing.agreement):
        weight = WEIGHTS["name", feature]
    text = say(f"pairing.{how}", lang, seen=pairing.first, listed=pairing.second)
    against = pairing.agreement in (Agreement.CONTRADICTS, Agreement.OMITTED)
    return Reason("name", Side.AGAINST if against else Side.FOR, text, weight)


def explain_number(asked: str, found: Found, lang: str) -> str:
    """Why a listed number is, or may be, the one asked for, with the differing characters marked."""
    listed = f"{found.entry.number}-{found.entry.last}" if found.entry.last else found.entry.number
    return say(f"number.{found.likeness}", lang, seen=marked(asked, found), listed=listed)
