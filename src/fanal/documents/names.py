"""Names of holders: the primary and the secondary identifier, and whether two sources say the same.

The visual inspection zone (VIZ), the MRZ, the chip and a seal write one name in different ways, and rightly so: the
MRZ has only A to Z (ICAO Doc 9303-3, 4.6 and section 6), drops apostrophes, turns hyphens into fillers, may omit titles
and shortens what does not fit (Doc 9303-4, 4.2; -5, 4.2; -6, 4.2; -7, 4). `compare` tells those harmless differences
from the others, and both from what a reader of pictures confuses.

Names stay as the source has them; nothing here changes a name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

from fanal.documents.mrz.errors import MrzError
from fanal.documents.mrz.transliteration import transliterations

MAX_LENGTH: Final = 256
"""Longest identifier that is compared, in characters: far beyond any document's field."""


@dataclass(frozen=True, slots=True)
class Name:
    """A holder's name as one source states it. Some people have no secondary identifier (Doc 9303-3, 4.6)."""

    primary: str
    secondary: str = ""

    @classmethod
    def of_mrz(cls, field: str) -> Name:
        """The name in an MRZ name field: "ERIKSSON<<ANNA<MARIA<<<"."""
        primary, _, secondary = field.partition("<<")
        return cls(primary.replace("<", " ").strip(), secondary.replace("<", " ").strip())


class NameOutcome(StrEnum):
    """What a comparison says, from best to worst."""

    SAME = "same"  # but for capitals and spaces
    HARMLESS = "harmless"  # different in writing only, by the rules of Doc 9303
    CONFUSABLE = "confusable"  # the same, if characters that a reader of pictures confuses were confused: look again
    INCOMPARABLE = "incomparable"  # a name is absent, too long, or has letters of which no MRZ spelling is known
    DIFFERENT = "different"


class NameReason(StrEnum):
    """Why two names differ. Stable: stored in records and keyed in texts."""

    # harmless
    TRANSLITERATION = "transliteration"  # Doc 9303-3, section 6: Ñ as N or NXX, Ü as UE, UXX or U
    APOSTROPHE = "apostrophe"  # Doc 9303-3, 4.6: left out
    HYPHEN = "hyphen"  # Doc 9303-3, 4.6: a filler in the MRZ
    PUNCTUATION = "punctuation"  # full stops and commas left out
    SPACING = "spacing"  # one word or two: DE LA CRUZ, DELACRUZ
    TRUNCATION = "truncation"  # the MRZ has no room for all of it
    TITLE = "title"  # a title, prefix or suffix that one source leaves out: DR, JR
    MARRIED_NAME = "married_name"  # one source adds "née", "épouse" and a name
    # not settled
    CONFUSED_CHARACTERS = "confused_characters"  # 0 and O, 1 and I; an accent not read
    UNKNOWN_LETTERS = "unknown_letters"
    ABSENT = "absent"
    TOO_LONG = "too_long"
    # different
    ORDER = "order"  # the same words in another order
    SWAPPED = "swapped"  # the primary identifier is the other's secondary, and the reverse
    DIVISION = "division"  # the same words, parted elsewhere into primary and secondary
    WORDS_MISSING = "words_missing"  # words of the first name are not in the second
    WORDS_ADDED = "words_added"  # words of the second name are not in the first
    LETTERS = "letters"  # other letters


@dataclass(frozen=True, slots=True)
class Difference:
    """The part of an identifier in which two names differ: the words of the one and of the other."""

    identifier: str  # "primary" or "secondary"
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class NameComparison:
    """The outcome of a comparison, its reasons and where the names differ (nowhere, where they are the same)."""

    outcome: NameOutcome
    reasons: tuple[NameReason, ...] = ()
    differences: tuple[Difference, ...] = ()


