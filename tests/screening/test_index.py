"""The index of persons: found at once, in place, and after what happens to names and dates."""

import random
from pathlib import Path

import pytest

from bench.people import People, at_the_desk
from fanal.documents.dates import PartialDate as D
from fanal.screening import DocumentNumber, Entry, Person, PersonIndex, ScreeningError

ROSE = Person(("Rose Marie DORVIL",), (D(1984, 3, 7),), "F", ("HTI",), "", (DocumentNumber("RD1234567", "HTI"),))


def test_an_entry_is_found_as_soon_as_it_is_added_by_another_reader_too(tmp_path: Path) -> None:
    writer, reader = PersonIndex(tmp_path / "p.db"), PersonIndex(tmp_path / "p.db")
    assert reader.find(ROSE) == []
    writer.add(Entry("wanted", "1", ROSE))
    (found,) = reader.find(ROSE)
    assert found.is_hit
    assert (found.entry.list, found.entry.ref, found.entry.person) == ("wanted", "1", ROSE)
    assert len(reader) == 1


@pytest.mark.parametrize(
    "seen",
    [
        Person(("DORVIL ROSE MARIE",), (D(1984, 3, 7),)),
        Person(("ROSEMARIE DORVIL",), (D(1984, 3, 7),)),
        Person(("ROSE M DORVILL",), (D(1984, 7, 3),)),
        Person(("ROSE DORVIL",), (D(1984),)),
        Person(("ROSE MARIE DORVIL",), (D(1994, 3, 7),)),
        Person(("ROZE MARI DORFIL",), (D(1984, 3, 7),)),
        Person(("SOMEBODY ELSE",), (D(1961, 1, 20),), documents=(DocumentNumber("RDI234567", "HTI"),)),
        Person(("ROSE MARIE DORVIL",)),
    ],
)
def test_an_entry_is_found_in_spite_of(seen: Person) -> None:
    index = PersonIndex(":memory:")
    index.add(Entry("wanted", "1", ROSE))
    assert [c.entry.ref for c in index.find(seen, least=-20)] == ["1"]


def test_lists_are_never_merged_and_each_answers_for_itself() -> None:
    index = PersonIndex(":memory:")
    index.add_all([Entry("one", "7", ROSE), Entry("other", "7", ROSE)])
    assert {(c.entry.list, c.entry.ref) for c in index.find(ROSE)} == {("one", "7"), ("other", "7")}


def test_an_entry_is_replaced_and_taken_out() -> None:
    index = PersonIndex(":memory:")
    index.add(Entry("wanted", "1", ROSE))
    index.add(Entry("wanted", "1", Person(("Wilner CHARLES",))))
    assert index.find(ROSE) == []
    assert len(index) == 1
    assert index.remove("wanted", "1")
    assert not index.remove("wanted", "1")
    assert index.find(Person(("Wilner CHARLES",))) == []
    assert len(index) == 0


def test_within_one_load_the_last_of_a_reference_stays() -> None:
    index = PersonIndex(":memory:")
    assert index.add_all([Entry("l", "1", ROSE), Entry("l", "1", Person(("Wilner CHARLES",)))]) == 1
    assert index.find(ROSE) == []
    assert len(index.find(Person(("Wilner CHARLES",)))) == 1


def test_a_load_that_fails_leaves_nothing() -> None:
    def entries() -> object:
        yield Entry("l", "1", ROSE)
        raise OSError("the disk is gone")

    index = PersonIndex(":memory:")
    with pytest.raises(OSError, match="gone"):
        index.add_all(entries())  # type: ignore[arg-type]
    assert len(index) == 0
    index.add(Entry("l", "2", ROSE))
    assert [c.entry.ref for c in index.find(ROSE)] == ["2"]


def test_a_name_that_many_bear_is_no_hit_by_itself() -> None:
    people = [
        Entry("l", str(n), Person(("Jean PIERRE",), (D(1930 + n % 70, 1 + n % 12, 1 + n % 28),))) for n in range(400)
    ]
    index = PersonIndex(":memory:")
    index.add_all([*people, Entry("l", "rare", Person(("Théophraste VILSAINT",)))])
    assert not any(c.is_hit for c in index.find(Person(("Jean PIERRE",), (D(1960),)), least=-20))
    (found,) = index.find(Person(("THEOPHRASTE VILSAINT",)))
    assert found.comparison.score > 3


def test_words_that_go_together_do_not_make_a_name_rare() -> None:
    def weight(names: list[str]) -> float:
        index = PersonIndex(":memory:")
        index.add_all(Entry("l", str(n), Person((name,))) for n, name in enumerate(names))
        found = index.find(Person(("Marie Claire PIERRE",)), least=-20)[0].comparison
        (namesakes,) = (e.weight for e in found.evidence if e.finding in ("rare", "few", "namesakes"))
        return namesakes

    pierres = [f"Jean{chr(65 + n % 26)}b{chr(65 + n // 26)}k PIERRE" for n in range(60)]
    claires = [f"Marie Claire D{chr(65 + n % 26)}r{chr(65 + n // 26)}l" for n in range(60)]
    apart = [name.replace("Marie ", "") for name in claires]
    assert weight(["Marie Claire PIERRE", *pierres, *apart]) > weight(["Marie Claire PIERRE", *pierres, *claires])


def test_what_another_adds_is_counted_at_once(tmp_path: Path) -> None:
    index, other = PersonIndex(tmp_path / "p.db"), PersonIndex(tmp_path / "p.db")
    index.add(Entry("l", "0", ROSE))
    before = index.find(ROSE)[0].comparison.score
    other.add_all(Entry("l", str(n), ROSE) for n in range(1, 20))
    assert index.find(ROSE)[0].comparison.score < before


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    with pytest.raises(ScreeningError) as refused:
        PersonIndex(tmp_path / "x")
    assert refused.value.code == "index_not_opened"


def test_generated_persons_are_found_after_the_desk_and_strangers_are_not() -> None:
    people = People(seed=3)
    entries = list(people.entries(3000))
    index = PersonIndex(":memory:")
    index.add_all(entry for entry, _, _ in entries)
    rng = random.Random(5)
    asked = rng.sample(entries, 200)
    found = sum(
        any(c.entry.ref == entry.ref and c.is_hit for c in index.find(at_the_desk(rng, entry.person, a, b)))
        for entry, a, b in asked
    )
    assert found >= 195
    strangers = [people.person() for _ in range(200)]
    false = sum(any(c.is_hit for c in index.find(at_the_desk(rng, *stranger))) for stranger in strangers)
    assert false <= 1
