"""How two names agree and differ: words paired, and what the pairing shows, in a dozen numbers.

Nothing here weighs: the weights are `weights.py`'s. Words are paired in the order exact, joined or parted, short
form, spelled differently, initial, beginning; each at most once. What is left on both sides contradicts; what is left
on one side only is an omission, as official names are longer than those in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from rapidfuzz.distance import OSA

from fanal.screening.names import FILIATION, PARTICLES, Words, bones, is_short_form


class Agreement(StrEnum):
    """How two words were paired, or why a word was not. Stable: keyed in texts."""

    EXACT = "exact"
    JOINED = "joined"  # two words of the one are one word of the other
    SHORT_FORM = "short_form"
    SPELLING = "spelling"  # other letters, near enough to be the same word
    INITIAL = "initial"
    BEGINNING = "beginning"  # the one begins the other: cut off, or half of a compound
    CONTRADICTS = "contradicts"  # the nearest that each side has left: another word
    OMITTED = "omitted"  # only in one of the names


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two words that were paired, with how many letters differ; one of them is "" where it was omitted."""

    agreement: Agreement
    first: str
    second: str
    edits: float = 0.0


@dataclass(slots=True)
class NameFeatures:
    """What a pairing shows. Shares are of the letters of the name that has fewer."""

    edits: float = 0.0  # letters that differ in words paired as spellings: the mean of written and heard
    beginnings: float = 0.0  # words that begin the other's
    initials: float = 0.0  # words that are only an initial of the other's
    short_forms: float = 0.0
    omissions: float = 0.0  # words left on one side only
    contradictions: float = 0.0  # words left on both sides
    unlikeness: float = 0.0  # how unlike those are, 0 to 1 each
    initial_conflicts: float = 0.0  # initials that differ
    single: float = 0.0  # 1 where only one word (no particle) agrees, and there are others
    order: float = 0.0  # 1 where a child's and a parent's name have changed places about "bin"


class _Note(Protocol):
    def __call__(self, agreement: Agreement, x: str, y: str, edits: float = 0.0) -> None: ...


_MAX_RELATIVE: Final = 0.45  # words that differ in more of their letters are other words
_SHORT_FORM_FROM: Final = 0.2  # nearer than this, it is a spelling


def compare_names(a: Words, b: Words) -> NameFeatures:
    """The features of a pair."""
    return _pair(a, b, None)


def explain_names(a: Words, b: Words) -> tuple[NameFeatures, list[Pairing]]:
    """The features of a pair, and which words were paired, for people to read."""
    pairings: list[Pairing] = []
    return _pair(a, b, pairings), pairings


def _pair(first: Words, second: Words, out: list[Pairing] | None) -> NameFeatures:
    f = NameFeatures()
    swapped = len(first.words) > len(second.words)
    a, b = (second, first) if swapped else (first, second)

    def note(agreement: Agreement, x: str, y: str, edits: float = 0.0) -> None:
        if out is not None:
            out.append(Pairing(agreement, *((y, x) if swapped else (x, y)), edits))

    def note_back(agreement: Agreement, x: str, y: str, edits: float = 0.0) -> None:
        note(agreement, y, x, edits)

    if a.joined == b.joined and a.joined:
        if a.words == b.words:
            for word in a.words:
                note(Agreement.EXACT, word, word)
        else:
            note(Agreement.JOINED, " ".join(a.words), " ".join(b.words))
        return f

    # 1. The same words; particles count only in their order about a filiation.
    left_b = [j for j, word in enumerate(b.words) if word not in PARTICLES]
    left_a: list[int] = []
    exact: list[tuple[int, int]] = []
    agreed = 0
    for i, word in enumerate(a.words):
        if word in PARTICLES:
            continue
        for j in left_b:
            if b.words[j] == word:
                exact.append((i, j))
                left_b.remove(j)
                agreed += len(word) > 1
                note(Agreement.EXACT, word, word)
                break
        else:
            left_a.append(i)
    if len(exact) > 1 and not FILIATION.isdisjoint(a.words) and not FILIATION.isdisjoint(b.words):
        f.order = float(_child_and_parent_change_places(a, b, exact))

    # 2. Words of the one that are parted in the other; letters that stand for words.
    if left_a and len(b.words) > 1:
        agreed += _join(a, b, left_a, left_b, note)
    if left_b and len(a.words) > 1:
        agreed += _join(b, a, left_b, left_a, note_back)
    if left_a and left_b:
        f.initials += _initials(a, b, left_a, left_b, note) + _initials(b, a, left_b, left_a, note_back)

    # 3. Short forms and other spellings, the nearest first.
    if left_a and left_b:
        agreed += _spellings(a, b, left_a, left_b, f, note)

    # 4. Initials, and beginnings of what was cut off.
    if left_a and left_b:
        agreed += _beginnings(a, b, left_a, left_b, f, note)

    # 5. What is left: on both sides it contradicts, on one side it was omitted.
    both = min(len(left_a), len(left_b))
    for i, j in zip(left_a[:both], left_b[:both], strict=True):
        x, y = a.words[i], b.words[j]
        if len(x) == 1 or len(y) == 1:
            f.initial_conflicts += 1
        else:
            f.contradictions += 1
            f.unlikeness += OSA.normalized_distance(x, y)
        note(Agreement.CONTRADICTS, x, y)
    for i in left_a[both:]:
        note(Agreement.OMITTED, a.words[i], "")
    for j in left_b[both:]:
        note(Agreement.OMITTED, "", b.words[j])
    f.omissions = abs(len(left_a) - len(left_b))
    f.single = float(agreed < 2 and (f.omissions + f.contradictions + f.initials + f.initial_conflicts) > 0)
    return f


