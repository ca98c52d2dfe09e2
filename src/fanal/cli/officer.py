"""`fanal officer`: make an officer at the station itself, as the first administrator must be.

The password is shown once, and changed at the first sign-in. All further officers are made on the administrator's page.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any


def register(commands: Any) -> None:
    parser = commands.add_parser("officer", help="make an officer: the first administrator", description=__doc__)
    parser.add_argument("username")
    parser.add_argument("--name", help="the officer's own name (default: the user name)")
    parser.add_argument("--role", action="append", required=True, metavar="ROLE", help="a role (repeatable)")
    parser.add_argument("--lang", default="en", choices=("en", "es", "fr", "ht"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from fanal.cli.station import open_station

    if not open_station("officer"):
        return 2
    import secrets

    from django.db import transaction

    from fanal.station.accounts.models import Grant, Officer
    from fanal.station.accounts.permissions import Role
    from fanal.station.journal.services import record

    roles = [role for role in Role if role.value in args.role]
    if unknown := set(args.role) - {role.value for role in Role}:
        print(f"fanal officer: no role {', '.join(sorted(unknown))}; there are {', '.join(Role)}", file=sys.stderr)
        return 2
    if Officer.objects.filter(username=args.username).exists():
        print(f"fanal officer: there is an officer {args.username} already", file=sys.stderr)
        return 1
    password = "-".join(secrets.token_hex(2) for _ in range(5))
    with transaction.atomic():
        officer = Officer.objects.create_officer(
            args.username, password, name=args.name or args.username, language=args.lang, must_change_password=True
        )
        for role in roles:
            Grant.objects.create(officer=officer, role=role.value)
        record(
            actor="system",
            action="officer_created",
            subject_kind="officer",
            subject=officer.pk,
            why="administration",
            data={"roles": [role.value for role in roles]},
        )
    print(f"Officer {args.username} ({', '.join(roles)}). The password, shown this once:\n\n  {password}\n")
    return 0
