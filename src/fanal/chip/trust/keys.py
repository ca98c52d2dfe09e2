"""Public keys, and signatures made with them.

Elliptic curves given by their parameters are compared with the known curves in every parameter and the key is rebuilt
on the known curve; a curve that is not known is refused. A name alone, or a part of the parameters, would let a forger
choose a generator of his own (CVE-2020-0601).

Verification raises; nothing here returns a flag that could be overlooked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from fanal.chip import curves
from fanal.chip.trust import der
from fanal.chip.trust.errors import MalformedError, NotSupportedError, SignatureError


@dataclass(frozen=True, slots=True)
class PlainKey:
    """A public key on a known curve that `cryptography` does not compute with, verified in plain Python.

    Some 5 ms a signature; nothing about a public key is secret, so that time does not matter.
    """

    curve: curves.Curve
    x: int
    y: int

    @property
    def key_size(self) -> int:
        return self.curve.n.bit_length()

    def verify(self, signature: bytes, data: bytes, algorithm: hashes.HashAlgorithm) -> None:
        """As ECDSA has it (SEC 1, 4.1.4).

        Raises:
            InvalidSignature: it does not hold.
        """
        r, s = decode_dss_signature(signature)
        n = self.curve.n
        if not (0 < r < n and 0 < s < n):
            raise InvalidSignature
        hashed = hashlib.new(algorithm.name, data).digest()
        e = int.from_bytes(hashed) >> max(0, 8 * len(hashed) - n.bit_length())
        inverse = pow(s, -1, n)
        point = self.curve.add(
            self.curve.multiply(e * inverse % n, self.curve.g), self.curve.multiply(r * inverse % n, (self.x, self.y))
        )
        if point is None or point[0] % n != r:
            raise InvalidSignature


PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | PlainKey

RSA: Final = "1.2.840.113549.1.1.1"
RSA_PSS: Final = "1.2.840.113549.1.1.10"
EC: Final = "1.2.840.10045.2.1"
_MGF1: Final = "1.2.840.113549.1.1.8"

_CURVES: Final[dict[str, type[ec.EllipticCurve]]] = {
    "1.2.840.10045.3.1.1": ec.SECP192R1,
    "1.3.132.0.33": ec.SECP224R1,
    "1.2.840.10045.3.1.7": ec.SECP256R1,
    "1.3.132.0.34": ec.SECP384R1,
    "1.3.132.0.35": ec.SECP521R1,
    "1.3.36.3.3.2.8.1.1.7": ec.BrainpoolP256R1,
    "1.3.36.3.3.2.8.1.1.11": ec.BrainpoolP384R1,
    "1.3.36.3.3.2.8.1.1.13": ec.BrainpoolP512R1,
}

_CURVES_BY_NAME: Final[dict[str, type[ec.EllipticCurve]]] = {curve().name: curve for curve in _CURVES.values()}
_PRIME_FIELD: Final = "1.2.840.10045.1.1"

# Known curves without an implementation in `cryptography`: verified in plain Python.
_PLAIN_CURVES: Final = {
    "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1",
    "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
    "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1",
}

_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "1.3.14.3.2.26": hashes.SHA1,
    "2.16.840.1.101.3.4.2.4": hashes.SHA224,
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
_RSA_WITH: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "1.2.840.113549.1.1.5": hashes.SHA1,
    "1.3.14.3.2.29": hashes.SHA1,  # the older name of the same
    "1.2.840.113549.1.1.14": hashes.SHA224,
    "1.2.840.113549.1.1.11": hashes.SHA256,
    "1.2.840.113549.1.1.12": hashes.SHA384,
    "1.2.840.113549.1.1.13": hashes.SHA512,
}
_ECDSA_WITH: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "1.2.840.10045.4.1": hashes.SHA1,
    "1.2.840.10045.4.3.1": hashes.SHA224,
    "1.2.840.10045.4.3.2": hashes.SHA256,
    "1.2.840.10045.4.3.3": hashes.SHA384,
    "1.2.840.10045.4.3.4": hashes.SHA512,
}
# BSI TR-03111, 5.2.1: the signature is r and s side by side, not a sequence.
_PLAIN_ECDSA_WITH: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "0.4.0.127.0.7.1.1.4.1.1": hashes.SHA1,
    "0.4.0.127.0.7.1.1.4.1.2": hashes.SHA224,
    "0.4.0.127.0.7.1.1.4.1.3": hashes.SHA256,
    "0.4.0.127.0.7.1.1.4.1.4": hashes.SHA384,
    "0.4.0.127.0.7.1.1.4.1.5": hashes.SHA512,
}


def hash_algorithm(identifier: str) -> hashes.HashAlgorithm:
    """The hash function with this object identifier.

    Raises:
        NotSupportedError: `hash`: it is not one of SHA-1 and SHA-2 (MD5 is not).
    """
    found = _HASHES.get(identifier)
    if found is None:
        raise NotSupportedError("hash", identifier)
    return found()


def digest(identifier: str, data: bytes) -> bytes:
    """The hash of `data` by the function with this object identifier.

    Raises:
        NotSupportedError: `hash`.
    """
    function = _DIGESTS.get(identifier)
    if function is None:
        raise NotSupportedError("hash", identifier)
    return function(data).digest()


# AlgorithmIdentifiers of keys that `cryptography` reads by itself: RSA, and EC on the curves above by their names.
_USUAL_KEYS: Final = (
    bytes.fromhex("300d06092a864886f70d0101010500"),
    bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107"),
    *(bytes.fromhex(f"301006072a8648ce3d020106052b810400{n}") for n in ("21", "22", "23")),
    *(bytes.fromhex(f"301406072a8648ce3d020106092b2403030208010{n}") for n in ("107", "10b", "10d")),
)
_DIGESTS: Final[dict[str, Callable[[bytes], hashlib._Hash]]] = {
    identifier: getattr(hashlib, function().name) for identifier, function in _HASHES.items()
}


@lru_cache(maxsize=4096)
def load_public_key(spki: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).

    Raises:
        MalformedError: it is none.
        NotSupportedError: `key` or `curve`, with its name.
    """
    if spki.startswith(_USUAL_KEYS, spki[1] - 0x80 + 2 if len(spki) > 1 and spki[1] > 0x80 else 2):
        try:
            key = serialization.load_der_public_key(spki)
        except (ValueError, UnsupportedAlgorithm):
            pass  # what is wrong with it is said below, or there is a way to mean it
        else:
            if isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
                return key
    return _load(spki)


