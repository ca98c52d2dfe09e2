"""The groups in which keys are agreed: elliptic curves and the multiplicative groups of RFC 5114 (Doc 9303-11, 9.5).

An element of an EC group is a point, of a DH group a number; everything that PACE and chip authentication do with
either is the same, and is said once in terms of `Group`. Elements from a chip are validated when they are decoded:
on the curve and not infinity, or in the subgroup of order q.

Where a product with the generator, or only an x-coordinate, is wanted, `cryptography` computes it. Products with
another base point, of which both coordinates are needed (PACE's mapped generator), and three brainpool curves are
computed in plain Python (`fanal.chip.curves`), with secrets that are made for one run and then thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from fanal.chip.curves import CURVES, Curve
from fanal.chip.errors import ProtocolError

Element = Any  # a point for a curve, a number for a DH group: opaque to all but the group itself
Random = Callable[[int], bytes]


class Group(Protocol):
    """A group of prime order with a generator."""

    @property
    def name(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def generator(self) -> Element: ...
    @property
    def public_key_tag(self) -> int:
        """The tag of a public key in a public key data object (9303-11, 9.4): 86 for a point, 84 for a number."""

    def multiply(self, factor: int, element: Element) -> Element: ...
    def combine(self, first: Element, second: Element) -> Element: ...
    def encode(self, element: Element) -> bytes: ...
    def decode(self, data: bytes) -> Element: ...
    def shared(self, factor: int, element: Element) -> bytes: ...


_LIBRARY: Final[dict[str, ec.EllipticCurve]] = {
    curve.name: curve
    for curve in (
        ec.SECP192R1(), ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(),
        ec.BrainpoolP256R1(), ec.BrainpoolP384R1(), ec.BrainpoolP512R1(),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EcGroup:
    """The points of a curve."""

    curve: Curve

    @property
    def name(self) -> str:
        return self.curve.name

    @property
    def order(self) -> int:
        return self.curve.n

    @property
    def generator(self) -> Element:
        return self.curve.g

    @property
    def public_key_tag(self) -> int:
        return 0x86

    @property
    def size(self) -> int:
        """Octets of a coordinate."""
        return (self.curve.p.bit_length() + 7) // 8

    def multiply(self, factor: int, element: Element) -> Element:
        """Raises:
        ProtocolError: the product is the point at infinity.
        """
        library = _LIBRARY.get(self.curve.name)
        factor %= self.curve.n
        if library is not None and element == self.curve.g and factor:
            numbers = ec.derive_private_key(factor, library).public_key().public_numbers()
            return numbers.x, numbers.y
        return _finite(self.curve.multiply(factor, element))

    def combine(self, first: Element, second: Element) -> Element:
        return _finite(self.curve.add(first, second))

    def encode(self, element: Element) -> bytes:
        """Uncompressed (BSI TR-03111, 3.2.1)."""
        x, y = element
        return b"\x04" + int(x).to_bytes(self.size) + int(y).to_bytes(self.size)

    def decode(self, data: bytes) -> Element:
        """Raises:
        ProtocolError: it is no point of this curve.
        """
        if len(data) != 1 + 2 * self.size or data[0] != 4:
            raise ProtocolError("a public key that is not an uncompressed point of this curve")
        point = int.from_bytes(data[1 : 1 + self.size]), int.from_bytes(data[1 + self.size :])
        if not self.curve.has(point):
            raise ProtocolError("a public key that is not on the curve", "invalid_point")
        return point

    def shared(self, factor: int, element: Element) -> bytes:
        """The x-coordinate of the product (BSI TR-03111, 4.3.1)."""
        library = _LIBRARY.get(self.curve.name)
        if library is None:
            return bytes(self.multiply(factor, element)[0].to_bytes(self.size))
        x, y = element
        peer = ec.EllipticCurvePublicNumbers(x, y, library).public_key()
        return ec.derive_private_key(factor % self.curve.n, library).exchange(ec.ECDH(), peer)


def _finite(point: tuple[int, int] | None) -> tuple[int, int]:
    if point is None:
        raise ProtocolError("the point at infinity", "invalid_point")
    return point


@dataclass(frozen=True, slots=True)
class DhGroup:
    """The subgroup of order q of the numbers modulo p."""

    name: str
    p: int
    g: int
    q: int

    @property
    def order(self) -> int:
        return self.q

    @property
    def generator(self) -> Element:
        return self.g

    @property
    def public_key_tag(self) -> int:
        return 0x84

    @property
    def size(self) -> int:
        return (self.p.bit_length() + 7) // 8

    def multiply(self, factor: int, element: Element) -> Element:
        """Raises:
        ProtocolError: the product is one.
        """
        return self._proper(pow(element, factor, self.p))

    def combine(self, first: Element, second: Element) -> Element:
        return self._proper(first * second % self.p)

    def _proper(self, element: int) -> int:
        if element <= 1:
            raise ProtocolError("an element of order one", "invalid_point")
        return element

    def encode(self, element: Element) -> bytes:
        return bytes(element.to_bytes(self.size))

    def decode(self, data: bytes) -> Element:
        """Raises:
        ProtocolError: it is not in the group.
        """
        element = int.from_bytes(data)
        if len(data) > self.size or not 1 < element < self.p - 1 or pow(element, self.q, self.p) != 1:
            raise ProtocolError("a public key that is not in the group", "invalid_point")
        return element

    def shared(self, factor: int, element: Element) -> bytes:
        """The product, as long as the prime (PKCS #3)."""
        return self.encode(self.multiply(factor, element))


def make_secret(group: Group, random: Random = os.urandom) -> int:
    """A secret from 1 to the order less 1, with 64 bits to spare, so that none is likelier than another."""
    size = (group.order.bit_length() + 7) // 8 + 8
    return int.from_bytes(random(size)) % (group.order - 1) + 1


def _dh(name: str, p: str, g: str, q: str) -> DhGroup:
    return DhGroup(name, int(p, 16), int(g, 16), int(q, 16))


DH_GROUPS: Final = (
    _dh(
        "MODP-1024-160",  # RFC 5114, 2.1
        "B10B8F96A080E01DDE92DE5EAE5D54EC52C99FBCFB06A3C69A6A9DCA52D23B616073E28675A23D189838EF1E2EE652C0"
        "13ECB4AEA906112324975C3CD49B83BFACCBDD7D90C4BD7098488E9C219A73724EFFD6FAE5644738FAA31A4FF55BCCC0"
        "A151AF5F0DC8B4BD45BF37DF365C1A65E68CFDA76D4DA708DF1FB2BC2E4A4371",
        "A4D1CBD5C3FD34126765A442EFB99905F8104DD258AC507FD6406CFF14266D31266FEA1E5C41564B777E690F5504F213"
        "160217B4B01B886A5E91547F9E2749F4D7FBD7D3B9A92EE1909D0D2263F80A76A6A24C087A091F531DBF0A0169B6A28A"
        "D662A4D18E73AFA32D779D5918D08BC8858F4DCEF97C2A24855E6EEB22B3B2E5",
        "F518AA8781A8DF278ABA4E7D64B7CB9D49462353",
    ),
    _dh(
        "MODP-2048-224",  # RFC 5114, 2.2
        "AD107E1E9123A9D0D660FAA79559C51FA20D64E5683B9FD1B54B1597B61D0A75E6FA141DF95A56DBAF9A3C407BA1DF15"
        "EB3D688A309C180E1DE6B85A1274A0A66D3F8152AD6AC2129037C9EDEFDA4DF8D91E8FEF55B7394B7AD5B7D0B6C12207"
        "C9F98D11ED34DBF6C6BA0B2C8BBC27BE6A00E0A0B9C49708B3BF8A317091883681286130BC8985DB1602E714415D9330"
        "278273C7DE31EFDC7310F7121FD5A07415987D9ADC0A486DCDF93ACC44328387315D75E198C641A480CD86A1B9E587E8"
        "BE60E69CC928B2B9C52172E413042E9B23F10B0E16E79763C9B53DCF4BA80A29E3FB73C16B8E75B97EF363E2FFA31F71"
        "CF9DE5384E71B81C0AC4DFFE0C10E64F",
        "AC4032EF4F2D9AE39DF30B5C8FFDAC506CDEBE7B89998CAF74866A08CFE4FFE3A6824A4E10B9A6F0DD921F01A70C4AFA"
        "AB739D7700C29F52C57DB17C620A8652BE5E9001A8D66AD7C17669101999024AF4D027275AC1348BB8A762D0521BC98A"
        "E247150422EA1ED409939D54DA7460CDB5F6C6B250717CBEF180EB34118E98D119529A45D6F834566E3025E316A330EF"
        "BB77A86F0C1AB15B051AE3D428C8F8ACB70A8137150B8EEB10E183EDD19963DDD9E263E4770589EF6AA21E7F5F2FF381"
        "B539CCE3409D13CD566AFBB48D6C019181E1BCFE94B30269EDFE72FE9B6AA4BD7B5A0F1C71CFFF4C19C418E1F6EC0179"
        "81BC087F2A7065B384B890D3191F2BFA",
        "801C0D34C58D93FE997177101F80535A4738CEBCBF389A99B36371EB",
    ),
    _dh(
        "MODP-2048-256",  # RFC 5114, 2.3
        "87A8E61DB4B6663CFFBBD19C651959998CEEF608660DD0F25D2CEED4435E3B00E00DF8F1D61957D4FAF7DF4561B2AA30"
        "16C3D91134096FAA3BF4296D830E9A7C209E0C6497517ABD5A8A9D306BCF67ED91F9E6725B4758C022E0B1EF4275BF7B"
        "6C5BFC11D45F9088B941F54EB1E59BB8BC39A0BF12307F5C4FDB70C581B23F76B63ACAE1CAA6B7902D52526735488A0E"
        "F13C6D9A51BFA4AB3AD8347796524D8EF6A167B5A41825D967E144E5140564251CCACB83E6B486F6B3CA3F7971506026"
        "C0B857F689962856DED4010ABD0BE621C3A3960A54E710C375F26375D7014103A4B54330C198AF126116D2276E11715F"
        "693877FAD7EF09CADB094AE91E1A1597",
        "3FB32C9B73134D0B2E77506660EDBD484CA7B18F21EF205407F4793A1A0BA12510DBC15077BE463FFF4FED4AAC0BB555"
        "BE3A6C1B0C6B47B1BC3773BF7E8C6F62901228F8C28CBB18A55AE31341000A650196F931C77A57F2DDF463E5E9EC144B"
        "777DE62AAAB8A8628AC376D282D6ED3864E67982428EBC831D14348F6F2F9193B5045AF2767164E1DFC967C1FB3F2E55"
        "A4BD1BFFE83B9C80D052B985D182EA0ADB2A3B7313D3FE14C8484B1E052588B9B7D2BBD2DF016199ECD06E1557CD0915"
        "B3353BBB64E0EC377FD028370DF92B52C7891428CDC67EB6184B523D1DB246C32F63078490F00EF8D647D148D4795451"
        "5E2327CFEF98C582664B4C0F6CC41659",
        "8CF83642A709A097B447997640129DA299B1A47D1EB3750BA308B0FE64F5FBD3",
    ),
)

_EC_NAMES: Final = {
    8: "secp192r1", 9: "brainpoolP192r1", 10: "secp224r1", 11: "brainpoolP224r1", 12: "secp256r1",
    13: "brainpoolP256r1", 14: "brainpoolP320r1", 15: "secp384r1", 16: "brainpoolP384r1", 17: "brainpoolP512r1",
    18: "secp521r1",
}  # fmt: skip

# Standardised domain parameters (Doc 9303-11, 9.5.1, table 6); 3 to 7 and 19 to 31 are reserved.
STANDARDISED: Final[dict[int, EcGroup | DhGroup]] = {
    **dict(enumerate(DH_GROUPS)),
    **{number: EcGroup(next(c for c in CURVES if c.name == name)) for number, name in _EC_NAMES.items()},
}


def group_named(curve: str) -> EcGroup | None:
    """The group of a curve by its name, or None where it is not known."""
    return next((EcGroup(c) for c in CURVES if c.name == curve), None)
