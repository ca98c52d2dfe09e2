"""`fanal mrz`: read and write machine readable zones, without the rest of Fanal.

`fanal mrz parse` reads documents separated by empty lines and writes, with `--json`, one JSON object a document.
Exit status: 0 read, 2 wrong usage, 3 nothing was an MRZ, 4 a file cannot be opened. `fanal mrz compose` ends with 2
for values that do not fit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.documents.mrz import Mrz

MAX_BYTES = 16_000_000
_NOT_OPENED, _NOTHING = 4, 3


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser("mrz", help="read and write machine readable zones (ICAO Doc 9303)")
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)

    parse = actions.add_parser("parse", help="read MRZ lines; documents are separated by empty lines")
    parse.add_argument("file", nargs="?", default="-", help="a text file; - or nothing: standard input")
    parse.add_argument("--json", action="store_true", help="one JSON object a document, one a line")
    parse.add_argument("--on", type=_day, metavar="DATE", help="day of inspection, for the centuries (default: today)")
    parse.add_argument("--repair", action="store_true", help="put right what OCR confuses, where one reading is left")
    parse.set_defaults(run=_parse)

    compose = actions.add_parser("compose", help="write the lines of an MRZ, check digits and all")
    compose.add_argument("--format", required=True, choices=_formats(), help="the format of the MRZ")
    compose.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a field, such as document_number=L898902C3; dates as YYYY-MM-DD",
    )
    compose.add_argument("--json", metavar="FILE", help="a JSON object of field names and values; - is standard input")
    compose.set_defaults(run=_compose)


def _formats() -> list[str]:
    from fanal.documents import mrz

    return [form.value for form in mrz.Format]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date (YYYY-MM-DD): {text!r}") from None


def _read(name: str) -> str | None:
    """The text of a file or of standard input; None, with a line on standard error, where it cannot be had."""
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(name, "rb") as file:
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        print(f"fanal: cannot open {name}: {error.strerror}", file=sys.stderr)
        return None
    if len(content) > MAX_BYTES:
        print(f"fanal: {name} has more than {MAX_BYTES} bytes", file=sys.stderr)
        return None
    return content.decode("utf-8-sig", "replace")


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """Stretches of lines between empty lines, each with the number of its first line."""
    lines: list[str] = []
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.strip():
            lines.append(line)
        elif lines:
            yield number - len(lines), "\n".join(lines)
            lines = []


def _parse(args: argparse.Namespace) -> int:
    from fanal.documents import mrz

    text = _read(args.file)
    if text is None:
        return _NOT_OPENED
    on = args.on or date.today()  # the command is where the clock is
    some = False
    for start, document in _documents(text):
        try:
            parsed = mrz.parse(document, repair=args.repair)
        except mrz.MrzError as error:
            answer: dict[str, Any] = {"start": start, "error": {"code": error.code, "message": str(error)}}
            shown = f"line {start}: {error}"
        else:
            some = True
            answer = {"start": start, **_as_json(parsed, on)}
            shown = _as_text(parsed, on)
        print(json.dumps(answer, ensure_ascii=False) if args.json else shown + "\n")
    return 0 if some else _NOTHING


def _as_json(parsed: Mrz, on: date) -> dict[str, Any]:
    from fanal.documents import mrz

    claims = {claim.field: claim for claim in mrz.claims(parsed, on=on)}
    fields = {}
    for element in parsed.elements:
        claim = claims.get(element.field)
        fields[element.field.value] = {
            "value": claim.value if claim else element.value,
            "raw": element.raw,
            "line": element.line,
            "columns": list(element.columns),
            **({"repaired_from": element.repaired_from} if element.repaired_from is not None else {}),
        }
    return {
        "format": parsed.format.value,
        "valid": parsed.valid,
        "lines": list(parsed.lines),
        "fields": fields,
        "name_truncated": parsed.name_truncated,
        "check_digits": [
            {
                "name": digit.name,
                "printed": digit.printed,
                "computed": digit.computed,
                "state": digit.state.value,
                "line": digit.line,
                "column": digit.column,
            }
            for digit in parsed.check_digits
        ],
        "problems": [
            {
                "code": problem.code.value,
                "line": problem.line,
                "columns": list(problem.columns),
                "seen": problem.seen,
                "expected": problem.expected,
                "field": problem.field.value if problem.field else None,
            }
            for problem in parsed.problems
        ],
    }


def _as_text(parsed: Mrz, on: date) -> str:
    from fanal.documents import mrz

    claims = {claim.field: claim.value for claim in mrz.claims(parsed, on=on)}
    rows = [*parsed.lines, "", f"{'format':22} {parsed.format.value}"]
    rows += [
        f"{element.field.value:22} {claims.get(element.field, element.value) or '-':32}"
        f" line {element.line}, columns {element.columns[0]} to {element.columns[1]}"
        for element in parsed.elements
    ]
    rows += [
        f"check digit of {digit.name}: {digit.state.value}"
        + ("" if digit.state is mrz.State.VALID else f" (printed {digit.printed}, computed {digit.computed})")
        for digit in parsed.check_digits
    ]
    rows += [
        f"{problem.code.value}: line {problem.line}, columns {problem.columns[0]} to {problem.columns[1]}:"
        f" {problem.seen!r}, expected {problem.expected}"
        for problem in parsed.problems
    ]
    if parsed.name_truncated:
        rows.append("the name fills its field: it may be longer")
    return "\n".join(rows)


def _compose(args: argparse.Namespace) -> int:
    from fanal.documents import Field, mrz

    values: Any = {}
    if args.json is not None:
        text = _read(args.json)
        if text is None:
            return _NOT_OPENED
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            return _refuse(f"{args.json} is not JSON: {error}")
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            return _refuse(f"{args.json} must hold one object of field names and texts")
    for pair in args.field:
        name, equals, value = pair.partition("=")
        if not equals:
            return _refuse(f"--field {pair}: NAME=VALUE is wanted")
        values[name] = value
    known = {field.value: field for field in Field}
    unknown = [name for name in values if name not in known]
    if unknown:
        return _refuse(f"no such field: {', '.join(unknown)}. Fields are {', '.join(known)}")
    try:
        lines = mrz.compose(mrz.Format(args.format), {known[name]: value for name, value in values.items()})
    except mrz.ComposeError as error:
        return _refuse(str(error))
    print("\n".join(lines))
    return 0


def _refuse(message: str) -> int:
    print(f"fanal: {message}", file=sys.stderr)
    return 2
