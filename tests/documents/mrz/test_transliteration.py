"""Names in the letters of an MRZ (ICAO Doc 9303-3, section 6, and 4.6 for signs)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.mrz import MrzError, transliterate, transliterations


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Térèsa D'Cañon", "TERESA DCANON"),
        ("Straße", "STRASSE"),
        ("Ærøskøbing", "AEROESKOEBING"),
        ("Ångström", "AANGSTROEM"),
        ("Łukasz Żółć", "LUKASZ ZOLC"),
        ("Þórður", "THORDUR"),
        ("Smith-Jones", "SMITH JONES"),
        ("O’Connor", "OCONNOR"),
        ("Martin, Jr.", "MARTIN JR"),
        ("Щербаков", "SHCHERBAKOV"),
        ("Тагиев", "TAGIEV"),
        ("İbrahim Çelik", "IBRAHIM CELIK"),
        ("e\u0301", "E"),  # an accent of its own
    ],
)
def test_names_become_the_letters_of_an_mrz(name: str, letters: str) -> None:
    assert transliterate(name) == letters


@pytest.mark.parametrize(
    ("name", "language", "letters"),
    [
        ("Щерба", "bg", "SHTERBA"),
        ("Гринь", "uk", "HRYN"),
        ("Юлія Яна", "uk", "YULIIA YANA"),
        ("Хана", "sr", "HANA"),
        ("Ѓорѓи", "mk", "GJORGJI"),
    ],
)
def test_a_language_chooses_among_the_cyrillic_values(name: str, language: str, letters: str) -> None:
    assert transliterate(name, language=language) == letters


# Doc 9303-3, Appendix B.
@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ابو بكر محمد بن زكريا الرازي", "ABW BKR MXHMD BN ZKRYA ALRAZY"),
        ("هارون الرشيد", "HARWN ALRXSHYD"),
    ],
)
def test_arabic_letters_have_the_values_of_appendix_b(name: str, letters: str) -> None:
    assert transliterate(name) == letters


def test_every_value_that_the_standard_allows_is_among_the_transliterations() -> None:
    assert set(transliterations("Müñoz")) == {"MUENOZ", "MUXXNOZ", "MUNOZ", "MUENXXOZ", "MUXXNXXOZ", "MUNXXOZ"}
    assert len(transliterations("ÜÜÜÜÜÜÜÜ", limit=5)) == 5


@given(text=st.text(max_size=80))
def test_whatever_is_given_letters_or_the_one_error_come_of_it(text: str) -> None:
    try:
        letters = transliterate(text)
    except MrzError:
        return
    assert set(letters) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")
    assert letters == " ".join(letters.split())
    assert not letters or letters in transliterations(text)


def test_a_language_without_exceptions_is_refused() -> None:
    with pytest.raises(MrzError):
        transliterate("Щ", language="fr")
