"""Keys as certificates in circulation have them; the attack is CVE-2020-0601: a curve with a generator of one's own."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fanal.chip.trust import MalformedError, NotSupportedError, SignatureError, keys
from tests.chip import pki

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def explicit(
    point: bytes, *, p: int = P, a: int = A, b: int = B, g: tuple[int, int] = G, n: int = N, h: int | None = 1
) -> bytes:
    """A SubjectPublicKeyInfo with explicit parameters (P-256's: SEC 2, 2.4.2)."""
    base = b"\x04" + g[0].to_bytes(32) + g[1].to_bytes(32)
    parameters = pki.seq(
        pki.integer(1),
        pki.seq(pki.oid("1.2.840.10045.1.1"), pki.integer(p)),
        pki.seq(pki.tlv(0x04, a.to_bytes(32)), pki.tlv(0x04, b.to_bytes(32))),
        pki.tlv(0x04, base),
        pki.integer(n),
        pki.integer(h) if h is not None else b"",
    )
    return pki.seq(pki.seq(pki.oid("1.2.840.10045.2.1"), parameters), pki.tlv(0x03, b"\0" + point))


def point_of(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@pytest.mark.parametrize("cofactor", [1, None])
def test_explicit_parameters_of_a_known_curve_give_a_key_on_it(cofactor: int | None) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = keys.load_public_key(explicit(point_of(private), h=cofactor))
    keys.verify(key, pki.algorithm("1.2.840.10045.4.3.2"), private.sign(b"x", ec.ECDSA(hashes.SHA256())), b"x")
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"


@pytest.mark.parametrize(
    "change",
    [{"p": P - 2}, {"a": A - 1}, {"b": B + 1}, {"g": (G[0], P - G[1])}, {"n": N - 2}, {"h": 2}],
    ids=lambda c: next(iter(c)),
)
def test_a_curve_that_differs_in_one_parameter_is_refused(change: dict[str, int]) -> None:
    point = point_of(ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(NotSupportedError) as refusal:
        keys.load_public_key(explicit(point, **change))  # type: ignore[arg-type]
    assert refusal.value.code == "curve"


def test_a_generator_of_the_forgers_own_is_refused() -> None:
    """With the real CSCA's point as generator the private key is 1, and the forger signs what he likes."""
    victim = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    point = b"\x04" + victim.x.to_bytes(32) + victim.y.to_bytes(32)
    with pytest.raises(NotSupportedError, match="no known curve"):
        keys.load_public_key(explicit(point, g=(victim.x, victim.y)))


def test_a_point_beside_the_curve_is_no_key() -> None:
    with pytest.raises(MalformedError):
        keys.load_public_key(explicit(b"\x04" + bytes(31) + b"\x01" + bytes(31) + b"\x01"))


@pytest.mark.parametrize(
    ("spki", "code"),
    [
        (pki.seq(pki.seq(pki.oid("1.2.840.10045.2.1"), pki.oid("1.3.132.0.1")), pki.tlv(3, b"\0\4")), "curve"),
        (pki.seq(pki.seq(pki.oid("1.2.840.10045.2.1"), b"\5\0"), pki.tlv(3, b"\0\4")), "curve"),
        (pki.seq(pki.seq(pki.oid("1.2.643.7.1.1.1.1"), b"\5\0"), pki.tlv(3, b"\0\4")), "key"),
    ],
)
def test_what_is_not_known_is_refused_by_name(spki: bytes, code: str) -> None:
    with pytest.raises(NotSupportedError) as refusal:
        keys.load_public_key(spki)
    assert refusal.value.code == code


@pytest.mark.parametrize("digest", ["sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("scheme", ["pkcs1", "rsa", "pss", "ecdsa"])
def test_every_scheme_verifies_and_notices_a_change(scheme: str, digest: str) -> None:
    private = pki.key("signature", "secp256r1" if scheme == "ecdsa" else "rsa")
    identifier, signature = pki.sign(private, b"data", digest, scheme)
    public = keys.load_public_key(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    named = pki.HASHES[digest][0]
    keys.verify(public, identifier, signature, b"data", digest_algorithm=named)
    with pytest.raises(SignatureError):
        keys.verify(public, identifier, signature, b"date", digest_algorithm=named)
    with pytest.raises(SignatureError):
        keys.verify(public, identifier, signature[:-1], b"data", digest_algorithm=named)


def test_a_plain_signature_is_r_and_s_side_by_side() -> None:
    private = pki.key("plain")
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(private.sign(b"data", ec.ECDSA(hashes.SHA256())))
    plain = r.to_bytes(32) + s.to_bytes(32)
    keys.verify(private.public_key(), pki.algorithm("0.4.0.127.0.7.1.1.4.1.3"), plain, b"data")
    with pytest.raises(SignatureError):
        keys.verify(private.public_key(), pki.algorithm("0.4.0.127.0.7.1.1.4.1.3"), plain[1:], b"data")


@pytest.mark.parametrize("scheme", ["pkcs1", "pss"])
def test_a_signature_of_another_kind_of_key_does_not_hold(scheme: str) -> None:
    identifier, signature = pki.sign(pki.key("signature", "rsa"), b"data", "sha256", scheme)
    public = pki.key("plain").public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    with pytest.raises(SignatureError, match="an RSA signature"):
        keys.verify(public, identifier, signature, b"data")


@pytest.mark.parametrize("named", ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.2"], ids=["md5", "md2"])
def test_a_broken_hash_is_not_accepted(named: str) -> None:
    private = pki.key("signature", "rsa")
    public = keys.load_public_key(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(NotSupportedError):
        keys.verify(public, pki.algorithm(named, b"\5\0"), bytes(256), b"data")
