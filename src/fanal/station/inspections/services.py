"""Taking evidence in and inspecting it: one call, one transaction, one entry on the record."""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from fanal.documents import Captured, Evidence, Kind, Light
from fanal.inspection import (
    Catalogue,
    Context,
    IntakeError,
    NotReadable,
    Profiles,
    check_total,
    inspect,
    intake,
    nothing_read,
    read,
    to_json,
    with_own_checks,
)
from fanal.station.accounts.models import Officer
from fanal.station.errors import Refusal
from fanal.station.inspections.models import EvidenceFile, Inspection, Taken
from fanal.station.inspections.signals import inspected
from fanal.station.journal.services import record
from fanal.station.places.models import Lane

log = logging.getLogger(__name__)

_MEDIA = {
    b"\xff\xd8": "image/jpeg",
    b"\x89P": "image/png",
    b"RI": "image/webp",
    b"BM": "image/bmp",
    b"II": "image/tiff",
    b"MM": "image/tiff",
}
_ROTATED = (5, 6, 7, 8)  # EXIF orientations that turn a picture on its side
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes as they came to the station, with what the deliverer says of them."""

    content: bytes
    label: str = ""
    device: str = ""
    light: Light | None = None


@cache
def checks() -> Catalogue:
    """The catalogue that this process inspects by: its own checks and those that are installed beside them."""
    return with_own_checks()


@cache
def profiles() -> Profiles:
    """What this process expects of documents, by their models."""
    return Profiles.load()


def inspect_evidence(
    *,
    request_id: UUID,
    deliveries: Sequence[Delivery],
    officer: Officer | None = None,
    machine: str = "",
    lane: Lane | None = None,
    training: bool = False,
    follows: Inspection | None = None,
    on: date | None = None,
) -> Inspection:
    """Inspect one document presented once. The same request twice is one inspection.

    `follows` is an earlier inspection of the same document: its evidence is looked at together with what is new.

    Raises:
        Refusal: nothing was delivered, or a delivery cannot be taken in or read (`evidence`, with the code that
            `intake.toml` has the words of); nothing is written.
    """
    if earlier := Inspection.objects.filter(request_id=request_id).first():
        return earlier
    day = on or timezone.localdate()
    started = time.perf_counter()
    try:
        pieces = _earlier(follows) if follows else []
        for delivery in deliveries:
            pieces += intake.intake(delivery.content, label=delivery.label, captured=_captured_now(delivery, lane))
        evidence = check_total(pieces)
        if not evidence or not deliveries:
            raise Refusal("evidence_missing")
        subject = read(evidence, Context(on=day, profiles=profiles(), trust=_trust()))
    except (IntakeError, NotReadable) as error:
        raise Refusal("evidence", **{**error.values, "intake": error.code}) from error
    if nothing_read(subject):
        raise Refusal("evidence", intake="nothing_read")
    inspection = inspect(subject, checks())
    data = to_json(inspection, "en")
    milliseconds = int((time.perf_counter() - started) * 1000)
    with transaction.atomic():
        if earlier := Inspection.objects.filter(request_id=request_id).first():
            return earlier
        row = Inspection.objects.create(
            request_id=request_id,
            officer=officer,
            machine=machine,
            lane=lane,
            follows=follows,
            training=training,
            on=day,
            advice=inspection.advice.value,
            report=data,
            issuing_state=_first(data, "issuing_state")[:3],
            document_number=_first(data, "document_number")[:64],
            milliseconds=milliseconds,
        )
        EvidenceFile.objects.bulk_create(_row(row, position, piece) for position, piece in enumerate(evidence))
        record(
            actor=officer or machine,
            action="inspected",
            subject_kind="inspection",
            subject=row.pk,
            why="training" if training else "border_control",
            data={"advice": row.advice, "evidence": [piece.sha256 for piece in evidence]},
            rows=(row,),
        )
    # After the inspection is saved: lists that cannot be asked never cost a station its inspection.
    inspected.send(sender=Inspection, inspection=row)
    return row


def glance(*, deliveries: Sequence[Delivery], lane: Lane | None = None) -> Inspection | None:
    """What the MRZ of a picture says, long before the whole page is read; None where there is none to be read.

    Nothing is kept: the same deliveries come again, to `inspect_evidence`, whose inspection is what counts.
    """
    context = Context(on=timezone.localdate(), profiles=profiles(), trust=_trust())
    try:
        evidence = check_total(
            piece
            for delivery in deliveries
            for piece in intake.intake(delivery.content, label=delivery.label, captured=_captured_now(delivery, lane))
        )
        subject = read(evidence, context, visual=False)
    except (IntakeError, NotReadable):
        return None  # the inspection that follows says why
    if not subject.mrzs:
        return None
    inspection = inspect(subject, checks())
    return Inspection(advice=inspection.advice.value, report=to_json(inspection, "en"))


def take_up(*, inspection: Inspection, officer: Officer) -> None:
    """An officer opens what a machine delivered: it waits no longer. The first one has taken it."""
    Taken.objects.get_or_create(inspection=inspection, defaults={"officer": officer})


def _earlier(inspection: Inspection) -> list[Evidence]:
    pieces = []
    for file in inspection.evidence.exclude(content=None):
        captured = {k: v for k, v in file.captured.items() if v is not None}
        light = captured.get("light")
        pieces.append(
            Evidence.of(
                Kind(file.kind),
                bytes(file.content or b""),
                captured=Captured(
                    at=inspection.at,
                    place=captured.get("place"),
                    device=captured.get("device"),
                    light=Light(light) if light else None,
                ),
                label=file.label,
            )
        )
    return pieces


def _captured_now(delivery: Delivery, lane: Lane | None) -> Captured:
    place = lane.point.code if lane else None
    return Captured(timezone.now(), place, delivery.device or (lane.name if lane else None), delivery.light)


def _row(inspection: Inspection, position: int, piece: Evidence) -> EvidenceFile:
    media, size = ("", None)
    if piece.kind is Kind.PICTURE:
        media, size = _MEDIA.get(piece.content[:2], ""), picture_size(piece.content)
    return EvidenceFile(
        inspection=inspection,
        position=position,
        sha256=piece.sha256,
        kind=piece.kind.value,
        label=piece.label,
        captured=_captured(piece),
        media_type=media,
        width=size[0] if size else None,
        height=size[1] if size else None,
        content=piece.content,
    )


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture as it is shown, from its header; None where none can be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as picture:
            turned = picture.getexif().get(_ORIENTATION) in _ROTATED
            return (picture.height, picture.width) if turned else (picture.width, picture.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def trust_directory() -> Any:
    """Where the trust store lies: FANAL_TRUST, else `trust` in the station's home."""
    from fanal.chip.trust import TrustDirectory

    return TrustDirectory(Path(os.environ.get("FANAL_TRUST") or settings.HOME / "trust"))


