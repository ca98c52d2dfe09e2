"""Distinguished names (RFC 5280, 4.1.2.4), compared as issuers really write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from fanal.chip.trust import der

COUNTRY: Final = "2.5.4.6"

_LABELS: Final = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    COUNTRY: "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.97": "organizationIdentifier",
    "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.25": "DC",
}
_ORDER: Final = {"C": 0, "O": 1, "OU": 2, "CN": 3}


@dataclass(frozen=True)
class Name:
    """A distinguished name: its attributes (object identifier, text) in the order of the encoding."""

    attributes: tuple[tuple[str, str], ...]
    der: bytes = field(repr=False, compare=False)

    @cached_property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What two spellings of one name have in common: neither case, nor spaces, nor the order of attributes.

        States write their own name differently in a DSC and in its CSCA ("DE", "de"; printable and UTF-8 strings): a
        comparison of bytes finds no issuer for them. That a name agrees proves nothing; the signature does.
        """
        return tuple(sorted((oid, " ".join(value.split()).casefold()) for oid, value in self.attributes))

    @cached_property
    def country(self) -> str:
        """The country attribute in capitals ("DE"; some States write three letters), or nothing."""
        return next((value.strip().upper() for oid, value in self.attributes if oid == COUNTRY), "")

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        parts = [(_LABELS.get(oid, oid), value) for oid, value in self.attributes]
        return ", ".join(f"{label}={value}" for label, value in sorted(parts, key=lambda p: _ORDER.get(p[0], 4)))


@lru_cache(maxsize=4096)
def parse_name(raw: bytes) -> Name:
    """Read a name.

    Raises:
        MalformedError: it is none.
    """
    attributes: list[tuple[str, str]] = []
    for relative in der.read(raw, der.SEQUENCE).children():
        attributes += _relative(relative.raw)
    return Name(tuple(attributes), raw)


# Country and organization are the same in all names of one issuer.
@lru_cache(maxsize=4096)
def _relative(raw: bytes) -> tuple[tuple[str, str], ...]:
    attributes = []
    for attribute in der.read(raw, der.SET).children():
        parts = der.Fields(attribute.expect(der.SEQUENCE))
        attributes.append((der.oid(parts.next()), der.text(parts.next())))
    return tuple(attributes)
