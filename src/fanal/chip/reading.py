"""Reading one elementary file (Doc 9303-10, 3.6): SELECT, then READ BINARY until the length that it claims.

The length is the file's own claim and is compared with a limit before anything more is read; every command has to
bring the end nearer, and only so many commands are sent for a file of a given length.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fanal.chip import tlv
from fanal.chip.apdu import Command, Ins, Response
from fanal.chip.channel import Channel
from fanal.chip.errors import LimitError, ProtocolError, StatusWordError, TlvError
from fanal.chip.lds.files import FileId

NOT_FOUND: Final = frozenset({0x6A82, 0x6A83})
REFUSED: Final = frozenset({0x6982, 0x6985, 0x6988})
_END_OF_FILE: Final = 0x6282
_SHORT_OFFSET: Final = 0x7FFF
_SMALLEST_PART: Final = 64  # octets that a READ BINARY has to bring on average
_MAX_MASTER: Final = 64 * 1024

Progress = Callable[[str, int, int], None]


def _no_progress(name: str, done: int, total: int) -> None:
    """Nobody watches."""


def select_file(channel: Channel, file: FileId) -> None:
    """Raises:
    StatusWordError: among others, that there is no such file (`NOT_FOUND`).
    """
    channel.send(Command(0, Ins.SELECT, 2, 0x0C, file.identifier))


def read_file(
    channel: Channel, file: FileId, *, limit: int, part: int, extended: bool = False, progress: Progress = _no_progress
) -> bytes:
    """The content of a file, as long as its outer data object says.

    `part` is how many octets to ask for at once; `progress` is called with the name, what is read and the total.

    Raises:
        LimitError: it claims more than `limit`, or comes in too small pieces.
        ProtocolError: it stops before its end, or does not begin as this file must.
        ChipError: the channel's.
    """
    select_file(channel, file)
    if not file.tag:  # data objects without one around them: to the end of the file
        return _read_open(channel, min(limit, _MAX_MASTER), part)
    start = _read(channel, 0, tlv.HEADER, extended=False)
    try:
        header = tlv.read_header(start)
    except TlvError as error:
        raise ProtocolError(f"{file.name} begins with no data object: {error.detail}", "file_malformed") from error
    if header.tag != file.tag:
        raise ProtocolError(f"{file.name} begins with {header.tag:X}, not {file.tag:X}", "file_malformed")
    if header.total > limit:
        raise LimitError(f"{file.name} claims {header.total} octets; {limit} are read")
    data = bytearray(start[: header.total])
    most = header.total // _SMALLEST_PART + 64
    while len(data) < header.total:
        progress(file.name, len(data), header.total)
        if (most := most - 1) < 0:
            raise LimitError(f"{file.name} comes in too small pieces")
        piece = _read(channel, len(data), min(part, header.total - len(data)), extended=extended)
        if not piece:
            raise ProtocolError(f"{file.name} ends after {len(data)} of {header.total} octets", "file_short")
        data += piece
    progress(file.name, header.total, header.total)
    return bytes(data[: header.total])


def _read_open(channel: Channel, limit: int, part: int) -> bytes:
    data = bytearray()
    while len(data) < limit:
        try:
            piece = _read(channel, len(data), part, extended=False)
        except StatusWordError:
            if not data:
                raise
            break
        data += piece
        if len(piece) < part:
            break
    return bytes(data[:limit])


def _read(channel: Channel, offset: int, size: int, *, extended: bool) -> bytes:
    if offset <= _SHORT_OFFSET:
        command = Command(0, Ins.READ_BINARY, offset >> 8, offset & 0xFF, ne=size)
        answer = channel.send(command, accept=(_END_OF_FILE,), extended=extended)
        return _checked(answer.data, size)
    # Beyond 32767 the offset stands in a data object, and so does the answer (ISO/IEC 7816-4, 11.2.3).
    where = tlv.encode(0x54, offset.to_bytes((offset.bit_length() + 7) // 8))
    command = Command(0, Ins.READ_BINARY_ODD, 0, 0, where, ne=size + (4 if size > 0xFF else 3 if size > 0x7F else 2))
    answer = channel.send(command, accept=(_END_OF_FILE,), extended=extended)
    return _checked(_discretionary(answer), size)


def _discretionary(answer: Response) -> bytes:
    if not answer.data:
        return b""
    try:
        return tlv.parse_one(answer.data, 0x53).value
    except TlvError as error:
        raise ProtocolError(f"an answer to READ BINARY: {error.detail}", "file_malformed") from error


def _checked(data: bytes, size: int) -> bytes:
    if len(data) > size:
        raise ProtocolError(f"{len(data)} octets where {size} were asked for", "file_malformed")
    return data
