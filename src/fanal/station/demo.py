"""A station to try: invented officers, one for each role, and a crossing point with its lanes."""

from __future__ import annotations

import secrets

from django.db import transaction

from fanal.station.accounts.models import Grant, Officer
from fanal.station.accounts.permissions import Role
from fanal.station.administration.models import Station
from fanal.station.journal.services import record
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


def make_places() -> None:
    """One land crossing in Utopia with an entry lane, an exit lane and a fast lane each way."""
    point, new = CrossingPoint.objects.get_or_create(
        code="UTPNT", defaults={"name": "Puente Utopía", "state": "UTO", "kind": "land"}
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