def compare(first: Name, second: Name, *, truncated: bool = False) -> NameComparison:
    """Compare a name with the same person's name in another source of the same document.

    `truncated` says that `second` is from an MRZ whose name field is full, so that it may have been shortened: each of
    its words is then compared as the beginning of one of the first name's, in their order. Without it, the outcome is
    the same if the names change places.

    A VIZ that gives a name twice, in a national script and transcribed ("Иванов / IVANOV"), is as good as either.
    """
    if not first.primary.strip() or not second.primary.strip():
        return NameComparison(NameOutcome.INCOMPARABLE, (NameReason.ABSENT,))
    if any(len(text) > MAX_LENGTH for text in (first.primary, first.secondary, second.primary, second.secondary)):
        return NameComparison(NameOutcome.INCOMPARABLE, (NameReason.TOO_LONG,))
    found = [
        ("primary", _best(first.primary, second.primary, truncated), first.primary, second.primary),
        ("secondary", _best(first.secondary, second.secondary, truncated), first.secondary, second.secondary),
    ]
    outcome = max((verdict.outcome for _, verdict, _, _ in found), key=_RANK.__getitem__)
    reasons = [reason for _, verdict, _, _ in found for reason in verdict.reasons]
    if outcome is NameOutcome.DIFFERENT and (moved := _moved(first, second)) is not None:
        reasons = [moved]
    differences = tuple(
        Difference(identifier, *_differing_words(a, b))
        for identifier, verdict, a, b in found
        if verdict.outcome is not NameOutcome.SAME
    )
    order = list(NameReason)
    return NameComparison(outcome, tuple(sorted(set(reasons), key=order.index)), differences)


_RANK: Final = {outcome: rank for rank, outcome in enumerate(NameOutcome)}


# --- one identifier ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: NameOutcome
    reasons: tuple[NameReason, ...] = ()


def _best(first: str, second: str, truncated: bool) -> _Verdict:
    """The best verdict of all ways in which an identifier is given, parted by "/"."""
    ways = product(_ways(first), _ways(second))
    return min((_compare_identifier(a, b, truncated) for a, b in ways), key=lambda verdict: _RANK[verdict.outcome])


def _ways(text: str) -> list[str]:
    return [way for way in text.split("/") if way.strip()][:4] or [""]


def _compare_identifier(first: str, second: str, truncated: bool) -> _Verdict:
    if _plain(first) == _plain(second):
        return _Verdict(NameOutcome.SAME)
    a, b = _words(first), _words(second)
    for exactness in (_exact, _confusable):
        for words_a, reasons_a in _forms(a):
            for words_b, reasons_b in _forms(b):
                reasons = _match(words_a, words_b, truncated, exactness)
                if reasons is None:
                    continue
                reasons += reasons_a + reasons_b + _signs(first, second)
                if exactness is _confusable:
                    return _Verdict(NameOutcome.CONFUSABLE, (*reasons, NameReason.CONFUSED_CHARACTERS))
                return _Verdict(NameOutcome.HARMLESS, reasons or (NameReason.PUNCTUATION,))
    if any(_exact(letter) == () for word in a + b for letter in word):
        if _transliterates(first, b, truncated) or _transliterates(second, a, truncated=False):
            return _Verdict(NameOutcome.HARMLESS, (NameReason.TRANSLITERATION,))
        return _Verdict(NameOutcome.INCOMPARABLE, (NameReason.UNKNOWN_LETTERS,))
    return _Verdict(NameOutcome.DIFFERENT, (_why_different(a, b),))


def _transliterates(text: str, words: list[str], truncated: bool) -> bool:
    """Whether one of the ways in which section 6 writes Cyrillic or Arabic gives these words. That none does says
    nothing yet: States write such names in ways of their own, too."""
    try:
        ways = transliterations(text)
    except MrzError:
        return False  # a letter of no table
    return any(_match(_words(way), words, truncated, _exact) is not None for way in ways)


def _match(
    a: list[str], b: list[str], truncated: bool, exactness: Callable[[str], tuple[str, ...]]
) -> tuple[NameReason, ...] | None:
    """The reasons for which words `a` and `b` differ though they are one name; None where they are not."""
    if not a or not b:
        # A secondary identifier may be cut off altogether; that both are empty is no match of words.
        return (NameReason.TRUNCATION,) if truncated and a and not b else None
    joined_a, joined_b = "".join(a), "".join(b)
    in_ascii = joined_a.isascii() and joined_b.isascii()
    transliterated = () if in_ascii or joined_a.startswith(joined_b) else (NameReason.TRANSLITERATION,)
    if len(a) == len(b) and all(_meet(x, y, exactness) for x, y in zip(a, b, strict=True)):
        return transliterated
    if _meet(joined_a, joined_b, exactness):
        return (*transliterated, NameReason.SPACING)
    if truncated and _shortened(a, b, exactness):
        return (*transliterated, NameReason.TRUNCATION)
    return None