def _load(spki: bytes) -> PublicKey:
    info = der.fields(spki)
    algorithm = der.Fields(info.next(der.SEQUENCE))
    kind = der.oid(algorithm.next())
    key = info.next()
    try:
        if kind in (RSA, RSA_PSS):
            parts = der.fields(der.bits(key))
            # A modulus whose leading zero was forgotten reads as negative; there is one thing it can mean.
            modulus, exponent = (int.from_bytes(parts.next(der.INTEGER).content[: der.MAX_INTEGER]) for _ in range(2))
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        if kind == EC:
            curve = _curve(algorithm.next())
            if isinstance(curve, curves.Curve):
                return _plain_key(curve, der.bits(key))
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, der.bits(key))
    except (ValueError, UnsupportedAlgorithm, OverflowError) as error:
        raise MalformedError(f"a key that is none: {error}") from error
    raise NotSupportedError("key", kind)


def _plain_key(curve: curves.Curve, point: bytes) -> PlainKey:
    size = (curve.p.bit_length() + 7) // 8
    if len(point) != 1 + 2 * size or point[0] != 4:
        raise NotSupportedError("key", "a point that is not two coordinates")
    x, y = int.from_bytes(point[1 : 1 + size]), int.from_bytes(point[1 + size :])
    if not curve.has((x, y)):
        raise MalformedError("a point that is not on its curve")
    return PlainKey(curve, x, y)


