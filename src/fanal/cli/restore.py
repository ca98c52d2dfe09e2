"""`fanal restore`: put a backup in place of this station's data, after everything in it was verified.

What was there is kept in a folder beside it. The station must not run meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any


def register(commands: Any) -> None:
    parser = commands.add_parser("restore", help="restore the station from a backup", description=__doc__)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--replace", action="store_true", help="move the data that is there aside")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanal.station.settings")
    try:
        import django
    except ImportError:
        print("The station is an extra: pip install 'fanal[station]'", file=sys.stderr)
        return 2
    from django.core.exceptions import ImproperlyConfigured

    from fanal.cli.backup import VARIABLE, passphrase

    secret = passphrase(twice=False)
    if secret is None:
        print(f"fanal restore needs the passphrase: at the terminal, or in {VARIABLE}", file=sys.stderr)
        return 2
    try:
        django.setup()
        from django.conf import settings

        from fanal.station.backup import BackupError, restore
        from fanal.station.serve import holding

        with holding(settings.HOME):
            done = restore(args.file, secret, replace=args.replace)
    except ImproperlyConfigured as error:
        print(f"fanal restore: {error}", file=sys.stderr)
        return 2
    except BackupError as error:
        print(f"fanal restore: {error}. Nothing was changed.", file=sys.stderr)
        return 1
    print(f"Restored {done.station} as of {done.made_at}: the record is whole, {done.entries} entries.")
    if done.replaced:
        print(f"What was there is in {done.replaced}: delete it when it is not needed any more.")
    return 0
