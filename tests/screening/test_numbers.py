"""Numbers: exact, ranges, and what is confused with them, on disk and in place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.screening import Kind, Likeness, Listed, NumberIndex, ScreeningError
from fanal.screening.documents import Answer, answer, find_document, marked
from fanal.screening.numbers import fold, plain
from fanal.screening.things import check_digit_fits, container_check_digit, find_thing


def listed(number: str, *, ref: str = "1", state: str = "UTO", type_: str = "P", last: str = "") -> Listed:
    return Listed("sltd", ref, Kind.DOCUMENT, number, state, type_, "stolen", last)


def index(*entries: Listed) -> NumberIndex:
    made = NumberIndex(":memory:")
    made.add(entries)
    return made


def test_a_listed_number_is_a_hit_with_spaces_and_fillers_too() -> None:
    (found,) = find_document(index(listed("L898902C3")), "l898902c3<", state="UTO", type_="PM")
    assert found.likeness is Likeness.EXACT
    assert found.entry.status == "stolen"
    assert answer([found]) is Answer.HIT


@pytest.mark.parametrize("read", ["LB98902C3", "L8989O2C3", "L8989Q2C3", "L89B9O2C3"])
def test_a_number_within_what_scanners_confuse_is_possible_with_the_characters_shown(read: str) -> None:
    (found,) = find_document(index(listed("L898902C3")), read, state="UTO")
    assert found.likeness is Likeness.CONFUSABLE
    assert answer([found]) is Answer.POSSIBLE
    assert [read[i] for i in found.differing] == [a for a, b in zip(read, "L898902C3", strict=True) if a != b]
    assert marked(read, found).count("[") == len(found.differing)


def test_another_state_another_type_or_another_number_is_no_hit() -> None:
    numbers = index(listed("L898902C3"))
    assert find_document(numbers, "L898902C3", state="DOM") == []
    assert find_document(numbers, "L898902C3", type_="V") == []
    assert find_document(numbers, "L898902C4") == []
    assert answer([]) is Answer.NO_HIT


def test_a_list_that_does_not_know_the_state_matches_any() -> None:
    assert find_document(index(listed("L898902C3", state="", type_="")), "L898902C3", state="DOM", type_="P")


def test_a_character_more_or_less_is_possible_where_the_pattern_says_so() -> None:
    numbers = index(listed("AB1234567"))
    assert find_document(numbers, "AB123567") == []
    (shorter,) = find_document(numbers, "AB123567", lengths=(9,))
    assert shorter.likeness is Likeness.ONE_MORE
    assert marked("AB123567", shorter) == "AB123[_]567"
    (longer,) = find_document(numbers, "AB12234567", lengths=(9,))
    assert longer.likeness is Likeness.ONE_LESS
    assert find_document(numbers, "AB1234567", lengths=(9,))[0].likeness is Likeness.EXACT


@pytest.mark.parametrize(
    ("number", "within"),
    [("C0100", True), ("C0155", True), ("C0199", True), ("C0200", False), ("C0099", False), ("C01500", False)],
)
def test_a_range_holds_its_ends_and_what_is_between(number: str, within: bool) -> None:
    found = find_document(index(listed("C0100", last="C0199")), number)
    assert bool(found) is within
    assert all(one.likeness is Likeness.RANGE and one.is_hit for one in found)


def test_ranges_within_ranges_are_all_found() -> None:
    numbers = index(listed("C0100", last="C0999", ref="wide"), listed("C0150", last="C0160", ref="narrow"))
    assert {f.entry.ref for f in find_document(numbers, "C0155")} == {"wide", "narrow"}


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_a_number_is_in_a_range_exactly_if_it_is_between_the_ends(a: int, b: int, asked: int) -> None:
    first, last = sorted((a, b))
    found = index(listed(f"{first:05}", last=f"{last:05}")).find(Kind.DOCUMENT, f"{asked:05}")
    assert bool(found) is (first <= asked <= last)


@pytest.mark.parametrize(
    ("number", "last", "code"),
    [
        ("C20", "C10", "not_a_range"),
        ("C1", "C100", "not_a_range"),
        ("", "", "not_a_number"),
        ("9" * 41, "", "not_a_number"),
    ],
)
def test_what_is_no_number_or_no_range_is_refused_and_nothing_is_kept(number: str, last: str, code: str) -> None:
    numbers = NumberIndex(":memory:")
    with pytest.raises(ScreeningError) as refused:
        numbers.add([listed("GOOD1"), listed(number, last=last)])
    assert refused.value.code == code
    assert len(numbers) == 0


def test_numbers_are_added_and_taken_out_in_place(tmp_path: Path) -> None:
    writer, reader = NumberIndex(tmp_path / "n.db"), NumberIndex(tmp_path / "n.db")
    writer.add([listed("A1"), listed("A2"), listed("A3", last="A5"), listed("A9", ref="2")])
    assert reader.find(Kind.DOCUMENT, "A2")
    assert writer.remove("sltd", "1") == 3
    assert not reader.find(Kind.DOCUMENT, "A2")
    assert not reader.find(Kind.DOCUMENT, "A4")
    assert reader.find(Kind.DOCUMENT, "A9")


@given(st.text(max_size=20))
def test_any_text_may_be_asked_for(text: str) -> None:
    assert NumberIndex(":memory:").find(Kind.DOCUMENT, text, lengths=(9,)) == []


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12))
def test_folding_keeps_the_length_and_is_stable(number: str) -> None:
    assert len(fold(number)) == len(number)
    assert fold(fold(number)) == fold(number)
    assert plain(number) == number


# --- things -----------------------------------------------------------------------------------------------------------


def test_the_check_digit_of_a_container_is_that_of_the_standards_example() -> None:
    # ISO 6346, annex A, worked example: CSQU 305438, check digit 3
    assert container_check_digit("CSQU305438") == 3
    assert check_digit_fits(Kind.CONTAINER, "CSQU 305438 3") is True
    assert check_digit_fits(Kind.CONTAINER, "CSQU3054384") is False
    assert check_digit_fits(Kind.CONTAINER, "CSQU30543") is None
    with pytest.raises(ValueError, match="six figures"):
        container_check_digit("CSQ305438")


def test_ships_and_vehicles_have_check_digits_and_plates_have_none() -> None:
    assert check_digit_fits(Kind.VESSEL, "IMO 9074729") is True  # the example of the scheme: 139 ends in 9
    assert check_digit_fits(Kind.VESSEL, "IMO 9074728") is False
    assert check_digit_fits(Kind.VIN, "1M8GDM9AXKP042788") is True  # the example of 49 CFR 565
    assert check_digit_fits(Kind.VIN, "1M8GDM9A1KP042788") is False
    assert check_digit_fits(Kind.PLATE, "AB123") is None


def test_a_plate_is_possible_with_what_a_camera_confuses_and_no_documents_number() -> None:
    things = NumberIndex(":memory:")
    things.add([Listed("stolen cars", "1", Kind.PLATE, "A-B0815", "HTI")])
    assert find_thing(things, Kind.PLATE, "ABO8I5", state="HTI")[0].likeness is Likeness.CONFUSABLE
    assert find_thing(things, Kind.PLATE, "AB 0815")[0].is_hit
    assert things.find(Kind.DOCUMENT, "AB0815") == []