def _curve(parameters: der.Node) -> ec.EllipticCurve | curves.Curve:
    if parameters.tag == der.OID:
        name = der.oid(parameters)
        if (plain := _PLAIN_CURVES.get(name)) is not None:
            return next(curve for curve in curves.CURVES if curve.name == plain)
        found = _CURVES.get(name)
        if found is None:
            raise NotSupportedError("curve", name)
        return found()
    if parameters.tag != der.SEQUENCE:
        raise NotSupportedError("curve", "implicit parameters")
    return _explicit_curve(parameters)


def _explicit_curve(parameters: der.Node) -> ec.EllipticCurve | curves.Curve:
    """The known curve that has all of these parameters (ECParameters of SEC 1, C.2)."""
    parts = der.Fields(parameters)
    der.integer(parts.next())
    field = der.Fields(parts.next(der.SEQUENCE))
    if (kind := der.oid(field.next())) != _PRIME_FIELD:
        raise NotSupportedError("curve", f"field {kind}")
    p = der.integer(field.next())
    coefficients = der.Fields(parts.next(der.SEQUENCE))
    a, b = (int.from_bytes(der.octets(coefficients.next())) for _ in range(2))
    base = der.octets(parts.next())
    n = der.integer(parts.next())
    # The cofactor may be left out; with p, a, b, G and n it is no longer free.
    cofactor = parts.optional(der.INTEGER)
    size = (p.bit_length() + 7) // 8
    if len(base) != 1 + 2 * size or base[0] != 4:
        raise NotSupportedError("curve", "a base point that is not two coordinates")
    point = int.from_bytes(base[1 : 1 + size]), int.from_bytes(base[1 + size :])
    found = curves.match_explicit(p, a, b, point, n, 1 if cofactor is None else der.integer(cofactor))
    if found is None:
        raise NotSupportedError("curve", f"explicit parameters over {p.bit_length()} bits that are no known curve's")
    usable = _CURVES_BY_NAME.get(found.name)
    return found if usable is None else usable()


def curve_name(spki: bytes) -> str:
    """How the key is named for people: "RSA 4096", "brainpoolP384r1"; empty where it cannot be used."""
    try:
        key = load_public_key(spki)
    except (MalformedError, NotSupportedError):
        return ""
    return f"RSA {key.key_size}" if isinstance(key, rsa.RSAPublicKey) else key.curve.name


def verify(key: PublicKey, algorithm: bytes, signature: bytes, data: bytes, *, digest_algorithm: str = "") -> None:
    """Verify a signature under an AlgorithmIdentifier.

    `digest_algorithm` is the hash where the identifier names none: a SignerInfo may say only `rsaEncryption` and
    leave the hash to its digestAlgorithm (RFC 5652, 5.3).

    Raises:
        SignatureError: it does not hold, or is not one of this key's kind.
        NotSupportedError: `signature_algorithm` or `hash`.
        MalformedError: the identifier is none.
    """
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, *_rsa_scheme(algorithm, digest_algorithm))
        else:
            plain, chosen = _ecdsa_scheme(algorithm, digest_algorithm)
            _ecdsa(key, der_signature(signature) if plain else signature, data, chosen)
    except InvalidSignature:
        raise SignatureError("it does not hold under this key") from None
    except (ValueError, UnsupportedAlgorithm, OverflowError) as error:
        raise SignatureError(f"it cannot hold: {error}") from error


# A few dozen identifiers sign all there is: what one means is worked out once.
@lru_cache(maxsize=256)
def _rsa_scheme(algorithm: bytes, other: str) -> tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]:
    parts = der.fields(algorithm)
    name = der.oid(parts.next())
    chosen: hashes.HashAlgorithm
    if name == RSA_PSS:
        return _pss(parts)
    if name == RSA:
        chosen = hash_algorithm(other)
    elif (found := _RSA_WITH.get(name)) is not None:
        chosen = found()
    elif name in _ECDSA_WITH or name in _PLAIN_ECDSA_WITH:
        raise SignatureError("an ECDSA signature under an RSA key")
    else:
        raise NotSupportedError("signature_algorithm", name)
    return padding.PKCS1v15(), chosen


