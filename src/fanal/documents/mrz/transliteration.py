"""Names in the letters of an MRZ: the transliterations of ICAO Doc 9303-3, section 6 (8th edition, 2021).

Where the standard allows several (Ü: UE, UXX or U) the first is what `transliterate` gives; `transliterations` gives
them all, because States choose differently and a comparison must accept each. Letters that the tables lack (Romanian
Ș, Vietnamese Ơ, Azerbaijani Ə, Serbian Ћ ...) are added below, apart, with the value of their nearest relation.
"""

from __future__ import annotations

import unicodedata
from itertools import islice, product

from fanal.documents.mrz.errors import MrzError

MAX_TEXT = 1_000

# Section 6.A: Latin. Letters whose only change is to lose their mark are grouped under the letter they become.
_LATIN = {
    character: (letters,)
    for letters, characters in {
        "A": "ÀÁÂÃĀĂĄ",
        "C": "ÇĆĈĊČ",
        "D": "ÐĎĐ",
        "E": "ÈÉÊËĒĔĖĘĚ",
        "G": "ĜĞĠĢ",
        "H": "ĤĦ",
        "I": "ÌÍÎÏĨĪĬĮİı",
        "J": "Ĵ",
        "K": "Ķ",
        "L": "ĹĻĽĿŁ",
        "N": "ŃŅŇŊ",
        "O": "ÒÓÔÕŌŎŐ",
        "R": "ŔŖŘ",
        "S": "ŚŜŞŠ",
        "T": "ŢŤŦ",
        "U": "ÙÚÛŨŪŬŮŰŲ",
        "W": "Ŵ",
        "Y": "ÝŶŸ",
        "Z": "ŹŻŽ",
        "AE": "Æ",
        "IJ": "Ĳ",
        "OE": "ØŒ",
        "SS": "ẞß",
        "TH": "Þ",
    }.items()
    for character in characters
} | {"Ä": ("AE", "A"), "Å": ("AA", "A"), "Ñ": ("N", "NXX"), "Ö": ("OE", "O"), "Ü": ("UE", "UXX", "U")}

