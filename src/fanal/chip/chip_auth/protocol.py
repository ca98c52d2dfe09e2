"""Chip Authentication (Doc 9303-11, 6.2.2): steps numbered as there, data objects as in 6.2.4."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from fanal.chip import tlv
from fanal.chip.agreement_keys import load_agreement_key
from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel
from fanal.chip.crypto import AES_128, AES_192, AES_256, TDES, Counter, Suite
from fanal.chip.errors import ProtocolError
from fanal.chip.groups import Random, make_secret
from fanal.chip.pace.protocol import encode_oid
from fanal.chip.secure_messaging import SecureMessaging
from fanal.chip.security_infos import (
    ID_CA,
    ID_PK,
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
)

_SUITES: Final = {"1": TDES, "2": AES_128, "3": AES_192, "4": AES_256}


class Choice(NamedTuple):
    """A way to run it: the protocol, its cipher, and the static key."""

    protocol: str
    suite: Suite
    key: ChipAuthenticationPublicKeyInfo


def choices(infos: SecurityInfos) -> tuple[Choice, ...]:
    """What DG14 offers, the strongest cipher first.

    Where it has a key but no ChipAuthenticationInfo for it, the protocol is the one with 3DES (6.2.3).
    """
    found: list[Choice] = []
    for key in infos.chip_authentication_keys:
        agreement = key.protocol[len(ID_PK) :]
        offered = [i for i in infos.chip_authentication if _agreement(i) == agreement and _fits(i, key)]
        protocols = [i.protocol for i in offered if i.version == 1] or [f"{ID_CA}{agreement}.1"]
        for protocol in protocols:
            suite = _SUITES.get(protocol.rpartition(".")[2])
            if suite is not None and agreement in ("1", "2"):
                found.append(Choice(protocol, suite, key))
    return tuple(sorted(found, key=lambda choice: (not choice.suite.is_aes, -choice.suite.key_size)))


def _agreement(info: ChipAuthenticationInfo) -> str:
    return info.protocol[len(ID_CA) :].partition(".")[0]


def _fits(info: ChipAuthenticationInfo, key: ChipAuthenticationPublicKeyInfo) -> bool:
    return info.key_id is None or info.key_id == key.key_id


def run(channel: Channel, choice: Choice, *, random: Random = os.urandom) -> None:
    """Chip authentication; the channel talks under the new keys from then on, once an answer has come under them.

    Raises:
        ProtocolError: the static key cannot be used, or the chip's answer is none.
        SecureMessagingError: the chip does not hold the private key (its answers under the new keys do not hold).
        ChipError: the channel's.
    """
    suite = choice.suite
    # 1) The chip's static key was read with DG14.
    group, static = load_agreement_key(choice.key.spki)
    # 2) The reader generates an ephemeral key pair and sends the public key.
    secret = make_secret(group, random)
    own = group.encode(group.multiply(secret, group.generator))
    reference = b"" if choice.key.key_id is None else tlv.encode(0x84, _octets(choice.key.key_id))
    if suite.is_aes:
        _with_general_authenticate(channel, choice, own, reference)
    else:  # 6.2.4.1: MSE:Set KAT
        data = tlv.encode(0x91, own) + reference
        channel.send(Command(0, Ins.MANAGE_SECURITY_ENVIRONMENT, 0x41, 0xA6, data))
    # 3) Both compute the shared secret and the session keys; secure messaging restarts with counter 0.
    shared = group.shared(secret, static)
    secure = SecureMessaging(suite, suite.derive(shared, Counter.ENC), suite.derive(shared, Counter.MAC))
    channel.secure(secure)
    # Only an answer under the new keys shows that the chip has them: any command will do.
    channel.send(Command(0, Ins.SELECT, 2, 0x0C, b"\x01\x0e"))


def _with_general_authenticate(channel: Channel, choice: Choice, own: bytes, reference: bytes) -> None:
    """6.2.4.2: MSE:Set AT and GENERAL AUTHENTICATE."""
    data = tlv.encode(0x80, encode_oid(choice.protocol)) + reference
    channel.send(Command(0, Ins.MANAGE_SECURITY_ENVIRONMENT, 0x41, 0xA4, data))
    body = tlv.encode(0x7C, tlv.encode(0x80, own))
    ne = 65536 if len(body) > 223 else 256
    answer = channel.send(Command(0, Ins.GENERAL_AUTHENTICATE, 0, 0, body, ne)).data
    if answer and answer[0] != 0x7C:
        raise ProtocolError("an answer that is no dynamic authentication data")


def _octets(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8))
