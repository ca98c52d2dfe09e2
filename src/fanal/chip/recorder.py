"""Records what is said with a chip while a reading goes on, with the holder's data taken out (see `transcript`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fanal.chip import tlv
from fanal.chip.apdu import Command, Ins, Response
from fanal.chip.errors import ChipError
from fanal.chip.groups import Random
from fanal.chip.lds.files import AID_EMRTD, BY_NAME, DATA_GROUPS
from fanal.chip.reader import Card
from fanal.chip.secure_messaging import SecureMessaging

# What may stand in a transcript: certificates, keys and lists. Everything else tells of the holder.
_KEPT: Final = frozenset({"EF.CardAccess", "EF.CardSecurity", "EF.ATR", "EF.DIR", "EF.COM", "EF.SOD", "DG14", "DG15"})
PERSONAL: Final = frozenset(file.name for file in DATA_GROUPS.values()) - _KEPT
_MASTER: Final = {file.identifier: name for name, file in BY_NAME.items() if file.master}
_APPLICATION: Final = {file.identifier: name for name, file in BY_NAME.items() if not file.master}


@dataclass(slots=True)
class Exchange:
    """One command as it was sent, its answer, how long it took, and the code of the error that it ended in."""

    sent: bytes
    answer: bytes = b""
    seconds: float = 0.0
    error: str = ""


@dataclass
class Recorder:
    """Stands between a reading and its card: give it as `card`, and its `random` as the source of randomness."""

    card: Card
    clock: Callable[[], float]
    source: Random
    exchanges: list[Exchange] = field(default_factory=list, repr=False)
    numbers: list[bytes] = field(default_factory=list, repr=False)
    _selected: str = ""
    _application: bool = False

    def transmit(self, apdu: bytes) -> bytes:
        start = self.clock()
        try:
            answer = self.card.transmit(apdu)
        except ChipError as error:
            code = error.code
            self.exchanges.append(Exchange(apdu, b"", self.clock() - start, code))
            raise
        self.exchanges.append(Exchange(apdu, answer, self.clock() - start))
        return answer

    def random(self, size: int) -> bytes:
        value = self.source(size)
        self.numbers.append(value)
        return value

    def understood(self, command: Command, response: Response, messaging: SecureMessaging | None, since: int) -> None:
        """What a command and its answer were beneath their protection: takes the holder's data out of the record.

        `since` is the number of exchanges before the command; its answer may have come in several.
        """
        if command.ins == Ins.SELECT:
            self._follow(command)
            return
        reading = command.ins in (Ins.READ_BINARY, Ins.READ_BINARY_ODD)
        if not reading or self._selected not in PERSONAL or not response.data:
            return
        emptied = response._replace(data=_emptied(command, response.data))
        odd = command.ins == Ins.READ_BINARY_ODD
        raw = emptied.data if messaging is None else messaging.reseal(emptied, odd=odd)
        for exchange in self.exchanges[since:]:
            size = len(exchange.answer) - 2
            exchange.answer, raw = raw[:size] + exchange.answer[-2:], raw[size:]

    def _follow(self, command: Command) -> None:
        if command.p1 == 4:
            self._application, self._selected = command.data == AID_EMRTD, ""
        elif command.p1 == 0:
            self._application, self._selected = False, ""
        else:
            self._selected = (_APPLICATION if self._application else _MASTER).get(command.data, "")


def _emptied(command: Command, plain: bytes) -> bytes:
    """The same octets with the value as zeros; the tag and the length that the file begins with stay."""
    if command.ins == Ins.READ_BINARY_ODD:
        header = tlv.read_header(plain)
        return plain[: header.size] + bytes(len(plain) - header.size)
    if (command.p1 << 8 | command.p2) == 0:
        try:
            keep = tlv.read_header(plain).size
        except ChipError:
            keep = 0
        return plain[:keep] + bytes(len(plain) - keep)
    return bytes(len(plain))


__all__ = ["PERSONAL", "Exchange", "Recorder"]
