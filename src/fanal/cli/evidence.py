"""Evidence from the command line: files, folders and standard input, within the limits."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from fanal.documents import Captured, Evidence
from fanal.inspection.intake import MAX_BYTES, MAX_PIECES, IntakeError, check_total, intake

MAX_FOLDER_DEPTH = 4


class DeliveryError(Exception):
    """A file that is not taken in: its name, and the code and values of its text in `inspection/intake.toml`."""

    def __init__(self, name: str, code: str, **values: str) -> None:
        super().__init__(name, code)
        self.name = name
        self.code = code
        self.values = values


def load(paths: Iterable[str], skipped: list[str]) -> tuple[Evidence, ...]:
    """The evidence in `paths` (`-` is standard input), in order.

    What is not evidence is refused where it was named, and left out, with its name in `skipped`, where it only lies in
    a folder.

    Raises:
        DeliveryError: the first file that cannot be taken in.
    """
    pieces: list[Evidence] = []
    for path in paths:
        if path == "-":
            pieces += _take(sys.stdin.buffer.read(MAX_BYTES + 1), "-", None)
        elif os.path.isdir(path):
            pieces += _folder(Path(path), skipped)
        else:
            pieces += _file(Path(path))
        _check(path, pieces)
    return tuple(_check("", pieces))


def _check(name: str, pieces: list[Evidence]) -> tuple[Evidence, ...]:
    try:
        return check_total(pieces)
    except IntakeError as error:
        raise DeliveryError(name, error.code, **error.values) from error


def _folder(folder: Path, skipped: list[str]) -> Iterator[Evidence]:
    taken = 0
    for path in _files(folder, 0):
        try:
            yield from _file(path)
        except DeliveryError as error:
            # A folder may hold a note or a list beside the evidence; a picture that is broken must not pass unseen.
            if error.code not in ("unknown_kind", "not_supported", "json_schema", "json_invalid", "empty"):
                raise
            skipped.append(str(path))
        else:
            taken += 1
            if taken > MAX_PIECES:
                raise DeliveryError(str(folder), "too_many", count=str(taken), limit=str(MAX_PIECES))


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise DeliveryError(str(folder), "not_opened", reason=error.strerror or "?") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if depth < MAX_FOLDER_DEPTH:
                yield from _files(entry, depth + 1)
        else:
            yield entry


def _file(path: Path) -> tuple[Evidence, ...]:
    try:
        if stat.S_ISFIFO(path.stat().st_mode) and path.parent != Path("/dev") and path.parent.name != "fd":
            # Nobody may ever write into it. What a shell passes in (<(…)) is /dev/fd/N.
            raise DeliveryError(str(path), "not_opened", reason="a pipe")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > MAX_BYTES:
                raise DeliveryError(str(path), "too_large", size=str(size), limit=str(MAX_BYTES))
            content = file.read(MAX_BYTES + 1)
            at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except FileNotFoundError as error:
        raise DeliveryError(str(path), "not_found") from error
    except OSError as error:
        raise DeliveryError(str(path), "not_opened", reason=error.strerror or "?") from error
    return _take(content, str(path), at)


def _take(content: bytes, name: str, at: datetime | None) -> tuple[Evidence, ...]:
    try:
        return intake(content, label=Path(name).name if name != "-" else "", captured=Captured(at=at))
    except IntakeError as error:
        raise DeliveryError(name, error.code, **error.values) from error
