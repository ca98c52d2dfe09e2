"""Names alone on labelled pairs: the figures that docs/screening.md gives are held."""

import csv

from fanal.screening import name_score
from fanal.screening.names import words_of
from fanal.screening.weights import POSSIBLE
from tests.shared import SHARED_DATA


def figures(scored: list[tuple[float, bool]]) -> tuple[float, float, float]:
    """The best F1, the recall where precision is 0.9 at least, and F1 where the table itself draws the line."""
    matches = sum(is_match for _, is_match in scored)
    best = recall_at = 0.0
    for threshold in {score for score, _ in scored}:
        said = [is_match for score, is_match in scored if score >= threshold]
        best = max(best, 2 * sum(said) / (len(said) + matches))
        if sum(said) >= 0.9 * len(said):
            recall_at = max(recall_at, sum(said) / matches)
    said = [is_match for score, is_match in scored if score >= POSSIBLE]
    return best, recall_at, 2 * sum(said) / (len(said) + matches)


def test_labelled_pairs_are_told_apart_as_well_as_the_docs_say() -> None:
    with (SHARED_DATA / "screening" / "names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    scored = [(name_score(words_of(row["name1"]), words_of(row["name2"])), row["is_match"] == "true") for row in rows]
    best, recall_at, at_the_line = figures(scored)
    assert best >= 0.91
    assert recall_at >= 0.88
    assert at_the_line >= 0.90
