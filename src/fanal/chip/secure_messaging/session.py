"""Doc 9303-11, 9.8: commands are enciphered and authenticated, and answers are taken only if they are.

Both sides of it are here, since they are one structure: the reader protects commands and opens answers; a chip (the
simulated one) opens commands and protects answers.
"""

from __future__ import annotations

from fanal.chip import tlv
from fanal.chip.apdu import Command, Response
from fanal.chip.crypto import Suite, pad, same, unpad
from fanal.chip.errors import ProtocolError, SecureMessagingError, TlvError

_SM = 0x0C  # CLA: secure messaging, header authenticated
_CRYPTOGRAM, _CRYPTOGRAM_ODD, _LE, _STATUS, _MAC = 0x87, 0x85, 0x97, 0x99, 0x8E


class SecureMessaging:
    """The state of a session: two keys and the send sequence counter, which counts every command and answer."""

    def __init__(self, suite: Suite, k_enc: bytes, k_mac: bytes, ssc: int = 0) -> None:
        self.suite = suite
        self._k_enc, self._k_mac = k_enc, k_mac
        self._ssc = ssc

    def __repr__(self) -> str:
        return f"SecureMessaging({self.suite.name})"

    @property
    def ssc(self) -> int:
        return self._ssc

    def max_data(self, response: int) -> int:
        """How many octets of a file fit into an answer of `response` octets without its status word."""
        block, length = self.suite.block, 2 if response <= 260 else 4
        room = response - 14 - (1 + length + 1)  # objects 99 and 8E, then the tag, length and indicator of 87
        return room // block * block - 1

    # The reader's side.

    def protect(self, command: Command) -> Command:
        """9.8.4.1: the protected form of a command. Counts."""
        self._count()
        cla, head = command.cla | _SM, bytes([command.cla | _SM, *command[1:4]])
        objects = self._cryptogram(command.data, odd=bool(command.ins & 1)) if command.data else b""
        if command.ne is not None:
            extended = command.ne > 256 or len(command.data) > 255
            le = (command.ne & 0xFFFF).to_bytes(2) if extended else bytes([command.ne & 0xFF])
            objects += tlv.encode(_LE, le)
        mac = self._mac(pad(head, self.suite.block) + objects)
        body = objects + tlv.encode(_MAC, mac)
        ne = 65536 if len(body) > 255 or (command.ne or 0) > 256 else 256
        return Command(cla, *command[1:4], body, ne)

    def open_response(self, response: Response) -> Response:
        """9.8.4.2: what a protected answer says. Counts.

        Raises:
            SecureMessagingError: it is not protected, or not by the holder of the keys, or was said before.
        """
        self._count()
        try:
            found = tlv.parse(response.data, most=8)
        except TlvError as error:
            raise SecureMessagingError(f"not protected, status {response.sw:04X} ({error.detail})") from error
        objects = {one.tag: one for one in found}
        if not found or found[-1].tag != _MAC or len(objects) != len(found):
            raise SecureMessagingError(f"not protected, status {response.sw:04X}")
        if not objects.keys() <= {_CRYPTOGRAM, _CRYPTOGRAM_ODD, _STATUS, _MAC}:
            raise SecureMessagingError("data objects that do not belong there")
        covered = b"".join(one.raw for one in found[:-1])
        if not same(self._mac(covered), objects[_MAC].value):
            raise SecureMessagingError("the MAC does not hold")
        status = objects.get(_STATUS)
        if status is not None and int.from_bytes(status.value) != response.sw:
            raise SecureMessagingError("the protected status is another than the open one")
        if status is None and (response.sw != 0x9000 or len(found) < 2):
            raise SecureMessagingError("no protected status")
        return Response(self._deciphered(objects), response.sw)

    def reseal(self, response: Response, *, odd: bool = False) -> bytes:
        """Other octets of the same number under the protection of the answer that was opened last: for a recording
        from which the holder's data are taken out. Counts nothing.
        """
        objects = self._cryptogram(response.data, odd=odd) + tlv.encode(_STATUS, response.sw.to_bytes(2))
        return objects + tlv.encode(_MAC, self._mac(objects))

    # The chip's side.

    def open_command(self, command: Command) -> Command:
        """What a protected command asks. Counts.

        Raises:
            SecureMessagingError: its MAC does not hold.
        """
        self._count()
        head = bytes(command[:4])
        found = tlv.parse(command.data, most=8)
        objects = {one.tag: one for one in found}
        if not found or found[-1].tag != _MAC:
            raise SecureMessagingError("a command without MAC")
        covered = b"".join(one.raw for one in found[:-1])
        if not same(self._mac(pad(head, self.suite.block) + covered), found[-1].value):
            raise SecureMessagingError("the MAC does not hold")
        ne = None
        if (le := objects.get(_LE)) is not None:
            ne = int.from_bytes(le.value) or (256 if len(le.value) == 1 else 65536)
        return Command(command.cla & ~_SM, *command[1:4], self._deciphered(objects), ne)

    def protect_response(self, response: Response, *, odd: bool = False) -> Response:
        """The protected form of an answer. Counts."""
        self._count()
        objects = self._cryptogram(response.data, odd=odd) if response.data else b""
        objects += tlv.encode(_STATUS, response.sw.to_bytes(2))
        return Response(objects + tlv.encode(_MAC, self._mac(objects)), response.sw)

    # Both.

    def _count(self) -> None:
        self._ssc = (self._ssc + 1) % (1 << 8 * self.suite.block)

    def _counter(self) -> bytes:
        return self._ssc.to_bytes(self.suite.block)

    def _iv(self) -> bytes:
        """9.8.6.1, 9.8.7.1: zero for 3DES, the enciphered counter for AES."""
        return self.suite.encrypt_block(self._k_enc, self._counter()) if self.suite.is_aes else bytes(8)

    def _mac(self, data: bytes) -> bytes:
        block = self.suite.block
        whole = self._counter() + data
        # A header alone is padded already; anything behind it is padded once more.
        padded = whole if len(data) == block and data[4:5] == b"\x80" else pad(whole, block)
        return self.suite.mac(self._k_mac, padded)

    def _cryptogram(self, data: bytes, *, odd: bool) -> bytes:
        enciphered = self.suite.encrypt(self._k_enc, pad(data, self.suite.block), self._iv())
        return tlv.encode(_CRYPTOGRAM_ODD, enciphered) if odd else tlv.encode(_CRYPTOGRAM, b"\x01", enciphered)

    def _deciphered(self, objects: dict[int, tlv.Tlv]) -> bytes:
        if (even := objects.get(_CRYPTOGRAM)) is not None:
            if even.value[:1] != b"\x01":
                raise SecureMessagingError("padding of another kind")
            enciphered = even.value[1:]
        elif (odd := objects.get(_CRYPTOGRAM_ODD)) is not None:
            enciphered = odd.value
        else:
            return b""
        try:
            return unpad(self.suite.decrypt(self._k_enc, enciphered, self._iv()))
        except ProtocolError as error:
            raise SecureMessagingError(error.detail) from error


__all__ = ["SecureMessaging"]
