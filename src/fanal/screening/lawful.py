"""What may stand on a list at all: somebody in particular, or some thing in particular.

An entry or a rule that rests on nationality, sex, age, religion or place of birth alone describes a group and not a
person. It is refused here, before it is stored, whoever writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fanal.screening.errors import ScreeningError
from fanal.screening.names import PARTICLES, words_of
from fanal.screening.numbers import plain

TRAITS: Final = frozenset({"nationality", "sex", "age", "born", "religion", "place"})
"""What never suffices, by the names that entries and rules have for it."""


def names_somebody(names: Iterable[str]) -> bool:
    """Whether one of the names has a word that could be somebody's: two letters, and no particle."""
    return any(
        len(word) > 1 and word.isalpha() and word not in PARTICLES for name in names for word in words_of(name).words
    )


def require_particular(names: Iterable[str], numbers: Iterable[str]) -> None:
    """Refuse an entry that describes a group.

    Raises:
        ScreeningError: `traits_alone`.
    """
    if not names_somebody(names) and not any(plain(number) for number in numbers):
        raise ScreeningError(
            "traits_alone", "An entry rests on a name or a number, never on nationality, sex, age, religion or place."
        )
