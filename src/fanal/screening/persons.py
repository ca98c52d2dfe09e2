"""A person as a list or a document describes one, and the comparison of two such descriptions.

`compare` says what agrees and what does not, field by field, each with its weight from `weights.py`. Unknown is no
evidence: a field that one side lacks weighs nothing and is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from math import log
from typing import Final

from rapidfuzz.distance import OSA

from fanal.documents import dates
from fanal.documents.dates import PartialDate
from fanal.documents.states import normalise_code
from fanal.screening.errors import ScreeningError
from fanal.screening.name_features import NameFeatures, Pairing, compare_names, explain_names
from fanal.screening.names import Words, words_of
from fanal.screening.numbers import fold, plain
from fanal.screening.weights import BASE, RAREST, WEIGHTS, probability

MAX_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document number with its issuing State; "" where that is unknown."""

    number: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A description. The first name is the one in use; the others are other names of the same person.

    `born` may hold several dates where it is not known which one is right.
    """

    names: tuple[str, ...]
    born: tuple[PartialDate, ...] = ()
    sex: str = ""  # "F", "M", "X" or ""
    nationalities: tuple[str, ...] = ()
    place: str = ""
    documents: tuple[DocumentNumber, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.names) <= MAX_NAMES:
            raise ScreeningError("no_name" if not self.names else "too_many_names", f"1 to {MAX_NAMES} names.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field says. `finding` is a key of the texts; `weight` is for (positive) or against (negative)."""

    field: str
    finding: str
    seen: str
    listed: str
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The score of two descriptions (a logarithm of odds), what it is made of, and how the words were paired."""

    score: float
    evidence: tuple[Evidence, ...]
    pairings: tuple[Pairing, ...]

    @property
    def probability(self) -> float:
        return probability(self.score)


_FEATURES: Final = tuple((f.name, WEIGHTS["name", f.name]) for f in fields(NameFeatures))
_NO_WORDS: Final = -BASE
_FEW: Final = 2.5  # bearers of a name of which one does not say that it is usual


def name_score(a: Words, b: Words) -> float:
    """The score of two names alone. Nameless is no agreement: two empty names are far from the same person."""
    if not a.words or not b.words:
        return _NO_WORDS
    features = compare_names(a, b)
    score = BASE
    for name, weight in _FEATURES:
        if value := getattr(features, name):
            score += value * weight
    return score


Namesakes = Callable[[Iterable[Pairing]], float]
"""For the words that agree: how many others of a list bear such a name by chance (0.0 where nothing is known)."""


def compare(seen: Person, listed: Person, *, namesakes: Namesakes | None = None) -> Comparison:
    """Compare a traveller with a listed person, with all evidence.

    `namesakes` corrects for how many bear such a name: its logarithm is taken off, so that a usual name counts for
    less, since any of its bearers may be meant, and a rare one for more.
    """
    comparison = compare_if(seen, listed, float("-inf"), namesakes=namesakes)
    assert comparison is not None
    return comparison


def compare_if(seen: Person, listed: Person, least: float, *, namesakes: Namesakes | None = None) -> Comparison | None:
    """As `compare`, but None as soon as the score is known to be below `least`."""
    others = _other_fields(seen, listed)
    beside = sum(e.weight for e in others)
    name, (a, b), (first, second) = max(
        (
            (name_score(a, b), (a, b), (first, second))
            for first in seen.names
            for second in listed.names
            for a, b in ((words_of(first), words_of(second)),)
        ),
        key=lambda found: found[0],
    )
    if name + beside - (log(RAREST) if namesakes is not None else 0.0) < least:
        return None
    pairings: list[Pairing] = []
    found = [Evidence("name", "compared", first, second, BASE if a.words and b.words else _NO_WORDS)]
    if a.words and b.words:
        features, pairings = explain_names(a, b)
        for feature, weight in _FEATURES:
            if value := getattr(features, feature):
                found.append(Evidence("name", feature, _figure(value), "", value * weight))
        if namesakes is not None:
            bearers = namesakes(pairings)
            # The listed person is one of them.
            finding = "rare" if bearers < 1 else "few" if bearers < _FEW else "namesakes"
            found.append(Evidence("name", finding, _figure(bearers - 1), "", -log(max(bearers, RAREST))))
    found += others
    score = sum(e.weight for e in found)
    return Comparison(score, tuple(found), tuple(pairings)) if score >= least else None


def _other_fields(seen: Person, listed: Person) -> list[Evidence]:
    found = (
        _born(seen.born, listed.born),
        _sex(seen.sex, listed.sex),
        _nationality(seen.nationalities, listed.nationalities),
        _place(seen.place, listed.place),
        _documents(seen.documents, listed.documents),
    )
    return [evidence for evidence in found if evidence is not None]


def _figure(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _evidence(field: str, finding: str, seen: str, listed: str) -> Evidence:
    return Evidence(field, finding, seen, listed, WEIGHTS[field, finding])


# --- date of birth ----------------------------------------------------------------------------------------------------


def _born(seen: tuple[PartialDate, ...], listed: tuple[PartialDate, ...]) -> Evidence | None:
    """The dates that agree best: where there are several, one of them is right."""
    if not seen or not listed:
        return None
    return max(
        (_evidence("born", compare_born(a, b), str(a), str(b)) for a in seen for b in listed),
        key=lambda evidence: evidence.weight,
    )


def compare_born(a: PartialDate, b: PartialDate) -> str:
    """How two dates of birth agree: a finding of the table. 1 January stands for an unknown day where they differ."""
    if a == b and a.is_whole:
        return "same_year" if _may_stand_for_unknown(a) else "same"
    a_known, b_known = _known(a, b), _known(b, a)
    if dates.compare(a_known, b_known) is not dates.DateAgreement.DIFFERENT:
        return "same_month" if a_known.month is not None and b_known.month is not None else "same_year"
    if dates.day_and_month_swapped(a, b):
        return "day_and_month_swapped"
    if a.is_whole and b.is_whole and not (_may_stand_for_unknown(a) and _may_stand_for_unknown(b)):
        if OSA.distance(str(a), str(b)) == 1:
            return "one_figure"
        if (a.month, a.day) == (b.month, b.day) and abs(a.year - b.year) <= _YEARS_OF_ERROR:
            return "other_year"
    if a.year == b.year:
        return "other_day"
    return "near" if abs(a.year - b.year) <= _NEAR_YEARS else "different"


_YEARS_OF_ERROR: Final = 10
_NEAR_YEARS: Final = 2


def _may_stand_for_unknown(day: PartialDate) -> bool:
    return day.month == 1 and day.day == 1


def _known(day: PartialDate, other: PartialDate) -> PartialDate:
    """A date without a day that may only stand for an unknown one."""
    return PartialDate(day.year) if _may_stand_for_unknown(day) and day != other else day


# --- the other fields -------------------------------------------------------------------------------------------------


def _sex(seen: str, listed: str) -> Evidence | None:
    if seen not in ("F", "M") or listed not in ("F", "M"):
        return None
    return _evidence("sex", "same" if seen == listed else "different", seen, listed)


def _nationality(seen: tuple[str, ...], listed: tuple[str, ...]) -> Evidence | None:
    if not seen or not listed:
        return None
    a, b = {normalise_code(code) for code in seen}, {normalise_code(code) for code in listed}
    finding = "same" if a & b else "different"
    return _evidence("nationality", finding, ", ".join(seen), ", ".join(listed))


def _place(seen: str, listed: str) -> Evidence | None:
    if not seen.strip() or not listed.strip():
        return None
    a, b = words_of(seen[:200]), words_of(listed[:200])
    same = bool(set(a.sounds) & set(b.sounds) - {""}) or (len(a.joined) > 3 and OSA.distance(a.joined, b.joined) < 2)
    return _evidence("place", "same" if same else "different", seen, listed)


def _documents(seen: tuple[DocumentNumber, ...], listed: tuple[DocumentNumber, ...]) -> Evidence | None:
    """Another document says nothing: people have several, and get new ones."""
    best: Evidence | None = None
    for a in seen:
        for b in listed:
            if a.state and b.state and normalise_code(a.state) != normalise_code(b.state):
                continue
            x, y = plain(a.number), plain(b.number)
            if x and x == y:
                return _evidence("document", "same", a.number, b.number)
            if x and fold(x) == fold(y):
                best = _evidence("document", "confusable", a.number, b.number)
    return best
