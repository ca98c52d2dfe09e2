"""Names as they are compared: words of plain letters, how each sounds, and what a short form stands for.

Two spellings of one name come from another alphabet, another clerk, another keyboard or a name field that was too
short. So a name becomes words of A to Z (Doc 9303-3, section 6, where it has a value; the general table of `anyascii`
for scripts of which it has none), each with its sound: consonants in eight classes and vowels in three, after the
confusions that transliterations make (KH and K, SH and CH, V and W and B, U and OU).

The names themselves are never changed: what is made here is for comparison only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from fanal.documents.mrz import MrzError
from fanal.documents.mrz.transliteration import transliterate
from fanal.screening.errors import ScreeningError

MAX_LENGTH: Final = 300
"""Longest name that is compared, in characters."""
MAX_WORDS: Final = 24
"""Words of a name beyond this many are not compared."""

# Words that join names and are left out or varied freely, in the languages whose names have them.
PARTICLES: Final = frozenset(
    {
        "AL", "EL", "UL", "AD", "AR", "AS", "AT", "AZ", "BIN", "BEN", "IBN", "BINT", "BINTI", "OULD", "ULD", "ABU",
        "DE", "DEL", "LA", "LAS", "LOS", "LE", "LES", "DU", "DES", "DA", "DO", "DOS", "DAS", "DI", "VAN",
        "VON", "DER", "DEN", "TER", "TEN", "ZU", "ZUM", "Y", "ET", "AF", "AV", "SAN", "OF", "THE",
    }
)  # fmt: skip
FILIATION: Final = frozenset({"BIN", "BEN", "IBN", "BINT", "BINTI", "OULD", "ULD"})
"""Particles that stand between a child's and a parent's name: about these, order is part of the name."""
_ONE_PARTICLE: Final = {
    "EL": "AL", "UL": "AL", "AD": "AL", "AR": "AL", "AS": "AL", "AT": "AL", "AZ": "AL", "BEN": "BIN", "IBN": "BIN",
    "ULD": "OULD", "BINTI": "BINT",
}  # fmt: skip
# Forms of address, ranks and what stands behind names: no part of anybody's name.
TITLES: Final = frozenset(
    {
        "MR", "MRS", "MS", "MISS", "DR", "DRA", "PROF", "SIR", "DAME", "LORD", "LADY", "REV", "HON", "ING", "LIC",
        "SR", "SRA", "SRTA", "MME", "MLLE", "JR", "JNR", "SNR", "II", "III", "IV", "PHD", "MD", "ESQ", "OBE", "MBE",
        "MONSIEUR", "MADAME", "MADEMOISELLE", "SENOR", "SENORA", "SENORITA", "HERR", "FRAU", "MSYE", "MADANM",
        "GENERAL", "COLONEL", "COL", "GEN", "CAPT", "LT", "SGT", "DOCTOR", "PROFESSOR", "SHAIKH", "SHEIKH", "SHAYKH",
        "SHEIK", "HAJI", "HAJJI", "HAJ", "SAYYID", "SAYED", "SYED", "MULLAH", "MAULAVI", "MAWLAWI", "QARI", "IMAM",
        "NEE", "EPOUSE", "EPSE", "VVE", "VEUVE", "GEB", "GEBORENE", "VDA", "VIUDA", "FILS",
        "LLC", "LTD", "INC", "SA", "SRL", "SARL", "GMBH", "AG", "PLC", "LLP", "OOO", "AO",
    }
)  # fmt: skip

_FIGURES: Final = str.maketrans("013456789", "OIEASGTBG")  # figures that stand for letters in a word
_PLAIN: Final = dict.fromkeys(map(ord, "'`´ʹʻʼʽ‘’‛′＇ʾʿ\"“”")) | {
    c: " " for c in range(0x20, 0x80) if not chr(c).isalnum() and chr(c) not in "'`\""
}


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A name ready for comparison: its words in order, the sound of each, and all of them in one."""

    words: tuple[str, ...]
    sounds: tuple[str, ...]
    joined: str
    consonantal: bool = False  # from a script that leaves most vowels out


@lru_cache(maxsize=100_000)
def words_of(name: str) -> Words:
    """The words of a name in any script, without titles.

    Raises:
        ScreeningError: `name_too_long`.
    """
    if len(name) > MAX_LENGTH:
        raise ScreeningError("name_too_long", f"A name has at most {MAX_LENGTH} characters.")
    consonantal = False
    plain = name
    if not name.isascii():
        plain, consonantal = _latin(unicodedata.normalize("NFKC", name))
    words = plain.upper().translate(_PLAIN).split()[:MAX_WORDS]
    if len(words) > 1:
        words = [word for word in words if word not in TITLES] or words
    kept = tuple(_letters(word) for word in words)
    return Words(kept, tuple(map(sound, kept)), "".join(kept), consonantal)