def _shortened(a: list[str], b: list[str], exactness: Callable[[str], tuple[str, ...]]) -> bool:
    """Whether `b` is what the rules of truncation leave of `a`: its first word, and of the others what had room."""
    if _meet("".join(a), "".join(b), exactness, prefix=True):
        return True
    rest = iter(a)
    return _meet(a[0], b[0], exactness, prefix=True) and all(
        any(_meet(whole, short, exactness, prefix=True) for whole in rest) for short in b
    )


def _meet(a: str, b: str, exactness: Callable[[str], tuple[str, ...]], *, prefix: bool = False) -> bool:
    """Whether two texts have one MRZ spelling in common (or, with `prefix`, one of `b` begins one of `a`).

    Walks both texts at once; at each step the one that lags behind brings its next letter. A state is how far each is
    and what the one ahead has spelled beyond the other, so that no state is visited twice.
    """
    ways_a, ways_b = [exactness(letter) for letter in a], [exactness(letter) for letter in b]
    todo: list[tuple[int, int, str, bool]] = [(0, 0, "", True)]  # the last: `a` is ahead by the text before it
    seen = set(todo)
    while todo:
        i, j, ahead, a_leads = todo.pop()
        if j == len(b) and (prefix or i == len(a)) and (not ahead or (prefix and a_leads)):
            return True
        lagging_is_b = a_leads if ahead else i == len(a)
        at, ways = (j, ways_b) if lagging_is_b else (i, ways_a)
        if at == len(ways):
            continue
        for spelling in ways[at]:
            if spelling.startswith(ahead):
                rest, leads = spelling[len(ahead) :], not lagging_is_b
            elif ahead.startswith(spelling):
                rest, leads = ahead[len(spelling) :], a_leads
            else:
                continue
            state = (i + (not lagging_is_b), j + lagging_is_b, rest, leads if rest else True)
            if state not in seen:
                seen.add(state)
                todo.append(state)
    return False


# --- how letters are spelled ------------------------------------------------------------------------------------------

# Doc 9303-3, section 6 A: where a letter has more than its bare form, or another one.
_SPELLINGS: Final = {
    "Ä": ("AE", "A", "AXX"), "Å": ("AA", "A"), "Æ": ("AE",), "Ð": ("D", "DH"), "Đ": ("D",), "Ħ": ("H",), "İ": ("I",),
    "Ĳ": ("IJ",), "Ł": ("L",), "Ŀ": ("L",), "Ñ": ("N", "NXX"), "Ŋ": ("N",), "Ö": ("OE", "O", "OXX"), "Ø": ("OE", "O"),
    "Œ": ("OE",), "ẞ": ("SS",), "ß": ("SS",), "Þ": ("TH",), "Ŧ": ("T",), "Ü": ("UE", "UXX", "U"), "Ə": ("A", "E"),
}  # fmt: skip

# What a reader of pictures confuses, each class by one of its members; and the letters whose accent it may have missed.
_CONFUSED: Final = {
    character: members[0]
    for members in ("O0QD", "I1L", "S5", "B8", "Z2", "G6", "A4", "VU", "T7")
    for character in members
}  # fmt: skip
_ACCENT_MISSED: Final = {"A": ("AE", "AA"), "N": ("NXX",), "O": ("OE",), "U": ("UE", "UXX")}


def _exact(letter: str) -> tuple[str, ...]:
    """The MRZ spellings of one letter in capitals; none where Doc 9303 knows none."""
    if letter.isascii():
        return (letter,)
    if (spellings := _SPELLINGS.get(letter)) is not None:
        return spellings
    bare = "".join(c for c in unicodedata.normalize("NFD", letter) if unicodedata.category(c)[0] != "M")
    return (bare,) if bare.isascii() else ()


def _confusable(letter: str) -> tuple[str, ...]:
    spellings = _exact(letter) + _ACCENT_MISSED.get(letter, ())
    return tuple("".join(_CONFUSED.get(c, c) for c in spelling) for spelling in spellings)


# --- words ------------------------------------------------------------------------------------------------------------

_APOSTROPHES: Final = "'`´ʹʻʼʽ‘’‛′＇ʾʿ"
_HYPHENS: Final = "-‐‑‒–—−"

