"""`fanal chip`: what is on the chip of an eMRTD."""

from __future__ import annotations

import argparse

from fanal.cli.chip_verify import add_verify


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("chip", help="verify the files of an eMRTD's chip")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_verify(actions)
