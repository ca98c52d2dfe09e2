"""A simulated chip: what an eMRTD answers to each command (Doc 9303-10, 3; 9303-11, 4 and 6).

It is the other side of `fanal.chip`: it keeps the private keys, gives its files only to those who know the password,
and does what its fault says.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from fanal.chip import bac, tlv
from fanal.chip.apdu import Command, Ins, Response, parse_command
from fanal.chip.crypto import AES_128, AES_192, AES_256, MAC_SIZE, TDES, Counter, Suite, pad, same
from fanal.chip.errors import CardRemovedError, ChipError, ProtocolError
from fanal.chip.groups import Element, Group, Random, make_secret
from fanal.chip.lds.files import AID_EMRTD, BY_NAME
from fanal.chip.pace import Mapping, Variant, map_generic, map_integrated, variant_of
from fanal.chip.pace.mapping import nonce_size
from fanal.chip.pace.protocol import encode_oid, token
from fanal.chip.password import Password
from fanal.chip.secure_messaging import SecureMessaging
from fanal.chip.security_infos import PaceInfo
from fanal.specimens.chip.faults import Fault
from fanal.specimens.chip.make import SpecimenChip
from fanal.specimens.chip.pki import plain_signature

_OK: Final = Response(b"", 0x9000)
_SUITES: Final = {1: TDES, 2: AES_128, 3: AES_192, 4: AES_256}
_CA: Final = "0.4.0.127.0.7.2.2.3."
_FREE: Final = frozenset({"EF.CardAccess", "EF.ATR", "EF.DIR"})
_SLOW_SECONDS: Final = 2.0


class _Pace(NamedTuple):
    """How far PACE has come."""

    variant: Variant
    password: Password
    nonce: bytes = b""
    generator: Element = None
    mapping_secret: int = 0
    own: Element = None
    other: Element = None
    k_enc: bytes = b""
    k_mac: bytes = b""


class SimulatedChip:
    """A chip in a field. `transmit` is what a reader calls; it may be called from one thread at a time.

    `removed_at` is the number of the command (from 1) at which a chip with Fault.REMOVED leaves the field; `wait` is
    called with the seconds that a slow chip takes (a test gives its own clock).
    """

    def __init__(
        self,
        chip: SpecimenChip,
        *,
        random: Random = os.urandom,
        removed_at: int = 40,
        wait: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self.chip = chip
        self.commands = 0
        self._random, self._removed_at, self._wait = random, removed_at, wait
        self._passwords = {1: chip.password, 2: Password.of_can(chip.can)}
        self.reset()

    def reset(self) -> None:
        """As after power-on: nothing selected, nobody authenticated."""
        self._application = False
        self._selected: str | None = None
        self._messaging: SecureMessaging | None = None
        self._next: SecureMessaging | None = None
        self._pace: _Pace | None = None
        self._opened_by_pace = False
        self._agreement: tuple[Suite, Group, int] | None = None
        self._challenge = b""
        self._said = b""

    def transmit(self, apdu: bytes) -> bytes:
        """The answer to a command APDU.

        Raises:
            CardRemovedError: it has left the field.
        """
        self.commands += 1
        fault = self.chip.fault
        if fault is Fault.REMOVED and self.commands >= self._removed_at:
            raise CardRemovedError
        if fault is Fault.SLOW:
            self._wait(_SLOW_SECONDS)
        if fault is Fault.ENDLESS_ANSWER and apdu[1:2] == b"\xc0":
            return bytes(200) + b"\x61\x00"
        try:
            command = parse_command(apdu)
        except ProtocolError:
            return b"\x67\x00"
        extended = len(apdu) > 5 and apdu[4] == 0
        refuses = not self.chip.extended or fault is Fault.BAD_EXTENDED
        if extended and refuses and (command.ins in (Ins.READ_BINARY, Ins.READ_BINARY_ODD) or not self.chip.extended):
            self._messaging = None
            return b"\x67\x00"
        return self._faulty(command, self._answer(command)).encode()

    def _faulty(self, command: Command, response: Response) -> Response:
        """The answer, made wrong while DG2 is read."""
        reading = self._selected == "DG2" and command.ins == Ins.READ_BINARY
        fault = self.chip.fault
        data = response.data
        if reading and fault is Fault.WRONG_MAC:
            data = data[:-1] + bytes([data[-1] ^ 1])
        elif reading and fault is Fault.REPLAYED and self._said:
            data = self._said
        elif reading and fault is Fault.ENDLESS_ANSWER:
            return Response(data, 0x6100)
        self._said = data
        return response._replace(data=data)

    def _answer(self, command: Command) -> Response:
        if command.cla & 0x0C != 0x0C:
            if self._messaging is not None:
                self._messaging = None  # an open command ends secure messaging (9303-11, 9.8.2)
                self._opened_by_pace = False
            return self._dispatch(command)
        if self._messaging is None:
            return Response(b"", 0x6988)
        messaging = self._messaging
        try:
            opened = messaging.open_command(command)
        except ChipError:
            self._messaging = None
            return Response(b"", 0x6988)
        response = messaging.protect_response(self._dispatch(opened), odd=bool(opened.ins & 1))
        if self._next is not None:  # the answer to chip authentication is the last under the old keys
            self._messaging, self._next = self._next, None
        return response

    def _dispatch(self, command: Command) -> Response:
        known = {
            Ins.SELECT: self._select,
            Ins.READ_BINARY: self._read,
            Ins.READ_BINARY_ODD: self._read_odd,
            Ins.GET_CHALLENGE: self._get_challenge,
            Ins.EXTERNAL_AUTHENTICATE: self._external_authenticate,
            Ins.MANAGE_SECURITY_ENVIRONMENT: self._manage,
            Ins.GENERAL_AUTHENTICATE: self._general_authenticate,
            Ins.INTERNAL_AUTHENTICATE: self._internal_authenticate,
        }
        answer = known.get(Ins(command.ins)) if command.ins in Ins._value2member_map_ else None
        if answer is None:
            return Response(b"", 0x6D00)
        try:
            return answer(command)
        except ChipError:
            return Response(b"", 0x6A80)

    # Files.

    def _select(self, command: Command) -> Response:
        self._selected = None
        if command.p1 == 4:
            self._application = command.data == AID_EMRTD
            return _OK if self._application else Response(b"", 0x6A82)
        if command.p1 == 0:
            self._application = False
            return _OK
        for name, content in self.chip.files.items():
            file = BY_NAME[name]
            if file.identifier == command.data and file.master is not self._application and content:
                if self._allowed(name):
                    self._selected = name
                    return _OK
                return Response(b"", 0x6982)
        return Response(b"", 0x6A82)

    def _allowed(self, name: str) -> bool:
        if name == "EF.CardSecurity":
            return self._messaging is not None and self._opened_by_pace
        return name in _FREE or (self._messaging is not None and name not in ("DG3", "DG4"))

    def _content(self) -> bytes | None:
        if self._selected is None:
            return None
        content = self.chip.files[self._selected]
        if self._selected == "DG2" and self.chip.fault is Fault.HUGE_LENGTH:
            return b"\x75\x84\xff\xff\xff\xff" + content[4:]
        return content

    def _read(self, command: Command) -> Response:
        return self._part(command.p1 << 8 | command.p2, command.ne or 0)

    def _read_odd(self, command: Command) -> Response:
        offset = int.from_bytes(tlv.parse_one(command.data, 0x54).value)
        answer = self._part(offset, max((command.ne or 0) - 4, 1))
        return answer._replace(data=tlv.encode(0x53, answer.data)) if answer.ok else answer

    def _part(self, offset: int, size: int) -> Response:
        content = self._content()
        if content is None:
            return Response(b"", 0x6986)
        if self._selected == "DG2" and self.chip.fault is Fault.ENDLESS_FILE:
            content = b"\x75\x83\x03\xd0\x90" + content + bytes(250_000)
            size = size if offset == 0 else 1
        if offset >= len(content):
            return Response(b"", 0x6B00)
        return Response(content[offset : offset + size], 0x9000)

    # Basic access control.

    def _get_challenge(self, command: Command) -> Response:
        self._challenge = self._random(8)
        return Response(self._challenge, 0x9000)

    def _external_authenticate(self, command: Command) -> Response:
        k_enc, k_mac = bac.access_keys(self._passwords[1])
        sealed, mac = command.data[:-MAC_SIZE], command.data[-MAC_SIZE:]
        challenge, self._challenge = self._challenge, b""
        if len(sealed) != 32 or not challenge or not same(bac.SUITE.token_mac(k_mac, sealed), mac):
            return Response(b"", 0x6300)
        opened = bac.SUITE.decrypt(k_enc, sealed)
        rnd_ifd, rnd_ic, k_ifd = opened[:8], opened[8:16], opened[16:]
        if rnd_ic != challenge:
            return Response(b"", 0x6300)
        k_ic = self._random(16)
        answer = bac.SUITE.encrypt(k_enc, rnd_ic + rnd_ifd + k_ic)
        self._messaging = bac.session(k_ifd, k_ic, rnd_ic, rnd_ifd)
        return Response(answer + bac.SUITE.token_mac(k_mac, answer), 0x9000)

    # PACE and chip authentication.

    def _manage(self, command: Command) -> Response:
        objects = {one.tag: one.value for one in tlv.parse(command.data, most=8)}
        if (command.p1, command.p2) == (0xC1, 0xA4):
            return self._set_pace(objects)
        if command.p1 == 0x41 and self.chip.keys.chip_authentication is not None:
            end, group, secret = self.chip.keys.chip_authentication
            if objects.get(0x84, b"\x01") != b"\x01":
                return Response(b"", 0x6A88)
            suite = _SUITES[int(end[-1])]
            if command.p2 == 0xA4 and objects.get(0x80) == encode_oid(_CA + end):
                self._agreement = suite, group, secret
                return _OK
            if command.p2 == 0xA6:
                self._agree(suite, group, secret, objects[0x91])
                return _OK
        return Response(b"", 0x6A80)

    def _set_pace(self, objects: dict[int, bytes]) -> Response:
        if self.chip.fault is Fault.DOWNGRADE:
            return Response(b"", 0x6A80)
        password = self._passwords.get(int.from_bytes(objects.get(0x83, b"")))
        for end, parameter in self.chip.pace:
            protocol = f"0.4.0.127.0.7.2.2.4.{end}"
            named = objects.get(0x84)
            if objects.get(0x80) == encode_oid(protocol) and named in (None, bytes([parameter])):
                variant = variant_of(PaceInfo(protocol, 2, parameter))
                if variant is not None and password is not None:
                    self._pace = _Pace(variant, password)
                    return _OK
        return Response(b"", 0x6A80)

    def _general_authenticate(self, command: Command) -> Response:
        objects = {one.tag: one.value for one in tlv.parse(tlv.parse_one(command.data, 0x7C).value, most=8)}
        if self._agreement is not None and 0x80 in objects:
            (suite, group, secret), self._agreement = self._agreement, None
            self._agree(suite, group, secret, objects[0x80])
            return Response(tlv.encode(0x7C), 0x9000)
        if self._pace is None:
            return Response(b"", 0x6985)
        if not objects:
            return self._nonce(self._pace)
        steps = {0x81: self._mapping, 0x83: self._key_agreement, 0x85: self._token}
        step = steps.get(next(iter(objects)))
        return step(self._pace, next(iter(objects.values()))) if step else Response(b"", 0x6A80)

    def _nonce(self, state: _Pace) -> Response:
        suite = state.variant.suite
        nonce = self._random(nonce_size(suite))
        self._pace = state._replace(nonce=nonce)
        key = suite.derive(state.password.seed, Counter.PACE)
        return _dynamic(0x80, suite.encrypt(key, nonce))

    def _mapping(self, state: _Pace, data: bytes) -> Response:
        variant, group = state.variant, state.variant.group
        if variant.mapping is Mapping.IM:
            self._pace = state._replace(generator=map_integrated(group, variant.suite, state.nonce, data))
            return _dynamic(0x82, b"")
        secret = make_secret(group, self._random)
        shared = group.multiply(secret, group.decode(data))
        self._pace = state._replace(generator=map_generic(group, state.nonce, shared), mapping_secret=secret)
        return _dynamic(0x82, group.encode(group.multiply(secret, group.generator)))

    def _key_agreement(self, state: _Pace, data: bytes) -> Response:
        variant, group, suite = state.variant, state.variant.group, state.variant.suite
        other = group.decode(data)
        secret = make_secret(group, self._random)
        own = group.multiply(secret, state.generator)
        shared = group.shared(secret, other)
        self._pace = state._replace(
            own=own,
            other=other,
            k_enc=suite.derive(shared, Counter.ENC),
            k_mac=suite.derive(shared, Counter.MAC),
        )
        return _dynamic(0x84, variant.group.encode(own))

    def _token(self, state: _Pace, data: bytes) -> Response:
        variant, group, suite = state.variant, state.variant.group, state.variant.suite
        self._pace = None
        if not state.k_mac or not same(token(suite, state.k_mac, variant, group.encode(state.own)), data):
            return Response(b"", 0x6300)
        answer = tlv.encode(0x86, token(suite, state.k_mac, variant, group.encode(state.other)))
        if variant.mapping is Mapping.CAM:
            answer += tlv.encode(0x8A, self._chip_data(state))
        self._messaging = SecureMessaging(suite, state.k_enc, state.k_mac)
        self._opened_by_pace = True
        return Response(tlv.encode(0x7C, answer), 0x9000)

    def _chip_data(self, state: _Pace) -> bytes:
        """CA_IC = SK_Map,IC / SK_IC (9303-11, 4.4.3.5.1)."""
        assert self.chip.keys.mapping is not None
        group, secret = self.chip.keys.mapping
        suite = state.variant.suite
        value = state.mapping_secret * pow(secret, -1, group.order) % group.order
        data = value.to_bytes((group.order.bit_length() + 7) // 8)
        iv = suite.encrypt_block(state.k_enc, b"\xff" * suite.block)
        return suite.encrypt(state.k_enc, pad(data, suite.block), iv)

    def _agree(self, suite: Suite, group: Group, secret: int, public: bytes) -> None:
        shared = group.shared(secret, group.decode(public))
        self._next = SecureMessaging(suite, suite.derive(shared, Counter.ENC), suite.derive(shared, Counter.MAC))

    # Active authentication.

    def _internal_authenticate(self, command: Command) -> Response:
        key = self.chip.keys.active_authentication
        if key is None or self._messaging is None or len(command.data) != 8:
            return Response(b"", 0x6985)
        if not isinstance(key, rsa.RSAPrivateKey):
            return Response(plain_signature(key, command.data), 0x9000)
        # ISO/IEC 9796-2, scheme 1 with SHA-256: 6A, M1, the digest of M1 and the challenge, 34CC.
        size = key.key_size // 8
        numbers = key.private_numbers()
        m1 = self._random(size - 1 - 32 - 2)
        block = b"\x6a" + m1 + hashlib.sha256(m1 + command.data).digest() + b"\x34\xcc"
        return Response(pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(size), 0x9000)


def _dynamic(tag: int, value: bytes) -> Response:
    return Response(tlv.encode(0x7C, tlv.encode(tag, value)), 0x9000)
