"""Certificates (RFC 5280; profiles of Doc 9303-12, 7.1), parsed once into a value of our own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Final

from fanal.chip.trust import der, keys
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError
from fanal.chip.trust.names import Name, parse_name

MAX_CERTIFICATE: Final = 64 * 1024

# Bits of keyUsage (RFC 5280, 4.2.1.3).
DIGITAL_SIGNATURE: Final = 0
KEY_CERT_SIGN: Final = 5
CRL_SIGN: Final = 6

# Extended key usages of Doc 9303-12, table 6.
MASTER_LIST_SIGNING: Final = "2.23.136.1.1.3"
DEVIATION_LIST_SIGNING: Final = "2.23.136.1.1.8"

_SKI: Final = "2.5.29.14"
_KEY_USAGE: Final = "2.5.29.15"
_BASIC_CONSTRAINTS: Final = "2.5.29.19"
_AKI: Final = "2.5.29.35"
_EXTENDED_KEY_USAGE: Final = "2.5.29.37"
_DOCUMENT_TYPES: Final = "2.23.136.1.1.6.2"
# Extensions whose meaning for a path is known here, or that cannot change it (names, policies, distribution points).
_UNDERSTOOD: Final = frozenset(
    {
        _SKI, _KEY_USAGE, _BASIC_CONSTRAINTS, _AKI, _EXTENDED_KEY_USAGE, _DOCUMENT_TYPES,
        "2.5.29.16", "2.5.29.17", "2.5.29.18", "2.5.29.31", "2.5.29.32", "2.23.136.1.1.6.1",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    """One X.509 certificate. Equal where the bytes are; nothing in it is trusted because it is here.

    `key_usage` is None without the extension; `is_ca` is what basicConstraints says, None without it. `critical` are
    the critical extensions that are not understood here.
    """

    der: bytes = field(repr=False)
    subject: Name = field(compare=False)
    issuer: Name = field(compare=False)
    serial: int = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    ski: bytes | None = field(compare=False)
    aki: bytes | None = field(compare=False)
    key_usage: frozenset[int] | None = field(compare=False)
    is_ca: bool | None = field(compare=False)
    extended_key_usage: tuple[str, ...] = field(compare=False)
    document_types: tuple[str, ...] = field(compare=False)
    critical: tuple[str, ...] = field(compare=False)
    tbs: bytes = field(repr=False, compare=False)
    spki: bytes = field(repr=False, compare=False)
    signature_algorithm: bytes = field(repr=False, compare=False)
    signature: bytes = field(repr=False, compare=False)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.der).hexdigest()

    @property
    def country(self) -> str:
        """The country of the subject, else of the issuer, in capitals."""
        return self.subject.country or self.issuer.country

    @property
    def public_key(self) -> keys.PublicKey:
        """The key, built at the first use.

        Raises:
            MalformedError, NotSupportedError: as `keys.load_public_key` says.
        """
        return keys.load_public_key(self.spki)

    @property
    def self_issued(self) -> bool:
        return self.subject.key == self.issuer.key

    @cached_property
    def is_link(self) -> bool:
        """Whether it carries a CSCA's new key under the signature of another key (Doc 9303-12, 7.1.3)."""
        if not self.self_issued:
            return True
        if self.ski is not None and self.aki is not None:
            return self.ski != self.aki
        try:
            self.verify(self)
        except (MalformedError, NotSupportedError, SignatureError):
            return True
        return False

    @property
    def may_sign_certificates(self) -> bool:
        """Whether it is a CA's.

        keyUsage decides where there is one: CSCAs of several States in use today say in basicConstraints that they
        are no CA, or have none, against Doc 9303-12, 7.1.1, and sign certificates all the same.
        """
        if self.key_usage is not None:
            return KEY_CERT_SIGN in self.key_usage
        return self.self_issued if self.is_ca is None else self.is_ca

    def valid_on(self, day: date) -> bool:
        return self.not_before.date() <= day <= self.not_after.date()

    def verify(self, issuer: Certificate) -> None:
        """Verify this certificate's signature with the issuer's key.

        Raises:
            SignatureError: it does not hold.
            MalformedError, NotSupportedError: the key or the algorithm cannot be used.
        """
        keys.verify(issuer.public_key, self.signature_algorithm, self.signature, self.tbs)


