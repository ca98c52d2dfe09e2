"""`fanal up`: start the station."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

# What a station in use must be told; a demonstration makes its own.
NEEDED = ("FANAL_SECRET_KEY", "FANAL_HOSTS", "FANAL_STATION")


def register(commands: Any) -> None:
    parser = commands.add_parser("up", help="start the station: pages, API and worker", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--production", action="store_true", help="no demonstration officers; secrets and TLS are required"
    )
    parser.add_argument("--tls-cert", metavar="FILE", help="the certificate, PEM")
    parser.add_argument("--tls-key", metavar="FILE", help="its key, PEM")
    parser.add_argument(
        "--workers", type=int, default=None, help="web worker processes (default: 1, with PostgreSQL 2)"
    )
    parser.add_argument(
        "--new-passwords", action="store_true", help="make new passwords for the demonstration officers"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    if bool(args.tls_cert) != bool(args.tls_key):
        print("fanal up: a certificate needs its key, and a key its certificate", file=sys.stderr)
        return 2
    for name in (args.tls_cert, args.tls_key):
        if name and not os.access(name, os.R_OK):
            print(f"fanal up: {name} cannot be read", file=sys.stderr)
            return 2
    if args.production:
        os.environ["FANAL_PRODUCTION"] = "1"
        missing = [name for name in NEEDED if not os.environ.get(name)]
        missing += [name for name, given in (("--tls-cert", args.tls_cert), ("--tls-key", args.tls_key)) if not given]
        if missing:
            print(f"fanal up --production needs: {', '.join(missing)} (docs/operations.md)", file=sys.stderr)
            return 2
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
    except ImportError:
        print("The station is an extra: pip install 'fanal[station]'", file=sys.stderr)
        return 2
    from fanal.station.serve import holding, prepare, serve

    try:
        django.setup()
        from django.conf import settings

        with holding(settings.HOME):
            prepare(production=args.production, new_passwords=args.new_passwords)
            return serve(
                host=args.host, port=args.port, workers=args.workers, tls_cert=args.tls_cert, tls_key=args.tls_key
            )
    except ImproperlyConfigured as error:
        print(f"fanal up: {error}", file=sys.stderr)
        return 2
