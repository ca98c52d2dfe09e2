"""Basic Access Control (Doc 9303-11, 4.3.3): steps numbered as there."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from fanal.chip.apdu import Command, Ins
from fanal.chip.channel import Channel
from fanal.chip.crypto import MAC_SIZE, TDES, Counter, same
from fanal.chip.errors import ChipError, ProtocolError, StatusWordError, WrongPasswordError
from fanal.chip.password import Password, PasswordKind
from fanal.chip.secure_messaging import SecureMessaging

SUITE: Final = TDES
_NONCE, _KEY = 8, 16


def access_keys(password: Password) -> tuple[bytes, bytes]:
    """K_Enc and K_MAC, the document basic access keys (9.7.2).

    Raises:
        ChipError: `no_password`: a CAN, which BAC does not know.
    """
    if password.kind is not PasswordKind.MRZ:
        raise ChipError("no_password", "basic access control needs the MRZ; a CAN is for PACE")
    seed = password.seed[:16]
    return SUITE.derive(seed, Counter.ENC), SUITE.derive(seed, Counter.MAC)


def session(k_ifd: bytes, k_ic: bytes, rnd_ic: bytes, rnd_ifd: bytes) -> SecureMessaging:
    """The session keys (9.7.4) and the first counter (9.8.6.3)."""
    seed = bytes(a ^ b for a, b in zip(k_ifd, k_ic, strict=True))
    ssc = int.from_bytes(rnd_ic[-4:] + rnd_ifd[-4:])
    return SecureMessaging(SUITE, SUITE.derive(seed, Counter.ENC), SUITE.derive(seed, Counter.MAC), ssc)


def run(channel: Channel, password: Password, *, random: Callable[[int], bytes] = os.urandom) -> SecureMessaging:
    """Basic access control with the eMRTD application selected; the channel talks secure messaging from then on.

    Raises:
        WrongPasswordError: the chip does not accept the MRZ.
        ProtocolError: the chip did not prove that it knows the MRZ too.
        ChipError: the channel's.
    """
    k_enc, k_mac = access_keys(password)
    # 1) The inspection system requests a challenge RND.IC.
    rnd_ic = channel.send(Command(0, Ins.GET_CHALLENGE, 0, 0, ne=_NONCE)).data
    if len(rnd_ic) != _NONCE:
        raise ProtocolError("a challenge that is not 8 octets")
    # 2) It generates RND.IFD and K.IFD, and computes S = RND.IFD || RND.IC || K.IFD, E_IFD and M_IFD.
    rnd_ifd, k_ifd = random(_NONCE), random(_KEY)
    e_ifd = SUITE.encrypt(k_enc, rnd_ifd + rnd_ic + k_ifd)
    m_ifd = SUITE.token_mac(k_mac, e_ifd)
    # 3) and 4) EXTERNAL AUTHENTICATE; the chip answers with E_IC || M_IC.
    try:
        answer = channel.send(Command(0, Ins.EXTERNAL_AUTHENTICATE, 0, 0, e_ifd + m_ifd, ne=40)).data
    except StatusWordError as error:
        if error.sw >> 8 in (0x63, 0x69) or error.sw in (0x6A80, 0x6300):
            raise WrongPasswordError(error.detail) from error
        raise
    # 5) The inspection system verifies M_IC, decrypts, and compares RND.IFD (and RND.IC: no reflection).
    e_ic, m_ic = answer[:-MAC_SIZE], answer[-MAC_SIZE:]
    if len(answer) != 32 + MAC_SIZE or not same(SUITE.token_mac(k_mac, e_ic), m_ic):
        raise ProtocolError("the chip's MAC does not hold", "bac_failed")
    r = SUITE.decrypt(k_enc, e_ic)
    if r[:8] != rnd_ic or r[8:16] != rnd_ifd:
        raise ProtocolError("the chip answered another challenge", "bac_failed")
    secure = session(k_ifd, r[16:], rnd_ic, rnd_ifd)
    channel.secure(secure)
    return secure
