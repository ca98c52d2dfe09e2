"""The watched folder: what a page reader's own software writes to disk is inspected and waits at the lane.

    FANAL_WATCH/<code of the crossing point>/<name of the lane>/      (FANAL_WATCH: default `watch` in FANAL_HOME)

A file is one document; files whose names are the same up to the first `_` are one document (`0017_white.jpg`,
`0017_uv.jpg`). A file is taken once it has not changed for a second, and removed when its inspection is in the
database: killed in between, the same file gives the same inspection. What cannot be read moves to `refused/` beside it.
The folder is looked at, not listened to: a share of another machine sends no word of its changes.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from fanal.inspection.intake import MAX_BYTES
from fanal.station.errors import Refusal
from fanal.station.inspections.services import Delivery, inspect_evidence
from fanal.station.inspections.views import light_of
from fanal.station.places.models import Lane
from fanal.station.places.queries import lanes

log = logging.getLogger(__name__)

MACHINE: Final = "watched-folder"
SETTLED_SECONDS: Final = 1.0
REFUSED: Final = "refused"
_MOST: Final = 50  # documents a turn, so that a folder that overflows does not hold up the worker
_NAMESPACE: Final = uuid.UUID("1a8f2f7e-6a53-5d0c-9a0e-4f0c6a3d8b71")


def folder() -> Path:
    """The folder that is watched."""
    return Path(os.environ.get("FANAL_WATCH") or settings.HOME / "watch")


def take_in(*, now: float | None = None) -> int:
    """Inspect what lies in the folders of the open lanes; returns how many documents were taken."""
    root = folder()
    if not root.is_dir():
        return 0
    moment = time.time() if now is None else now
    taken = 0
    for lane in lanes():
        inbox = root / lane.point.code / lane.name
        if not inbox.is_dir():
            continue
        for files in _documents(inbox, moment):
            if taken >= _MOST:
                return taken
            _take(lane, files)
            taken += 1
    return taken


def _documents(inbox: Path, moment: float) -> Iterator[list[Path]]:
    """Groups of files that have settled, the oldest first."""
    groups: dict[str, list[Path]] = {}
    for entry in sorted(inbox.iterdir(), key=lambda path: path.name):
        if entry.is_file() and not entry.is_symlink() and not entry.name.startswith("."):
            groups.setdefault(entry.stem.partition("_")[0], []).append(entry)
    changed = {name: max(path.stat().st_mtime for path in files) for name, files in groups.items()}
    for name in sorted(groups, key=changed.__getitem__):
        if moment - changed[name] >= SETTLED_SECONDS:
            yield groups[name]


def _take(lane: Lane, files: list[Path]) -> None:
    try:
        if any(path.stat().st_size > MAX_BYTES for path in files):
            raise Refusal("evidence", intake="too_large")
        inspect_evidence(
            request_id=_request_id(lane, files),
            deliveries=[
                Delivery(path.read_bytes(), path.name, device=MACHINE, light=light_of(path.name)) for path in files
            ],
            machine=MACHINE,
            lane=lane,
        )
    except Refusal as refusal:
        # The log names no file: a reader's software may have put a document number into it.
        log.warning("watched folder: %s refused", refusal.values.get("intake", refusal.code))
        aside = files[0].parent / REFUSED
        aside.mkdir(exist_ok=True)
        for path in files:
            path.rename(aside / path.name)
    else:
        for path in files:
            path.unlink()


def _request_id(lane: Lane, files: list[Path]) -> uuid.UUID:
    """The same files are the same request; a file that is written anew under its name is another."""
    states = [f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    return uuid.uuid5(_NAMESPACE, "\n".join([str(lane.pk), *states]))
