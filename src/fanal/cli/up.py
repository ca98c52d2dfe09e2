"""`fanal up`: start the station."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any


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
    if args.production:
        os.environ["FANAL_PRODUCTION"] = "1"
        missing = [name for name in ("FANAL_SECRET_KEY", "FANAL_HOSTS") if not os.environ.get(name)]
        if missing or not (args.tls_cert and args.tls_key):
            missing += [
                name for name, value in (("--tls-cert", args.tls_cert), ("--tls-key", args.tls_key)) if not value
            ]
            print(f"fanal up --production needs: {', '.join(missing)} (docs/operations.md)", file=sys.stderr)
            return 2
    try:
        import django  # noqa: F401
    except ImportError:
        print("The station is an extra: pip install 'fanal[station]'", file=sys.stderr)
        return 2
    from fanal.station.serve import prepare, serve

    prepare(production=args.production, new_passwords=args.new_passwords)
    return serve(host=args.host, port=args.port, workers=args.workers, tls_cert=args.tls_cert, tls_key=args.tls_key)
