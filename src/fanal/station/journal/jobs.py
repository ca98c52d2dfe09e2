"""What the worker does for the record."""

from __future__ import annotations

from fanal.station.journal import keys
from fanal.station.journal.models import Head, SignedHead
from fanal.station.journal.services import sign_head


def sign_heads() -> None:
    """Sign the head where entries were written since the last one."""
    head = Head.objects.filter(id=1).first()
    if head is None or head.size == 0 or SignedHead.objects.filter(size=head.size).exists():
        return
    sign_head(keys.signer())
