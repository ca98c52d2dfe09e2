"""Check digits (ICAO Doc 9303-3, 4.9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.mrz import MrzError, check_digit

MRZ_TEXT = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<", max_size=200)


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        # Doc 9303-3, 4.9, examples 1 to 5.
        ("520727", "3"),
        ("AB2134<<<", "5"),
        ("HA672242<658022549601086<<<<<<<<<<<<<<0", "8"),
        ("D231458907<<<<<<<<<<<<<<<34071279507122<<<<<<<<<<", "2"),
        ("HA672242<658022549601086<<<<<<<0", "8"),
        ("", "0"),
    ],
)
def test_the_examples_of_the_standard(text: str, digit: str) -> None:
    assert check_digit(text) == digit


@given(text=MRZ_TEXT)
def test_a_check_digit_is_the_weighted_sum_modulo_ten(text: str) -> None:
    values = [0 if character == "<" else int(character, 36) for character in text]
    total = sum(value * (7, 3, 1)[at % 3] for at, value in enumerate(values))

    assert check_digit(text) == str(total % 10)


@given(text=st.text(max_size=20))
def test_other_characters_have_none(text: str) -> None:
    allowed = set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
    try:
        check_digit(text)
    except MrzError as error:
        assert not allowed
        assert error.code == "invalid_character"
    else:
        assert allowed
