"""A Utopian public key infrastructure for tests: CSCAs, document signers, revocation lists, SODs, master lists.

Certificates are made by the library `cryptography`, which is not what reads them in the product; CMS is written out
here, from RFC 5652.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from fanal.chip.trust import Certificate, Crl, parse_certificate, parse_crl
from fanal.chip.trust.der import encode_length

MADE = datetime(2024, 1, 1, tzinfo=UTC)
SIGNED = datetime(2024, 6, 1, 12, tzinfo=UTC)
MASTER_LIST_SIGNING = "2.23.136.1.1.3"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def key(name: str, kind: str = "secp256r1") -> PrivateKey:
    """The key of this name, made once a run."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    curves = {"secp256r1": ec.SECP256R1(), "brainpoolP384r1": ec.BrainpoolP384R1(), "secp521r1": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


@dataclass(frozen=True)
class Signer:
    """A certificate with its key."""

    x509: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.x509.public_bytes(Encoding.DER)

    @property
    def certificate(self) -> Certificate:
        return parse_certificate(self.der)


def name(common: str, country: str = "UT") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Specimen"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def certificate(
    common: str,
    *,
    issuer: Signer | None = None,
    ca: bool = False,
    country: str = "UT",
    own: PrivateKey | None = None,
    made: datetime = MADE,
    years: int = 10,
    serial: int | None = None,
    purposes: Sequence[str] = (),
    document_types: Sequence[str] = (),
    authority: bool = True,
    signing: bool = True,
    critical: str | None = None,
) -> Signer:
    own = own or key(common)
    signing_key = issuer.key if issuer else own
    issuer_name = issuer.x509.subject if issuer else name(common, country)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common, country))
        .issuer_name(issuer_name)
        .public_key(own.public_key())
        .serial_number(serial or int.from_bytes(hashlib.sha256(f"{common}{made}".encode()).digest()[:8]) >> 1)
        .not_valid_before(made)
        .not_valid_after(made + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signing and not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
                key_encipherment=not signing, data_encipherment=False, key_agreement=False, encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if authority:
        public = signing_key.public_key()
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    if purposes:
        usage = x509.ExtendedKeyUsage([ObjectIdentifier(p) for p in purposes])
        builder = builder.add_extension(usage, critical=True)
    if document_types:
        value = seq(integer(0), tlv(0x31, *(tlv(0x13, kind.encode()) for kind in document_types)))
        extension = x509.UnrecognizedExtension(ObjectIdentifier("2.23.136.1.1.6.2"), value)
        builder = builder.add_extension(extension, critical=False)
    if critical:
        extension = x509.UnrecognizedExtension(ObjectIdentifier(critical), b"\x05\x00")
        builder = builder.add_extension(extension, critical=True)
    return Signer(builder.sign(signing_key, hashes.SHA256()), own)


def csca(common: str = "CSCA Utopia", **options: object) -> Signer:
    return certificate(common, ca=True, **options)  # type: ignore[arg-type]


def dsc(issuer: Signer, common: str = "DS Utopia 1", **options: object) -> Signer:
    return certificate(common, issuer=issuer, **options)  # type: ignore[arg-type]


def crl(
    issuer: Signer,
    revoked: Mapping[int, str] | None = None,
    *,
    at: datetime = SIGNED,
    days: int = 90,
    signed_by: Signer | None = None,
) -> Crl:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.x509.subject)
        .last_update(at)
        .next_update(at + timedelta(days=days))
    )
    for serial, reason in (revoked or {}).items():
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        if reason:
            one = one.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(one.build())
    signed = builder.sign((signed_by or issuer).key, hashes.SHA256())
    return parse_crl(signed.public_bytes(Encoding.DER))


# DER, as much of it as CMS needs.


def tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag]) + encode_length(len(content)) + content