_TITLES: Final = frozenset(
    {
        "MR", "MRS", "MS", "MISS", "DR", "DRA", "PROF", "SIR", "DAME", "LORD", "LADY", "REV", "HON", "ING", "LIC", "SR",
        "SRA", "SRTA", "MME", "MLLE", "JR", "JNR", "SNR", "II", "III", "IV", "PHD", "MD", "ESQ", "FILS", "OBE", "MBE",
    }
)  # fmt: skip
_MARRIED: Final = frozenset({"NEE", "EPOUSE", "EP", "EPSE", "VVE", "VEUVE", "GEB", "GEBORENE", "VDA", "VIUDA"})


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).upper().replace("<", " ").split())


def _words(text: str) -> list[str]:
    """Words in capitals, without signs; parted by spaces, fillers and hyphens."""
    # NFKC makes one letter of a letter and its accent, so that Ñ is known as such; and a space of some apostrophes.
    whole = unicodedata.normalize("NFKC", "".join(c for c in text if c not in _APOSTROPHES)).upper()
    parted = "".join(" " if c in _HYPHENS or c == "<" else c for c in whole)
    return "".join(c for c in parted if c.isspace() or unicodedata.category(c)[0] in "LMN").split()


def _forms(words: list[str]) -> Iterator[tuple[list[str], tuple[NameReason, ...]]]:
    """The words, then without titles, then one by one the names that "née" or "épouse" joins."""
    yield words, ()
    start, end = 0, len(words)
    while start < end - 1 and words[start] in _TITLES:
        start += 1
    while start < end - 1 and words[end - 1] in _TITLES:
        end -= 1
    if end - start < len(words):
        yield words[start:end], (NameReason.TITLE,)
    for at, word in enumerate(words):
        if 0 < at < len(words) - 1 and _bare(word) in _MARRIED:
            yield words[:at], (NameReason.MARRIED_NAME,)
            yield words[at + 1 :], (NameReason.MARRIED_NAME,)
            yield words[:at] + words[at + 1 :], (NameReason.MARRIED_NAME,)
            return


def _bare(word: str) -> str:
    return "".join((_exact(letter) or ("",))[0] for letter in word)


def _signs(first: str, second: str) -> tuple[NameReason, ...]:
    """The reasons that are signs in one identifier and not in the other."""
    signs = (
        (NameReason.APOSTROPHE, _APOSTROPHES.__contains__),
        (NameReason.HYPHEN, _HYPHENS.__contains__),
        (NameReason.PUNCTUATION, _is_punctuation),
    )
    return tuple(reason for reason, is_sign in signs if sum(map(is_sign, first)) != sum(map(is_sign, second)))


def _is_punctuation(c: str) -> bool:
    letter_or_space = c.isspace() or c == "<" or unicodedata.category(c)[0] in "LMN"
    return not letter_or_space and c not in _APOSTROPHES and c not in _HYPHENS


# --- why different ----------------------------------------------------------------------------------------------------


def _moved(first: Name, second: Name) -> NameReason | None:
    if first.secondary and second.secondary:
        a, b = _words(first.primary), _words(first.secondary)
        if _equal(a, _words(second.secondary)) and _equal(b, _words(second.primary)):
            return NameReason.SWAPPED
    whole_a = _words(first.primary) + _words(first.secondary)
    whole_b = _words(second.primary) + _words(second.secondary)
    return NameReason.DIVISION if _equal(whole_a, whole_b) else None


def _equal(a: list[str], b: list[str]) -> bool:
    return len(a) == len(b) and all(_meet(x, y, _exact) for x, y in zip(a, b, strict=True))


def _why_different(a: list[str], b: list[str]) -> NameReason:
    left_a, left_b = _unmatched(a, b)
    if not left_a and not left_b:
        return NameReason.ORDER
    if not left_b:
        return NameReason.WORDS_MISSING
    return NameReason.LETTERS if left_a else NameReason.WORDS_ADDED


def _unmatched(a: Iterable[str], b: Iterable[str]) -> tuple[list[str], list[str]]:
    left_a, left_b = [], list(b)
    for word in a:
        partner = next((other for other in left_b if _meet(word, other, _exact)), None)
        if partner is None:
            left_a.append(word)
        else:
            left_b.remove(partner)
    return left_a, left_b


def _differing_words(first: str, second: str) -> tuple[str, str]:
    """The words of both without those that they have in common at the beginning and the end."""
    a, b = first.replace("<", " ").split(), second.replace("<", " ").split()
    while a and b and a[0].upper() == b[0].upper():
        a, b = a[1:], b[1:]
    while a and b and a[-1].upper() == b[-1].upper():
        a, b = a[:-1], b[:-1]
    return " ".join(a), " ".join(b)