# Section 6.B: Cyrillic. The first is the table's own; `_EXCEPTIONS` has what it says of single languages.
_CYRILLIC_LETTERS = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЭЮЯЁЂЄЅІЇЈЉЊЌЎЏѪѴҐҒҺ"
_CYRILLIC_VALUES = (
    "A B V G D E ZH Z I I K L M N O P R S T U F KH TS CH SH SHCH IE Y E IU IA E D IE DZ I I J LJ NJ K U DZ U Y G G C"
)
_CYRILLIC = dict(zip(_CYRILLIC_LETTERS, _CYRILLIC_VALUES.split(), strict=True))
_EXCEPTIONS = {
    "be": {"Г": "H", "Ё": "IO"},
    "bg": {"Щ": "SHT"},
    # The table prints GJ at U+0492; the letter it means is Ѓ (U+0403), which the table lacks.
    "mk": {"Х": "H", "Ц": "C", "Ќ": "KJ", "Џ": "DJ", "Ѓ": "GJ", "Ғ": "GJ"},
    "sr": {"Г": "H", "Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
    "uk": {"Г": "H", "И": "Y"},
}
_UKRAINIAN_INITIALS = {"Є": "YE", "Ї": "YI", "Й": "Y", "Ю": "YU", "Я": "YA"}
LANGUAGES = frozenset(_EXCEPTIONS)

# Section 6.C and Appendix B: Arabic. `_SILENT` are the characters that are not encoded.
_ARABIC_LETTERS = "ءآأؤإئابتثجحخدذرزسشصضطظعغفقكلمنهوىيٱٹټپځڅچڈډڑړږژښڤڥکګڭگںڼھۀہۂۃیۍېےۓ"
_ARABIC_VALUES = (
    "XE XAA XAE U I XI A B T XTH J XH XKH D XDH R Z S XSH XSS XDZ XTT XZZ E G F Q K L M N H W XAY Y XXA XXT XRT "
    "P XKE XXH XC XXD XDR XXR XRR XRX XJ XXS V XF XKK XXK XNG XGG XNN XXN XDO XYH XXG XGE XTG XYA XXY Y XYB XBE"
)
_ARABIC = dict(zip(_ARABIC_LETTERS, _ARABIC_VALUES.split(), strict=True))
_SILENT = frozenset("\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0652\u0670\u069c\u06a2\u06a7\u06a8\u200c\u200d")
_TEH_MARBUTA, _SHADDA, _FARSI_YEH = "\u0629", "\u0651", "\u06cc"

# Letters of no table, by their nearest relation; marks that Unicode can take off need no entry.
_ADDED = {"Ə": ("A", "E"), "Ә": ("A", "E"), "Ь": ("",), "Ѓ": ("G",), "Ћ": ("C",), "Ɓ": ("B",), "Ɗ": ("D",), "Ɠ": ("G",)}
_ADDED |= {"Ɲ": ("N",), "Ƴ": ("Y",), "Ɛ": ("E",), "Ɔ": ("O",), "Ң": ("N",), "Ө": ("O",), "Ү": ("U",), "Ұ": ("U",)}
_ADDED |= {"Қ": ("K",), "Ӑ": ("A",), "Ӗ": ("E",), "Ҳ": ("H",), "Ҷ": ("J",), "Ӯ": ("U",), "Ӣ": ("I",)}


def _variants(letter: str, own: str) -> tuple[str, ...]:
    """All that section 6.B allows for a Cyrillic letter in any language, the table's own first."""
    others = [table[letter] for table in _EXCEPTIONS.values() if letter in table]
    initial = [_UKRAINIAN_INITIALS[letter]] if letter in _UKRAINIAN_INITIALS else []
    return tuple(dict.fromkeys([own, *others, *initial]))


_TABLE: dict[str, tuple[str, ...]] = (
    _ADDED
    | _LATIN
    | {letter: _variants(letter, own) for letter, own in _CYRILLIC.items()}
    | {"Ѓ": ("G", "GJ")}
    | {letter: (own,) for letter, own in _ARABIC.items()}
    | {_FARSI_YEH: ("XYA", "Y", "XAY")}
)


def transliterate(text: str, *, language: str | None = None) -> str:
    """`text` in A-Z (and digits, as they stand), words parted by single spaces: "Térèsa D'Cañon" is "TERESA DCANON".

    Apostrophes and other punctuation vanish, hyphens and commas part words (Doc 9303-3, 4.6). `language` (ISO 639-1:
    be, bg, mk, sr, uk) chooses among the Cyrillic values. Raises MrzError for a character of no table.
    """
    return " ".join("".join(options[0] for options in word) for word in _words(text, language))


def transliterations(text: str, *, limit: int = 64) -> tuple[str, ...]:
    """Every transliteration that the standard allows for `text`, the first being `transliterate`'s; `limit` at most."""
    options: list[tuple[str, ...]] = []
    for word in _words(text, None):
        if options:
            options.append((" ",))
        options.extend(word)
    found = dict.fromkeys("".join(choice) for choice in islice(product(*options), limit * 64))
    return tuple(islice(found, limit))


def _words(text: str, language: str | None) -> list[list[tuple[str, ...]]]:
    """The words of `text`, each a list of what its letters may become."""
    if len(text) > MAX_TEXT:
        raise MrzError("too_long", f"A name has at most {MAX_TEXT} characters.")
    if language is not None and language not in LANGUAGES:
        raise MrzError("unknown_language", f"Section 6 has exceptions for {', '.join(sorted(LANGUAGES))} only.")
    words: list[list[tuple[str, ...]]] = []
    for word in _parted(unicodedata.normalize("NFC", text)):
        letters: list[tuple[str, ...]] = []
        for at, character in enumerate(word):
            if character == _SHADDA:
                letters += letters[-1:]  # it doubles the letter before it
            elif character == _TEH_MARBUTA:
                last = not any(c not in _SILENT and c != _SHADDA for c in word[at + 1 :])
                letters.append(("XAH", "XTA") if last else ("XTA", "XAH"))
            else:
                letters += _letter(character, language, first=not letters)
        if any("".join(options) for options in letters):
            words.append(letters)
    return words


def _parted(text: str) -> list[str]:
    """The words of `text`: spaces, hyphens, commas and fillers part them."""
    return "".join(" " if c in ",،<_" or unicodedata.category(c) in ("Pd", "Zs", "Cc") else c for c in text).split()


def _letter(character: str, language: str | None, *, first: bool) -> list[tuple[str, ...]]:
    upper = character.upper()
    found: list[tuple[str, ...]] = []
    for c in upper if character not in _TABLE else character:
        if c.isascii() and c.isalnum():
            found.append((c,))
        elif c in _SILENT:
            continue
        elif language == "uk" and first and c in _UKRAINIAN_INITIALS:
            found.append((_UKRAINIAN_INITIALS[c],))
        elif language is not None and c in _EXCEPTIONS[language]:
            found.append((_EXCEPTIONS[language][c],))
        elif c in _TABLE:
            found.append(_TABLE[c])
        elif unicodedata.category(c)[0] in "PSM" or unicodedata.category(c) in ("Lm", "Cf"):
            continue  # punctuation and marks vanish (Doc 9303-3, 4.6)
        else:
            parts = unicodedata.normalize("NFKD", c)
            if parts == c:
                raise MrzError("no_transliteration", f"Doc 9303-3 has no transliteration of {c!r} (U+{ord(c):04X}).")
            for part in parts:
                found += _letter(part, language, first=first)
    return found
