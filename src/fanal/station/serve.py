"""Prepare a station's database, and start its processes."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from fanal.station.processes import Child, supervise


@contextmanager
def holding(home: Path) -> Iterator[None]:
    """Hold the station's folder: two stations on one folder, or a restore under a running one, would lose data.

    Raises:
        SystemExit: somebody else holds it.
    """
    with (home / "station.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"A station is running on {home} already.") from None
        yield


def prepare(*, production: bool, new_passwords: bool = False) -> None:
    """Bring the schema up to date; on a demonstration station make what there is to try, passwords printed once."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from fanal.station.accounts.models import Officer
    from fanal.station.journal import keys

    made_key = keys.make()
    if production:
        if Officer.objects.filter(demo=True, is_active=True).exists():
            raise SystemExit(
                "This station's data holds demonstration officers: production needs a FANAL_HOME of its own."
            )
        if made_key:
            print("The record's heads are signed from now on. Give partners this key to verify them with:")
            print(f"  {keys.signer().verifier}\n")
        if not Officer.objects.filter(is_active=True).exists():
            print("Nobody can sign in yet: `fanal officer NAME --role administrator` makes the first officer.")
        return
    from fanal.station import demo

    demo.make_places()
    demo.make_local_data()
    made = demo.make_officers(renew=new_passwords)
    demo.make_travellers()
    print(f"Fanal keeps this station's data in {settings.HOME}")
    if made:
        print("\nOfficers to try it with. These passwords are shown this once:\n")
        width = max(map(len, made))
        for username, password in made.items():
            print(f"  {username:<{width}}  {password}")
        print()
    else:
        print("The officers' passwords were shown when they were made; `fanal up --new-passwords` makes new ones.")


def serve(*, host: str, port: int, workers: int | None, tls_cert: str | None, tls_key: str | None) -> int:
    """Serve until stopped (Ctrl-C): the pages and the worker, each a process."""
    from django.conf import settings
    from django.db import connections

    postgres = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    web = [sys.executable, "-m", "fanal.station.web", "--host", host, "--port", str(port)]
    web += ["--workers", str(workers or (2 if postgres else 1))]
    if tls_cert and tls_key:
        web += ["--tls-cert", tls_cert, "--tls-key", tls_key]
    parent = {"FANAL_PARENT": str(os.getpid())}
    children = [
        Child("web", web, essential=True, env=parent),
        Child("worker", [sys.executable, "-m", "fanal.station.worker"], env=parent),
    ]
    scheme = "https" if tls_cert else "http"
    from fanal.station.sharing import place

    if place.find() is not None:
        children.append(Child("exchange", [sys.executable, "-m", "fanal.station.sharing.node"], env=parent))
    print(f"The station is open at {scheme}://{'localhost' if host == '127.0.0.1' else host}:{port} (Ctrl-C closes it)")
    sys.stdout.flush()
    connections.close_all()
    return supervise(children)