def seq(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def oid(dotted: str) -> bytes:
    arcs = [int(arc) for arc in dotted.split(".")]
    content = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return tlv(0x06, bytes(content))


HASHES = {
    "sha1": ("1.3.14.3.2.26", hashes.SHA1),
    "sha224": ("2.16.840.1.101.3.4.2.4", hashes.SHA224),
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashes.SHA384),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashes.SHA512),
}
_ECDSA = {"sha1": "1.2.840.10045.4.1", "sha224": "1.2.840.10045.4.3.1", "sha256": "1.2.840.10045.4.3.2",
          "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}  # fmt: skip
_RSA = {"sha1": "1.2.840.113549.1.1.5", "sha224": "1.2.840.113549.1.1.14", "sha256": "1.2.840.113549.1.1.11",
        "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}  # fmt: skip


def algorithm(dotted: str, *parameters: bytes) -> bytes:
    return seq(oid(dotted), *parameters)


def sign(private: PrivateKey, data: bytes, digest: str, scheme: str) -> tuple[bytes, bytes]:
    """The AlgorithmIdentifier and the signature. `scheme`: ecdsa, pkcs1, rsa (names no hash), pss."""
    dotted, function = HASHES[digest]
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return algorithm(_ECDSA[digest]), private.sign(data, ec.ECDSA(function()))
    if scheme == "pss":
        salt = function().digest_size
        mask = seq(oid("1.2.840.113549.1.1.8"), algorithm(dotted))
        given = seq(tlv(0xA0, algorithm(dotted)), tlv(0xA1, mask), tlv(0xA2, integer(salt)))
        chosen = padding.PSS(padding.MGF1(function()), salt)
        return algorithm("1.2.840.113549.1.1.10", given), private.sign(data, chosen, function())
    named = "1.2.840.113549.1.1.1" if scheme == "rsa" else _RSA[digest]
    return algorithm(named, b"\x05\x00"), private.sign(data, padding.PKCS1v15(), function())


def utc(at: datetime) -> bytes:
    return tlv(0x17, at.strftime("%y%m%d%H%M%SZ").encode())


def signed_data(
    content_type: str,
    content: bytes,
    signer: Signer,
    *,
    inside: Sequence[bytes],
    digest: str = "sha256",
    scheme: str = "pkcs1",
    at: datetime | None = SIGNED,
    by_ski: bool = False,
    attributes: bool = True,
    in_order: bool = True,
) -> bytes:
    dotted, _ = HASHES[digest]
    to_sign, signed = content, b""
    if attributes:
        pairs = [
            seq(oid("1.2.840.113549.1.9.3"), tlv(0x31, oid(content_type))),
            seq(oid("1.2.840.113549.1.9.4"), tlv(0x31, tlv(0x04, hashlib.new(digest, content).digest()))),
        ]
        if at is not None:
            pairs.append(seq(oid("1.2.840.113549.1.9.5"), tlv(0x31, utc(at))))
        pairs.sort()
        to_sign, signed = tlv(0x31, *pairs), tlv(0xA0, *(pairs if in_order else reversed(pairs)))
    named, signature = sign(signer.key, to_sign, digest, scheme)
    certificate = signer.certificate
    issuer = seq(certificate.issuer.der, integer(certificate.serial))
    info = seq(
        integer(3 if by_ski else 1),
        tlv(0x80, certificate.ski or b"") if by_ski else issuer,
        algorithm(dotted),
        signed,
        named,
        tlv(0x04, signature),
    )
    data = seq(
        integer(3),
        tlv(0x31, algorithm(dotted)),
        seq(oid(content_type), tlv(0xA0, tlv(0x04, content))),
        tlv(0xA0, *inside) if inside else b"",
        tlv(0x31, info),
    )
    return seq(oid("1.2.840.113549.1.7.2"), tlv(0xA0, data))


def sod(
    groups: Mapping[int, bytes], signer: Signer, *, with_dsc: bool = True, version: int = 0,
    also: Sequence[Signer] = (), digest: str = "sha256", scheme: str = "pkcs1", at: datetime | None = SIGNED,
    by_ski: bool = False, attributes: bool = True, in_order: bool = True,
) -> bytes:  # fmt: skip
    listed = [
        seq(integer(number), tlv(0x04, hashlib.new(digest, content).digest())) for number, content in groups.items()
    ]
    versions = seq(tlv(0x13, b"0108"), tlv(0x13, b"040000")) if version else b""
    content = seq(integer(version), algorithm(HASHES[digest][0]), seq(*listed), versions)
    inside = [*([signer.der] if with_dsc else []), *(one.der for one in also)]
    cms = signed_data(
        "2.23.136.1.1.1", content, signer, inside=inside, digest=digest, scheme=scheme, at=at, by_ski=by_ski,
        attributes=attributes, in_order=in_order,
    )  # fmt: skip
    return tlv(0x77, cms)


def com(groups: Sequence[int]) -> bytes:
    tags = b"\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70"
    versions = b"\x5f\x01\x040108" + b"\x5f\x36\x06040000"
    return tlv(0x60, versions, tlv(0x5C, bytes(tags[number - 1] for number in groups)))


def dg1(mrz: str) -> bytes:
    return tlv(0x61, b"\x5f" + tlv(0x1F, mrz.encode()))


def master_list(certificates: Sequence[bytes], signer: Signer, *also: Signer, at: datetime | None = SIGNED) -> bytes:
    content = seq(integer(0), tlv(0x31, *certificates))
    return signed_data("2.23.136.1.1.2", content, signer, inside=[signer.der, *(one.der for one in also)], at=at)
