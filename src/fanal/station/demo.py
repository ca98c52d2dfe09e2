"""A station to try: officers, one for each role, a crossing point with its lanes, and travellers who are known.

All of them are invented.

Whatever is made here goes through the services, as an officer's work does, so that the record holds it too.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from fanal.documents import Field, mrz
from fanal.station.accounts.models import Grant, Officer
from fanal.station.accounts.permissions import Role
from fanal.station.administration.models import Station
from fanal.station.crossings.services import decide
from fanal.station.inspections.models import Inspection
from fanal.station.inspections.services import Delivery, inspect_evidence
from fanal.station.journal.services import record
from fanal.station.market.models import Registration
from fanal.station.market.services import register
from fanal.station.places.models import CrossingPoint, Lane
from fanal.station.secondary.models import Agency

# Invented. A role each; the language shows that each officer has their own.
_OFFICERS = {
    Role.PRIMARY: ("primary", "Marisol Peña Invented", "es"),
    Role.SECONDARY: ("secondary", "Jean-Baptiste Dorval Invented", "fr"),
    Role.SUPERVISOR: ("supervisor", "Althea Greyling Invented", "en"),
    Role.LIST_KEEPER: ("lists", "Rosemond Achille Invented", "ht"),
    Role.TRUST_KEEPER: ("trust", "Odette Marlow Invented", "en"),
    Role.PRIVACY: ("privacy", "Delroy Whitfield Invented", "en"),
    Role.TRAINER: ("trainer", "Inés Altagracia Invented", "es"),
    Role.ADMINISTRATOR: ("admin", "Wendell Carey Invented", "en"),
}


def make_officers(*, renew: bool = False) -> dict[str, str]:
    """The demonstration officers. Returns the passwords that were made now, by user name: they are shown once."""
    made: dict[str, str] = {}
    with transaction.atomic():
        for role, (username, name, language) in _OFFICERS.items():
            officer = Officer.objects.filter(username=username).first()
            if officer is not None and not (renew and officer.demo):
                continue
            password = "-".join(secrets.token_hex(2) for _ in range(4))
            if officer is None:
                officer = Officer.objects.create_officer(username, password, name=name, language=language, demo=True)
                Grant.objects.create(officer=officer, role=role.value)
            else:
                officer.set_password(password)
                officer.save(update_fields=["password"])
            record(
                actor="system", action="demo_officer", subject_kind="officer", subject=officer.pk, why="demonstration"
            )
            made[username] = password
    return made


POINT = "UTPNT"


def make_places() -> None:
    """One land crossing in Utopia with an entry lane, an exit lane and a fast lane each way."""
    point, new = CrossingPoint.objects.get_or_create(
        code=POINT, defaults={"name": "Puente Utopía", "state": "UTO", "kind": "land"}
    )
    if new:
        for name, direction, fast in (
            ("1", "entry", False),
            ("2", "exit", False),
            ("F1", "entry", True),
            ("F2", "exit", True),
        ):
            Lane.objects.create(point=point, name=name, direction=direction, fast=fast)


def make_local_data() -> None:
    """The invented authority, and whom its officers refer to."""
    Station.objects.get_or_create(id=1, defaults={"authority": "Border Authority of Utopia (invented)"})
    if Agency.objects.exists():
        return
    for kind, name in (
        ("protection", "Utopian Office for Protection"),
        ("child_protection", "Utopian Institute for Children"),
        ("police", "Utopian Police, border post"),
        ("customs", "Utopian Customs"),
        ("health", "Utopian Health Post"),
        ("consulate", "Consulate of Erewhon in Utopia"),
    ):
        Agency.objects.create(kind=kind, name=name, phone="+000 555 0100", hours="0:00–24:00")
    Agency.objects.create(
        kind="appeal",
        name="Utopian Board of Appeal",
        address="1 Harbour Street\nUtopia",
        phone="+000 555 0101",
        email="appeal@utopia.example",
        days_to_contest=30,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A traveller whom the station knows: what they carry, and their crossings as (days ago, way, stay)."""

    key: str
    primary: str
    secondary: str
    born: str
    sex: str
    number: str
    crossings: Sequence[tuple[float, str, dict[str, int]]] = ()
    registered: str = ""

    @property
    def mrz(self) -> str:
        """The MRZ of their passport, as a scanner types it."""
        lines = mrz.compose(
            mrz.Format.TD3,
            {
                Field.DOCUMENT_CODE: "P",
                Field.ISSUING_STATE: "UTO",
                Field.PRIMARY_IDENTIFIER: self.primary,
                Field.SECONDARY_IDENTIFIER: self.secondary,
                Field.DOCUMENT_NUMBER: self.number,
                Field.NATIONALITY: "UTO",
                Field.DATE_OF_BIRTH: self.born,
                Field.SEX: self.sex,
                Field.DATE_OF_EXPIRY: f"{timezone.localdate().year + 5}-06-30",
            },
        )
        return "\n".join(lines)


