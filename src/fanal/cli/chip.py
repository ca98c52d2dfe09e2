"""`fanal chip`: what is on the chip of an eMRTD."""

from __future__ import annotations

import argparse

from fanal.cli.chip_read import add_read
from fanal.cli.chip_verify import add_verify


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("chip", help="read the chip of an eMRTD, verify its files")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_read(actions)
    add_verify(actions)