def parse_certificate(data: bytes) -> Certificate:
    """Read a certificate in DER. Bytes after it, and extensions that are not well formed but have no say, are let be.

    Raises:
        MalformedError: it is none.
    """
    if len(data) > MAX_CERTIFICATE:
        raise MalformedError("a certificate of more than 64 KiB")
    whole = der.read(data, der.SEQUENCE, trailing=True)
    outer = der.Fields(whole)
    tbs = outer.next(der.SEQUENCE)
    algorithm = outer.next(der.SEQUENCE)
    signature = der.bits(outer.next())

    inner = der.Fields(tbs)
    inner.optional(0xA0)  # the version: it says only which fields may follow
    serial = der.integer(inner.next())
    if inner.next(der.SEQUENCE).raw != algorithm.raw:
        # RFC 5280, 4.1.1.2: the same identifier inside and outside, or an attacker could choose the outer one.
        raise MalformedError("two different signature algorithms")
    issuer = parse_name(inner.next(der.SEQUENCE).raw)
    validity = der.Fields(inner.next(der.SEQUENCE))
    not_before, not_after = der.time(validity.next()), der.time(validity.next())
    subject = parse_name(inner.next(der.SEQUENCE).raw)
    spki = inner.next(der.SEQUENCE).raw
    inner.optional(0x81)
    inner.optional(0x82)
    extensions, critical = _extensions(inner.optional(0xA3))

    ski = extensions.get(_SKI)
    usage = extensions.get(_KEY_USAGE)
    purposes = extensions.get(_EXTENDED_KEY_USAGE)
    return Certificate(
        der=whole.raw,
        subject=subject,
        issuer=issuer,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
        ski=der.octets(der.read(ski)) if ski is not None else None,
        aki=_authority_key(extensions.get(_AKI)),
        key_usage=der.flags(der.read(usage)) if usage is not None else None,
        is_ca=_is_ca(extensions.get(_BASIC_CONSTRAINTS)),
        extended_key_usage=tuple(der.oid(n) for n in der.read(purposes, der.SEQUENCE).children()) if purposes else (),
        document_types=_document_types(extensions.get(_DOCUMENT_TYPES)),
        critical=tuple(sorted(critical - _UNDERSTOOD)),
        tbs=tbs.raw,
        spki=spki,
        signature_algorithm=algorithm.raw,
        signature=signature,
    )


def _extensions(node: der.Node | None) -> tuple[dict[str, bytes], set[str]]:
    """The values by identifier, and which are critical."""
    found: dict[str, bytes] = {}
    critical: set[str] = set()
    for extension in der.read(node.content, der.SEQUENCE).children() if node is not None else ():
        parts = der.Fields(extension.expect(der.SEQUENCE))
        name = der.oid(parts.next())
        if (flag := parts.optional(der.BOOLEAN)) is not None and der.boolean(flag):
            critical.add(name)
        if name in found:
            raise MalformedError(f"extension {name} twice")
        found[name] = der.octets(parts.next())
    return found, critical


def _authority_key(value: bytes | None) -> bytes | None:
    if value is None:
        return None
    key = der.fields(value).optional(0x80)
    return None if key is None else key.content


def _is_ca(value: bytes | None) -> bool | None:
    if value is None:
        return None
    flag = der.fields(value).optional(der.BOOLEAN)
    return flag is not None and der.boolean(flag)


def _document_types(value: bytes | None) -> tuple[str, ...]:
    """The document types that a DSC may sign (Doc 9303-12, 7.1.1.6: version, then a set of document codes)."""
    if value is None:
        return ()
    parts = der.fields(value)
    parts.optional(der.INTEGER)
    return tuple(der.text(node) for node in parts.next(der.SET).children())


__all__ = ["Certificate", "parse_certificate"]