_D30 = {"days": 30}
# Invented, all of them. Each shows something: a visit that ended, one that goes on, an overstay to be asked about, the
# same person with a renewed passport, crossers of the fast lane of whom one did not go home by our record.
TRAVELLERS: tuple[Known, ...] = (
    Known("visit", "MISSICK", "IONA PEARL", "1988-05-17", "F", "UP4410027", [(60, "entry", _D30), (48, "exit", {})]),
    Known("here", "ORELUS", "WILNER", "1979-11-02", "M", "UP4410118", [(6, "entry", _D30)]),
    Known("overstay", "LANTIGUA ROSARIO", "FELIX", "1991-02-24", "M", "UP4410209", [(55, "entry", _D30)]),
    Known("renewed", "MISSICK", "IONA PEARL", "1988-05-17", "F", "UP7720035"),
    Known("trader", "SAINT FLEUR", "MARIE ANGE", "1969-08-30", "F", "UP4410336", [], "trader"),
    Known("worker", "JAQUEZ", "MAXIMO", "1995-01-09", "M", "UP4410427", [], "worker"),
    Known("absent", "FLEURY", "DIEULA", "1983-04-12", "F", "UP4410518", [(1.1, "entry", {"days": 1})], "inhabitant"),
)


def make_travellers() -> None:
    """Travellers with a past; nothing, where the station has inspected anything already."""
    if Inspection.objects.exists():
        return
    officer = Officer.objects.get(username="primary")
    lanes = {(lane.direction, lane.fast): lane for lane in Lane.objects.filter(point__code=POINT)}
    with transaction.atomic():
        for known in TRAVELLERS:
            if known.registered:
                desk = _inspected(known, officer, lanes["entry", False], days=30)
                register(
                    request_id=uuid.uuid4(),
                    officer=officer,
                    inspection=desk,
                    point=desk.lane.point,  # type: ignore[union-attr]
                    kind=known.registered,
                    valid_until=timezone.localdate() + timedelta(days=365),
                )
            for days, way, rule in known.crossings:
                lane = lanes[way, bool(known.registered)]
                decide(
                    request_id=uuid.uuid4(),
                    officer=officer,
                    inspection=_inspected(known, officer, lane, days=days),
                    lane=lane,
                    outcome="admitted" if way == "entry" else "exited",
                    purpose="family" if way == "entry" else "",
                    means="foot",
                    rule=rule,
                    at=timezone.now() - timedelta(days=days),
                )


def _inspected(known: Known, officer: Officer, lane: Lane, *, days: float) -> Inspection:
    return inspect_evidence(
        request_id=uuid.uuid4(),
        deliveries=[Delivery(known.mrz.encode(), "mrz")],
        officer=officer,
        lane=lane,
        on=timezone.localdate(timezone.now() - timedelta(days=days)),
    )


def cards() -> list[Registration]:
    """The cards of the demonstration's registered crossers."""
    numbers = [known.number for known in TRAVELLERS if known.registered]
    rows = Registration.objects.filter(document__number__in=numbers, ended_at=None)
    return list(rows.select_related("person").order_by("person__primary_identifier"))
