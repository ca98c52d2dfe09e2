"""Listed persons on disk: which of a million may be the traveller, in a few milliseconds.

One file (SQLite, written in place; an entry is found as soon as `add` has returned). An entry lies under several keys:
each word of its names by its consonants, alone and with the day of birth, each two of them together, its dates of
birth, its document numbers. Keys
are followed by the year of birth, so that the many Josephs of one year are one short stretch of the file. A query
reads the stretches of its own keys, the rare ones first, and only so far: what shares most keys, then what looks most
alike, is compared in full (`persons.compare`).

A single typing error leaves the other words' keys and the date's; a wrong date leaves the words'; both wrong leave two
words together. What shares nothing but one frequent word is not found, and could not be told from its namesakes.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz, process

from fanal.documents import dates
from fanal.documents.dates import DateError, PartialDate
from fanal.screening.errors import ScreeningError
from fanal.screening.name_features import Agreement, Pairing
from fanal.screening.names import PARTICLES, names_meant, skeleton, sound, words_of
from fanal.screening.numbers import fold, plain
from fanal.screening.persons import Comparison, DocumentNumber, Person, compare_if
from fanal.screening.weights import HIT, POSSIBLE

MAX_KEYS: Final = 400
"""Keys of one entry: a list's entry with twenty names has fewer."""

_STRETCH: Final = 250  # entries read under one key and year
_CONSIDERED: Final = 500  # entries that are looked at by their spelling
_COUNTED: Final = 2_000  # bearers of a name are counted no further
_REMEMBERED: Final = 200_000  # counts that are kept while the index stays as it is
_SMOOTH: Final = 0.1  # a pair of words that nobody listed bears may still be somebody's
_COMPARED: Final = 40  # entries that are compared in full
_WEIGHT: Final = {"word": 1, "two": 3, "day": 3, "date": 3, "number": 20}


@dataclass(frozen=True, slots=True)
class Entry:
    """A listed person: the list and the list's own reference, under which it is replaced and taken out."""

    list: str
    ref: str
    person: Person


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be the traveller, with what agrees and what does not."""

    entry: Entry
    comparison: Comparison

    @property
    def is_hit(self) -> bool:
        return self.comparison.score >= HIT


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY, list TEXT NOT NULL, ref TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (list, ref));
CREATE TABLE IF NOT EXISTS spellings (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS keys (
  key INTEGER NOT NULL, year INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (key, year, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS size (count INTEGER NOT NULL);
INSERT INTO size SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM size);
"""


