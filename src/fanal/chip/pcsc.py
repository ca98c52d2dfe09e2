"""Chips behind a PC/SC reader, through `pyscard` (the extra "pcsc"; on Debian the package python3-pyscard).

A contactless chip may ask for more time again and again, and the driver waits as long as it asks. So each command is
given to a thread of the reader's, and whoever waits for it gives up when its time is over.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from types import TracebackType
from typing import Any, Final

from fanal.chip.errors import CardRemovedError, ChipTimeoutError, ReaderError

COMMAND_SECONDS: Final = 10.0
_INSTALL: Final = "PC/SC needs pyscard: pip install 'fanal[pcsc]', or on Debian the package python3-pyscard"


def readers() -> list[str]:
    """The names of the readers that are there.

    Raises:
        ReaderError: `no_library`, or `no_service`: pcscd does not run.
    """
    return [str(reader) for reader in _readers()]


def _readers() -> list[Any]:
    try:
        from smartcard.System import readers as listed
    except ModuleNotFoundError as error:
        raise ReaderError("no_library", _INSTALL) from error
    try:
        return list(listed())
    except Exception as error:  # the library's have no common base
        raise ReaderError("no_service", f"the PC/SC service does not answer: {error}") from error


class PcscCard:
    """A chip on a PC/SC reader; a context manager, since the reader stays taken as long as it is open.

    `name` is a part of the reader's name; without it, the first reader with a card is taken.
    """

    def __init__(self, name: str | None = None, *, seconds: float = COMMAND_SECONDS) -> None:
        self._seconds = seconds
        self._work: queue.Queue[tuple[bytes, queue.Queue[bytes | BaseException]] | None] = queue.Queue()
        self._connection = _connect(name)
        threading.Thread(target=self._serve, name="pcsc", daemon=True).start()

    def __enter__(self) -> PcscCard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the reader go. A command that is still under way ends with it."""
        self._work.put(None)

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command and take the answer.

        Raises:
            ChipTimeoutError, CardRemovedError, ReaderError: see there.
        """
        answers: queue.Queue[bytes | BaseException] = queue.Queue()
        self._work.put((apdu, answers))
        try:
            answer = answers.get(timeout=self._seconds)
        except queue.Empty:
            self.close()
            raise ChipTimeoutError(f"no answer within {self._seconds:.0f} s") from None
        if isinstance(answer, bytes):
            return answer
        raise _error(answer) from answer

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            apdu, answers = item
            try:
                data, sw1, sw2 = self._connection.transmit(list(apdu))
                answers.put(bytes(data) + bytes([sw1, sw2]))
            except Exception as error:  # noqa: BLE001 - whatever it is, the thread that waits gets it
                answers.put(error)
        with contextlib.suppress(Exception):
            self._connection.disconnect()


def _error(error: BaseException) -> CardRemovedError | ReaderError:
    """What an error of the library means: mostly that the chip is gone."""
    text = str(error)
    removed = (
        "removed", "reset", "no card", "card was",
        "0x80100069", "0x80100068", "0x8010000C",  # removed, reset, no card
        "0x80100016", "0x8010002F",  # the exchange broke off, data were lost: the chip left the field meanwhile
    )  # fmt: skip
    if any(word.lower() in text.lower() for word in removed):
        return CardRemovedError(text[:200])
    return ReaderError("reader_failed", text[:200])


def _connect(name: str | None) -> Any:
    found = _readers()
    if name is not None:
        found = [reader for reader in found if name.lower() in str(reader).lower()]
    if not found:
        raise ReaderError("no_reader", "no PC/SC reader" if name is None else f"no reader with {name!r} in its name")
    last = ""
    for reader in found:
        connection = reader.createConnection()
        try:
            connection.connect()
        except Exception as error:  # noqa: BLE001 - the library has many, and each means: not this one
            last = str(error)
        else:
            return connection
    raise ReaderError("no_card", last[:200])
