"""Numbers that are listed: an index on disk, exact look-up, and the numbers that a scanner or a hand confuses with it.

One file (SQLite, written in place) holds millions of numbers in the order of their folded form, in which each
character that scanners confuse stands for its class: O and Q and D are 0, I is 1, Z is 2, S is 5, B is 8. One look-up
in that order brings the number itself and every one that can be confused with it; whoever asks sees which characters
differ. A hit is exact; anything else is *possible*, and says why.

Ranges (a batch of stolen blanks) lie under the beginning that their first and last number share, so that the few
beginnings of a number find all ranges around it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from fanal.documents.states import normalise_code
from fanal.screening.errors import ScreeningError

MAX_LENGTH: Final = 40
"""Longest number, in characters without spaces and signs."""

_CLASSES: Final = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
_FOLD: Final = str.maketrans(_CLASSES)
_STRIP: Final = str.maketrans({c: None for c in map(chr, range(0x80)) if not c.isalnum()})
_FOLDED_LETTERS: Final = "0123456789ACEFHJKMNPRTUVWXY"


def plain(number: str) -> str:
    """A number as it is compared: letters and figures in capitals, without spaces, fillers and signs."""
    return number.upper().translate(_STRIP)


def fold(number: str) -> str:
    """A plain number with each character as the class of those that are confused with it."""
    return number.translate(_FOLD)


class Kind(StrEnum):
    """What bears the number. A number of one kind never matches one of another."""

    DOCUMENT = "document"
    PLATE = "plate"
    VIN = "vin"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"
    CONTAINER = "container"
    GOODS = "goods"


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry: a number, or a range from `number` to `last` (of the same length, in order of characters).

    `state` is the issuing or registering State ("" where it is unknown: it then matches any), `type` the document
    code, flag or the like ("" matches any). `status` is the list's word: lost, stolen, revoked, invalid, stolen_blank.
    """

    list: str
    ref: str
    kind: Kind
    number: str
    state: str = ""
    type: str = ""
    status: str = ""
    last: str = ""


class Likeness(StrEnum):
    """How a listed number is like the one asked for. Only `EXACT` and `RANGE` are hits; the others are possible."""

    EXACT = "exact"
    RANGE = "range"
    CONFUSABLE = "confusable"  # the same, if characters were confused
    ONE_MORE = "one_more"  # the listed number has one character more
    ONE_LESS = "one_less"  # the listed number has one character less


