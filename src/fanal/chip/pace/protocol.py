"""PACE (Doc 9303-11, 4.4.1): steps numbered as there, data objects as in 4.4.4."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from fanal.chip import tlv
from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel
from fanal.chip.crypto import Counter, Suite, same, unpad
from fanal.chip.errors import ProtocolError, StatusWordError, TlvError, WrongPasswordError
from fanal.chip.groups import Element, Random, make_secret
from fanal.chip.pace.mapping import map_generic, map_integrated, nonce_size
from fanal.chip.pace.variants import Mapping, Variant
from fanal.chip.password import Password
from fanal.chip.secure_messaging import SecureMessaging

_CHAINED: Final = 0x10  # CLA: the last command of the chain is still to come
_ACCEPTED: Final = (0x63CF, 0x63CE, 0x63CD, 0x63CC, 0x63CB, 0x63CA, 0x63C9, 0x63C8, 0x63C7, 0x63C6, 0x63C5, 0x63C4,
                    0x63C3, 0x63C2, 0x63C1)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pace:
    """A run of PACE that ended well. `chip_data` is the chip's proof of its static key, with CA mapping only."""

    variant: Variant
    mapping_key: Element = field(repr=False)  # the chip's public key of the mapping
    chip_data: bytes = field(default=b"", repr=False)


def run(channel: Channel, password: Password, variant: Variant, *, random: Random = os.urandom) -> Pace:
    """PACE with one of the variants that the chip offers; the channel talks secure messaging from then on.

    Raises:
        WrongPasswordError: chip and reader do not know the same password.
        ProtocolError: the chip did not do its part.
        ChipError: the channel's.
    """
    suite, group = variant.suite, variant.group
    _select(channel, password, variant)
    # 1) The chip enciphers a nonce with the key that the password gives; 2) the reader deciphers it.
    sealed = _general(channel, b"").get(0x80)
    if (
        sealed is None
        or len(sealed) not in (16, 32)
        or (variant.mapping is Mapping.IM and len(sealed) != nonce_size(suite))
    ):
        raise ProtocolError("a nonce of impossible length")
    nonce = suite.decrypt(suite.derive(password.seed, Counter.PACE), sealed)
    # 3a) Both exchange what the mapping needs, and compute the ephemeral generator.
    generator, mapping_key = _map(channel, variant, nonce, random)
    # 3b) An anonymous key agreement with that generator.
    secret = make_secret(group, random)
    own = group.multiply(secret, generator)
    answer = _general(channel, tlv.encode(0x83, group.encode(own))).get(0x84)
    other = group.decode(answer or b"")
    if other == own:
        raise ProtocolError("the chip's public key is the reader's", "pace_failed")
    # 3c) The session keys.
    shared = group.shared(secret, other)
    k_enc, k_mac = suite.derive(shared, Counter.ENC), suite.derive(shared, Counter.MAC)
    # 3d) Both exchange and verify authentication tokens.
    own_token = token(suite, k_mac, variant, group.encode(other))
    try:
        last = _general(channel, tlv.encode(0x85, own_token), last=True)
    except StatusWordError as error:
        if error.sw >> 8 in (0x63, 0x69) or error.sw == 0x6A80:
            raise WrongPasswordError(error.detail) from error
        raise
    if not same(last.get(0x86, b""), token(suite, k_mac, variant, group.encode(own))):
        raise ProtocolError("the chip's authentication token does not hold", "pace_failed")
    chip_data = _chip_data(suite, k_enc, last.get(0x8A)) if variant.mapping is Mapping.CAM else b""
    channel.secure(SecureMessaging(suite, k_enc, k_mac))
    return Pace(variant, mapping_key, chip_data)


def _select(channel: Channel, password: Password, variant: Variant) -> None:
    """MSE:Set AT (4.4.4.1): the variant, the password and the domain parameters."""
    data = (
        tlv.encode(0x80, encode_oid(variant.protocol))
        + tlv.encode(0x83, bytes([password.kind]))
        + tlv.encode(0x84, bytes([variant.parameter_id]))
    )
    command = Command(0, Ins.MANAGE_SECURITY_ENVIRONMENT, 0xC1, 0xA4, data)
    channel.send(command, accept=_ACCEPTED)  # 63Cx: so many tries are left


def _general(channel: Channel, data: bytes, *, last: bool = False) -> dict[int, bytes]:
    """GENERAL AUTHENTICATE (4.4.4.2): the objects in the answer's object 7C."""
    body = tlv.encode(0x7C, data)
    command = Command(
        0 if last else _CHAINED, Ins.GENERAL_AUTHENTICATE, 0, 0, body, ne=65536 if len(body) > 255 else 256
    )
    answer = channel.send(command).data
    try:
        objects = tlv.parse(tlv.parse_one(answer, 0x7C).value, most=8) if answer else []
    except TlvError as error:
        raise ProtocolError(f"dynamic authentication data: {error.detail}") from error
    return {one.tag: one.value for one in objects}


def _map(channel: Channel, variant: Variant, nonce: bytes, random: Random) -> tuple[Element, Element]:
    group = variant.group
    if variant.mapping is Mapping.IM:
        other = random(variant.suite.key_size)
        _general(channel, tlv.encode(0x81, other))
        return map_integrated(group, variant.suite, nonce, other), None
    secret = make_secret(group, random)
    own = group.multiply(secret, group.generator)
    key = group.decode(_general(channel, tlv.encode(0x81, group.encode(own))).get(0x82, b""))
    if key == own:
        raise ProtocolError("the chip's public key is the reader's", "pace_failed")
    return map_generic(group, nonce, group.multiply(secret, key)), key


def token(suite: Suite, k_mac: bytes, variant: Variant, public: bytes) -> bytes:
    """4.4.3.4: the MAC over the other's public key."""
    data = tlv.encode(
        0x7F49, tlv.encode(0x06, encode_oid(variant.protocol)), tlv.encode(variant.group.public_key_tag, public)
    )
    return suite.token_mac(k_mac, data)


def _chip_data(suite: Suite, k_enc: bytes, sealed: bytes | None) -> bytes:
    """4.4.3.5.2: the chip authentication data, enciphered with the counter -1."""
    if sealed is None:
        raise ProtocolError("no chip authentication data", "pace_failed")
    return unpad(suite.decrypt(k_enc, sealed, suite.encrypt_block(k_enc, b"\xff" * suite.block)))


def encode_oid(dotted: str) -> bytes:
    """The octets of an object identifier, without tag and length."""
    arcs = [int(arc) for arc in dotted.split(".")]
    found = bytearray()
    for arc in (arcs[0] * 40 + arcs[1], *arcs[2:]):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        found += bytes(reversed(septets))
    return bytes(found)


__all__ = ["Pace", "encode_oid", "run", "token"]
