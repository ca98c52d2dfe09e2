"""The public key infrastructure of Utopia: CSCA, link certificate, document signer, CRL, and what they sign.

Keys come from a seed and signatures are deterministic (RFC 6979), so that a specimen is the same each time it is made.
Certificates follow Doc 9303-12, 7.1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from fanal.chip.trust import Certificate, Crl, TrustStore, parse_certificate, parse_crl
from fanal.specimens.chip import der

COUNTRY: Final = "UT"
SEAL_SIGNER: Final = "SP"
SEAL_SERIAL: Final = 0x5EA1
_ECDSA_SHA256: Final = "1.2.840.10045.4.3.2"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"


def scalar(name: str, order: int) -> int:
    """The secret of this name, from 1 to the order less 1."""
    return int.from_bytes(hashlib.sha512(f"fanal specimen key {name}".encode()).digest() * 2) % (order - 1) + 1


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key."""

    x509: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def der(self) -> bytes:
        return self.x509.public_bytes(Encoding.DER)

    @property
    def certificate(self) -> Certificate:
        return parse_certificate(self.der)


@dataclass(frozen=True, slots=True)
class Pki:
    """What Utopia has: the present CSCA, the former one with the link to it, a document signer, the CRL, and the signer
    of its visible digital seals, named as Doc 9303-13, 4.1 asks: UT and two characters.
    """

    former: Signer
    csca: Signer
    link: Signer
    dsc: Signer
    crl: bytes
    seal: Signer

    @property
    def trust(self) -> TrustStore:
        """A trust store that has the present CSCA and the CRL."""
        return TrustStore.of(self.csca.certificate, crls=[self.read_crl()])

    def read_crl(self) -> Crl:
        return parse_crl(self.crl)


def _key(name: str) -> ec.EllipticCurvePrivateKey:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of secp256r1
    return ec.derive_private_key(scalar(name, order), ec.SECP256R1())


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _certificate(
    name: str,
    common: str,
    days: tuple[date, date],
    *,
    issuer: Signer | None = None,
    ca: bool = False,
    serial: int | None = None,
) -> Signer:
    own = _key(name)
    signing = issuer.key if issuer else own
    if serial is None:
        serial = int.from_bytes(hashlib.sha256(f"{name} {days}".encode()).digest()[:8]) >> 1 | 1
    usage = x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer.x509.subject if issuer else _name(common))
        .public_key(own.public_key())
        .serial_number(serial)
        .not_valid_before(_at(days[0]))
        .not_valid_after(_at(days[1]))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    else:
        kinds = der.seq(der.integer(0), der.set_of(der.encode(0x13, b"P"), der.encode(0x13, b"I")))
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.23.136.1.1.6.2"), kinds)
        builder = builder.add_extension(extension, critical=False)
    return Signer(builder.sign(signing, hashes.SHA256(), ecdsa_deterministic=True), own)


_YEARS: Final = 13  # no document that is valid is older


@lru_cache(maxsize=32)
def make_pki(
    on: date, *, signing: date | None = None, unknown: bool = False, expired: bool = False, revoked: bool = False
) -> Pki:
    """Utopia's certificates as they are on the day `on`, with a document signer that signs on the day `signing`.

    CSCA and CRL of a day are the same whatever is asked for, so that one import serves all specimens. `unknown`: the
    signer's certificate is of another CSCA of the same name. `expired`: it ended on the eve of signing. `revoked`: it
    is one of those that the CRL has.
    """
    signing = signing or on - timedelta(days=30)
    start, until = on - timedelta(days=366 * _YEARS), on + timedelta(days=365 * 15)
    former = _certificate(
        "CSCA 1", "CSCA Utopia", (start - timedelta(days=1500), on + timedelta(days=365 * 10)), ca=True
    )
    csca = _certificate("CSCA 2", "CSCA Utopia", (start, until), ca=True)
    link = Signer(_link(former, csca, start, former.x509.not_valid_after_utc.date()), csca.key)
    if revoked:
        dsc = _revoked_signer(signing.year, csca)
    else:
        issuer = _certificate("CSCA of nobody", "CSCA Utopia", (start, until), ca=True) if unknown else csca
        dsc = _document_signer("DS", "Document Signer Utopia", signing, issuer, ended=expired)
    seal = _certificate("VDS 1", SEAL_SIGNER, (start, until), issuer=csca, serial=SEAL_SERIAL)
    return Pki(former, csca, link, dsc, _revocation_list(on, csca), seal)


