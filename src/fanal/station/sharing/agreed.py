"""The agreements of this station as the exchange asks of them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from fanal.exchange import Agreements
from fanal.exchange.agreements import newest, read
from fanal.station.sharing.models import RevokedKey, SignedAgreement


def agreements(us: str) -> Agreements:
    """All in force, with what was revoked."""
    live = tuple(SignedAgreement.objects.filter(state="in_force").order_by("id").values_list("id", "at"))
    return _agreements(us, live, RevokedKey.objects.count())


@lru_cache(maxsize=8)
def _agreements(us: str, live: tuple[tuple[int, datetime], ...], revoked: int) -> Agreements:
    # A text in force is never changed and revocations are only added: the arguments settle what there is.
    texts = SignedAgreement.objects.filter(id__in=[number for number, _ in live]).values_list("text", flat=True)
    found = newest(read(text.encode()).agreement for text in texts)
    return Agreements(us, found, dict(RevokedKey.objects.values_list("kid", "at")))