def _trust() -> Any:
    """What chips and seals are verified against; None trusts nothing.

    It is read anew when its file has changed: the trust keeper imports while the desks work.
    """
    directory = trust_directory()
    if not directory.exists():
        return None
    files = (directory.file, directory.file.with_name(directory.file.name + "-wal"))
    return _loaded(directory, tuple(file.stat().st_mtime_ns for file in files if file.exists()))


@lru_cache(maxsize=2)
def _loaded(directory: Any, _changed: tuple[int, ...]) -> Any:
    from fanal.chip.trust import TrustError

    try:
        return directory.load()
    except TrustError as error:
        # The desk goes on: without the store chips and seals are vouched for by nobody, and their findings say so.
        log.error("the trust store cannot be read: %s", error.code)
        return None


def _first(data: dict[str, Any], field: str) -> str:
    order = {"chip": 0, "mrz": 1}
    found = sorted((c for c in data["claims"] if c["field"] == field), key=lambda c: order.get(c["source"], 2))
    return str(found[0]["value"]) if found else ""


def _captured(piece: Evidence) -> dict[str, str | None]:
    captured = piece.captured
    return {
        "at": captured.at.isoformat() if captured.at else None,
        "place": captured.place,
        "device": captured.device,
        "light": captured.light.value if captured.light else None,
    }
