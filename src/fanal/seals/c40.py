"""C40 as seals use it (Doc 9303-13, 2.6): digits, capitals and the space in two thirds of the octets.

Fillers of an MRZ are written as spaces. Three characters make two octets; a single one at the end follows the octet
FE as ASCII plus one, and two are filled up with the value 0.
"""

from __future__ import annotations

from typing import Final

from fanal.seals.errors import SealError

_ALPHABET: Final = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST: Final = 3  # the value of the space; 0, 1 and 2 are shifts
_UNLATCH: Final = 0xFE
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET, _FIRST)}


def encode(text: str) -> bytes:
    """The octets of a text of digits, capitals, spaces and fillers.

    Raises:
        SealError: `value`: it has other characters.
    """
    text = text.replace("<", " ")
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as error:
        raise SealError("value", f"C40 has no {error}") from None
    left = len(values) % 3
    octets = bytearray()
    if left == 2:
        values.append(0)
    for at in range(0, len(values) - len(values) % 3, 3):
        first, second, third = values[at : at + 3]
        octets += (1600 * first + 40 * second + third + 1).to_bytes(2)
    if left == 1:
        octets += bytes((_UNLATCH, ord(text[-1]) + 1))
    return bytes(octets)


def decode(octets: bytes) -> str:
    """The text of these octets, fillers as spaces.

    Raises:
        SealError: `malformed`: they are not C40.
    """
    if len(octets) % 2:
        raise SealError("malformed", "C40 of an odd number of octets")
    characters: list[str] = []
    for at in range(0, len(octets), 2):
        high, low = octets[at], octets[at + 1]
        last = at + 2 == len(octets)
        if high == _UNLATCH:
            # One character in ASCII; only the end of the text needs it.
            if not last or not 0x21 <= low <= 0x7F:
                raise SealError("malformed", "a single character that is none")
            characters.append(chr(low - 1))
            continue
        number = (high << 8 | low) - 1
        values = [number // 1600, number // 40 % 40, number % 40]
        if last and values[2] == 0:
            values.pop()
        for value in values:
            if not _FIRST <= value < _FIRST + len(_ALPHABET):
                raise SealError("malformed", "a value that stands for no character")
            characters.append(_ALPHABET[value - _FIRST])
    return "".join(characters)