def _pss(parts: der.Fields) -> tuple[padding.PSS, hashes.HashAlgorithm]:
    """The parameters of RSASSA-PSS with their defaults (RFC 4055, 3.1)."""
    chosen: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303 - the standard's default
    mask: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303 - the standard's default
    salt = 20
    if (node := parts.optional(der.SEQUENCE)) is not None:
        given = der.Fields(node)
        if (tagged := given.optional(0xA0)) is not None:
            chosen = hash_algorithm(der.oid(der.fields(tagged.content).next()))
        if (tagged := given.optional(0xA1)) is not None:
            generator = der.fields(tagged.content)
            if (function := der.oid(generator.next())) != _MGF1:
                raise NotSupportedError("signature_algorithm", f"mask generation {function}")
            mask = hash_algorithm(der.oid(der.Fields(generator.next(der.SEQUENCE)).next()))
        if (tagged := given.optional(0xA2)) is not None:
            salt = der.integer(der.read(tagged.content))
        if (tagged := given.optional(0xA3)) is not None and der.integer(der.read(tagged.content)) != 1:
            raise NotSupportedError("signature_algorithm", "PSS trailer")
    if not 0 <= salt <= 512:
        raise MalformedError("a salt of impossible length")
    return padding.PSS(padding.MGF1(mask), salt), chosen


@lru_cache(maxsize=256)
def _ecdsa_scheme(algorithm: bytes, other: str) -> tuple[bool, hashes.HashAlgorithm]:
    """Whether r and s stand side by side, and the hash."""
    name = der.oid(der.fields(algorithm).next())
    if (found := _ECDSA_WITH.get(name)) is not None:
        return False, found()
    if (found := _PLAIN_ECDSA_WITH.get(name)) is not None:
        return True, found()
    if name == EC:
        return False, hash_algorithm(other)
    if name in _RSA_WITH or name in (RSA, RSA_PSS):
        raise SignatureError("an RSA signature under an EC key")
    raise NotSupportedError("signature_algorithm", name)


def _ecdsa(
    key: ec.EllipticCurvePublicKey | PlainKey, signature: bytes, data: bytes, chosen: hashes.HashAlgorithm
) -> None:
    if isinstance(key, PlainKey):
        key.verify(signature, data, chosen)
    else:
        key.verify(signature, data, ec.ECDSA(chosen))


def verify_plain(key: PublicKey, signature: bytes, data: bytes, digest_name: str = "") -> None:
    """Verify an ECDSA signature that is r and s side by side, as seals have it.

    `digest_name` is the hash ("sha256"); without it, the one that goes with the key's size (Doc 9303-13, 2.4).

    Raises:
        SignatureError: it does not hold, or the key is not an EC key.
        NotSupportedError: `hash`.
    """
    if isinstance(key, rsa.RSAPublicKey):
        raise SignatureError("an ECDSA signature under an RSA key")
    if not digest_name:
        digest_name = next(name for size, name in _DIGEST_BY_SIZE if key.key_size <= size)
    chosen = next((function for function in _HASHES.values() if function().name == digest_name), None)
    if chosen is None:
        raise NotSupportedError("hash", digest_name)
    try:
        _ecdsa(key, der_signature(signature), data, chosen())
    except InvalidSignature:
        raise SignatureError("it does not hold under this key") from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError(f"it cannot hold: {error}") from error


_DIGEST_BY_SIZE: Final = ((224, "sha224"), (256, "sha256"), (384, "sha384"), (4096, "sha512"))


def der_signature(plain: bytes) -> bytes:
    """r and s side by side as the sequence that is customary elsewhere.

    Raises:
        SignatureError: they are not of one length.
    """
    half, odd = divmod(len(plain), 2)
    if odd or not half:
        raise SignatureError("r and s are not of one length")
    return encode_dss_signature(int.from_bytes(plain[:half]), int.from_bytes(plain[half:]))


__all__ = [
    "PlainKey",
    "PublicKey",
    "curve_name",
    "der_signature",
    "digest",
    "hash_algorithm",
    "load_public_key",
    "verify",
    "verify_plain",
]
