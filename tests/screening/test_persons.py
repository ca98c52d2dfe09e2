"""Persons compared field by field; the weights are one table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.dates import PartialDate
from fanal.screening import HIT, TABLE, DocumentNumber, Person, ScreeningError, compare, compare_born
from fanal.screening.explain import LANGUAGES, Side, explain, say, texts
from fanal.screening.weights import probability

D = PartialDate
SEEN = Person(("Rose Marie DORVIL",), (D(1984, 3, 7),), "F", ("HTI",), "Jacmel", (DocumentNumber("RD1234567", "HTI"),))


@pytest.mark.parametrize(
    ("one", "other", "finding"),
    [
        (D(1984, 3, 7), D(1984, 3, 7), "same"),
        (D(1984, 3, 7), D(1984, 7, 3), "day_and_month_swapped"),
        (D(1984, 3, 7), D(1984, 3), "same_month"),
        (D(1984, 3, 7), D(1984), "same_year"),
        (D(1984, 3, 7), D(1984, 1, 1), "same_year"),  # 1 January stands for unknown
        (D(1984, 1, 1), D(1984, 1, 1), "same_year"),
        (D(1984, 3, 7), D(1984, 3, 8), "one_figure"),
        (D(1984, 3, 7), D(1994, 3, 7), "one_figure"),
        (D(1981, 1, 1), D(1984, 1, 1), "different"),
        (D(1981, 1, 1), D(1982, 1, 1), "near"),
        (D(1989, 3, 7), D(1990, 3, 7), "other_year"),
        (D(1984, 3, 7), D(1984, 11, 20), "other_day"),
        (D(1984, 3, 7), D(1986, 11, 20), "near"),
        (D(1984, 3, 7), D(1961, 11, 20), "different"),
    ],
)
def test_dates_of_birth_agree_as_far_as_they_are_known(one: D, other: D, finding: str) -> None:
    assert compare_born(one, other) == finding
    assert compare_born(other, one) == finding


def test_the_score_is_the_sum_of_the_evidence() -> None:
    listed = Person(("Rosemarie DORVIL", "Rose Dorville"), (D(1984),), "F", ("DOM",), "Jacmel")
    comparison = compare(SEEN, listed)
    assert comparison.score == pytest.approx(sum(e.weight for e in comparison.evidence))
    assert {(e.field, e.finding) for e in comparison.evidence} >= {
        ("born", "same_year"), ("sex", "same"), ("nationality", "different"), ("place", "same")
    }  # fmt: skip


def test_what_is_not_known_weighs_nothing_and_is_said() -> None:
    comparison = compare(SEEN, Person(("Rose Marie DORVIL",)))
    assert {e.field for e in comparison.evidence} == {"name"}
    unknown = {r.field for r in explain(comparison, "en") if r.side is Side.UNKNOWN}
    assert unknown == {"born", "sex", "nationality", "place", "document"}


def test_nationality_sex_and_place_never_make_a_hit() -> None:
    other = Person(("Wilner CHARLES",), (), "F", ("HTI",), "Jacmel")
    assert compare(SEEN, other).score < 0


def test_the_other_persons_document_number_says_nothing_but_the_same_one_much() -> None:
    with_other = Person(("Rose Marie DORVIL",), documents=(DocumentNumber("XX999", "HTI"),))
    with_same = Person(("Rose Marie DORVIL",), documents=(DocumentNumber("RD 123-4567"),))
    with_confused = Person(("Rose Marie DORVIL",), documents=(DocumentNumber("RDI234567", "HTI"),))
    of_another_state = Person(("Rose Marie DORVIL",), documents=(DocumentNumber("RD1234567", "DOM"),))
    assert compare(SEEN, with_other).score == compare(SEEN, of_another_state).score
    assert compare(SEEN, with_same).score > compare(SEEN, with_confused).score > compare(SEEN, with_other).score
    assert compare(SEEN, with_same).score >= HIT


def test_a_person_has_a_name() -> None:
    with pytest.raises(ScreeningError) as refused:
        Person(())
    assert refused.value.code == "no_name"


def test_every_message_is_in_four_languages_with_the_same_placeholders() -> None:
    for key, words in texts().items():
        assert set(words) == set(LANGUAGES), key
        for placeholder in ("{seen}", "{listed}"):
            assert len({placeholder in text for text in words.values()}) == 1, key


def test_every_finding_of_the_table_beside_the_name_has_words() -> None:
    for row in TABLE:
        if row.field != "name":
            assert f"{row.field}.{row.finding}" in texts()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_explanation_shows_the_values_of_both_sides(lang: str) -> None:
    comparison = compare(SEEN, Person(("Rose Marie DORVILLE",), (D(1984, 7, 3),)))
    said = " ".join(reason.text for reason in explain(comparison, lang))
    assert "1984-03-07" in said
    assert "1984-07-03" in said
    assert "DORVIL / DORVILLE" in said
    assert "{" not in said


def test_there_are_words_in_four_languages_only() -> None:
    with pytest.raises(ScreeningError):
        say("answer.hit", "de")


@given(st.floats(-2000, 2000))
def test_a_probability_is_between_0_and_1(score: float) -> None:
    assert 0 <= probability(score) <= 1
