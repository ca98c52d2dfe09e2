"""What the shift board says of the link: when each partner was last heard, and since when something waits to be sent.
From what is kept here, without asking the network: the board opens with the cable pulled."""

from __future__ import annotations

from django.db.models import Count, Max, Min

from fanal.station.sharing.models import Inbox, Outbox, SignedAgreement
from fanal.station.supervision.queries import Line


def lines() -> list[Line]:
    partners = sorted(set(SignedAgreement.objects.filter(state="in_force").values_list("partner", flat=True)))
    if not partners:
        return [Line("board.no_partner", None)]
    heard = dict(Inbox.objects.values_list("partner").annotate(last=Max("received")))
    found = [
        Line("board.heard" if partner in heard else "board.never_heard", heard.get(partner), {"partner": partner})
        for partner in partners
    ]
    waiting = Outbox.objects.filter(published__isnull=True).aggregate(n=Count("pk"), oldest=Min("written"))
    if waiting["n"]:
        found.append(Line("board.to_send", waiting["oldest"], {"n": str(waiting["n"])}))
    return found
