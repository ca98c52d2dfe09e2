"""Certificate revocation lists (RFC 5280, 5; Doc 9303-12, 7.1.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from fanal.chip.trust import der, keys
from fanal.chip.trust.certificate import Certificate
from fanal.chip.trust.errors import MalformedError
from fanal.chip.trust.names import Name, parse_name

MAX_CRL: Final = 64 * 1024 * 1024

_REASON: Final = "2.5.29.21"
# RFC 5280, 5.3.1
REASONS: Final = (
    "unspecified", "key_compromise", "ca_compromise", "affiliation_changed", "superseded", "cessation_of_operation",
    "certificate_hold", "", "remove_from_crl", "privilege_withdrawn", "aa_compromise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Revocation:
    """When a certificate was revoked, and why ("unspecified" where the list does not say)."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Crl:
    """One list: what its issuer revoked, by serial number. An empty list is as good as a full one."""

    der: bytes = field(repr=False)
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    revoked: dict[int, Revocation] = field(repr=False, hash=False)
    tbs: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def verify(self, issuer: Certificate) -> None:
        """Verify that the list is its issuer's.

        Raises:
            SignatureError: it is not.
            MalformedError, NotSupportedError: the key or the algorithm cannot be used.
        """
        keys.verify(issuer.public_key, self.signature_algorithm, self.signature, self.tbs)


def parse_crl(data: bytes) -> Crl:
    """Read a certificate revocation list in DER.

    Raises:
        MalformedError: it is none.
    """
    if len(data) > MAX_CRL:
        raise MalformedError("a revocation list of more than 64 MiB")
    whole = der.read(data, der.SEQUENCE, trailing=True)
    outer = der.Fields(whole)
    tbs, algorithm, signature = outer.next(der.SEQUENCE), outer.next(der.SEQUENCE), der.bits(outer.next())
    inner = der.Fields(tbs)
    inner.optional(der.INTEGER)
    if inner.next(der.SEQUENCE).raw != algorithm.raw:
        raise MalformedError("two different signature algorithms")
    issuer = parse_name(inner.next(der.SEQUENCE).raw)
    this_update = der.time(inner.next())
    following = inner.optional(der.UTC_TIME) or inner.optional(der.GENERALIZED_TIME)
    revoked: dict[int, Revocation] = {}
    entries = inner.optional(der.SEQUENCE)
    for entry in entries.children() if entries is not None else ():
        parts = der.Fields(entry.expect(der.SEQUENCE))
        serial, at = der.integer(parts.next()), der.time(parts.next())
        revoked[serial] = Revocation(at, _reason(parts.optional(der.SEQUENCE)))
    return Crl(
        der=whole.raw,
        issuer=issuer,
        this_update=this_update,
        next_update=der.time(following) if following is not None else None,
        revoked=revoked,
        tbs=tbs.raw,
        signature_algorithm=algorithm.raw,
        signature=signature,
    )


def _reason(extensions: der.Node | None) -> str:
    for extension in extensions.children() if extensions is not None else ():
        parts = der.Fields(extension)
        if der.oid(parts.next()) != _REASON:
            continue
        parts.optional(der.BOOLEAN)
        number = der.read(der.octets(parts.next()), 0x0A).content
        if len(number) == 1 and number[0] < len(REASONS) and REASONS[number[0]]:
            return REASONS[number[0]]
    return "unspecified"


__all__ = ["Crl", "Revocation", "parse_crl"]
