"""From the nonce to a generator (Doc 9303-11, 4.4.3.3 and appendix B)."""

from __future__ import annotations

from typing import Final

from fanal.chip.crypto import Suite
from fanal.chip.curves import Curve
from fanal.chip.errors import ProtocolError
from fanal.chip.groups import DhGroup, EcGroup, Element, Group


def map_generic(group: Group, nonce: bytes, shared: Element) -> Element:
    """4.4.3.3.1: the generator to the power of the nonce, times the secret that was agreed on anonymously."""
    return group.combine(group.multiply(int.from_bytes(nonce), group.generator), shared)


def map_integrated(group: Group, suite: Suite, nonce: bytes, other: bytes) -> Element:
    """4.4.3.3.2: a generator out of the chip's nonce and the reader's.

    Raises:
        ProtocolError: they lead to no generator, or the curve has no such mapping.
    """
    if isinstance(group, DhGroup):
        number = _pseudo_random(suite, nonce, other, group.p)
        generator = pow(number, (group.p - 1) // group.q, group.p)
        if generator <= 1:
            raise ProtocolError("the nonces lead to no generator", "invalid_point")
        return generator
    assert isinstance(group, EcGroup)
    return encode_point(group.curve, _pseudo_random(suite, nonce, other, group.curve.p))


# The constants of the pseudo-random function for blocks of 128 and of 256 bits (4.4.3.3.2).
_CONSTANTS: Final = {
    16: ("a668892a7c41e3ca739f40b057d85904", "a4e136ac725f738b01c1f60217c188ad"),
    32: (
        "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676",
        "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517",
    ),
}


def nonce_size(suite: Suite) -> int:
    """The octets of the chip's nonce: whole blocks, no fewer than a key has."""
    return 16 if suite.key_size == 16 else 32


def _pseudo_random(suite: Suite, nonce: bytes, other: bytes, p: int) -> int:
    size = nonce_size(suite)
    if len(nonce) != size or len(other) != suite.key_size:
        raise ProtocolError("nonces of impossible length")
    c0, c1 = (bytes.fromhex(text) for text in _CONSTANTS[size])
    key = suite.encrypt(other, nonce)[: suite.key_size]
    found = b""
    while 8 * len(found) < p.bit_length() + 64:
        found += suite.encrypt(key, c1)
        key = suite.encrypt(key, c0)[: suite.key_size]
    return int.from_bytes(found) % p


def encode_point(curve: Curve, t: int) -> tuple[int, int]:
    """Appendix B.2: the point that a number of the field stands for (simplified Shallue-Woestijne-Ulas).

    Raises:
        ProtocolError: p is not 3 mod 4, or the number stands for none.
    """
    p, a, b = curve.p, curve.a, curve.b
    if p % 4 != 3:
        raise ProtocolError("no integrated mapping for this curve", "group_not_supported")
    alpha = -t * t % p  # 1
    denominator = alpha + alpha * alpha
    if denominator % p == 0:
        raise ProtocolError("the nonces lead to no point", "invalid_point")
    x2 = -b * pow(a, -1, p) * (1 + pow(denominator, -1, p)) % p  # 2
    x3 = alpha * x2 % p  # 3
    h2 = (x2**3 + a * x2 + b) % p  # 4
    u = t**3 * h2 % p  # 5, 6
    root = pow(h2, p - 1 - (p + 1) // 4, p)  # 7
    if root * root * h2 % p == 1:  # 8
        point = x2, root * h2 % p
    else:  # 9
        point = x3, root * u % p
    # 10: times the cofactor, which is 1 for every curve here
    if not curve.has(point):
        raise ProtocolError("the nonces lead to no point", "invalid_point")
    return point
