"""Comparison of names across the zones of a document (ICAO Doc 9303-3, 4.6 and section 6; -4, 4.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.names import MAX_LENGTH, Name, NameComparison, NameOutcome, NameReason, compare

SAME, HARMLESS, CONFUSABLE = NameOutcome.SAME, NameOutcome.HARMLESS, NameOutcome.CONFUSABLE
INCOMPARABLE, DIFFERENT = NameOutcome.INCOMPARABLE, NameOutcome.DIFFERENT


def of(text: str) -> Name:
    """ "PRIMARY, SECONDARY" or an MRZ field."""
    if "<<" in text:
        return Name.of_mrz(text)
    primary, _, secondary = text.partition(", ")
    return Name(primary, secondary)


def judge(first: str, second: str, *, truncated: bool = False) -> NameComparison:
    return compare(of(first), of(second), truncated=truncated)


# The specimen and the examples of Doc 9303-3, 4.6 and 9303-4, 4.2.2, with the reasons that the standard gives.
@pytest.mark.parametrize(
    ("viz", "mrz", "reasons"),
    [
        ("Eriksson, Anna Maria", "ERIKSSON<<ANNA<MARIA", ()),
        ("VAN DER MUELLEN, Jonathon Alec", "VAN<DER<MUELLEN<<JONATHON<ALEC", ()),
        ("D'Artagnan, Yvette", "DARTAGNAN<<YVETTE", (NameReason.APOSTROPHE,)),
        ("D’Artagnan, Yvette", "DARTAGNAN<<YVETTE", (NameReason.APOSTROPHE,)),
        ("Smith-Jones, Susie Margaret", "SMITH<JONES<<SUSIE<MARGARET", (NameReason.HYPHEN,)),
        ("Arkfreith", "ARKFREITH", ()),
        (
            "Jean-Baptiste, Marie-Thérèse",
            "JEAN<BAPTISTE<<MARIE<THERESE",
            (NameReason.TRANSLITERATION, NameReason.HYPHEN),
        ),
        ("Müller, Jürgen", "MUELLER<<JUERGEN", (NameReason.TRANSLITERATION,)),
        ("Müller, Jürgen", "MUXXLLER<<JURGEN", (NameReason.TRANSLITERATION,)),
        ("Muñoz, Íñigo", "MUNOZ<<INXXIGO", (NameReason.TRANSLITERATION,)),
        ("Åström, Ægir", "AASTROEM<<AEGIR", (NameReason.TRANSLITERATION,)),
        ("Groß, Bjørn", "GROSS<<BJOERN", (NameReason.TRANSLITERATION,)),
        ("de la Cruz, María", "DELACRUZ<<MARIA", (NameReason.TRANSLITERATION, NameReason.SPACING)),
        ("St. John, Ann", "ST<JOHN<<ANN", (NameReason.PUNCTUATION,)),
        ("Baptiste Jr., Dr. Jean", "BAPTISTE<<JEAN", (NameReason.PUNCTUATION, NameReason.TITLE)),
        ("Baptiste née Désir, Marie", "BAPTISTE<<MARIE", (NameReason.MARRIED_NAME,)),
    ],
)
def test_what_the_rules_of_writing_explain_is_harmless(viz: str, mrz: str, reasons: tuple[NameReason, ...]) -> None:
    found = judge(viz, mrz)
    assert found.outcome is (HARMLESS if reasons else SAME)
    assert found.reasons == reasons
    assert bool(found.differences) == bool(reasons)


def test_a_name_in_two_scripts_is_as_good_as_either() -> None:
    assert judge("Назаров / Nazarov, Иван / Ivan", "NAZAROV<<IVAN").outcome is SAME


# Doc 9303-4, 4.2.2: truncated names.
@pytest.mark.parametrize(
    ("viz", "mrz"),
    [
        ("Nilavadhanananda, Chayapa Dejthamrong Krasuang", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        ("Nilavadhanananda, Chayapa Dejthamrong Krasuang", "NILAVADHANANANDA<<CHAYAPA<DEJ<KRASUANG"),
        ("Bennelong Wooloomooloo Warrandyte Warnambool, Dingo Potoroo", "BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DINGO<P"),
        ("Bennelong Wooloomooloo Warrandyte Warnambool, Dingo Potoroo", "BENNELONG<WOOLOOMOOLOO<<DINGO<POTOROO"),
        ("Papandropoulous, Jonathon Alec", "PAPANDROPOULOUS<<JONATHON"),
        ("Papandropoulous, Jonathon", "PAPANDROPOUL"),
    ],
)
def test_a_shortened_name_is_the_same_where_the_field_is_full_and_another_where_it_is_not(viz: str, mrz: str) -> None:
    found = judge(viz, mrz, truncated=True)
    assert (found.outcome, found.reasons) == (HARMLESS, (NameReason.TRUNCATION,))
    assert judge(viz, mrz).outcome is DIFFERENT


@pytest.mark.parametrize(
    ("viz", "mrz", "reason"),
    [
        ("Eriksson, Anna Maria", "ERIKSEN<<ANNA<MARIA", NameReason.LETTERS),
        ("Eriksson, Anna Maria", "ERIKSSON<<MARIA<ANNA", NameReason.ORDER),
        ("Eriksson, Anna Maria", "ERIKSSON<<ANNA", NameReason.WORDS_MISSING),
        ("Eriksson, Anna", "ERIKSSON<<ANNA<MARIA", NameReason.WORDS_ADDED),
        ("Pierre, Jean", "JEAN<<PIERRE", NameReason.SWAPPED),
        ("Pérez Gómez, Ana", "PEREZ<<GOMEZ<ANA", NameReason.DIVISION),
        ("Eriksson, Anna", "ERIKSSON", NameReason.WORDS_MISSING),
    ],
)
def test_other_words_are_a_difference_with_its_reason(viz: str, mrz: str, reason: NameReason) -> None:
    found = judge(viz, mrz)
    assert found.outcome is DIFFERENT
    assert found.reasons == (reason,)


def test_a_different_first_word_is_not_explained_by_truncation() -> None:
    assert judge("Eriksson, Anna Maria", "OLSSON<<ANNA", truncated=True).outcome is DIFFERENT
    assert judge("Eriksson, Anna Maria", "ERIKSSON<<MARIA", truncated=True).outcome is DIFFERENT


@pytest.mark.parametrize(
    ("viz", "mrz"),
    [
        ("ER1KSS0N, ANNA", "ERIKSSON<<ANNA"),
        ("ERIK5SON, ANNA", "ERIKSSON<<ANNA"),
        ("MULLER, ANNA", "MUELLER<<ANNA"),
        ("MUNOZ, ANA", "MUNXXOZ<<ANA"),
    ],
)
def test_what_a_reader_of_pictures_confuses_is_neither_the_same_nor_different(viz: str, mrz: str) -> None:
    found = judge(viz, mrz)
    assert found.outcome is CONFUSABLE
    assert NameReason.CONFUSED_CHARACTERS in found.reasons


def test_the_parts_that_differ_are_shown_as_they_stand() -> None:
    found = judge("Smith Jonson, Ann", "SMITH<JANSON<<ANN")
    assert [(d.identifier, d.first, d.second) for d in found.differences] == [("primary", "Jonson", "JANSON")]


def test_a_cyrillic_name_is_the_one_that_section_6_writes_so_and_another_way_says_nothing() -> None:
    for viz, mrz in (("Шевченко, Юрій", "SHEVCHENKO<<YURII"), ("Горбачёв, Михаил", "GORBACHEV<<MIKHAIL")):
        found = judge(viz, mrz)
        assert (found.outcome, found.reasons) == (HARMLESS, (NameReason.TRANSLITERATION,))
    assert judge("Горбачёв, Михаил", "GORBATCHEV<<MIKHAIL").outcome is INCOMPARABLE


def test_what_cannot_be_compared_says_why() -> None:
    assert judge("", "ERIKSSON<<ANNA").reasons == (NameReason.ABSENT,)
    assert judge("陳, 大文", "CHAN<<TAI<MAN").reasons == (NameReason.UNKNOWN_LETTERS,)
    long = Name("A" * (MAX_LENGTH + 1))
    assert compare(long, long).reasons == (NameReason.TOO_LONG,)
    assert {judge("", "A<<").outcome, judge("陳", "A").outcome} == {INCOMPARABLE}


NAMES = st.builds(
    Name,
    st.text(alphabet="ABEINOSUXÑÜÅØß10'- ./<Жé", max_size=12),
    st.text(alphabet="AÑÜ5S- é", max_size=8),
)


@given(NAMES, NAMES)
def test_without_truncation_the_outcome_does_not_depend_on_which_name_comes_first(a: Name, b: Name) -> None:
    assert compare(a, b).outcome is compare(b, a).outcome


@given(NAMES)
def test_a_name_is_the_same_as_itself(name: Name) -> None:
    assert compare(name, name).outcome in (SAME, INCOMPARABLE)


@given(NAMES, NAMES)
def test_allowing_truncation_never_makes_a_verdict_worse(a: Name, b: Name) -> None:
    order = list(NameOutcome)
    assert order.index(compare(a, b, truncated=True).outcome) <= order.index(compare(a, b).outcome)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.booleans())
def test_no_text_raises(a: str, b: str, c: str, truncated: bool) -> None:
    assert compare(Name(a, b), Name(c, b), truncated=truncated).outcome in NameOutcome


def test_the_worst_names_are_compared_within_bounds() -> None:
    worst = Name("Ü" * MAX_LENGTH, "Å" * MAX_LENGTH)
    other = Name("U" * (MAX_LENGTH - 1) + "Y", "A" * MAX_LENGTH)
    assert compare(worst, other, truncated=True).outcome is DIFFERENT