# Arabic letters as names are commonly transcribed (Doc 9303-3, section 6.C gives codes that nobody writes); waw and
# yeh as the vowels that they mostly are.
_ARABIC: Final = str.maketrans(
    dict(zip("اأآإىبتجحدرزسصضطعفقكلمنهوؤيئةپگکیءﻻ", "AAAIABTJHDRZSSDTAFQKLMNHUUIIAPGKI'L", strict=True))
    | {"ث": "TH", "خ": "KH", "ذ": "DH", "ش": "SH", "ظ": "Z", "غ": "GH", "چ": "CH", "ژ": "ZH"}
)
_ARTICLE: Final = re.compile(r"(?<!\w)ال(?=\w\w)")
_ASIAN: Final = frozenset({"CJK", "HANGUL", "HIRAGANA", "KATAKANA"})


def _latin(name: str) -> tuple[str, bool]:
    """A name in Latin letters, and whether its script leaves vowels out."""
    quick = name.translate(_marked_letters())
    if quick.isascii():
        return quick, False
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in name if not c.isascii() and c.isalpha()}
    if scripts <= {"LATIN", "CYRILLIC", "MODIFIER"}:
        try:
            return transliterate(name), False
        except MrzError:
            pass  # a letter that Doc 9303 does not know: the general table knows most
    from anyascii import anyascii  # its tables are for those who meet such a name only

    consonantal = bool(scripts & {"ARABIC", "HEBREW"})
    if "ARABIC" in scripts:
        name = _ARTICLE.sub("AL ", name).translate(_ARABIC)
    elif 1 < len(name) < 5 and scripts <= _ASIAN:
        # Chinese and Korean names of two to four signs: the first is nearly always the family name.
        name = f"{name[0]} {name[1:]}"
    return str(anyascii(re.sub(r"[·・‧]", " ", name))), consonantal


@cache
def _marked_letters() -> dict[int, str]:
    """The Latin letters with marks, each as Doc 9303 spells it: most names need no more."""
    return {code: transliterate(chr(code)) for code in range(0xC0, 0x180) if chr(code) not in "×÷ĸŉſ"}


def _letters(word: str) -> str:
    if not word.isalpha() and any(map(str.isalpha, word)):
        word = word.translate(_FIGURES)
    return _ONE_PARTICLE.get(word, word)


# --- sounds -----------------------------------------------------------------------------------------------------------

# Consonants: S (all hisses), K, T, V, P, M, N, L, R; vowels: A, I, O; H is not heard. The longest comes first.
_GROUPS: Final = {
    "S": "SHCH TSCH TCH DZH SCH SH CH ZH DJ DZ TZ TS CZ HS SZ X J Z",
    "V": "PH W F B",
    "T": "TH DH D",
    "K": "CK KH GH GUE GUI QU C G Q",
    "I": "AI AY IA EA OI IO Y E",
    "O": "OU U",
    "": "H",
}
_SOUND: Final = {letters: by for by, group in _GROUPS.items() for letters in group.split()} | {
    # before E, I and Y
    f"{consonant}{vowel}": "SI" for consonant in "CG" for vowel in "EIY"
} | {"GUE": "KI", "GUI": "KI"}  # fmt: skip
_PARTS: Final = re.compile("|".join(sorted(_SOUND, key=len, reverse=True)))
_DOUBLED: Final = re.compile(r"(.)\1+")
_VOWELS: Final = str.maketrans("", "", "AIO")


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """How a word sounds, roughly: "KHODORKOVSKY" and "HODORKOVSKIJ" differ only where one hears it."""
    return _DOUBLED.sub(r"\1", _PARTS.sub(_sound_of, word))


def _sound_of(match: re.Match[str]) -> str:
    return _SOUND[match[0]]


def skeleton(word_sound: str) -> str:
    """The consonants of a sound, behind a mark if it begins with a vowel: what an index keeps of a word."""
    consonants = word_sound.translate(_VOWELS)
    return "A" + consonants if word_sound[:1] in ("A", "I", "O") else consonants


def bones(word: str) -> str:
    """The skeleton of a word, W taken for a vowel: to set beside a word from a script without vowels."""
    return skeleton(sound(word.replace("W", "U")))


# --- short forms ------------------------------------------------------------------------------------------------------


@cache
def _groups() -> dict[str, frozenset[str]]:
    """For each name and short form: the names that it stands for, itself among them."""
    text = resources.files(__package__).joinpath("data/nicknames.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, *short = line.split()
            for form in (name, *short):
                found.setdefault(form, set()).add(name)
    return {form: frozenset(names) for form, names in found.items()}


def is_short_form(a: str, b: str) -> bool:
    """Whether the one is a short form of the other, or both of one name; not two names in their own right that may also
    be short for a third (Rose and Marie, for Rosemarie)."""
    groups = _groups()
    first, second = groups.get(a, frozenset()), groups.get(b, frozenset())
    if a in first and b in second:
        return a in second or b in first
    return not first.isdisjoint(second)


def names_meant(word: str) -> frozenset[str]:
    """The names that a short form may stand for; empty for a word that is none."""
    return _groups().get(word, frozenset())
