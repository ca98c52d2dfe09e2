"""`fanal demo`: inspect the specimens that Fanal ships, genuine and forged, and say what each inspection found.

Specimens are documents of Utopia, made by `fanal specimen`; they are judged on the day for which they were made.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fanal.cli.inspect import add_language, day

if TYPE_CHECKING:
    from fanal.inspection import Inspection
    from fanal.specimens import ShippedSpecimen

USAGE = 2

_FEW = ("td3-000010", "td3-000021-number_digit", "td3-000027-name_viz", "td2-000038-state_code")


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="inspect the specimens that Fanal ships",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--all", action="store_true", help="all of them (default: four, which is quicker)")
    parser.add_argument("--on", type=day, metavar="DATE", help="the day of inspection (default: that of the specimens)")
    add_language(parser)
    parser.set_defaults(run=run)
    more = parser.add_subparsers(metavar="[region]", required=False)
    region = more.add_parser(
        "region",
        help="five States and two checkpoints on this machine, and what happens between them",
        description="Starts seven places, each with a database, keys and a server of its own, plays a story with"
        " invented persons and documents between them, and says how long each step took.",
    )
    region.add_argument("--keep", action="store_true", help="leave the stations open in the browser until Ctrl-C")
    region.add_argument("--notices", type=int, default=500, metavar="N", help="reports while Malpasse is cut off (500)")
    region.set_defaults(run=run_region)


def run_region(args: argparse.Namespace) -> int:
    try:
        from fanal.exchange import ExchangeError
        from fanal.station.sharing.region import RegionError, keep_open, play, region
    except ModuleNotFoundError as error:
        print(f"fanal demo region: this needs {error.name}: pip install 'fanal[station,exchange]'", file=sys.stderr)
        return USAGE
    if not 1 <= args.notices <= 100_000:
        print("fanal demo region: --notices is from 1 to 100000", file=sys.stderr)
        return USAGE

    def say(words: str) -> None:
        print(words, flush=True)

    with tempfile.TemporaryDirectory(prefix="fanal-region-") as folder:
        try:
            with region(Path(folder), say) as places:
                play(places, say, notices=args.notices)
                if args.keep:
                    keep_open(places, say)
        except (RegionError, ExchangeError) as error:
            print(f"fanal demo region: {error}", file=sys.stderr)
            return 1
    return 0


def run(args: argparse.Namespace) -> int:
    try:
        from fanal import specimens
        from fanal.inspection import NotReadable
    except ModuleNotFoundError as error:
        print(f"fanal demo: this needs {error.name}: pip install 'fanal[capture,specimen]'", file=sys.stderr)
        return USAGE
    on = args.on or specimens.MADE_ON
    page = _Page(args.lang)
    print(f"Specimens of Utopia, inspected as on {on.isoformat()}. Fanal advises; an officer decides.\n")
    for specimen in specimens.shipped():
        if not args.all and specimen.name not in _FEW:
            continue
        try:
            page.show(specimen, _inspect(specimen, on))
        except NotReadable as error:
            print(f"fanal demo: {specimen.name}: {error.code} {error.values.get('extra', '')}", file=sys.stderr)
            return USAGE
    own = Path(sys.argv[0])
    command = "fanal" if own.name != "fanal" or own.is_absolute() else str(own)  # as it was called
    first = specimens.shipped()[0].pictures[0]
    shown = first.relative_to(Path.cwd()) if first.is_relative_to(Path.cwd()) else first
    print("The whole report on one of them:")
    print(f"  {command} inspect {shown} --on {on.isoformat()}")
    if not args.all:
        print(f"All of them:\n  {command} demo --all")
    print("Inspect your own: pictures, MRZ lines as text, files of a chip, seals, or a folder of these:")
    print(f"  {command} inspect FILE…")
    print(f"  {command} inspect --help")
    return 0


def _inspect(specimen: ShippedSpecimen, on: Any) -> Inspection:
    from fanal.inspection import Context, inspect, intake, read

    evidence = [piece for path in specimen.pictures for piece in intake.intake(path.read_bytes(), label=path.name)]
    return inspect(read(evidence, Context(on)))


class _Page:
    """The terminal."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def show(self, specimen: ShippedSpecimen, inspection: Inspection) -> None:
        from fanal.documents import Field
        from fanal.inspection import Advice, Outcome, Severity, label, worst_first

        colours = {Advice.NO_OBJECTION: "1;32", Advice.LOOK_AGAIN: "1;33", Advice.REFER: "1;31"}
        subject = inspection.subject
        forgery = specimen.truth["forgery"]
        who = " ".join(
            filter(None, (subject.value(Field.PRIMARY_IDENTIFIER), subject.value(Field.SECONDARY_IDENTIFIER)))
        )
        advice = label("advice", inspection.advice.value, self.lang).upper()
        print(f"{self.paint(specimen.name, '1')}  {self.paint(advice, colours[inspection.advice])}")
        self.line(f"made as: {'genuine' if forgery is None else forgery['about']}")
        self.line(f"read: {subject.value(Field.DOCUMENT_NUMBER) or '–'} {who}")
        for finding in worst_first(inspection.findings):
            if finding.severity is Severity.NOTE or finding.outcome not in (Outcome.FAILED, Outcome.UNDETERMINED):
                continue
            mark = "✗" if finding.outcome is Outcome.FAILED else "?"
            texts = inspection.catalogue.render(finding, self.lang)
            self.line(f"{mark} {texts.title}: {texts.text}")
        print()

    def line(self, text: str) -> None:
        print(textwrap.fill(text, self.width, initial_indent="  ", subsequent_indent="    "))
