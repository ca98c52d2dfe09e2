"""The command `fanal`."""

from fanal.cli.main import main

__all__ = ["main"]
