"""Setting up the station. Each use case: checked, written, and on the record, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from fanal.station.accounts.models import Officer
from fanal.station.administration.models import NOTICES, RETENTION, Notice, Retention, Station
from fanal.station.errors import Refusal
from fanal.station.journal.services import record
from fanal.station.places.models import CrossingPoint, Device, Lane
from fanal.station.secondary import codes
from fanal.station.secondary.models import Agency
from fanal.station.texts import LANGUAGES

M = TypeVar("M", bound=models.Model)


def set_station(*, by: Officer, authority: str, default_language: str) -> Station:
    """The authority's name, as it stands on forms, and the language before anyone has chosen one."""
    if not authority.strip():
        raise Refusal("authority_missing")
    if default_language not in LANGUAGES:
        raise Refusal("language_unknown")
    with transaction.atomic():
        row, _ = Station.objects.update_or_create(
            id=1, defaults={"authority": authority.strip()[:200], "default_language": default_language}
        )
        _record(by, "station_set", "station", 1)
    return row


def save_point(
    *, by: Officer, point: CrossingPoint | None, code: str, name: str, state: str, kind: str, is_active: bool
) -> CrossingPoint:
    """A new crossing point, or what has changed about one. Its code stays: records name it.

    Raises:
        Refusal: a part is missing or unknown, or the code is taken.
    """
    values: dict[str, Any] = {"name": name.strip()[:200], "kind": kind, "is_active": is_active}
    if point is None:
        values |= {"code": code.strip().upper()[:16], "state": state.strip().upper()[:3]}
        if not values["code"] or len(values["state"]) != 3:
            raise Refusal("form_incomplete")
    if not values["name"] or kind not in CrossingPoint.Kind.values:
        raise Refusal("form_incomplete")
    return _save(by, CrossingPoint, point, values, "point")


def save_lane(
    *, by: Officer, point: CrossingPoint, lane: Lane | None, name: str, direction: str, fast: bool, is_open: bool
) -> Lane:
    """A new lane, or what has changed about one. Its direction stays: crossings were decided by it."""
    values: dict[str, Any] = {"name": name.strip()[:64], "fast": fast, "is_open": is_open}
    if lane is None:
        values |= {"point": point, "direction": direction}
        if direction not in Lane.Direction.values:
            raise Refusal("form_incomplete")
    if not values["name"]:
        raise Refusal("form_incomplete")
    return _save(by, Lane, lane, values, "lane")


def save_device(
    *,
    by: Officer,
    point: CrossingPoint,
    device: Device | None,
    kind: str,
    name: str,
    serial: str,
    lane: Lane | None,
    is_active: bool,
) -> Device:
    """A new device, or what has changed about one."""
    if not name.strip() or kind not in Device.Kind.values or (lane is not None and lane.point_id != point.pk):
        raise Refusal("form_incomplete")
    values: dict[str, Any] = {
        "kind": kind,
        "name": name.strip()[:64],
        "serial": serial.strip()[:64],
        "lane": lane,
        "is_active": is_active,
    }
    if device is None:
        values["point"] = point
    return _save(by, Device, device, values, "device")


def save_agency(*, by: Officer, agency: Agency | None, values: Mapping[str, str], is_active: bool) -> Agency:
    """A new agency that officers refer to, or what has changed about one. Where refusals are contested has an address
    and the days that the law gives."""
    kind = values.get("kind", "")
    text = {name: values.get(name, "").strip() for name in ("name", "phone", "email", "address", "hours")}
    days = values.get("days_to_contest", "").strip()
    if kind not in codes.AGENCIES or not text["name"]:
        raise Refusal("form_incomplete")
    if days and not _whole(days, 3650):
        raise Refusal("days_not_sensible")
    if kind == "appeal" and not (days and text["address"]):
        raise Refusal("contest_incomplete")
    if text["email"]:
        try:
            validate_email(text["email"])
        except ValidationError:
            raise Refusal("email_wrong") from None
    fields: dict[str, Any] = {
        "kind": kind,
        "name": text["name"][:200],
        "phone": text["phone"][:64],
        "email": text["email"][:200],
        "address": text["address"][:1000],
        "hours": text["hours"][:200],
        "days_to_contest": int(days) if days and kind == "appeal" else None,
        "is_active": is_active,
    }
    return _save(by, Agency, agency, fields, "agency")


def write_notice(*, by: Officer, request_id: uuid.UUID, kind: str, texts: Mapping[str, str]) -> None:
    """A new wording of a notice to travellers, in all four languages at once: nobody reads an older one than others.

    Raises:
        Refusal: an unknown kind, or a language is missing.
    """
    if kind not in NOTICES:
        raise Refusal("form_incomplete")
    words = {lang: texts.get(lang, "").strip()[:4000] for lang in LANGUAGES}
    if not all(words.values()):
        raise Refusal("notice_incomplete")
    with transaction.atomic():
        if Notice.objects.filter(request_id=request_id).exists():
            return
        at = timezone.now()
        Notice.objects.bulk_create(
            Notice(request_id=request_id, kind=kind, language=lang, text=text, written_by=by, at=at)
            for lang, text in words.items()
        )
        _record(by, "notice_written", "notice", kind)


def set_retention(*, by: Officer, request_id: uuid.UUID, kind: str, days: str, legal_basis: str) -> Retention:
    """For how many days a kind of record is kept from now on, and by which law.

    Raises:
        Refusal: an unknown kind, days that are no number from 1 to 36500, or no basis.
    """
    if kind not in RETENTION:
        raise Refusal("form_incomplete")
    if not _whole(days.strip(), 36500):
        raise Refusal("days_not_sensible")
    if not legal_basis.strip():
        raise Refusal("basis_missing")
    with transaction.atomic():
        if earlier := Retention.objects.filter(request_id=request_id).first():
            return earlier
        row = Retention.objects.create(
            request_id=request_id,
            kind=kind,
            days=int(days),
            legal_basis=legal_basis.strip()[:400],
            set_by=by,
            at=timezone.now(),
        )
        _record(by, "retention_set", "retention", kind, days=row.days)
    return row


def _whole(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most


def _save(by: Officer, model: type[M], row: M | None, values: Mapping[str, Any], kind: str) -> M:
    """Make or change a row; nothing is written where nothing has changed."""
    try:
        with transaction.atomic():
            if row is None:
                made = model._default_manager.create(**values)
                _record(by, f"{kind}_created", kind, made.pk)
                return made
            locked = model._default_manager.select_for_update().get(pk=row.pk)
            changed = [name for name, value in values.items() if getattr(locked, name) != value]
            if changed:
                for name in changed:
                    setattr(locked, name, values[name])
                locked.save(update_fields=changed)
                _record(by, f"{kind}_changed", kind, locked.pk, fields=sorted(changed))
            return locked
    except IntegrityError as error:
        raise Refusal("name_taken") from error


def _record(by: Officer, action: str, kind: str, subject: object, **data: object) -> None:
    record(actor=by, action=action, subject_kind=kind, subject=subject, why="administration", data=data)
