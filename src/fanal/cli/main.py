"""The command `fanal`: subcommands come from the modules of this package, each with a `register`."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from fanal import __version__

# One module a command, in the order of the help. A module imports what it needs only when its command runs.
COMMANDS: tuple[str, ...] = (
    "inspect",
    "demo",
    "read",
    "specimen",
    "up",
    "agent",
    "mrz",
    "checks",
    "docs",
    "trust",
    "chip",
    "seal",
    "exchange",
    "ledger",
    "backup",
    "restore",
    "officer",
    "screen",
)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="fanal", description="The open border desk. It advises; an officer decides.")
    root.add_argument("--version", action="version", version=f"fanal {__version__}")
    commands = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"fanal.cli.{name}").register(commands)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is the command's (2: wrong usage, as argparse has it)."""
    # A terminal that lacks a letter shows a question mark, and the inspection goes on.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    args = parser().parse_args(argv)
    try:
        status: int = args.run(args)
    except BrokenPipeError:
        # The reader of our output went away (`fanal ... | head`): nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return status
