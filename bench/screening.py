"""Screening: `python -m bench.screening names|persons|numbers [--count N] [--folder F]`.

- `names`: labelled pairs (the shared test material): best F1, recall where precision is 0.9, time of a pair.
- `persons`: a million generated persons, ten thousand queries of which half are true after what happens at a desk:
  recall, false hits, time of a query, memory, an entry added. With `--postgres URL` the same queries to pg_trgm; with
  nomenklatura installed, its logic-v2 on the same candidates.
- `numbers`: fifty million document numbers: time of a look-up.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.people import People, at_the_desk
from fanal.screening import HIT, Entry, Kind, NumberIndex, Person, PersonIndex, name_score
from fanal.screening.names import sound, words_of

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "screening" / "names.csv"


def best(scored: list[tuple[float, bool]]) -> tuple[float, float]:
    """The best F1, and the recall where precision is 0.9 or more."""
    matches = sum(match for _, match in scored)
    f1 = recall = 0.0
    for threshold in sorted({score for score, _ in scored}):
        said = [match for score, match in scored if score >= threshold]
        f1 = max(f1, 2 * sum(said) / (len(said) + matches))
        if sum(said) >= 0.9 * len(said):
            recall = max(recall, sum(said) / matches)
    return f1, recall


def names() -> None:
    if not SHARED.is_file():
        print("the labelled pairs are not here: nothing to measure")
        return
    with SHARED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pairs = [(row["name1"], row["name2"], row["is_match"] == "true") for row in rows]
    name_score(words_of("Ana Ávila"), words_of("陈伟"))  # tables are loaded before the clock runs
    words_of.cache_clear()
    sound.cache_clear()
    start = time.process_time()
    scored = [(name_score(words_of(a), words_of(b)), match) for a, b, match in pairs]
    each = (time.process_time() - start) / len(pairs) * 1e6
    print("fanal: F1 {:.3f}, recall at precision 0.9 {:.3f}".format(*best(scored)), f"{each:.0f} us a pair, cold")
    theirs = [(float(row["logic_v2_score"]), row["is_match"] == "true") for row in rows]
    print("nomenklatura logic-v2, as recorded: F1 {:.3f}, recall at precision 0.9 {:.3f}".format(*best(theirs)))


# --- persons ----------------------------------------------------------------------------------------------------------

Query = tuple[Person, str | None]


def persons(folder: Path, count: int, queries: int, postgres: str, seed: int) -> None:
    people = People(seed)
    rng = random.Random(seed + 4)
    wanted = set(rng.sample(range(count), queries // 2))
    kept: list[tuple[Entry, str, str]] = []

    def entries() -> Iterator[Entry]:
        for at, (entry, primary, secondary) in enumerate(people.entries(count)):
            if at in wanted:
                kept.append((entry, primary, secondary))
            yield entry

    path = folder / f"persons-{count}-{seed}.db"
    start = time.monotonic()
    there = path.exists()
    index = PersonIndex(path)
    if there:
        for _ in entries():
            pass
    else:
        index.add_all(entries())
        size = path.stat().st_size / 1e6
        print(f"index of {count}: {time.monotonic() - start:.0f} s, {size:.0f} MB on disk", flush=True)
    asked: list[Query] = [(at_the_desk(rng, e.person, a, b), e.ref) for e, a, b in kept]
    asked += [(at_the_desk(rng, *people.person()), None) for _ in range(queries // 2)]
    rng.shuffle(asked)
    for person, _ in asked[:300]:
        index.find(person)  # the file's pages and Python's tables are warm, as they are at a desk

    took: list[float] = []
    clock: list[float] = []
    answers = []
    for person, _ in asked:
        wall, start_cpu = time.perf_counter(), time.process_time()
        answers.append(index.find(person, least=-5.0))
        took.append(time.process_time() - start_cpu)
        clock.append(time.perf_counter() - wall)
    print("one core:", percentiles(took), "; by the wall clock:", percentiles(clock))
    true = [ref for _, ref in asked if ref is not None]
    for line in (HIT - 1, HIT - 0.5, HIT, HIT + 0.5, HIT + 1):
        found = false = strangers = 0
        for (_, ref), candidates in zip(asked, answers, strict=True):
            hits = {c.entry.ref for c in candidates if c.comparison.score >= line}
            found += ref in hits
            false += bool(hits - {ref})
            strangers += ref is None and bool(hits)
        print(
            f"line {line:.1f}: recall {found / len(true):.4f}; travellers with a false hit per 1,000: "
            f"{1000 * false / len(asked):.2f}, of those on no list {1000 * strangers / (len(asked) - len(true)):.2f}"
        )
    start_add = time.perf_counter()
    index.add(Entry("bench", "new", Person(("Zyxwv Qponm",))))
    seen = any(c.entry.ref == "new" for c in PersonIndex(path).find(Person(("Zyxwv Qponm",))))
    print(f"added and found by another reader: {seen}, {time.perf_counter() - start_add:.3f} s")
    index.remove("bench", "new")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    compare_nomenklatura(asked, answers)
    if postgres:
        compare_postgres(postgres, index, asked)


def percentiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = (ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.99))
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def compare_nomenklatura(asked: list[Query], answers: list[Any]) -> None:
    """The reference of the field on the same candidates: who of them it scores highest."""
    try:
        from followthemoney import model  # type: ignore[import-not-found,unused-ignore]
        from nomenklatura.matching import LogicV2  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        print(f"nomenklatura: not installed ({error.name})")
        return

    def entity(person: Person, ref: str) -> Any:
        made = model.make_entity("Person")
        made.id = ref
        made.add("name", person.names[0])
        for day in person.born:
            made.add("birthDate", str(day))
        made.add("gender", {"F": "female", "M": "male"}.get(person.sex))
        return made

    config = LogicV2.default_config()
    scored = []
    start = time.process_time()
    pairs = 0
    some = list(zip(asked, answers, strict=True))[:2000]
    for (person, ref), candidates in some:
        query = entity(person, "q")
        for candidate in candidates[:10]:
            result = LogicV2.compare(query, entity(candidate.entry.person, candidate.entry.ref), config)
            scored.append((result.score, candidate.entry.ref == ref))
            pairs += 1
    ours = [(c.comparison.score, c.entry.ref == ref) for (_, ref), cs in some for c in cs[:10]]
    each = (time.process_time() - start) / max(pairs, 1) * 1e6
    print(
        "nomenklatura logic-v2 on the same candidates: F1 {:.3f}, recall {:.3f}".format(*best(scored)), f"{each:.0f} us"
    )
    print("fanal on the same candidates: F1 {:.3f}, recall {:.3f}".format(*best(ours)))


def compare_postgres(url: str, index: PersonIndex, asked: list[Query]) -> None:
    """pg_trgm on the same list: the nearest name by similarity, and by the wall clock how long it takes."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        database.execute("DROP TABLE IF EXISTS bench_persons")
        database.execute("CREATE TABLE bench_persons (ref text, name text, born text)")
        start = time.monotonic()
        with database.cursor().copy("COPY bench_persons FROM STDIN") as copy:
            for entry, listed in index.all_entries():
                copy.write_row((entry, " ".join(words_of(listed.names[0]).words), str(listed.born[0])))
        database.execute("CREATE INDEX ON bench_persons USING gin (name gin_trgm_ops)")
        print(f"postgres: loaded and indexed in {time.monotonic() - start:.0f} s", flush=True)
        took, found, sure, false = [], 0, 0, 0
        some = asked[:300]
        for person, ref in some:
            name = " ".join(words_of(person.names[0]).words)
            wall = time.perf_counter()
            rows = database.execute(
                "SELECT ref, born FROM bench_persons WHERE name %% %s ORDER BY similarity(name, %s) DESC LIMIT 20",
                (name, name),
            ).fetchall()
            took.append(time.perf_counter() - wall)
            found += any(row[0] == ref for row in rows)
            year = str(person.born[0])[:4]
            hits = {row[0] for row in rows if row[1][:4] == year}
            sure += ref in hits
            false += bool(hits - {ref})
        true = sum(ref is not None for _, ref in some)
        print(
            f"pg_trgm: {percentiles(took)}; among its 20 nearest {found / true:.3f}, with the year {sure / true:.3f}, "
            f"false per 1,000 {1000 * false / len(some):.1f}"
        )
        database.execute("DROP TABLE bench_persons")


