"""`fanal specimen`: make Utopian specimens, genuine and forged, flat or as a camera sees them."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fanal.cli.specimen_chip import FAULTS, add_chip

if TYPE_CHECKING:
    from fanal.specimens import MadeSpecimen

FORMATS = ("td1", "td2", "td3", "mrv_a", "mrv_b")
CAPTURES = ("photo", "scan", "webcam")
MOST = 100_000


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("specimen", help="make specimen documents and forgeries, for training and tests")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    make = commands.add_parser(
        "make",
        help="draw specimens of Utopia: pictures, and the truth about each as JSON",
        description="The same arguments make the same files, byte for byte.",
    )
    make.add_argument("--format", choices=FORMATS, required=True, help="the format of Doc 9303")
    make.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go; made if need be")
    make.add_argument("--seed", type=_whole, default=0, metavar="N", help="the first seed (default 0)")
    make.add_argument(
        "--count", type=_count, default=1, metavar="N", help="how many, with seeds from N upward (default 1)"
    )
    make.add_argument(
        "--forge", metavar="KIND", help="a kind of `fanal specimen kinds`, or `any`: one by lot for each seed"
    )
    make.add_argument(
        "--capture", choices=CAPTURES, help="as a camera or a scanner sees it, hard (default: drawn flat)"
    )
    make.add_argument(
        "--hardness", type=_share, default=1.0, metavar="0..1", help="how hard a capture may be (default 1)"
    )
    make.add_argument("--picture-format", choices=("png", "jpg"), default="png")
    make.add_argument(
        "--on",
        type=_day,
        metavar="DATE",
        help="the day on which genuine ones are valid (default 2026-11-24: a seed means one document, on any day)",
    )
    make.add_argument("--chip", action="store_true", help="with the files of its chip, in a folder beside the pictures")
    make.add_argument("--fault", choices=FAULTS, help="what is wrong with the chip (with --chip)")
    make.add_argument(
        "--seal", nargs="?", const="", metavar="PROFILE", help="with a digital seal; PROFILE `list` names what there is"
    )
    make.set_defaults(run=run_make)

    add_chip(commands)
    kinds = commands.add_parser("kinds", help="list the kinds of forgery")
    kinds.set_defaults(run=run_kinds)

    shipped = commands.add_parser("shipped", help="make the specimens that Fanal ships once more")
    shipped.add_argument("--out", type=Path, required=True, metavar="DIR")
    shipped.set_defaults(run=run_shipped)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a whole number from 0 on")
    return int(text)


def _count(text: str) -> int:
    if not 1 <= (value := _whole(text)) <= MOST:
        raise argparse.ArgumentTypeError(f"{text[:20]} is not between 1 and {MOST}")
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not between 0 and 1")
    return value


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is not a date like 2026-11-24") from None
    if not 1950 <= day.year <= 2089:
        raise argparse.ArgumentTypeError("specimens are made for days from 1950 to 2089")
    return day


def _fail(message: str) -> int:
    print(f"fanal specimen: {message}", file=sys.stderr)
    return 2


def _without_library(error: ModuleNotFoundError, extra: str) -> int:
    return _fail(f"this needs {error.name}: pip install 'fanal[{extra}]'")


def run_make(args: argparse.Namespace) -> int:
    try:
        from fanal import specimens
        from fanal.documents import mrz
    except ModuleNotFoundError as error:
        return _without_library(error, "specimen")
    form = mrz.Format(args.format)
    if args.fault and not args.chip:
        return _fail("--fault is the chip's: give --chip too")
    try:
        if args.seal == "list":
            from fanal.specimens.chip import seal_profiles

            print("\n".join(seal_profiles()))
            return 0
        args.out.mkdir(parents=True, exist_ok=True)
        for seed in range(args.seed, args.seed + args.count):
            made = specimens.make(
                form,
                seed,
                on=args.on or specimens.MADE_ON,
                forgery=specimens.forgery_named(args.forge, form, seed) if args.forge else None,
                capture=specimens.Camera(args.capture) if args.capture else None,
                difficulty=specimens.HARD.scaled(args.hardness),
                picture_format=specimens.PictureFormat(args.picture_format),
            )
            attached: dict[str, bytes] = {}
            if args.chip or args.seal is not None:
                made, attached = attach(made, args)
            for path in specimens.write(made, args.out):
                print(path)
            for name, content in attached.items():
                (args.out / name).parent.mkdir(exist_ok=True)
                (args.out / name).write_bytes(content)
                print(args.out / name)
    except specimens.SpecimenError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        return _without_library(error, "specimen")
    except OSError as error:
        return _fail(f"{args.out}: {error.strerror or error}")
    return 0


def attach(made: MadeSpecimen, args: argparse.Namespace) -> tuple[MadeSpecimen, dict[str, bytes]]:
    """The specimen with its chip and its seal, and their files by name.

    Raises:
        SpecimenError: the document has no such thing.
    """
    from fanal.specimens import chip

    files: dict[str, bytes] = dict(chip.certificates(made.document))
    if args.chip:
        made, added = chip.attach_chip(made, chip.Fault(args.fault) if args.fault else None)
        files.update(added)
    if args.seal is not None:
        made, added = chip.attach_seal(made, args.seal or None)
        files.update(added)
    return made, files


def run_kinds(args: argparse.Namespace) -> int:
    try:
        from fanal import specimens
    except ModuleNotFoundError as error:
        return _without_library(error, "specimen")
    for kind in specimens.FORGERIES:
        formats = ", ".join(form.value for form in kind.formats)
        print(f"{kind.forgery.value}\n  {kind.about}\n  stands for: {kind.fraud}; formats: {formats}")
        print(f"  noticed by: {', '.join(kind.noticed_by) or 'eyes, or a measure of the picture'}")
    return 0


def run_shipped(args: argparse.Namespace) -> int:
    try:
        from fanal import specimens
    except ModuleNotFoundError as error:
        return _without_library(error, "specimen")
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for path in specimens.write_shipped(args.out):
            print(path)
    except OSError as error:
        return _fail(f"{args.out}: {error.strerror or error}")
    return 0
