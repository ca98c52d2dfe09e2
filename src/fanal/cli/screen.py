"""`fanal screen`: travellers, documents and names against lists, with the reasons.

`--list FILE` is a CSV, FollowTheMoney JSON or XLSX file; with `--index FOLDER` what was read stays on disk and is there
the next time. Lists are never merged: every answer names its list. `fanal screen pairs FILE.csv` compares the columns
name1 and name2 (and born1, born2, sex1, ... where they are given) of each line.

Exit status: 0 no hit, 1 a hit or a possible one, 2 wrong usage, 3 a file is refused, 4 a file cannot be opened.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from fanal.screening import Candidate, Found, NumberIndex, Person, PersonIndex

HITS, REFUSED, NOT_OPENED = 1, 3, 4
MAX_ROWS = 20_000_000
PERSONS_FILE, NUMBERS_FILE = "persons.db", "numbers.db"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "screen",
        help="screen persons and documents against lists, with the reasons",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--list", dest="lists", action="append", default=[], type=Path, metavar="FILE", help="a list")
    parser.add_argument(
        "--index", type=Path, metavar="FOLDER", help="keep what the lists hold here, or use what is here"
    )
    parser.add_argument("--in", dest="input", type=Path, metavar="FILE", help="travellers to screen: CSV")
    parser.add_argument("--name", help="one traveller's name")
    parser.add_argument("--born", default="", help="YYYY-MM-DD, YYYY-MM or YYYY")
    parser.add_argument("--sex", default="", choices=("", "F", "M", "X"))
    parser.add_argument("--nationality", default="", metavar="CODE")
    parser.add_argument("--place", default="", help="place of birth")
    parser.add_argument("--document", default="", metavar="NUMBER", help="document number")
    parser.add_argument("--state", default="", metavar="CODE", help="issuing State of the document")
    parser.add_argument("--possible", action="store_true", help="show candidates below a hit, too")
    parser.add_argument("--lang", default="en", choices=("en", "es", "fr", "ht"), help="language of the reasons")
    parser.add_argument("--json", action="store_true", help="one JSON object a traveller, one a line")
    parser.set_defaults(run=_screen, screen_parser=parser)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    pairs = actions.add_parser("pairs", help="compare the pairs of names in a CSV file")
    pairs.add_argument("file", metavar="FILE", help="CSV with columns name1, name2; - is standard input")
    pairs.add_argument("--json", action="store_true", help="one JSON object a pair, in order")
    pairs.add_argument("--lang", default="en", choices=("en", "es", "fr", "ht"))
    pairs.set_defaults(run=_pairs)


def _fail(status: int, message: str) -> int:
    print(f"fanal screen: {message}", file=sys.stderr)
    return status


def _screen(args: argparse.Namespace) -> int:
    from fanal.screening import ScreeningError

    if (args.input is None) == (not args.name and not args.document):
        args.screen_parser.error("give --in FILE, or --name or --document")
    if not args.lists and args.index is None:
        args.screen_parser.error("give --list FILE or --index FOLDER")
    if args.index is not None and not args.lists and not (args.index / PERSONS_FILE).is_file():
        return _fail(NOT_OPENED, f"there is no index in {args.index}; make one with --list")
    try:
        travellers = _from_file(args.input) if args.input else [_from_arguments(args)]
        with tempfile.TemporaryDirectory() as scratch:
            folder = args.index or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            persons, numbers = _open(folder)
            for path in args.lists:
                _take_in(path, persons, numbers)
            hits = _answer(travellers, persons, numbers, args)
            persons.close()
            numbers.close()
        return HITS if hits else 0
    except ScreeningError as error:
        return _fail(REFUSED, f"{error} ({error.code})")
    except OSError as error:
        return _fail(NOT_OPENED, f"cannot open {error.filename}: {error.strerror}")


def _open(folder: Path) -> tuple[PersonIndex, NumberIndex]:
    from fanal.screening import NumberIndex, PersonIndex

    return PersonIndex(folder / PERSONS_FILE), NumberIndex(folder / NUMBERS_FILE)


# --- taking lists in --------------------------------------------------------------------------------------------------


def _take_in(path: Path, persons: PersonIndex, numbers: NumberIndex) -> None:
    """A file into the index, under its name. Lines that cannot be read are told, and counted."""
    from fanal.screening import Entry, Listed
    from fanal.screening.imports import Row, RowError, guess_form, read_rows

    name = path.stem
    errors = 0
    with path.open("rb") as file:
        form = guess_form(path.name, file.read(512))
        file.seek(0)
        bar = _Progress(f"list {name}", path.stat().st_size, lambda: file.tell() if not file.closed else 0)

        def rows() -> Iterator[Row]:
            nonlocal errors
            for row in read_rows(file, form, max_rows=MAX_ROWS):
                bar.step()
                if isinstance(row, RowError):
                    errors += 1
                    if errors <= 20 and row.code != "not_listed_here":
                        print(
                            f"{path.name}, line {row.line}: {row.code} {row.column} {row.value}".rstrip(),
                            file=sys.stderr,
                        )
                else:
                    yield row

        listed: list[Listed] = []

        def entries() -> Iterator[Entry]:
            for row in rows():
                ref = row.ref or str(row.line)
                listed.extend(
                    Listed(name, ref, n.kind, n.number, n.state, n.type, n.status, n.last) for n in row.numbers
                )
                if len(listed) >= 50_000:
                    numbers.add(listed)
                    listed.clear()
                if row.person is not None:
                    yield Entry(name, ref, row.person)

        persons.add_all(entries())
        numbers.add(listed)
        bar.done()
    if errors:
        print(f"{path.name}: {errors} lines are not entries", file=sys.stderr)


class _Progress:
    """A bar on a terminal, ten lines elsewhere; silent for what is quick."""

    def __init__(self, title: str, total: int, at: Any) -> None:
        self.title, self.total, self.at = title, max(total, 1), at
        self.started = self.shown = time.monotonic()
        self.count = 0
        self.tenth = 0

    def step(self) -> None:
        self.count += 1
        if self.count % 256:
            return
        now = time.monotonic()
        share = min(1.0, self.at() / self.total)
        if sys.stderr.isatty():
            if now - self.shown > 0.2:
                self.shown = now
                filled = int(share * 30)
                bar = "#" * filled + "." * (30 - filled)
                print(f"\r{self.title} [{bar}] {share:4.0%} {self.count}", end="", file=sys.stderr, flush=True)
        elif now - self.started > 3 and int(share * 10) > self.tenth:
            self.tenth = int(share * 10)
            print(f"{self.title}: {share:.0%}, {self.count}", file=sys.stderr)

    def done(self) -> None:
        if sys.stderr.isatty() and time.monotonic() - self.started > 0.3:
            print(f"\r{self.title} [{'#' * 30}] 100% {self.count}", file=sys.stderr)


# --- travellers -------------------------------------------------------------------------------------------------------


class _Traveller:
    """Who is screened: a person, a document, or both. `error` is why a line of the file is neither."""

    __slots__ = ("document", "error", "line", "person", "state")

    def __init__(self, line: int, person: Person | None, document: str = "", state: str = "", error: str = "") -> None:
        self.line, self.person, self.document, self.state, self.error = line, person, document, state, error


def _from_arguments(args: argparse.Namespace) -> _Traveller:
    from fanal.documents.dates import DateError, parse_iso
    from fanal.screening import DocumentNumber, Person, ScreeningError

    try:
        born = (parse_iso(args.born),) if args.born else ()
    except DateError as error:
        raise ScreeningError("not_a_date", f"--born: {error}") from error
    documents = (DocumentNumber(args.document, args.state),) if args.document else ()
    nationalities = (args.nationality.upper(),) if args.nationality else ()
    person = Person((args.name,), born, args.sex, nationalities, args.place, documents) if args.name else None
    return _Traveller(1, person, args.document, args.state)


def _from_file(path: Path) -> Iterator[_Traveller]:
    from fanal.screening.imports import Form, RowError, read_rows

    with path.open("rb") as file:
        bar = _Progress("travellers", path.stat().st_size, lambda: file.tell() if not file.closed else 0)
        for row in read_rows(file, Form.CSV, max_rows=MAX_ROWS):
            bar.step()
            if isinstance(row, RowError):
                yield _Traveller(row.line, None, error=f"{row.code} {row.column}".strip())
                continue
            number = row.numbers[0] if row.numbers else None
            yield _Traveller(row.line, row.person, number.number if number else "", number.state if number else "")
        bar.done()


# --- answers ----------------------------------------------------------------------------------------------------------


def _answer(
    travellers: Iterable[_Traveller], persons: PersonIndex, numbers: NumberIndex, args: argparse.Namespace
) -> int:
    from fanal.screening import HIT, POSSIBLE
    from fanal.screening.documents import find_document

    least = POSSIBLE if args.possible or args.input is None else HIT
    count = hits = 0
    for traveller in travellers:
        count += 1
        found = persons.find(traveller.person, least=least) if traveller.person else []
        documents = find_document(numbers, traveller.document, state=traveller.state) if traveller.document else []
        hits += bool(found or documents)
        answer = _as_json(traveller, found, documents, args.lang)
        if args.json:
            print(json.dumps(answer, ensure_ascii=False))
        elif found or documents or traveller.error or args.input is None:
            _print(answer, sys.stdout)
    if args.input is not None:
        print(f"{count} travellers, {hits} with a hit or a possible one", file=sys.stderr)
    return hits


def _as_json(traveller: _Traveller, found: list[Candidate], documents: list[Found], lang: str) -> dict[str, Any]:
    from fanal.screening.documents import answer
    from fanal.screening.explain import explain, explain_number, say

    best = "hit" if any(one.is_hit for one in found) else "possible" if found else "no_hit"
    of_document = answer(documents)
    overall = min(best, str(of_document), key=("hit", "possible", "no_hit").index)
    return {
        "line": traveller.line,
        **({"error": traveller.error} if traveller.error else {}),
        "name": traveller.person.names[0] if traveller.person else None,
        "answer": overall,
        "advice": say(f"answer.{overall}", lang),
        "persons": [
            {
                "list": one.entry.list,
                "ref": one.entry.ref,
                "name": one.entry.person.names[0],
                "answer": "hit" if one.is_hit else "possible",
                "score": round(one.comparison.score, 2),
                "probability": round(one.comparison.probability, 4),
                "reasons": _reasons(explain(one.comparison, lang)),
            }
            for one in found
        ],
        "documents": [
            {
                "list": one.entry.list,
                "ref": one.entry.ref,
                "answer": "hit" if one.is_hit else "possible",
                "likeness": str(one.likeness),
                "number": one.entry.number,
                "state": one.entry.state,
                "status": one.entry.status,
                "reason": explain_number(traveller.document, one, lang),
            }
            for one in documents
        ],
    }


def _reasons(reasons: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"field": r.field, "side": str(r.side), "text": r.text, "weight": round(r.weight, 2)} for r in reasons]


_SIGNS = {"for": "+", "against": "-", "unknown": "?"}


def _print(answer: dict[str, Any], out: TextIO) -> None:
    print(f"line {answer['line']}: {answer['name'] or ''} {answer.get('error', answer['advice'])}", file=out)
    for one in answer["documents"]:
        print(
            f"  {one['answer']}: list {one['list']}, {one['ref']}: {one['reason']} {one['status']}".rstrip(), file=out
        )
    for one in answer["persons"]:
        print(f"  {one['answer']}: list {one['list']}, {one['ref']}: {one['name']} (score {one['score']})", file=out)
        for reason in one["reasons"]:
            print(f"    {_SIGNS[reason['side']]} {reason['text']}", file=out)


# --- pairs ------------------------------------------------------------------------------------------------------------


def _pairs(args: argparse.Namespace) -> int:
    from fanal.screening import ScreeningError, compare
    from fanal.screening.explain import explain

    try:
        with open(os.dup(0) if args.file == "-" else args.file, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"name1", "name2"} <= set(reader.fieldnames or ()):
                return _fail(REFUSED, "the first line names the columns; name1 and name2 are among them")
            for row in reader:
                try:
                    comparison = compare(_of_pair(row, "1"), _of_pair(row, "2"))
                except ScreeningError as error:
                    return _fail(REFUSED, f"line {reader.line_num}: {error} ({error.code})")
                reasons = explain(comparison, args.lang)
                if args.json:
                    answer = {
                        "name1": row["name1"],
                        "name2": row["name2"],
                        "score": round(comparison.probability, 6),
                        "log_odds": round(comparison.score, 3),
                        "reasons": _reasons(reasons),
                    }
                    print(json.dumps(answer, ensure_ascii=False))
                else:
                    print(f"{comparison.probability:.3f}  {row['name1']}  |  {row['name2']}")
                    for reason in reasons:
                        if reason.side != "unknown":
                            print(f"       {_SIGNS[reason.side]} {reason.text}")
    except OSError as error:
        return _fail(NOT_OPENED, f"cannot open {args.file}: {error.strerror}")
    except UnicodeDecodeError:
        return _fail(REFUSED, "the file is not in UTF-8")
    except csv.Error as error:
        return _fail(REFUSED, f"not CSV: {error}")
    return 0


def _of_pair(row: dict[str, Any], which: str) -> Person:
    """The person in the columns with this number at their end; what is absent is unknown."""
    from fanal.documents.dates import DateError, parse_iso
    from fanal.screening import DocumentNumber, Person, ScreeningError

    def cell(name: str) -> str:
        return str(row.get(name + which) or "").strip()

    try:
        born = (parse_iso(cell("born")),) if cell("born") else ()
    except DateError as error:
        raise ScreeningError("not_a_date", f"born{which}: {error}") from error
    documents = (DocumentNumber(cell("document"), cell("state")),) if cell("document") else ()
    nationalities = tuple(code.strip() for code in cell("nationality").split(";") if code.strip())
    return Person((cell("name"),), born, cell("sex").upper()[:1], nationalities, cell("place"), documents)
