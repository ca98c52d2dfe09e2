"""Commitments of the record to rows that it names: what stood there can be shown, and erased.

The record itself holds ids and codes only. Where an entry also commits to a row, it holds SHA-256 over a random salt
and the row's fields in canonical JSON; the salt stands beside the record. So a changed row is found, and a row that
retention erases takes the salt with it: the tree stays as it was, and says nothing any more about whom it was.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from django.apps import apps
from django.db import models

from fanal.ledger import canonical
from fanal.station.journal.models import Commitment, Entry

SALT_BYTES = 16


def name_of(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def commit(rows: Iterable[models.Model]) -> list[tuple[str, list[str], bytes, str]]:
    """For each row its name, its fields (but its model's `UNCOMMITTED` ones), a new salt and the commitment."""
    made = []
    for row in rows:
        skipped = getattr(row, "UNCOMMITTED", ())
        fields = sorted(
            f.attname
            for f in row._meta.concrete_fields
            if not isinstance(f, models.BinaryField) and f.attname not in skipped
        )
        salt = secrets.token_bytes(SALT_BYTES)
        made.append((name_of(row), fields, salt, digest(row, fields, salt)))
    return made


def digest(row: models.Model, fields: Iterable[str], salt: bytes) -> str:
    """SHA-256(salt || canonical JSON of the fields), in hexadecimal."""
    values: dict[str, object] = {name: _plain(getattr(row, name)) for name in fields}
    return hashlib.sha256(salt + canonical(values)).hexdigest()


def _plain(value: object) -> object:
    """One writing of a value, the same whichever database it came back from."""
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return str(value)


def changed(batch: int = 1000) -> Iterator[tuple[str, int]]:
    """What no longer holds: a stable code and the index of the entry that committed to it.

    `row_missing`, `row_changed`; `row_unreadable` where this version has no such fields; `erasure_missing` where a salt
    is gone and the record does not say that the row was erased. The newest commitment to a row is the one that counts.
    """
    seen: set[str] = set()
    for kept in Commitment.objects.select_related("entry", "erased").order_by("-entry_id", "-id").iterator(batch):
        if kept.salt is None:
            named = _data(kept.erased).get("rows", ()) if kept.erased else ()
            if kept.row not in named:
                yield "erasure_missing", kept.entry_id
            seen.add(kept.row)
            continue
        if kept.row in seen:
            continue
        seen.add(kept.row)
        if problem := _problem(kept):
            yield problem, kept.entry_id


def _problem(kept: Commitment) -> str:
    label, _, key = kept.row.partition(":")
    committed = _data(kept.entry).get("commits", {}).get(kept.row)
    try:
        row = apps.get_model(label)._base_manager.filter(pk=key).first()
        if row is None:
            return "row_missing"
        same = digest(row, kept.fields, bytes(kept.salt or b"")) == committed
    except (LookupError, AttributeError):
        return "row_unreadable"
    return "" if same else "row_changed"


def _data(entry: Entry | None) -> Mapping[str, dict[str, str]]:
    data: Mapping[str, dict[str, str]] = json.loads(entry.body)["data"] if entry else {}
    return data