def _document_signer(name: str, common: str, signing: date, issuer: Signer, *, ended: bool = False) -> Signer:
    """One for each year: it may sign in its year, and is valid as long as what it signed (Doc 9303-12, 4.1)."""
    year = signing.year
    end = signing - timedelta(days=1) if ended else date(year + 12, 1, 1)
    return _certificate(f"{name} {year}", f"{common} {year}", (date(year - 1, 12, 1), end), issuer=issuer)


def _revoked_signer(year: int, csca: Signer) -> Signer:
    return _document_signer("DS lost", "Lost Document Signer Utopia", date(year, 1, 1), csca)


def _revocation_list(on: date, csca: Signer) -> bytes:
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(csca.x509.subject)
        .last_update(_at(on - timedelta(days=2)))
        .next_update(_at(on + timedelta(days=88)))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(csca.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    for year in range(on.year - _YEARS, on.year + 1):
        one = x509.RevokedCertificateBuilder().serial_number(_revoked_signer(year, csca).x509.serial_number)
        one = one.revocation_date(_at(on - timedelta(days=3)))
        crl = crl.add_revoked_certificate(
            one.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False).build()
        )
    return crl.sign(csca.key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def _link(former: Signer, csca: Signer, start: date, end: date) -> x509.Certificate:
    """The present key, certified by the former (Doc 9303-12, 4.1.3)."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(csca.x509.subject)
        .issuer_name(former.x509.subject)
        .public_key(csca.key.public_key())
        .serial_number(0x11)
        .not_valid_before(_at(start))
        .not_valid_after(_at(end))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csca.key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(former.key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    usage = next(e for e in csca.x509.extensions if isinstance(e.value, x509.KeyUsage)).value
    return builder.add_extension(usage, critical=True).sign(former.key, hashes.SHA256(), ecdsa_deterministic=True)


def sign(signer: Signer, content_type: str, content: bytes, at: date) -> bytes:
    """CMS SignedData over the content, with the signer's certificate (RFC 5652, 5; Doc 9303-10, appendix D)."""
    algorithm = der.seq(der.oid(_SHA256))
    attributes = (
        der.seq(der.oid("1.2.840.113549.1.9.3"), der.set_of(der.oid(content_type))),
        der.seq(der.oid("1.2.840.113549.1.9.4"), der.set_of(der.octets(hashlib.sha256(content).digest()))),
        der.seq(der.oid("1.2.840.113549.1.9.5"), der.set_of(der.utc(_at(at)))),
    )
    to_sign = der.set_of(*attributes)
    signature = signer.key.sign(to_sign, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    certificate = signer.certificate
    info = der.seq(
        der.integer(1),
        der.seq(certificate.issuer.der, der.integer(certificate.serial)),
        algorithm,
        b"\xa0" + to_sign[1:],
        der.seq(der.oid(_ECDSA_SHA256)),
        der.octets(signature),
    )
    data = der.seq(
        der.integer(3),
        der.set_of(algorithm),
        der.seq(der.oid(content_type), der.encode(0xA0, der.octets(content))),
        der.encode(0xA0, signer.der),
        der.set_of(info),
    )
    return der.seq(der.oid(_SIGNED_DATA), der.encode(0xA0, data))


def plain_signature(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """r and s side by side (BSI TR-03111, 5.2.1), with SHA-256."""
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    size = (key.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)
