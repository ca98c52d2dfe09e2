"""`fanal read`: what pictures show, without inspecting it: MRZs, barcodes, quality and, if asked, the visual zone.

With --json one object a picture and line (docs/reading.md). With --draw a copy of each picture on which what was found
is drawn.

Exit status: 0 something was read in a picture at least; 2 wrong usage; 3 nothing readable in any picture; 4 a picture
that cannot be opened or is over the limits (the others are read all the same).
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.capture import MrzZone, PageReading

READ, USAGE, NOTHING_READABLE, NOT_OPENED = 0, 2, 3, 4
_ENDINGS = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp")
_MAX_BYTES = 64 * 1024 * 1024


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from fanal.cli.inspect import add_language, day

    parser = subparsers.add_parser(
        "read",
        help="read MRZs, barcodes and visual zones from pictures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("image", nargs="+", metavar="IMAGE", help="a picture, a folder, or a pattern ('*.jpg')")
    parser.add_argument("--json", action="store_true", help="one JSON object a picture")
    parser.add_argument("--visual", action="store_true", help="read the visual zone, too (takes seconds a picture)")
    parser.add_argument("--ir", metavar="IMAGE", help="the same page under infrared light (with one picture only)")
    parser.add_argument("--uv", metavar="IMAGE", help="the same page under ultraviolet light (with one picture only)")
    parser.add_argument("--draw", type=Path, metavar="OUT", help="draw what was found: a file, or a folder for several")
    parser.add_argument("--on", type=day, metavar="DATE", help="the day of inspection, YYYY-MM-DD (default: today)")
    add_language(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        from fanal.capture import page as _  # noqa: F401 - says at once what is not installed
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("fanal"):
            raise
        return _fail(USAGE, f"this needs {error.name}: pip install 'fanal[capture]'")
    from fanal.capture import CaptureError, read_page

    names = list(_expanded(args.image))
    if not names:
        return _fail(NOTHING_READABLE, f"no picture there: {' '.join(args.image)}")
    if (args.ir or args.uv) and len(names) != 1:
        return _fail(USAGE, "--ir and --uv go with one picture")
    into_folder = args.draw is not None and (len(names) > 1 or args.draw.is_dir())
    unused = _Unused()
    bar = _Bar(len(names))
    status, any_read = READ, False
    for number, name in enumerate(names):
        bar.show(number)
        try:
            content = _content(name)
            reading = read_page(
                content,
                evidence=hashlib.sha256(content).hexdigest(),
                on=args.on or date.today(),
                infrared=_content(args.ir) if args.ir else None,
                ultraviolet=_content(args.uv) if args.uv else None,
                visual=args.visual,
            )
        except (OSError, CaptureError) as error:
            bar.clear()
            status = NOT_OPENED
            _report_error(name, error, args)
            continue
        any_read = any_read or bool(reading.mrzs or reading.barcodes or reading.claims)
        bar.clear()
        if args.json:
            print(json.dumps(to_json(name, content, reading, args.on or date.today()), ensure_ascii=False), flush=True)
        else:
            _print(name, reading, args.lang)
        if args.draw is not None:
            try:
                _draw(content, reading, args.draw / f"{unused(Path(name).stem)}.png" if into_folder else args.draw)
            except (OSError, ValueError) as error:
                return _fail(NOT_OPENED, f"{args.draw}: {getattr(error, 'strerror', None) or error}")
    bar.clear()
    if status == READ and not any_read:
        return NOTHING_READABLE
    return status


def _fail(status: int, message: str) -> int:
    print(f"fanal read: {message}", file=sys.stderr)
    return status


def _report_error(name: str, error: Exception, args: argparse.Namespace) -> None:
    from fanal.capture import CaptureError
    from fanal.inspection.intake import intake_text

    if isinstance(error, CaptureError):
        words = intake_text(error.code, args.lang, dict(error.values))
        if args.json:
            refused = {"schema": SCHEMA, "file": name, "error": {"code": error.code, **error.values}}
            print(json.dumps(refused, ensure_ascii=False), flush=True)
    else:
        words = getattr(error, "strerror", None) or str(error)
    _fail(NOT_OPENED, f"{name}: {words}")


def _expanded(images: list[str]) -> Iterator[str]:
    """The files that the arguments mean, in order: of a folder its pictures, of a pattern what matches."""
    for image in images:
        if os.path.isdir(image):
            for folder, _, files in sorted(os.walk(image)):
                yield from (os.path.join(folder, f) for f in sorted(files) if f.lower().endswith(_ENDINGS))
        elif not os.path.exists(image) and glob.has_magic(image):
            yield from (found for found in sorted(glob.glob(image, recursive=True)) if os.path.isfile(found))
        else:
            yield image


def _content(name: str) -> bytes:
    with open(name, "rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise OSError(27, "larger than 64 MiB")
    return content


class _Unused:
    """Names for drawings, each once: pictures of several folders may be called the same."""

    def __init__(self) -> None:
        self.given: dict[str, int] = {}

    def __call__(self, stem: str) -> str:
        self.given[stem] = count = self.given.get(stem, 0) + 1
        return stem if count == 1 else self(f"{stem}-{count}")


class _Bar:
    """How far it is, on a terminal's standard error; nothing elsewhere, and nothing for one picture."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.on = total > 1 and sys.stderr.isatty()

    def show(self, done: int) -> None:
        if self.on:
            filled = round(30 * done / self.total)
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{self.total}")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.on:
            sys.stderr.write("\r" + " " * 50 + "\r")
            sys.stderr.flush()