class PersonIndex:
    """The index. One writer at a time, any number of readers."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(str(path), isolation_level=None, timeout=30, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA cache_size=-262144")
            self._db.execute("PRAGMA temp_store=FILE")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise ScreeningError("index_not_opened", f"not an index of persons: {error}") from error

        self._version = (0, 0)
        self._known: dict[str, int] = {}

    def close(self) -> None:
        self._db.close()

    def __len__(self) -> int:
        count: int = self._db.execute("SELECT count FROM size").fetchone()[0]
        return count

    # --- writing ------------------------------------------------------------------------------------------------------

    def add(self, entry: Entry) -> None:
        """Add one entry, or replace the one of the same list and reference. Seen by the next query."""
        self.add_all([entry])

    def add_all(self, entries: Iterable[Entry]) -> int:
        """Add many, all or none; how many. Of the same list and reference, the last one stays."""
        count = 0
        words: Counter[str] = Counter()
        cursor = self._db.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            empty = cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM entries)").fetchone()[0]
            if empty:  # keys are then sorted once, which is many times as fast as to insert them one by one
                cursor.execute("CREATE TEMP TABLE new_keys (key INTEGER, year INTEGER, id INTEGER)")
            table = "temp.new_keys" if empty else "keys"
            for entry in entries:
                if self._take_out(cursor, entry.list, entry.ref, words, table):
                    count -= 1
                cursor.execute(
                    "INSERT INTO entries (list, ref, data) VALUES (?,?,?)", (entry.list, entry.ref, _dump(entry.person))
                )
                number = cursor.lastrowid
                cursor.execute("INSERT INTO spellings VALUES (?,?)", (number, _spelling(entry.person)))
                keys = _keys_of(entry.person)
                cursor.executemany(
                    f"INSERT OR IGNORE INTO {table} VALUES (?,?,?)",  # noqa: S608 - one of our two tables
                    [(key, year, number) for key, year in keys],
                )
                words.update(_skeletons(entry.person.names))
                count += 1
            if empty:
                cursor.execute("INSERT OR IGNORE INTO keys SELECT key, year, id FROM temp.new_keys ORDER BY 1, 2, 3")
                cursor.execute("DROP TABLE temp.new_keys")
            self._count(cursor, words, count)
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return count

    def remove(self, list_name: str, ref: str) -> bool:
        """Take one entry out; whether there was one."""
        cursor = self._db.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        words: Counter[str] = Counter()
        gone = self._take_out(cursor, list_name, ref, words, "keys")
        self._count(cursor, words, -int(gone))
        cursor.execute("COMMIT")
        return gone

    def remove_list(self, list_name: str) -> int:
        """Take a whole list out; how many entries there were."""
        refs = [row[0] for row in self._db.execute("SELECT ref FROM entries WHERE list=?", (list_name,))]
        return sum(self.remove(list_name, ref) for ref in refs)

    def _take_out(self, cursor: sqlite3.Cursor, list_name: str, ref: str, words: Counter[str], table: str) -> bool:
        row = cursor.execute("SELECT id, data FROM entries WHERE list=? AND ref=?", (list_name, ref)).fetchone()
        if row is None:
            return False
        person = _load(row[1])
        keys = [(key, year, row[0]) for key, year in _keys_of(person)]
        if table != "keys":
            cursor.execute("DELETE FROM temp.new_keys WHERE id=?", (row[0],))
        else:
            cursor.executemany("DELETE FROM keys WHERE key=? AND year=? AND id=?", keys)
        cursor.execute("DELETE FROM spellings WHERE id=?", (row[0],))
        cursor.execute("DELETE FROM entries WHERE id=?", (row[0],))
        words.subtract(_skeletons(person.names))
        return True

    @staticmethod
    def _count(cursor: sqlite3.Cursor, words: Counter[str], count: int) -> None:
        cursor.executemany(
            "INSERT INTO words VALUES (?,?) ON CONFLICT (word) DO UPDATE SET count = count + excluded.count",
            list(words.items()),
        )
        cursor.execute("UPDATE size SET count = count + ?", (count,))

    def all_entries(self) -> Iterator[tuple[str, Person]]:
        """Every entry's reference and person, for exports and measurements."""
        for ref, data in self._db.execute("SELECT ref, data FROM entries ORDER BY id"):
            yield ref, _load(data)

    # --- reading ------------------------------------------------------------------------------------------------------

    def find(self, person: Person, *, least: float = POSSIBLE, limit: int = 20) -> list[Candidate]:
        """The entries that may be this person, the most likely first; those from score `least` on."""
        votes = self._votes(person)
        if not votes:
            return []
        ids = self._nearest(person, votes)
        rows = self._db.execute(
            f"SELECT list, ref, data FROM entries WHERE id IN ({_integers(ids)})"  # noqa: S608
        ).fetchall()
        size = len(self)
        known = self._counted()

        def bearers(word: str) -> int:
            if word not in known:
                known[word] = self._bearers(word)
            return known[word]

        def together(a: str, b: str) -> int:
            pair = " ".join(sorted((a, b)))
            if pair not in known:
                known[pair] = self._bearers_of_both(pair)
            return known[pair]

        def namesakes(pairings: Iterable[Pairing]) -> float:
            return _namesakes(pairings, size, bearers, together)

        found = []
        for list_name, ref, data in rows:
            listed = _load(data)
            comparison = compare_if(person, listed, least, namesakes=namesakes)
            if comparison is not None:
                found.append(Candidate(Entry(list_name, ref, listed), comparison))
        found.sort(key=lambda one: (-one.comparison.score, one.entry.list, one.entry.ref))
        return found[:limit]

    def _counted(self) -> dict[str, int]:
        """How many bear a word or two words, as far as it was counted since the index last changed."""
        version = (self._db.execute("PRAGMA data_version").fetchone()[0], self._db.total_changes)  # others' and ours
        if version != self._version or len(self._known) > _REMEMBERED:
            self._version, self._known = version, {}
        return self._known

    def _votes(self, person: Person) -> Counter[int]:
        """Entries by the weight of the keys that they share."""
        votes: Counter[int] = Counter()
        years = _years_asked(person.born)

        def read(kind: str, text: str, within: Iterable[int] | None, cap: int = _STRETCH) -> int:
            key = _key(kind, text)
            weight = _WEIGHT[kind]
            if within is None:
                rows = self._db.execute("SELECT id FROM keys WHERE key=? LIMIT ?", (key, cap)).fetchall()
            else:
                rows = self._db.execute(
                    f"SELECT id FROM keys WHERE key=? AND year IN ({_integers(within)}) LIMIT ?",  # noqa: S608
                    (key, cap),
                ).fetchall()
            for (number,) in rows:
                votes[number] += weight
            return len(rows)

        for document in person.documents:
            read("number", fold(plain(document.number)), None)
        for day in _days_asked(person.born):
            read("date", day, None, 600)
        words = self._by_rarity(_words_asked(person.names))
        days = [day[5:] for day in _days(person.born)]
        for a, b in combinations(words[:8], 2):
            pair = " ".join(sorted((a, b)))
            if years:
                read("two", pair, years)
                read("two", pair, None, 60)
            else:
                read("two", pair, None)
        for word in words[:10]:
            if years:
                read("word", word, years[:2], 600)
                for day in days:
                    read("day", f"{word} {day}", None, 60)
            else:
                read("word", word, None)
        return votes

    def _by_rarity(self, words: list[str]) -> list[str]:
        return sorted(words, key=self._bearers)

    def _bearers(self, word: str) -> int:
        row = self._db.execute("SELECT count FROM words WHERE word=?", (word,)).fetchone()
        return row[0] if row else 0

    def _bearers_of_both(self, pair: str) -> int:
        """How many bear both words, as far as it is worth counting."""
        row = self._db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM keys WHERE key=? LIMIT ?)", (_key("two", pair), _COUNTED)
        ).fetchone()
        return int(row[0])

    def _nearest(self, person: Person, votes: Counter[int]) -> list[int]:
        if len(votes) <= _COMPARED:
            return list(votes)
        considered = [number for number, _ in votes.most_common(_CONSIDERED)]
        spellings = dict(
            self._db.execute(
                f"SELECT id, name FROM spellings WHERE id IN ({_integers(considered)})"  # noqa: S608
            ).fetchall()
        )
        alike: dict[int, float] = {}
        for name in person.names:
            for _, ratio, number in process.extract(
                " ".join(words_of(name).sounds), spellings, scorer=fuzz.token_ratio, processor=None, limit=_COMPARED * 3
            ):
                alike[number] = max(alike.get(number, 0.0), ratio + 4 * votes[number])
        by_votes = considered[: _COMPARED // 2]
        rest = sorted((n for n in alike if n not in set(by_votes)), key=lambda n: -alike[n])
        return by_votes + rest[: _COMPARED // 2]


def _integers(numbers: Iterable[int]) -> str:
    return ",".join(str(int(number)) for number in numbers)


_AGREED: Final = frozenset({Agreement.EXACT, Agreement.JOINED, Agreement.SHORT_FORM, Agreement.SPELLING})


def _namesakes(
    pairings: Iterable[Pairing], size: int, bearers: Callable[[str], int], together: Callable[[str, str], int]
) -> float:
    """How many of the listed bear all the words that agree.

    The two rarest words are counted together, since given and family names go by language. Each other word is as likely
    as it is beside the one of the two that it goes with most: Claire is seldom without Marie.
    """
    words = {
        skeleton(sound(word)) for pairing in pairings if pairing.agreement in _AGREED for word in pairing.second.split()
    }
    by_rarity = sorted(words, key=lambda word: (bearers(word), word))
    if len(by_rarity) < 2:
        return float(bearers(by_rarity[0])) if by_rarity else float(size)
    expected = together(by_rarity[0], by_rarity[1]) + _SMOOTH
    for word in by_rarity[2:]:
        share = (bearers(word) + 1) / (size + 1)
        beside = [  # the listed person is one of those counted, and says nothing about others
            (together(other, word) - 1 + share) / min(bearers(other), _COUNTED)
            for other in by_rarity[:2]
            if bearers(other)
        ]
        expected *= min(1.0, max([share, *beside]))
    return expected


# --- keys -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=500_000)
def _key(kind: str, text: str) -> int:
    return int.from_bytes(blake2b(f"{kind} {text}".encode(), digest_size=8).digest(), "big", signed=True)


def _skeletons(names: Iterable[str]) -> list[str]:
    """The words of all names by their consonants, each once."""
    found: dict[str, None] = {}
    for name in names:
        of_name = words_of(name)
        for word, heard in zip(of_name.words, of_name.sounds, strict=True):
            if len(word) > 1 and word not in PARTICLES:
                found[skeleton(heard) or heard] = None
    return list(found)


def _words_asked(names: Iterable[str]) -> list[str]:
    """The words of a query: its own, two of them in one, and the names that its short forms stand for."""
    names = list(names)
    found = dict.fromkeys(_skeletons(names))
    for name in names:
        words = [w for w in words_of(name).words if w not in PARTICLES]
        for a, b in pairwise(words):
            if len(words) < 6:
                found[skeleton(sound(a + b))] = None
        for word in words:
            for meant in sorted(names_meant(word) - {word})[:3]:
                found[skeleton(sound(meant))] = None
    return list(found)


def _keys_of(person: Person) -> list[tuple[int, int]]:
    years = {day.year for day in person.born} or {0}
    days = [day[5:] for day in _days(person.born)]
    found: dict[int, None] = {}
    for name in person.names:
        words = sorted(_skeletons([name]))
        for word in words:
            found[_key("word", word)] = None
            for day in days:
                found[_key("day", f"{word} {day}")] = None
        for a, b in combinations(words[:8], 2):
            found[_key("two", f"{a} {b}")] = None
    for day in _days(person.born):
        found[_key("date", day)] = None
    for document in person.documents:
        found[_key("number", fold(plain(document.number)))] = None
    return [(key, year) for key in list(found)[:MAX_KEYS] for year in years]


def _days(born: Iterable[PartialDate]) -> list[str]:
    """Whole dates, but not those that stand for an unknown day: they tell nothing."""
    return [str(day) for day in born if day.is_whole and (day.month, day.day) != (1, 1)]


def _days_asked(born: tuple[PartialDate, ...]) -> list[str]:
    found = dict.fromkeys(_days(born))
    for day in born:
        if day.is_whole and day.day is not None and day.day <= 12 and day.day != day.month:
            found[f"{day.year:04}-{day.day:02}-{day.month:02}"] = None
    return list(found)


def _years_asked(born: tuple[PartialDate, ...]) -> list[int]:
    """Years under which a person of these dates may be listed: the year, unknown, then those of usual errors."""
    found: dict[int, None] = {}
    for day in born:
        found[day.year] = None
    if not found:
        return []
    found[0] = None
    for day in born:
        tens, ones = divmod(day.year % 100, 10)
        century = day.year - day.year % 100
        for other in (day.year - 1, day.year + 1, day.year - 10, day.year + 10, century + 10 * ones + tens):
            found[other] = None
        for figure in range(10):
            found[century + 10 * tens + figure] = None
            found[century + 10 * figure + ones] = None
    return list(found)


def _spelling(person: Person) -> str:
    return " ".join(dict.fromkeys(heard for name in person.names for heard in words_of(name).sounds))


# --- what is stored ---------------------------------------------------------------------------------------------------


def _dump(person: Person) -> str:
    return json.dumps(
        [
            person.names,
            [str(day) for day in person.born],
            person.sex,
            person.nationalities,
            person.place,
            [(d.number, d.state) for d in person.documents],
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _load(data: str) -> Person:
    try:
        names, born, sex, nationalities, place, documents = json.loads(data)
        return Person(
            tuple(names),
            tuple(dates.parse_iso(day) for day in born),
            sex,
            tuple(nationalities),
            place,
            tuple(DocumentNumber(number, state) for number, state in documents),
        )
    except (ValueError, TypeError, DateError) as error:
        raise ScreeningError("index_damaged", "an entry of the index cannot be read") from error