# --- numbers ----------------------------------------------------------------------------------------------------------


def numbers(folder: Path, count: int) -> None:
    path = folder / f"numbers-{count}.db"
    there = path.exists()
    index = NumberIndex(path, keep_refs=False)
    states = ("HTI", "DOM", "JAM", "USA", "FRA", "VEN", "CUB", "BHS", "TTO", "COL")
    if not there:
        start = time.monotonic()
        index.load_sorted(
            "sltd", Kind.DOCUMENT, ((f"{n * 19:09d}", states[n % 10], "P", "stolen") for n in range(count))
        )
        size = path.stat().st_size / 1e6
        print(f"{count} numbers: {time.monotonic() - start:.0f} s, {size:.0f} MB on disk", flush=True)
    rng = random.Random(3)
    for confused in (False, True):
        took: list[float] = []
        clock: list[float] = []
        hits = 0
        for _ in range(20_000):
            n = rng.randrange(count)
            listed = rng.random() < 0.5
            text = f"{n * 19 + (0 if listed else 7):09d}"
            if confused:
                text = text.replace("0", "O", 1).replace("5", "S", 1)
            wall, cpu = time.perf_counter(), time.process_time()
            found = index.find(Kind.DOCUMENT, text, state=states[n % 10], type_="P")
            took.append(time.process_time() - cpu)
            clock.append(time.perf_counter() - wall)
            hits += bool(found) == listed
        kind = "confused" if confused else "exact"
        print(
            f"{kind}: {percentiles(took)}; by the wall clock {percentiles(clock)}; right {hits / 20_000:.4f}",
            flush=True,
        )
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("names", "persons", "numbers"))
    parser.add_argument("--count", type=int)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--postgres", default="", metavar="URL")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if args.what == "names":
            names()
        elif args.what == "persons":
            persons(folder, args.count or 1_000_000, args.queries, args.postgres, args.seed)
        else:
            numbers(folder, args.count or 50_000_000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
