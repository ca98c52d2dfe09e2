"""The simulated chip as a card in a virtual PC/SC reader (vsmartcard's vpcd).

pcscd with the driver vpcd listens on TCP port 35963 of this machine; a card is a program that connects there. Each
message is a length of two octets and that many octets; a message of one octet is a control: power off, power on,
reset, or a request for the ATR.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Final

from fanal.chip.errors import CardRemovedError
from fanal.specimens.chip.simulated import SimulatedChip
from fanal.specimens.errors import SpecimenError

HOST: Final = "127.0.0.1"
PORT: Final = 35963
_POWER_OFF, _POWER_ON, _RESET, _ATR = 0, 1, 2, 4
# A contactless chip's ATR (PC/SC part 3, 3.1.3.2.3.1) whose historical octets say: extended length is taken.
_HISTORICAL: Final = bytes.fromhex("8073800040")


def _atr() -> bytes:
    body = bytes([0x80 | len(_HISTORICAL), 0x80, 0x01]) + _HISTORICAL
    check = 0
    for octet in body:
        check ^= octet
    return b"\x3b" + body + bytes([check])


ATR: Final = _atr()


class VirtualCard:
    """A simulated chip laid on the virtual reader; `run` serves it until it is taken away."""

    def __init__(self, chip: SimulatedChip, *, host: str = HOST, port: int = PORT, seconds: float = 5.0) -> None:
        """Raises:
        SpecimenError: nobody listens there within `seconds`.
        """
        self._chip = chip
        end = time.monotonic() + seconds
        while True:
            try:
                self._socket = socket.create_connection((host, port), timeout=2.0)
                break
            except OSError as error:
                if time.monotonic() > end:
                    message = f"no virtual reader at {host}:{port}: is pcscd running, with vsmartcard-vpcd?"
                    raise SpecimenError(message) from error
                time.sleep(0.1)
        self._socket.settimeout(None)

    def run(self) -> None:
        """Serve until the reader hangs up, `close` is called, or the chip is removed."""
        with contextlib.suppress(OSError, CardRemovedError):
            while (message := self._receive()) is not None:
                if len(message) == 1:
                    if message[0] in (_POWER_OFF, _POWER_ON, _RESET):
                        self._chip.reset()
                    elif message[0] == _ATR:
                        self._send(ATR)
                    continue
                self._send(self._chip.transmit(message))
        self.close()

    def start(self) -> threading.Thread:
        """Serve in a thread."""
        thread = threading.Thread(target=self.run, name="vpcd", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Take the card away."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _send(self, data: bytes) -> None:
        self._socket.sendall(len(data).to_bytes(2) + data)

    def _receive(self) -> bytes | None:
        length = self._exactly(2)
        return None if length is None else self._exactly(int.from_bytes(length))

    def _exactly(self, size: int) -> bytes | None:
        found = b""
        while len(found) < size:
            part = self._socket.recv(size - len(found))
            if hasattr(socket, "TCP_QUICKACK"):  # the driver sends length and octets apart, and waits in between
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            if not part:
                return None
            found += part
        return found
