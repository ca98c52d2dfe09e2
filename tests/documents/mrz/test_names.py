"""The name field and its shortening (ICAO Doc 9303-4, -5, -6 and -7, 4.2.2.1 and 4.2.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.mrz.names import name_field

LENGTHS = st.sampled_from((30, 31, 39))  # TD1; TD2 and MRV-B; TD3 and MRV-A
COMPONENTS = st.text("ABCZ", min_size=1, max_size=45)
PRIMARIES = st.lists(COMPONENTS, min_size=1, max_size=25).map(" ".join)
SECONDARIES = st.lists(COMPONENTS, max_size=25).map(" ".join)


@pytest.mark.parametrize(
    ("primary", "secondary", "length", "field"),
    [
        # Doc 9303-4, 4.2.2.2: the specimen.
        ("ERIKSSON", "ANNA MARIA", 39, "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"),
        ("ARKFREITH", "", 39, "ARKFREITH<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<"),
        # Initials of the secondary identifier, from the last; the primary stands whole.
        ("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG", 39, "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        # The secondary would end at a filler and the primary is whole: it gives up a letter for another initial.
        ("BBC CCCCCBCABBBBBCABBBAC A", "B B ACCACABA", 30, "BBC<CCCCCBCABBBBBCABBBA<A<<B<B"),
        # Nothing but initials, and one position left over.
        ("A B C", "D E F G H I J K L M N O P", 30, "A<B<C<<D<E<F<G<H<I<J<K<L<M<N<O"),
    ],
)
def test_a_name_is_written_and_shortened_as_the_standard_says(
    primary: str, secondary: str, length: int, field: str
) -> None:
    assert name_field(primary, secondary, length) == field


@given(primary=PRIMARIES, secondary=SECONDARIES, length=LENGTHS)
def test_a_name_field_is_as_long_as_its_place_and_keeps_both_identifiers(
    primary: str, secondary: str, length: int
) -> None:
    field = name_field(primary, secondary, length)

    assert len(field) == length
    assert field.rstrip("<").count("<<") == bool(secondary)
    assert "<<<" not in field.rstrip("<")


@given(primary=PRIMARIES, secondary=SECONDARIES, length=LENGTHS)
def test_a_shortened_name_ends_in_a_letter_unless_only_initials_are_left(
    primary: str, secondary: str, length: int
) -> None:
    whole = primary.replace(" ", "<") + ("<<" + secondary.replace(" ", "<") if secondary else "")
    field = name_field(primary, secondary, length)

    if len(whole) > length and field[-1] == "<":
        assert all(len(component) == 1 for component in field.partition("<<")[0].split("<"))
    assert len(whole) > length or field == whole.ljust(length, "<")
