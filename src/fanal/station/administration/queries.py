"""What the station is set to."""

from __future__ import annotations

from fanal.station import texts
from fanal.station.administration.models import NOTICES, RETENTION, Notice, Retention, Station


def station() -> Station:
    """The station's row; as it is before anyone set it, where nobody has."""
    return Station.objects.filter(id=1).first() or Station()


def retention_days(kind: str) -> int:
    """For how many days a kind of record is kept.

    Raises:
        KeyError: there is no such kind.
    """
    default = RETENTION[kind]
    newest = Retention.objects.filter(kind=kind).order_by("-at").first()
    return newest.days if newest else default


def notice(kind: str, lang: str) -> str:
    """The notice as it holds now: the administrator's wording, or ours where they have not written one."""
    newest = Notice.objects.filter(kind=kind, language=lang).order_by("-at").first()
    return newest.text if newest else texts.text(f"notice.default.{kind}", lang)


def notices(lang: str) -> dict[str, str]:
    """Every notice by its kind."""
    return {kind: notice(kind, lang) for kind in NOTICES}
