"""`fanal chip read`: open a chip on a PC/SC reader, read its files and let it prove itself.

The MRZ opens the chip: --mrz takes a picture of the page, the MRZ lines as text, or `-` for standard input; --can takes
the card access number. DIR gets the files (EF.SOD, EF.COM, DG1 ...) and reading.json, the record of how the chip was
opened and what it proved; give DIR to `fanal inspect` or `fanal chip verify`. Fingerprints and irises (DG3, DG4) need
terminal authentication and are not read.

--transcript saves what was said with the chip, without the holder's data, for --replay.

Exit status: 0 read, whatever is said of it; 2 wrong usage; 3 nothing could be read; 4 no reader, no chip, no MRZ, or a
folder that cannot be written.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fanal.chip.errors import ChipError
    from fanal.chip.password import Password
    from fanal.chip.reader import Card
    from fanal.chip.record import Record
    from fanal.chip.session import ChipReading
    from fanal.documents import mrz

NOTHING, NOT_OPENED = 3, 4
_NO_READER = ("no_reader", "no_card", "no_library", "no_service", "reader_failed", "transcript_malformed")
MAX_BYTES = 64 * 1024 * 1024


def add_read(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `read` and `readers` to the actions of `fanal chip`."""
    parser = subparsers.add_parser(
        "read",
        help="read a chip on a reader",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    password = parser.add_mutually_exclusive_group()
    password.add_argument("--mrz", metavar="FILE", help="the MRZ: a picture, lines of text, or - for standard input")
    password.add_argument("--can", metavar="N", help="the card access number")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--reader", metavar="NAME", help="a part of the reader's name (default: the first with a chip)")
    source.add_argument("--replay", type=Path, metavar="FILE", help="a transcript instead of a reader")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go; made if need be")
    parser.add_argument("--transcript", type=Path, metavar="FILE", help="save the conversation, without personal data")
    parser.add_argument("--seconds", type=_seconds, default=90.0, metavar="S", help="for the whole chip (default 90)")
    parser.add_argument(
        "--file-seconds", type=_seconds, default=30.0, metavar="S", help="for one file or one protocol (default 30)"
    )
    parser.set_defaults(run=run)
    readers = subparsers.add_parser("readers", help="list the PC/SC readers")
    readers.set_defaults(run=run_readers)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a number of seconds up to 3600")
    return value


def _fail(status: int, message: str) -> int:
    print(f"fanal chip read: {message}", file=sys.stderr)
    return status


def run_readers(args: argparse.Namespace) -> int:
    from fanal.chip.errors import ReaderError
    from fanal.chip.pcsc import readers

    try:
        found = readers()
    except ReaderError as error:
        return _fail(NOT_OPENED, error.detail)
    for name in found:
        print(name)
    return 0 if found else _fail(NOT_OPENED, "no PC/SC reader")


def run(args: argparse.Namespace) -> int:
    from fanal.chip.errors import ChipError
    from fanal.chip.record import record_of, record_of_failure
    from fanal.chip.recorder import Recorder
    from fanal.chip.session import Limits, read_chip
    from fanal.chip.transcript import ReplayedCard, write_transcript

    if args.replay is None and not (args.mrz or args.can):
        return _fail(2, "give --mrz FILE or --can N: without it a chip does not open")
    try:
        password = None if args.replay else password_of(args)
        _prepare(args.out)
        raw = args.replay.read_bytes() if args.replay else b""
    except PasswordNotRead as error:
        return _fail(NOT_OPENED, str(error))
    except OSError as error:
        return _fail(NOT_OPENED, f"{error.filename}: {error.strerror}")
    limits = Limits(seconds=args.seconds, file_seconds=args.file_seconds)
    progress = Progress()
    at = datetime.now(UTC)
    with contextlib.ExitStack() as stack:
        clock, random = time.monotonic, os.urandom
        try:
            if args.replay:
                card: Card = (replayed := ReplayedCard(raw))
                password, clock, random = replayed.password, replayed.clock, replayed.random
            else:
                card = stack.enter_context(_pcsc(args))
        except ChipError as error:
            return _fail(NOT_OPENED, error.detail or error.code)
        assert password is not None
        recorder = Recorder(card, clock, random)
        try:
            reading = read_chip(
                recorder, password, limits=limits, progress=progress, clock=clock, random=recorder.random
            )
        except ChipError as error:
            progress.end()
            record = record_of_failure(error, at)
            status = _save(args.out, {}, record) or _nothing(error)
        else:
            progress.end()
            emptied = replayed.emptied if args.replay else frozenset()
            files = {name: content for name, content in reading.files.items() if name not in emptied}
            record = record_of(reading, at)
            status = _save(args.out, files, record)
            if status == 0:
                _print(reading, files, args.out)
    if args.transcript is not None and not args.replay:
        try:
            _write(args.transcript, write_transcript(recorder, password))
        except OSError as error:
            return _fail(NOT_OPENED, f"{args.transcript}: {error.strerror}")
    return status


def _pcsc(args: argparse.Namespace) -> contextlib.AbstractContextManager[Card]:
    from fanal.chip.pcsc import PcscCard

    return PcscCard(args.reader, seconds=min(10.0, args.file_seconds))


class PasswordNotRead(Exception):  # noqa: N818 - what the operator is told
    """Neither the MRZ nor the card access number can open a chip."""


def password_of(args: argparse.Namespace) -> Password:
    """What opens the chip.

    Raises:
        PasswordNotRead: there is no MRZ in what was given, or no card access number.
        OSError: the file cannot be read.
    """
    from fanal.chip.errors import ChipError
    from fanal.chip.password import Password

    try:
        if args.can:
            return Password.of_can(args.can)
        return Password.of_document(_mrz(args.mrz))
    except ChipError as error:
        raise PasswordNotRead(error.detail) from error


def _mrz(name: str) -> mrz.Mrz:
    from fanal import inspection
    from fanal.inspection.intake import IntakeError, intake

    if name == "-":
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with open(name, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    try:
        subject = inspection.read(intake(content, label=name), inspection.Context(on=date.today()))
    except (IntakeError, inspection.NotReadable) as error:
        raise PasswordNotRead(f"{name}: no MRZ ({error})") from error
    if not subject.mrzs:
        raise PasswordNotRead(f"{name}: no MRZ")
    return subject.mrzs[0].mrz


def _prepare(folder: Path) -> None:
    """The folder, readable to its owner only. Files of two chips must never lie in one.

    Raises:
        OSError: it cannot be made, or is not empty.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(17, "the folder is not empty: give a new one for each chip", str(folder))


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def _save(folder: Path, files: dict[str, bytes], record: Record) -> int:
    from fanal.chip.record import to_json

    try:
        for name, content in files.items():
            _write(folder / name, content)
        _write(folder / "reading.json", to_json(record))
    except OSError as error:
        return _fail(NOT_OPENED, f"{error.filename}: {error.strerror}")
    return 0


def _nothing(error: ChipError) -> int:
    said = f"{error.code}: {error.detail}" if error.detail else error.code
    if error.code == "wrong_password":
        said = "the chip did not accept the MRZ or the card access number: misread, or of another document"
    return _fail(NOT_OPENED if error.code in _NO_READER else NOTHING, said)


class Progress:
    """One line by file on the terminal; nothing but the last of each where there is none."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._name = ""

    def __call__(self, name: str, done: int, total: int) -> None:
        if self._live:
            if self._name and self._name != name:
                print(file=sys.stderr)
            print(f"\r{name:<16} {done:>7} of {total} octets", end="", file=sys.stderr, flush=True)
        elif done == total:
            print(f"{name:<16} {total:>7} octets", file=sys.stderr)
        self._name = name

    def end(self) -> None:
        if self._live and self._name:
            print(file=sys.stderr)


def _print(reading: ChipReading, files: dict[str, bytes], folder: Path) -> None:
    for line in _lines(reading):
        print(line)
    seconds = sum(reading.timings.values())
    print(f"{len(files)} files in {folder}, {reading.commands} commands, {seconds:.1f} s")


def _lines(reading: ChipReading) -> Iterator[str]:
    from fanal.chip.errors import LdsError
    from fanal.chip.lds import parse_dir
    from fanal.inspection.texts import printable

    if reading.access is not None:
        yield f"opened with {reading.access.protocol} ({reading.access.parameters})"
    with contextlib.suppress(LdsError):
        for application in parse_dir(reading.files.get("EF.DIR", b"")):
            yield printable(f"application {application.aid.hex().upper()} {application.label}".rstrip())
    for name in ("pace_cam", "chip_authentication", "active_authentication"):
        proof = getattr(reading, name)
        yield printable(f"{name}: {proof.outcome} {proof.detail or proof.reason}".rstrip())
    for problem in reading.problems:
        values = ", ".join(f"{key}: {value}" for key, value in problem.values.items() if key != "error")
        yield printable(f"note: {problem.code} ({values})")
