"""CMS SignedData (RFC 5652, 5), as SODs, master lists and deviation lists are made of it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from fanal.chip.trust import der, keys
from fanal.chip.trust.certificate import Certificate, parse_certificate
from fanal.chip.trust.errors import MalformedError, SignatureError, TrustError
from fanal.chip.trust.names import Name, parse_name

MAX_SIGNERS: Final = 16
MAX_CERTIFICATES: Final = 64

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signature: who made it (issuer and serial number, or subject key identifier), and over what.

    `attributes` are the values of the signed attributes by type; None where the content itself is signed.
    """

    issuer: Name | None
    serial: int | None
    ski: bytes | None
    digest_algorithm: str
    signature_algorithm: bytes
    signature: bytes
    signed_attributes: bytes | None = field(repr=False)
    attributes: dict[str, tuple[der.Node, ...]] = field(repr=False, hash=False)

    @property
    def signing_time(self) -> datetime | None:
        """When the signer says that it signed; a statement of the signer, no proof."""
        values = self.attributes.get(_SIGNING_TIME)
        return der.time(values[0]) if values else None

    def is_by(self, certificate: Certificate) -> bool:
        """Whether the identifier names this certificate."""
        if self.ski is not None:
            return certificate.ski == self.ski
        assert self.issuer is not None
        return certificate.serial == self.serial and certificate.issuer.key == self.issuer.key


@dataclass(frozen=True, slots=True)
class SignedData:
    """The content with its type, the certificates and CRLs beside it (of which none is trusted), the signatures."""

    content_type: str
    content: bytes = field(repr=False)
    certificates: tuple[Certificate, ...]
    unreadable_certificates: int
    crls: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]


def parse_signed_data(data: bytes, *, trailing: bool = False) -> SignedData:
    """Read a ContentInfo that holds SignedData.

    Raises:
        MalformedError: it is none, or has more signers or certificates than any that is meant well.
    """
    try:
        return _parse_plain(data, trailing=trailing)
    except (der.NotPlainError, IndexError, MalformedError):
        return _parse(data, trailing=trailing)


# The octets of identifiers that are compared as they stand.
_SIGNED_DATA_OCTETS: Final = bytes.fromhex("06092a864886f70d010702")


def _parse_plain(data: bytes, *, trailing: bool) -> SignedData:
    """SignedData as nearly every EF.SOD has it: one signer, certificates but no CRLs, signed attributes in DER.

    Raises:
        NotPlainError, IndexError, MalformedError: it is not like that.
    """
    plain = der.plain
    at, end = plain(data, 0, der.SEQUENCE)
    if end > len(data) or (end < len(data) and not trailing):
        raise der.NotPlainError
    kind_end = at + len(_SIGNED_DATA_OCTETS)
    if data[at:kind_end] != _SIGNED_DATA_OCTETS:
        raise der.NotPlainError
    at, holder_end = plain(data, kind_end, 0xA0)
    at, signed_end = plain(data, at, der.SEQUENCE)
    version, at = plain(data, at, der.INTEGER)
    _, algorithms_end = plain(data, at, der.SET)
    kind, encapsulated_end = plain(data, algorithms_end, der.SEQUENCE)
    kind, kind_end = plain(data, kind, der.OID)
    content, content_holder_end = plain(data, kind_end, 0xA0)
    content, content_end = plain(data, content, der.OCTET_STRING)
    certificate, certificates_end = plain(data, encapsulated_end, 0xA0)
    signer, signers_end = plain(data, certificates_end, der.SET)
    if version == at or not content_end == content_holder_end == encapsulated_end:
        raise der.NotPlainError
    if not signers_end == signed_end == holder_end == end:
        raise der.NotPlainError
    certificates: list[Certificate] = []
    while certificate < certificates_end and len(certificates) < MAX_CERTIFICATES:
        _, one_end = plain(data, certificate, der.SEQUENCE)
        certificates.append(_certificate(data[certificate:one_end]))
        certificate = one_end
    if certificate != certificates_end:
        raise der.NotPlainError
    return SignedData(
        der.dotted(data[kind:kind_end]),
        data[content:content_end],
        tuple(certificates),
        0,
        (),
        (_plain_signer(data, signer, signers_end),),
    )


def _plain_signer(data: bytes, at: int, signers_end: int) -> SignerInfo:
    plain = der.plain
    at, end = plain(data, at, der.SEQUENCE)
    if end != signers_end:
        raise der.NotPlainError
    version, identifier = plain(data, at, der.INTEGER)
    issuer = serial = ski = None
    if data[identifier] == 0x80:
        start, identifier_end = plain(data, identifier, 0x80)
        ski = data[start:identifier_end]
    else:
        name, identifier_end = plain(data, identifier, der.SEQUENCE)
        _, name_end = plain(data, name, der.SEQUENCE)
        number, number_end = plain(data, name_end, der.INTEGER)
        if number_end != identifier_end or not 0 < number_end - number <= 64:
            raise der.NotPlainError
        issuer = parse_name(data[name:name_end])
        serial = int.from_bytes(data[number:number_end], signed=True)
    _, digest_end = plain(data, identifier_end, der.SEQUENCE)
    attribute, attributes_end = plain(data, digest_end, 0xA0)
    _, algorithm_end = plain(data, attributes_end, der.SEQUENCE)
    signature, signature_end = plain(data, algorithm_end, der.OCTET_STRING)
    if version == identifier or signature_end != end:
        raise der.NotPlainError
    attributes: dict[str, tuple[der.Node, ...]] = {}
    while attribute < attributes_end:
        kind, next_attribute = plain(data, attribute, der.SEQUENCE)
        kind, kind_end = plain(data, kind, der.OID)
        value, values_end = plain(data, kind_end, der.SET)
        tag = data[value]
        if tag & 0x1F == 0x1F:
            raise der.NotPlainError
        start, value_end = plain(data, value, tag)
        name_of = der.dotted(data[kind:kind_end])
        if not value_end == values_end == next_attribute or name_of in attributes:
            raise der.NotPlainError
        attributes[name_of] = (der.Node(tag, data[start:value_end], data[value:value_end]),)
        attribute = next_attribute
    if attribute != attributes_end:
        raise der.NotPlainError
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        ski=ski,
        digest_algorithm=_digest_algorithm(data[identifier_end:digest_end]),
        signature_algorithm=data[attributes_end:algorithm_end],
        signature=data[signature:signature_end],
        signed_attributes=b"\x31" + data[digest_end + 1 : attributes_end],
        attributes=attributes,
    )


