"""What stands in made lines: machine readable zones of every format, and strings that no format allows.

The second kind keeps the network honest: it must read the characters that are there, not those that a State would have
printed. Runs of fillers of every length, and single K, C, S between fillers, are what readers get wrong most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fanal.capture.mrz_model import ALPHABET
from fanal.documents.mrz import check_digit, parse

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
_VOWELS, _CONSONANTS = "AEIOUY", "BCDFGHJKLMNPQRSTVWXZ"
_ALIKE = ("0OQD", "1I7LT", "5S", "8B3", "2Z7", "CG6", "K<X", "MNHW", "UVY", "E<F", "P9R", "4A", "S<C", "<KC<", "DO0")
_STATES = [
    code.replace("-", "<")
    for block in (
        "UTOBHSDOMHTIJAMTCACUBUSACANMEXBRAARGCOLVENFRAESPPRTITAGBRIRLCHEAUTNLDBELPOLCZESVNHUN",
        "ROULVALTUESTFINISLNORSWEDNKGRCTURRUSUKRCHNTWNJPNKORINDPAKNGAGHACMRZAFEGYMARAUSNZL",
        "D--GBDXXAXXBXCTRKSEUEUNOBDRXPOZIMQATKWTWSMYEMVUTFJI",
    )
    for code in (block[n : n + 3] for n in range(0, len(block), 3))
]

Random = np.random.Generator


def _pick(rng: Random, among: Sequence[str]) -> str:
    return among[int(rng.integers(len(among)))]


def _of(rng: Random, alphabet: str, length: int) -> str:
    return "".join(alphabet[i] for i in rng.integers(len(alphabet), size=length))


def _word(rng: Random) -> str:
    if rng.random() < 0.2:
        return _of(rng, LETTERS, int(rng.integers(1, 9)))
    return "".join(
        (_of(rng, _CONSONANTS, 1) if rng.random() < 0.85 else "")
        + _of(rng, _VOWELS, 1)
        + (_of(rng, _CONSONANTS, 1) if rng.random() < 0.35 else "")
        for _ in range(int(rng.integers(1, 5)))
    )


def _name(rng: Random, length: int) -> str:
    primary = "<".join(_word(rng) for _ in range(1 + int(rng.random() < 0.3)))
    secondary = "<".join(_word(rng) for _ in range(int(rng.integers(0, 4))))
    return f"{primary}<<{secondary}".ljust(length, "<")[:length]


def _number(rng: Random, length: int = 9) -> str:
    kind = rng.random()
    if kind < 0.45:
        text = _of(rng, DIGITS, int(rng.integers(5, length + 1)))
    elif kind < 0.8:
        head = int(rng.integers(1, 4))
        text = _of(rng, LETTERS, head) + _of(rng, DIGITS, length - head - int(rng.integers(0, 2)))
    else:
        text = _of(rng, LETTERS + DIGITS, length)
    return text.ljust(length, "<")[:length]


def _date(rng: Random) -> str:
    if rng.random() < 0.03:
        return f"{rng.integers(100):02d}<<<<"
    return f"{rng.integers(100):02d}{rng.integers(1, 13):02d}{rng.integers(1, 32):02d}"


def _checked(text: str) -> str:
    return text + check_digit(text)


def _optional(rng: Random, length: int) -> str:
    kind = rng.random()
    if kind < 0.5:
        return "<" * length
    alphabet = DIGITS if kind < 0.75 else LETTERS + DIGITS if kind < 0.9 else LETTERS + DIGITS + "<<<"
    return _of(rng, alphabet, int(rng.integers(1, length + 1))).ljust(length, "<")


def _data(rng: Random, optional: int, composite: bool) -> str:
    """The lower line of TD2, TD3 and visas."""
    number, birth, expiry = _checked(_number(rng)), _checked(_date(rng)), _checked(_date(rng))
    line = number + _pick(rng, _STATES) + birth + _pick(rng, "MF<") + expiry
    rest = _optional(rng, optional)
    if not composite:
        return line + rest
    if optional == 14:
        rest = _checked(rest)
    return line + rest + check_digit(number + birth + expiry + rest)


def _upper(rng: Random, length: int) -> str:
    code = _pick(rng, ("P<", "P<", "P<", "PA", "PD", "V<", "VB", "I<", "ID", "AR", "AC", "C<"))
    return code + _pick(rng, _STATES) + _name(rng, length - 5)


def _td1(rng: Random) -> str:
    kind = int(rng.integers(3))
    if kind == 0:
        head = _pick(rng, ("I<", "ID", "IR", "AC", "C<", "IP", "IC")) + _pick(rng, _STATES)
        return head + _checked(_number(rng)) + _optional(rng, 15)
    if kind == 1:
        middle = _checked(_date(rng)) + _pick(rng, "MF<") + _checked(_date(rng)) + _pick(rng, _STATES)
        return middle + _optional(rng, 11) + _of(rng, DIGITS, 1)
    return _name(rng, 30)


def _french(rng: Random) -> str:
    if rng.random() < 0.5:
        return "IDFRA" + _word(rng).ljust(25, "<")[:25] + _of(rng, DIGITS, 6)
    name = f"{_word(rng)}<<{_word(rng)}".ljust(14, "<")[:14]
    return _checked(_of(rng, DIGITS, 12)) + name + _checked(_date(rng)) + _pick(rng, "MF") + _of(rng, DIGITS, 1)


def _fillers(rng: Random, length: int) -> str:
    """Runs of fillers of every length between short words."""
    text = ""
    while len(text) < length:
        text += "<" * int(rng.integers(1, 20))
        text += _pick(rng, "KCSXGE6L") if rng.random() < 0.45 else _of(rng, ALPHABET[:-1], int(rng.integers(1, 4)))
    return text[:length]


def _confusing(rng: Random, length: int) -> str:
    text = ""
    while len(text) < length:
        text += _of(rng, _pick(rng, _ALIKE), int(rng.integers(1, 6)))
    return text[:length]


_FORMATS: tuple[Callable[[Random], str], ...] = (
    lambda rng: _upper(rng, 44),
    lambda rng: _data(rng, 14, composite=True),
    lambda rng: _upper(rng, 36),
    lambda rng: _data(rng, 7, composite=True),
    lambda rng: _data(rng, 16, composite=False),
    lambda rng: _data(rng, 8, composite=False),
    _td1,
    _td1,
    _french,
)


def line(rng: Random) -> str:
    """A line as a document of some format has it."""
    return _FORMATS[int(rng.integers(len(_FORMATS)))](rng)


def mixed(rng: Random, length: int) -> str:
    """`length` characters to learn from: pieces of lines of documents, and strings that no document has."""
    kind = rng.random()
    if kind < 0.45:
        whole = line(rng)
        start = int(rng.integers(max(1, len(whole) - length + 1)))
        return whole[start : start + length]
    if kind < 0.65:
        return _of(rng, ALPHABET, length)
    if kind < 0.83:
        return _fillers(rng, length)
    return _confusing(rng, length)


def document(rng: Random) -> tuple[str, ...]:
    """All lines of one document, with every check digit right."""
    kind = int(rng.integers(6))
    if kind == 0:
        number = _number(rng)
        code = _pick(rng, ("I<", "ID", "IR", "AC", "C<", "IP", "IC")) + _pick(rng, _STATES)
        dates = _date(rng) + "0" + _pick(rng, "MF<") + _date(rng) + "0"
        lines = [code + number + "0" + _optional(rng, 15), dates + _pick(rng, _STATES) + _optional(rng, 11) + "0"]
        return _settled([*lines, _name(rng, 30)])
    if kind == 1:
        upper = "IDFRA" + _word(rng).ljust(25, "<")[:25] + _of(rng, DIGITS, 6)
        given = f"{_word(rng)}<<{_word(rng)}".ljust(14, "<")[:14]
        return _settled([upper, _of(rng, DIGITS, 12) + "0" + given + _date(rng) + "0" + _pick(rng, "MF") + "0"])
    length, optional, composite, visa = ((44, 14, True, 0), (36, 7, True, 0), (44, 16, False, 1), (36, 8, False, 1))[
        kind - 2
    ]
    code = _pick(rng, ("V<", "VB", "VA")) if visa else _pick(rng, ("P<", "PA", "PD") if length == 44 else ("I<", "ID"))
    upper = code + _pick(rng, _STATES) + _name(rng, length - 5)
    return _settled([upper, _data(rng, optional, composite)])


def _settled(lines: list[str]) -> tuple[str, ...]:
    """The lines with their check digits put right, the composite one last."""
    for _ in range(2):
        for digit in parse(lines).check_digits:
            row = lines[digit.line - 1]
            if row[digit.column - 1] != "<":
                lines[digit.line - 1] = row[: digit.column - 1] + digit.computed + row[digit.column :]
    return tuple(lines)
