"""`fanal inspect`: what the evidence of one document says, what each check found, and the advice."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.chip.trust import TrustStore
    from fanal.documents import Evidence
    from fanal.inspection import Inspection

INSPECTED, USAGE, NOTHING_READABLE, NOT_OPENED = 0, 2, 3, 4

EPILOG = """\
Evidence is any mixture, of one document: pictures (JPEG, PNG, TIFF, WebP, BMP), MRZ lines as text, files of a chip
(EF.SOD, DG1 ...), seals, a JSON evidence file (docs/evidence.md), folders of these; `-` or nothing is standard input.

Exit status: 0 inspected, whatever the advice; 2 wrong usage; 3 nothing readable in the evidence; 4 a file that cannot
be opened or is over the limits."""


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "inspect",
        help="inspect the evidence of one document",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("evidence", nargs="*", metavar="FILE", help="a file or folder of evidence; - is standard input")
    parser.add_argument("--json", action="store_true", help="the inspection as JSON (docs/schemas/inspection-1.json)")
    parser.add_argument("--on", type=day, metavar="DATE", help="the day of inspection, YYYY-MM-DD (default: today)")
    parser.add_argument(
        "--verbose", "-v", action="store_true", help="name the checks that passed or were not done, too"
    )
    parser.add_argument("--trust", type=Path, metavar="DIR", help="the trust store for chips and seals (fanal trust)")
    add_language(parser)
    parser.set_defaults(run=run)


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--lang`; the default is the environment's where it is one of ours."""
    from fanal.inspection.texts import LANGUAGES

    asked = (os.environ.get("FANAL_LANG") or os.environ.get("LANG") or "")[:2].lower()
    parser.add_argument("--lang", choices=LANGUAGES, default=asked if asked in LANGUAGES else "en", help="language")


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a date: YYYY-MM-DD") from None


def run(args: argparse.Namespace) -> int:
    from fanal import inspection
    from fanal.cli.evidence import DeliveryError, load

    def refuse(status: int, name: str, code: str, values: Mapping[str, str]) -> int:
        words = inspection.intake_text(code, args.lang, values)
        print(f"fanal inspect: {f'{name}: ' if name else ''}{words}", file=sys.stderr)
        return status

    if not args.evidence and sys.stdin.isatty():
        print("fanal inspect: give a file, a folder, or MRZ lines on standard input (--help)", file=sys.stderr)
        return USAGE
    skipped: list[str] = []
    try:
        evidence = load(args.evidence or ["-"], skipped)
        trust = trust_for(evidence, args.trust)
        subject = inspection.read(evidence, inspection.Context(on=args.on or date.today(), trust=trust))
    except DeliveryError as error:
        status = NOTHING_READABLE if error.code == "empty" else NOT_OPENED
        return refuse(status, error.name, error.code, error.values)
    except inspection.NotReadable as error:
        return refuse(NOT_OPENED, error.label, error.code, error.values)
    except inspection.IntakeError as error:
        return refuse(NOT_OPENED, "", error.code, error.values)
    except TrustUnreadable as error:
        print(f"fanal inspect: {error}", file=sys.stderr)
        return NOT_OPENED
    for name in skipped:
        refuse(0, "", "skipped", {"name": name})
    if inspection.nothing_read(subject):
        return refuse(NOTHING_READABLE, ", ".join(args.evidence[:3]), "nothing_read", {})
    show(inspection.inspect(subject, inspection.with_own_checks()), args)
    return INSPECTED


def show(inspection: Inspection, args: argparse.Namespace) -> None:
    """Print the inspection as `--json`, `--lang` and `--verbose` say, for the terminal that it goes to."""
    from fanal.inspection import to_json, to_text

    if args.json:
        json.dump(to_json(inspection, args.lang), sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    print(to_text(inspection, args.lang, width=width, colour=colour, verbose=args.verbose), end="")


class TrustUnreadable(Exception):  # noqa: N818 - what the operator is told
    """The trust store that was asked for, or the default one, cannot be read."""


def trust_for(evidence: tuple[Evidence, ...], folder: Path | None) -> TrustStore | None:
    """The trust store, where the evidence may hold something to verify against it.

    Raises:
        TrustUnreadable: it cannot be read, or the one asked for is not there.
    """
    from fanal.documents import Kind

    if folder is None and all(piece.kind in (Kind.MRZ_TEXT, Kind.OBSERVATION) for piece in evidence):
        return None
    try:
        from fanal.chip.trust import TrustError
        from fanal.cli.trust import open_store
    except ModuleNotFoundError:
        return None  # what needs it says that the extra is missing
    try:
        return open_store(folder).load()
    except TrustError as error:
        raise TrustUnreadable(str(error)) from error
