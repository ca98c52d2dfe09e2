"""`fanal backup`: the whole station, sealed under a passphrase, in one file. The station may run meanwhile."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Any

VARIABLE = "FANAL_BACKUP_PASSPHRASE"


def register(commands: Any) -> None:
    parser = commands.add_parser("backup", help="back the station up into one sealed file", description=__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="a new file")
    parser.epilog = f"The passphrase is asked for, or taken from {VARIABLE}. Without it nobody can restore."
    parser.set_defaults(run=run)


def passphrase(*, twice: bool) -> str | None:
    """The passphrase, from the environment or the terminal; None where there is neither."""
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        return None
    typed = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Again: ") != typed:
        return None
    return typed


def run(args: argparse.Namespace) -> int:
    from fanal.cli.station import open_station

    if not open_station("backup"):
        return 2
    from fanal.station.backup import BackupError, make

    secret = passphrase(twice=True)
    if secret is None:
        print(f"fanal backup needs a passphrase: at the terminal, twice the same, or in {VARIABLE}", file=sys.stderr)
        return 2
    try:
        made = make(args.file.absolute(), secret)
    except BackupError as error:
        print(f"fanal backup: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"fanal backup: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{args.file}: {made.files} files, {made.bytes} bytes, a record of {made.entries} entries.")
    return 0