@lru_cache(maxsize=64)
def _digest_algorithm(raw: bytes) -> str:
    return der.oid(der.fields(raw).next())


def _parse(data: bytes, *, trailing: bool) -> SignedData:
    outer = der.Fields(der.read(data, der.SEQUENCE, trailing=trailing))
    if (kind := der.oid(outer.next())) != _SIGNED_DATA:
        raise MalformedError(f"content of type {kind} where SignedData was expected")
    signed = der.fields(outer.next(0xA0).content)
    der.integer(signed.next())
    signed.next(der.SET)  # the digest algorithms; each signer names its own
    encapsulated = der.Fields(signed.next(der.SEQUENCE))
    content_type = der.oid(encapsulated.next())
    content = der.octets(der.read(encapsulated.next(0xA0).content))
    certificates, unreadable = _certificates(signed.optional(0xA0))
    crls = signed.optional(0xA1)
    signers = signed.next(der.SET).children()
    if not 0 < len(signers) <= MAX_SIGNERS:
        raise MalformedError("no signer, or too many")
    return SignedData(
        content_type,
        content,
        certificates,
        unreadable,
        tuple(node.raw for node in crls.children()) if crls is not None else (),
        tuple(_signer(node) for node in signers),
    )


def _certificates(node: der.Node | None) -> tuple[tuple[Certificate, ...], int]:
    nodes = node.children() if node is not None else []
    if len(nodes) > MAX_CERTIFICATES:
        raise MalformedError("too many certificates beside the signature")
    found, unreadable = [], 0
    for one in nodes:
        try:
            found.append(_certificate(one.raw))
        except MalformedError:
            unreadable += 1
    return tuple(found), unreadable


# One document signer signs a hundred thousand documents: what was read of it once is kept, for a few hundred of them.
_certificate = lru_cache(maxsize=256)(parse_certificate)


def _signer(node: der.Node) -> SignerInfo:
    parts = der.Fields(node.expect(der.SEQUENCE))
    der.integer(parts.next())
    identifier = parts.next()
    issuer = serial = ski = None
    if identifier.tag == der.SEQUENCE:
        names = der.Fields(identifier)
        issuer, serial = parse_name(names.next(der.SEQUENCE).raw), der.integer(names.next())
    else:
        ski = der.octets(identifier, 0x80)
    digest_algorithm = der.oid(der.Fields(parts.next(der.SEQUENCE)).next())
    attributes: dict[str, tuple[der.Node, ...]] = {}
    signed = parts.optional(0xA0)
    if signed is not None:
        for attribute in signed.children():
            pair = der.Fields(attribute.expect(der.SEQUENCE))
            name, values = der.oid(pair.next()), tuple(pair.next(der.SET).children())
            if name in attributes or not values:
                raise MalformedError(f"signed attribute {name} twice, or without a value")
            attributes[name] = values
    algorithm = parts.next(der.SEQUENCE).raw
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        ski=ski,
        digest_algorithm=digest_algorithm,
        signature_algorithm=algorithm,
        signature=der.octets(parts.next()),
        # RFC 5652, 5.4: what is signed is the SET OF with its own tag, not the implicit [0] that it is sent under.
        signed_attributes=None if signed is None else bytes([der.SET]) + signed.raw[1:],
        attributes=attributes,
    )


def verify_signer(signed: SignedData, signer: SignerInfo, certificate: Certificate) -> None:
    """Verify that this signer signed this content with this certificate's key (RFC 5652, 5.4 and 5.6).

    Raises:
        SignatureError: the digest is not that of the content, or the signature does not hold.
        TrustError: the key or the algorithm cannot be used.
    """
    data = signed.content
    if signer.signed_attributes is not None:
        kind, stated = signer.attributes.get(_CONTENT_TYPE), signer.attributes.get(_MESSAGE_DIGEST)
        if not kind or not stated:
            raise SignatureError("the signed attributes lack the content's type or digest")
        if der.oid(kind[0]) != signed.content_type:
            raise SignatureError("the signed type is not the content's")
        if not hmac.compare_digest(der.octets(stated[0]), keys.digest(signer.digest_algorithm, signed.content)):
            raise SignatureError("the signed digest is not the content's")
        data = signer.signed_attributes

    def verify(over: bytes) -> None:
        keys.verify(
            certificate.public_key,
            signer.signature_algorithm,
            signer.signature,
            over,
            digest_algorithm=signer.digest_algorithm,
        )

    try:
        verify(data)
    except SignatureError:
        # A set has no order but in DER, over which it is signed; some signers send it in another (RFC 5652, 5.4).
        if signer.signed_attributes is None or (in_order := _in_order(data)) == data:
            raise
        verify(in_order)


def _in_order(attributes: bytes) -> bytes:
    content = b"".join(sorted(node.raw for node in der.read(attributes, der.SET).children()))
    return bytes([der.SET]) + der.encode_length(len(content)) + content


__all__ = ["SignedData", "SignerInfo", "TrustError", "parse_signed_data", "verify_signer"]
