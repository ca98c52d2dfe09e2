"""Prepare a station's database and serve it."""

from __future__ import annotations

import os
import sys
from typing import Any

import django


def prepare(*, production: bool, new_passwords: bool = False) -> None:
    """Bring the schema up to date; on a demonstration station make what there is to try, passwords printed once."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    from fanal.station.accounts.models import Officer

    if production:
        if Officer.objects.filter(demo=True, is_active=True).exists():
            raise SystemExit(
                "This station's data holds demonstration officers: production needs a FANAL_HOME of its own."
            )
        return
    from fanal.station import demo

    demo.make_places()
    made = demo.make_officers(renew=new_passwords)
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
    """Serve until stopped (Ctrl-C)."""
    from django.conf import settings
    from gunicorn.app.base import BaseApplication

    postgres = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    scheme = "https" if tls_cert else "http"

    class Station(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{host}:{port}",
                "workers": workers or (2 if postgres else 1),
                "threads": 8,
                "worker_class": "gthread",
                "timeout": 60,
                "graceful_timeout": 20,
                "certfile": tls_cert,
                "keyfile": tls_key,
                "loglevel": "warning",
                "accesslog": None,
                "proc_name": "fanal",
                "control_socket_disable": True,
            }
            for name, value in options.items():
                if name in self.cfg.settings and value is not None:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from fanal.station.wsgi import application

            return application

    print(f"The station is open at {scheme}://{'localhost' if host == '127.0.0.1' else host}:{port} (Ctrl-C closes it)")
    sys.stdout.flush()
    os.environ["FANAL_SERVING"] = "1"
    Station().run()
    return 0
