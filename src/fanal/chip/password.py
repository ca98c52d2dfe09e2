"""What opens a chip: the key in the MRZ, or the card access number (Doc 9303-11, 4.3.2 and 4.4.4.1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import IntEnum

from fanal.chip.errors import ChipError
from fanal.documents import Field, mrz


class PasswordKind(IntEnum):
    """Which password, as PACE refers to it (9303-11, table 5)."""

    MRZ = 1
    CAN = 2


@dataclass(frozen=True, slots=True)
class Password:
    """A password as the protocols take it. Never shown, never logged."""

    kind: PasswordKind
    seed: bytes = field(repr=False)  # SHA-1 of the MRZ information, or the digits of the CAN

    @classmethod
    def of_mrz(cls, document_number: str, date_of_birth: str, date_of_expiry: str) -> Password:
        """From the fields as they stand in the MRZ, dates of six characters; the check digits are computed.

        Raises:
            ChipError: `no_password`: they cannot stand in an MRZ.
        """
        number = document_number.rstrip("<").ljust(9, "<")
        if not document_number.strip("<") or len(date_of_birth) != 6 or len(date_of_expiry) != 6:
            raise ChipError("no_password", "the MRZ lacks a document number or a date")
        try:
            text = "".join(part + mrz.check_digit(part) for part in (number, date_of_birth, date_of_expiry))
        except mrz.MrzError:
            raise ChipError("no_password", "characters that no MRZ has") from None
        return cls(PasswordKind.MRZ, hashlib.sha1(text.encode()).digest())  # noqa: S324 - the standard's

    @classmethod
    def of_document(cls, read: mrz.Mrz) -> Password:
        """From an MRZ as read.

        Raises:
            ChipError: `no_password`: it lacks what the password is made of, or does not read.
        """
        birth, expiry = read.get(Field.DATE_OF_BIRTH), read.get(Field.DATE_OF_EXPIRY)
        number = read.value(Field.DOCUMENT_NUMBER)
        if birth is None or expiry is None or not number:
            raise ChipError("no_password", "the MRZ lacks a document number or a date")
        return cls.of_mrz(number, birth.raw, expiry.raw)

    @classmethod
    def of_can(cls, digits: str) -> Password:
        """From the card access number: six digits on the data page.

        Raises:
            ChipError: `no_password`: it is none.
        """
        if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 16):
            raise ChipError("no_password", "a card access number is six digits")
        return cls(PasswordKind.CAN, digits.encode())