# -- what is said ------------------------------------------------------------------------------------------------------

SCHEMA = "fanal.reading/1"


def to_json(name: str, content: bytes, reading: PageReading, on: date) -> dict[str, Any]:
    """One picture as plain values (docs/reading.md)."""
    return {
        "schema": SCHEMA,
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "width": reading.width,
        "height": reading.height,
        "mrzs": [_zone_json(zone, on) for zone in reading.mrzs],
        "claims": [
            {
                "field": claim.field.value,
                "value": claim.value,
                "source": claim.source.value,
                "confidence": round(claim.confidence, 3),
                "raw": claim.raw,
                "region": _polygon(claim.region.polygon if claim.region else ()),
            }
            for claim in reading.claims
        ],
        "barcodes": [
            {"symbology": code.symbology, "hex": code.content.hex(), "region": _polygon(code.region.polygon)}
            for code in reading.barcodes
        ],
        "portrait": _polygon(reading.portrait.polygon) if reading.portrait else None,
        "outline": _polygon(reading.outline.polygon) if reading.outline else None,
        "quality": [measure._asdict() for measure in reading.quality],
        "ms": reading.ms,
    }


def _zone_json(zone: MrzZone, on: date) -> dict[str, Any]:
    from fanal.documents import mrz

    parsed = mrz.parse(zone.lines)
    return {
        "format": zone.format.value if zone.format else None,
        "lines": list(zone.lines),
        "accepted": zone.accepted,
        "confidence": round(zone.confidence, 4),
        "light": zone.light.value,
        "letter_height": zone.height,
        "fields": {claim.field.value: claim.value for claim in mrz.claims(parsed, on=on)},
        "check_digits": {digit.name: digit.state.value for digit in parsed.check_digits},
        "overruled": [change._asdict() for change in zone.overruled],
        "regions": [_polygon(region.polygon) for region in zone.regions],
        "characters": [
            [{"text": c.text, "confidence": c.confidence, "region": _polygon(c.polygon)} for c in line]
            for line in zone.characters
        ],
    }


def _polygon(points: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in points]


def _print(name: str, reading: PageReading, lang: str) -> None:
    from fanal.capture.quality import tell
    from fanal.inspection.texts import label, printable

    if not reading.mrzs:
        print(f"{name}: {label('problem', 'no_mrz', lang)} ({reading.ms:.0f} ms)")
    for zone in reading.mrzs:
        form = label("format", zone.format.value, lang) if zone.format else ""
        doubt = "" if zone.accepted else f"; {label('problem', 'unsure', lang)}"
        print(f"{name}: {form}{doubt} ({reading.ms:.0f} ms)")
        for line in zone.lines:
            print(f"  {line}")
    for claim in reading.claims:
        print(f"  {label('field', claim.field.value, lang)}: {printable(claim.value)}")
    for code in reading.barcodes:
        print(f"  {code.symbology}: {len(code.content)} B")
    for measure in reading.quality:
        if (words := tell(measure, lang)) is not None:
            print(f"  {words}")


def _draw(content: bytes, reading: PageReading, out: Path) -> None:
    """A copy of the picture with what was found drawn on it."""
    from PIL import Image, ImageDraw

    from fanal.capture.pictures import decode

    picture = decode(content)
    shown = Image.fromarray(picture.rgb)
    draw = ImageDraw.Draw(shown)
    width = max(1, round(max(shown.size) / 700))

    def outline(polygon: tuple[tuple[float, float], ...], colour: str, thick: int = width) -> None:
        if polygon:
            points = [(x / picture.scale, y / picture.scale) for x, y in polygon]
            draw.line([*points, points[0]], fill=colour, width=thick, joint="curve")

    if reading.outline:
        outline(reading.outline.polygon, "#1f6feb", 2 * width)
    if reading.portrait:
        outline(reading.portrait.polygon, "#8250df", 2 * width)
    for claim in reading.claims:
        if claim.region:
            outline(claim.region.polygon, "#0a7d7d")
    for code in reading.barcodes:
        outline(code.region.polygon, "#bf3989", 2 * width)
    for zone in reading.mrzs:
        for row in zone.characters:
            for character in row:
                outline(character.polygon, "#cf222e" if character.confidence < 0.9 else "#7fbf8e", 1)
        for region in zone.regions:
            outline(region.polygon, "#1a7f37" if zone.accepted else "#bc4c00", width)
    out.parent.mkdir(parents=True, exist_ok=True)
    shown.save(out)
