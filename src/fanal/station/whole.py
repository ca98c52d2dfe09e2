"""Whether what lies beside the record is whole: the evidence's bytes, the database's own protection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from fanal.station.immutable import missing
from fanal.station.inspections.models import EvidenceFile


def changed_evidence() -> Iterator[str]:
    """The digests of pieces of evidence whose bytes are others now. Erased ones have none, and keep their digest."""
    for piece in EvidenceFile.objects.exclude(content=None).iterator(20):
        if hashlib.sha256(bytes(piece.content or b"")).hexdigest() != piece.sha256:
            yield piece.sha256


def unprotected() -> list[str]:
    """The tables that never change and whose triggers are not there."""
    MigrationLoader(connection)  # the migrations say which tables those are
    return missing()
