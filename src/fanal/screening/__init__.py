"""Lists: which entries may be this document, this person, this thing, and why. No list is ever merged with another.

`NumberIndex` and `PersonIndex` keep entries on disk and find them; `compare` says what agrees between two persons and
what does not, with the weights of one visible table; `explain` says it in words.
"""

from fanal.screening.errors import ScreeningError
from fanal.screening.index import Candidate, Entry, PersonIndex
from fanal.screening.name_features import Agreement, NameFeatures, Pairing
from fanal.screening.numbers import Found, Kind, Likeness, Listed, NumberIndex
from fanal.screening.persons import Comparison, DocumentNumber, Evidence, Person, compare, compare_born, name_score
from fanal.screening.weights import HIT, POSSIBLE, TABLE, Weight, probability

__all__ = [
    "HIT",
    "POSSIBLE",
    "TABLE",
    "Agreement",
    "Candidate",
    "Comparison",
    "DocumentNumber",
    "Entry",
    "Evidence",
    "Found",
    "Kind",
    "Likeness",
    "Listed",
    "NameFeatures",
    "NumberIndex",
    "Pairing",
    "Person",
    "PersonIndex",
    "ScreeningError",
    "Weight",
    "compare",
    "compare_born",
    "name_score",
    "probability",
]
