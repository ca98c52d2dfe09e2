"""Certificates (RFC 5280; profiles of Doc 9303-12, 7.1), parsed once into a value of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias

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
_SKI_OCTETS: Final = bytes.fromhex("0603551d0e")
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

    @cached_property
    def country(self) -> str:
        """The country of the subject, else of the issuer, in capitals."""
        return self.subject.country or self.issuer.country

    @cached_property
    def public_key(self) -> keys.PublicKey:
        """The key, built at the first use.

        Raises:
            MalformedError, NotSupportedError: as `keys.load_public_key` says.
        """
        return keys.load_public_key(self.spki)

    @cached_property
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

    @cached_property
    def may_sign_certificates(self) -> bool:
        """Whether it is a CA's.

        keyUsage decides where there is one: CSCAs of several States in use today say in basicConstraints that they
        are no CA, or have none, against Doc 9303-12, 7.1.1, and sign certificates all the same.
        """
        if self.key_usage is not None:
            return KEY_CERT_SIGN in self.key_usage
        return self.self_issued if self.is_ca is None else self.is_ca

    @cached_property
    def validity(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.not_before.date(), self.not_after.date()

    def valid_on(self, day: date) -> bool:
        return self.validity[0] <= day <= self.validity[1]

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
    try:
        return _parse_plain(data)
    except (der.NotPlainError, IndexError, MalformedError):
        return _parse(data)


def _parse_plain(data: bytes) -> Certificate:
    """A certificate that has the usual fields in the usual form, and nothing after it.

    Raises:
        NotPlainError, IndexError, MalformedError: it has not.
    """
    plain = der.plain
    start, end = plain(data, 0, der.SEQUENCE)
    tbs, tbs_end = plain(data, start, der.SEQUENCE)
    _, algorithm_end = plain(data, tbs_end, der.SEQUENCE)
    signature, signature_end = plain(data, algorithm_end, der.BIT_STRING)
    if not signature_end == end == len(data) or data[signature]:
        raise der.NotPlainError
    algorithm = data[tbs_end:algorithm_end]

    _, version_end = plain(data, tbs, 0xA0)
    serial, serial_end = plain(data, version_end, der.INTEGER)
    _, inner_end = plain(data, serial_end, der.SEQUENCE)
    _, issuer_end = plain(data, inner_end, der.SEQUENCE)
    first, validity_end = plain(data, issuer_end, der.SEQUENCE)
    first_content, first_end = plain(data, first, der.UTC_TIME)
    last_content, last_end = plain(data, first_end, der.UTC_TIME)
    _, subject_end = plain(data, validity_end, der.SEQUENCE)
    _, key_end = plain(data, subject_end, der.SEQUENCE)
    holder, holder_end = plain(data, key_end, 0xA3)
    at, extensions_end = plain(data, holder, der.SEQUENCE)
    if data[serial_end:inner_end] != algorithm or last_end != validity_end or serial_end - serial > 64:
        raise der.NotPlainError
    if not holder_end == extensions_end == tbs_end or serial == serial_end or signature == signature_end:
        raise der.NotPlainError
    extensions: dict[str, _Extension] = {}
    critical: list[str] = []
    while at < extensions_end:
        content, extension_end = plain(data, at, der.SEQUENCE)
        if data.startswith(_SKI_OCTETS, content):  # the one extension that differs from one certificate to the next
            value_start, value_end = plain(data, content + len(_SKI_OCTETS), der.OCTET_STRING)
            value_start, inner = plain(data, value_start, der.OCTET_STRING)
            if not inner == value_end == extension_end or _SKI in extensions:
                raise der.NotPlainError
            extensions[_SKI] = data[value_start:inner]
            at = extension_end
            continue
        name, is_critical, value = _read_extension(data[at:extension_end])
        if name in extensions:
            raise der.NotPlainError
        extensions[name] = value
        if is_critical and name not in _UNDERSTOOD:
            critical.append(name)
        at = extension_end
    if at != extensions_end:
        raise der.NotPlainError
    found = extensions.get
    return Certificate(
        der=data,
        subject=parse_name(data[validity_end:subject_end]),
        issuer=parse_name(data[inner_end:issuer_end]),
        serial=int.from_bytes(data[serial:serial_end], signed=True),
        not_before=der.time(der.Node(der.UTC_TIME, data[first_content:first_end], b"")),
        not_after=der.time(der.Node(der.UTC_TIME, data[last_content:last_end], b"")),
        ski=found(_SKI),  # type: ignore[arg-type]
        aki=found(_AKI),  # type: ignore[arg-type]
        key_usage=found(_KEY_USAGE),  # type: ignore[arg-type]
        is_ca=found(_BASIC_CONSTRAINTS),  # type: ignore[arg-type]
        extended_key_usage=found(_EXTENDED_KEY_USAGE, ()),  # type: ignore[arg-type]
        document_types=found(_DOCUMENT_TYPES, ()),  # type: ignore[arg-type]
        critical=tuple(sorted(critical)),
        tbs=data[start:tbs_end],
        spki=data[subject_end:key_end],
        signature_algorithm=algorithm,
        signature=data[signature + 1 : signature_end],
    )


_Extension: TypeAlias = bytes | frozenset[int] | bool | tuple[str, ...] | None


# All document signers of a CSCA have the same extensions, but for the identifier of their key.
@lru_cache(maxsize=4096)
def _read_extension(raw: bytes) -> tuple[str, bool, _Extension]:
    """Its identifier, whether it is critical, and what it says where that is asked for."""
    parts = der.Fields(der.read(raw, der.SEQUENCE))
    name = der.oid(parts.next())
    flag = parts.optional(der.BOOLEAN)
    value = der.octets(parts.next())
    read = _READ.get(name)
    return name, flag is not None and der.boolean(flag), None if read is None else read(value)


def _parse(data: bytes) -> Certificate:
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

    def says(name: str, default: _Extension = None) -> Any:
        return default if (value := extensions.get(name)) is None else _READ[name](value)

    return Certificate(
        der=whole.raw,
        subject=subject,
        issuer=issuer,
        serial=serial,
        not_before=not_before,
        not_after=not_after,
        ski=says(_SKI),
        aki=says(_AKI),
        key_usage=says(_KEY_USAGE),
        is_ca=says(_BASIC_CONSTRAINTS),
        extended_key_usage=says(_EXTENDED_KEY_USAGE, ()),
        document_types=says(_DOCUMENT_TYPES, ()),
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


def _subject_key(value: bytes) -> bytes:
    return der.octets(der.read(value))


def _key_usage(value: bytes) -> frozenset[int]:
    return der.flags(der.read(value))


def _purposes(value: bytes) -> tuple[str, ...]:
    return tuple(der.oid(n) for n in der.read(value, der.SEQUENCE).children()) if value else ()


def _authority_key(value: bytes) -> bytes | None:
    key = der.fields(value).optional(0x80)
    return None if key is None else key.content


def _is_ca(value: bytes) -> bool:
    flag = der.fields(value).optional(der.BOOLEAN)
    return flag is not None and der.boolean(flag)


def _document_types(value: bytes) -> tuple[str, ...]:
    """The document types that a DSC may sign (Doc 9303-12, 7.1.1.6: version, then a set of document codes)."""
    parts = der.fields(value)
    parts.optional(der.INTEGER)
    return tuple(der.text(node) for node in parts.next(der.SET).children())


_READ: Final[dict[str, Callable[[bytes], _Extension]]] = {
    _SKI: _subject_key,
    _AKI: _authority_key,
    _KEY_USAGE: _key_usage,
    _BASIC_CONSTRAINTS: _is_ca,
    _EXTENDED_KEY_USAGE: _purposes,
    _DOCUMENT_TYPES: _document_types,
}


__all__ = ["Certificate", "parse_certificate"]