def _spellings(a: Words, b: Words, left_a: list[int], left_b: list[int], f: NameFeatures, note: _Note) -> int:
    """Pair what is spelled differently, and short forms; how many pairs were made."""
    found = []
    one_has_no_vowels = a.consonantal != b.consonantal
    for i in left_a:
        for j in left_b:
            x, y, heard_x, heard_y = a.words[i], b.words[j], a.sounds[i], b.sounds[j]
            if len(x) == 1 or len(y) == 1:
                continue
            if one_has_no_vowels:
                x = heard_x = bones(x)
                y = heard_y = bones(y)
            written, heard = OSA.distance(x, y), OSA.distance(heard_x, heard_y)
            found.append(((written + heard) / (2 * max(len(x), len(y), 1)), written, heard, i, j))
    found.sort()
    made = 0
    for relative, written, heard, i, j in found:
        if i not in left_a or j not in left_b:
            continue
        x, y = a.words[i], b.words[j]
        short_form = relative > _SHORT_FORM_FROM and is_short_form(x, y)
        if relative > _MAX_RELATIVE and written > 1 and heard > 0 and not short_form:
            continue
        if short_form:
            f.short_forms += 1
            note(Agreement.SHORT_FORM, x, y)
        elif written > 1 and (x.startswith(y) or y.startswith(x)) and min(len(x), len(y)) > 2:
            f.beginnings += 1
            note(Agreement.BEGINNING, x, y)
        else:
            f.edits += (written + heard) / 2
            note(Agreement.SPELLING, x, y, (written + heard) / 2)
        made += 1
        left_a.remove(i)
        left_b.remove(j)
    return made


def _beginnings(a: Words, b: Words, left_a: list[int], left_b: list[int], f: NameFeatures, note: _Note) -> int:
    made = 0
    for i in list(left_a):
        for j in left_b:
            x, y = a.words[i], b.words[j]
            short, long = (x, y) if len(x) < len(y) else (y, x)
            if len(short) == 2 or not long.startswith(short):
                continue
            if len(short) == 1:
                f.initials += 1
                note(Agreement.INITIAL, x, y)
            else:
                f.beginnings += 1
                made += 1
                note(Agreement.BEGINNING, x, y)
            left_a.remove(i)
            left_b.remove(j)
            break
    return made


def _initials(one: Words, many: Words, left_one: list[int], left_many: list[int], note: _Note) -> float:
    """Pair "JC" with JEAN CLAUDE, standing together: 1.0 if that was so."""
    for i in left_one:
        word = one.words[i]
        if 1 < len(word) < 4 and len(left_many) >= len(word):
            for start in range(len(left_many) - len(word) + 1):
                run = left_many[start : start + len(word)]
                if run[-1] - run[0] == len(word) - 1 and "".join(many.words[j][0] for j in run) == word:
                    note(Agreement.INITIAL, word, " ".join(many.words[j] for j in run))
                    left_one.remove(i)
                    del left_many[start : start + len(word)]
                    return 1.0
    return 0.0


def _join(one: Words, many: Words, left_one: list[int], left_many: list[int], note: _Note) -> int:
    """Pair a word left of `one` with two or three that stand together in `many`; how many pairs were made.

    The parts may have been paired already ("Ali Ali-Reza" and "Alireza"), but not all of them.
    """
    made = 0
    count = len(many.words)
    for i in list(left_one):
        word, heard = one.words[i], one.sounds[i]
        if len(word) < 4:
            continue
        for start in range(count - 1):
            if heard[:1] != many.sounds[start][:1]:
                continue
            for end in range(start + 2, min(count, start + 3) + 1):
                joined = "".join(many.words[start:end])
                if abs(len(joined) - len(word)) > 3:
                    continue
                if "".join(many.sounds[start:end]) != heard and OSA.distance(joined, word) > (1 + (len(word) > 9)):
                    continue
                if left_many and not any(part in left_many for part in range(start, end)):
                    continue
                for part in range(start, end):
                    if part in left_many:
                        left_many.remove(part)
                left_one.remove(i)
                made += 1
                note(Agreement.JOINED, word, " ".join(many.words[start:end]))
                break
            else:
                continue
            break
    return made


def _child_and_parent_change_places(a: Words, b: Words, exact: list[tuple[int, int]]) -> bool:
    """Whether the word before "bin" in the one is found after it in the other, and the reverse."""
    at_a = next(i for i, w in enumerate(a.words) if w in FILIATION)
    at_b = next(i for i, w in enumerate(b.words) if w in FILIATION)
    if at_a in (0, len(a.words) - 1) or at_b in (0, len(b.words) - 1):
        return False  # "bin Salman Mohammed": a list's order, the family name first
    forth = any(i < at_a and j > at_b for i, j in exact)
    back = any(i > at_a and j < at_b for i, j in exact)
    return forth and back