@dataclass(frozen=True, slots=True)
class Found:
    """A listed number that is, or may be, the one asked for; `differing` are the positions in the number asked for."""

    entry: Listed
    likeness: Likeness
    differing: tuple[int, ...] = ()

    @property
    def is_hit(self) -> bool:
        return self.likeness in (Likeness.EXACT, Likeness.RANGE)


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS numbers (
  fold TEXT NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL, list INTEGER NOT NULL, ref TEXT NOT NULL,
  number TEXT, type TEXT, status TEXT, PRIMARY KEY (fold, kind, state, list, ref)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ranges (
  beginning TEXT NOT NULL, length INTEGER NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL, list INTEGER NOT NULL,
  ref TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, type TEXT, status TEXT,
  PRIMARY KEY (beginning, length, kind, list, ref, first)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lists (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS refs (
  list INTEGER NOT NULL, ref TEXT NOT NULL, fold TEXT NOT NULL, kind INTEGER NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (list, ref, fold, kind, state)) WITHOUT ROWID;
"""
_KINDS: Final = tuple(Kind)


class NumberIndex:
    """The index. One writer at a time; any number of readers see an entry as soon as `add` has returned.

    `keep_refs=False` leaves out the table by which entries are found again to remove them: for files that are
    replaced as a whole.
    """

    def __init__(self, path: Path | str, *, keep_refs: bool = True) -> None:
        try:
            self._db = sqlite3.connect(str(path), isolation_level=None, timeout=30, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA cache_size=-65536")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise ScreeningError("index_not_opened", f"not an index of numbers: {error}") from error
        self._keep_refs = keep_refs
        self._lists: dict[str, int] = dict(self._db.execute("SELECT name, id FROM lists"))

    def close(self) -> None:
        self._db.close()

    def add(self, entries: Iterable[Listed]) -> int:
        """Add entries, all or none; how many. An entry of the same list, reference and number is replaced."""
        count = 0
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for batch in _batches(entries):
                count += len(batch)
                singles = [self._single(entry) for entry in batch if not entry.last]
                self._db.executemany("INSERT OR REPLACE INTO numbers VALUES (?,?,?,?,?,?,?,?)", singles)
                if self._keep_refs:
                    self._db.executemany(
                        "INSERT OR REPLACE INTO refs VALUES (?,?,?,?,?)",
                        [(row[3], row[4], row[0], row[1], row[2]) for row in singles],
                    )
                ranges = [self._range(entry) for entry in batch if entry.last]
                self._db.executemany("INSERT OR REPLACE INTO ranges VALUES (?,?,?,?,?,?,?,?,?,?)", ranges)
        except BaseException:
            self._db.execute("ROLLBACK")
            self._lists = dict(self._db.execute("SELECT name, id FROM lists"))
            raise
        self._db.execute("COMMIT")
        return count

    def load_sorted(self, list_name: str, kind: Kind, numbers: Iterable[tuple[str, str, str, str]]) -> int:
        """Fill with very many plain numbers (number, State, type, status) of one list, all or none; how many.

        Quickest where they come in the order of their folded form, as a national register exports them.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            owner, code = self._list_id(list_name), _KINDS.index(kind)
            rows = (
                (folded, code, state, owner, "", None if folded == number else number, type_, status)
                for number, state, type_, status in numbers
                for folded in (fold(number),)
            )
            count = self._db.executemany("INSERT OR REPLACE INTO numbers VALUES (?,?,?,?,?,?,?,?)", rows).rowcount
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return count

    def remove(self, list_name: str, ref: str) -> int:
        """Take out all numbers of one entry; how many there were."""
        number = self._lists.get(list_name)
        if number is None:
            return 0
        self._db.execute("BEGIN IMMEDIATE")
        rows = self._db.execute("SELECT fold, kind, state FROM refs WHERE list=? AND ref=?", (number, ref)).fetchall()
        for row in rows:
            self._db.execute(
                "DELETE FROM numbers WHERE fold=? AND kind=? AND state=? AND list=? AND ref=?", (*row, number, ref)
            )
        self._db.execute("DELETE FROM refs WHERE list=? AND ref=?", (number, ref))
        gone = self._db.execute("DELETE FROM ranges WHERE list=? AND ref=?", (number, ref)).rowcount
        self._db.execute("COMMIT")
        return len(rows) + gone

    def find(
        self, kind: Kind, number: str, *, state: str = "", type_: str = "", lengths: Sequence[int] = ()
    ) -> list[Found]:
        """What is listed under a number or may be it, hits first.

        `lengths` are those that the profile of such a document knows: a number of another length is looked for with
        one character more or less, if that gives one of these.
        """
        asked = plain(number)
        if not asked or len(asked) > MAX_LENGTH:
            return []
        state = normalise_code(state)
        found = self._ranges(kind, asked, state, type_)
        for entry in self._at(fold(asked), kind, state, type_):
            listed = plain(entry.number)
            if listed == asked:
                found.append(Found(entry, Likeness.EXACT))
            else:
                differing = tuple(i for i, (a, b) in enumerate(zip(asked, listed, strict=True)) if a != b)
                found.append(Found(entry, Likeness.CONFUSABLE, differing))
        if lengths and len(asked) not in lengths:
            found += self._other_lengths(kind, asked, state, type_, lengths)
        order = list(Likeness)
        return sorted(found, key=lambda f: (order.index(f.likeness), len(f.differing), f.entry.list, f.entry.ref))

    def __len__(self) -> int:
        count: int = self._db.execute(
            "SELECT (SELECT count(*) FROM numbers) + (SELECT count(*) FROM ranges)"
        ).fetchone()[0]
        return count

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _list_id(self, name: str) -> int:
        if (number := self._lists.get(name)) is None:
            self._db.execute("INSERT OR IGNORE INTO lists (name) VALUES (?)", (name,))
            number = self._db.execute("SELECT id FROM lists WHERE name=?", (name,)).fetchone()[0]
            self._lists[name] = number
        return number

    def _single(self, entry: Listed) -> tuple[str, int, str, int, str, str | None, str | None, str | None]:
        number = _checked(entry.number)
        folded = fold(number)
        state, written = normalise_code(entry.state), None if entry.number == folded else entry.number
        row = (folded, _KINDS.index(entry.kind), state, self._list_id(entry.list), entry.ref)
        return (*row, written, entry.type or None, entry.status or None)

    def _range(self, entry: Listed) -> tuple[str, int, int, str, int, str, str, str, str | None, str | None]:
        first, last = _checked(entry.number), _checked(entry.last)
        if len(first) != len(last) or first > last:
            raise ScreeningError(
                "not_a_range", "The last number of a range is as long as the first, and not before it."
            )
        shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=True)) if a != b), len(first))
        where = (first[:shared], len(first), _KINDS.index(entry.kind), normalise_code(entry.state))
        return (*where, self._list_id(entry.list), entry.ref, first, last, entry.type or None, entry.status or None)

    def _at(self, folded: str, kind: Kind, state: str, type_: str) -> Iterator[Listed]:
        rows = self._db.execute(
            "SELECT fold, numbers.state, lists.name, ref, number, type, status FROM numbers "
            "JOIN lists ON lists.id = numbers.list WHERE fold=? AND kind=?",
            (folded, _KINDS.index(kind)),
        )
        for stored, state_listed, name, ref, number, type_listed, status in rows.fetchall():
            if _meets(state, state_listed) and _meets(type_, type_listed or ""):
                yield Listed(name, ref, kind, number or stored, state_listed, type_listed or "", status or "")

    def _ranges(self, kind: Kind, asked: str, state: str, type_: str) -> list[Found]:
        beginnings = [asked[:end] for end in range(len(asked) + 1)]
        marks = ",".join("?" * len(beginnings))
        rows = self._db.execute(
            "SELECT lists.name, ref, first, last, state, type, status "
            "FROM ranges JOIN lists ON lists.id = ranges.list WHERE length=? AND kind=? AND first<=? AND last>=? "
            + f"AND beginning IN ({marks})",
            (len(asked), _KINDS.index(kind), asked, asked, *beginnings),
        )
        return [
            Found(Listed(name, ref, kind, first, of, kind_of or "", status or "", last), Likeness.RANGE)
            for name, ref, first, last, of, kind_of, status in rows.fetchall()
            if _meets(state, of) and _meets(type_, kind_of or "")
        ]

    def _other_lengths(self, kind: Kind, asked: str, state: str, type_: str, lengths: Sequence[int]) -> Iterator[Found]:
        folded = fold(asked)
        if len(asked) + 1 in lengths:
            longer = {folded[:i] + c + folded[i:]: i for i in range(len(folded), -1, -1) for c in _FOLDED_LETTERS}
            for other, at in longer.items():
                for entry in self._at(other, kind, state, type_):
                    yield Found(entry, Likeness.ONE_MORE, (at,))
        if len(asked) - 1 in lengths:
            shorter = {folded[:i] + folded[i + 1 :]: i for i in range(len(folded) - 1, -1, -1)}
            for other, at in shorter.items():
                for entry in self._at(other, kind, state, type_):
                    yield Found(entry, Likeness.ONE_LESS, (at,))


def _meets(asked: str, listed: str) -> bool:
    return not asked or not listed or asked == listed


def _checked(number: str) -> str:
    stripped = plain(number)
    if not stripped or len(stripped) > MAX_LENGTH or not stripped.isascii():
        raise ScreeningError("not_a_number", f"A number has 1 to {MAX_LENGTH} letters and figures.")
    return stripped


def _batches(entries: Iterable[Listed], size: int = 20_000) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
