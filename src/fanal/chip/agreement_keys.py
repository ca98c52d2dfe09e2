"""Static keys for key agreement, as chips publish them in SecurityInfos (Doc 9303-11, 9.2.6 and 9.4)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from fanal.chip.errors import ProtocolError
from fanal.chip.groups import DH_GROUPS, STANDARDISED, DhGroup, Element, Group, group_named
from fanal.chip.trust import MalformedError, NotSupportedError, der
from fanal.chip.trust.keys import PlainKey, load_public_key

_STANDARDISED: Final = "0.4.0.127.0.7.1.2"  # standardizedDomainParameters: the number of table 6
_DH: Final = "1.2.840.113549.1.3.1"  # PKCS #3
_DH_X942: Final = "1.2.840.10046.2.1"


def load_agreement_key(spki: bytes) -> tuple[Group, Element]:
    """The group and the public key in it.

    Raises:
        ProtocolError: no key, one in a group that is not known, or no element of its group.
    """
    try:
        parts = der.fields(spki)
        algorithm = der.Fields(parts.next(der.SEQUENCE))
        kind = der.oid(algorithm.next(der.OID))
        public = der.bits(parts.next())
        if kind == _STANDARDISED:
            number = der.integer(algorithm.next())
            known = STANDARDISED.get(number)
            if known is None:
                raise ProtocolError(f"domain parameters {number}", "group_not_supported")
            return known, _decode(known, public)
        if kind in (_DH, _DH_X942):
            group = _dh_group(kind, der.Fields(algorithm.next(der.SEQUENCE)))
            return group, _decode(group, public)
        key = load_public_key(spki)
    except (MalformedError, NotSupportedError) as error:
        raise ProtocolError(str(error), "group_not_supported") from error
    if isinstance(key, rsa.RSAPublicKey):
        raise ProtocolError("an RSA key for key agreement", "group_not_supported")
    named = group_named(key.curve.name)
    if named is None:
        raise ProtocolError(f"curve {key.curve.name}", "group_not_supported")
    if isinstance(key, PlainKey):
        return named, (key.x, key.y)
    numbers = key.public_numbers()
    return named, (numbers.x, numbers.y)


def _decode(group: Group, public: bytes) -> Element:
    if isinstance(group, DhGroup):  # an INTEGER, but some write the bare octets
        node = der.read(public) if public[:1] == b"\x02" else None
        return group.decode(public if node is None else der.integer(node).to_bytes(group.size, signed=False))
    return group.decode(public)


def _dh_group(kind: str, parameters: der.Fields) -> DhGroup:
    """One of the groups of RFC 5114, or a safe-enough group with its order."""
    p, g = der.integer(parameters.next()), der.integer(parameters.next())
    known = next((group for group in DH_GROUPS if (group.p, group.g) == (p, g)), None)
    if known is not None:
        return known
    if kind == _DH_X942:
        q = der.integer(parameters.next())
        if 1024 <= p.bit_length() <= 4096 and q.bit_length() >= 160 and 1 < g < p - 1 and pow(g, q, p) == 1:
            return DhGroup(f"MODP-{p.bit_length()}", p, g, q)
    raise ProtocolError(f"a DH group of {p.bit_length()} bits that is not known", "group_not_supported")
