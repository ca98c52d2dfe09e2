"""Statistics in which nobody can be found."""

from hypothesis import given
from hypothesis import strategies as st

from fanal.travel import LEAST, shown

ROWS, COLUMNS = ("a", "b", "c"), ("x", "y", "z")
COUNTS = st.dictionaries(st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)), st.integers(0, 40))


def test_large_counts_and_zero_are_shown() -> None:
    table = shown({("a", "x"): 12, ("b", "y"): 30}, ("a", "b"), ("x", "y"))
    assert table.cells == {("a", "x"): 12, ("a", "y"): 0, ("b", "x"): 0, ("b", "y"): 30}
    assert table.total == 42


def test_a_small_count_takes_another_of_its_row_and_column_with_it() -> None:
    counts = {("a", "x"): 3, ("a", "y"): 20, ("b", "x"): 30, ("b", "y"): 9}
    table = shown(counts, ("a", "b"), ("x", "y"))
    assert table.cells[("a", "x")] is None
    assert list(table.cells.values()).count(None) == 4
    assert table.total == 62


@given(COUNTS)
def test_no_small_count_is_shown_and_no_hidden_one_follows_by_subtraction(counts: dict[tuple[str, str], int]) -> None:
    table = shown(counts, ROWS, COLUMNS)
    for key, n in table.cells.items():
        assert n is None or n == counts.get(key, 0)
        assert n is None or n == 0 or n >= LEAST
    lines = [[table.cells[r, c] for c in COLUMNS] + [table.row_totals[r]] for r in ROWS]
    lines += [[table.cells[r, c] for r in ROWS] + [table.column_totals[c]] for c in COLUMNS]
    lines += [[*table.row_totals.values(), table.total], [*table.column_totals.values(), table.total]]
    for line in lines:
        assert line.count(None) != 1
