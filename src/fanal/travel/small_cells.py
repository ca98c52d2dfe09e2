"""Statistics in which nobody can be found: small cells are hidden, and so is what would give them away.

A cell from 1 to `least - 1` is hidden (primary suppression). Where a row or a column with its total shows, one hidden
cell alone could be had by subtraction, so the smallest other cell of that line is hidden too (complementary
suppression), until no line has exactly one. Zero is shown: it is about nobody. A line whose total is itself small
shows no total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
"""The smallest count that is shown (but zero)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by row and column as they may be shown: None is hidden."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], int | None]
    row_totals: Mapping[str, int | None]
    column_totals: Mapping[str, int | None]
    total: int | None


def shown(
    counts: Mapping[tuple[str, str], int], rows: tuple[str, ...], columns: tuple[str, ...], least: int = LEAST
) -> Table:
    """The table of `counts` with what is too small hidden. Absent counts are zero."""
    true = {(r, c): counts.get((r, c), 0) for r in rows for c in columns}
    # The totals are cells too: the table with its margins is one table in which every line sums to its last cell.
    margin = ""
    full: dict[tuple[str, str], int] = dict(true)
    for r in rows:
        full[r, margin] = sum(true[r, c] for c in columns)
    for c in columns:
        full[margin, c] = sum(true[r, c] for r in rows)
    full[margin, margin] = sum(true.values())
    hidden = {key for key, n in full.items() if 0 < n < least}
    lines = [[(r, c) for c in (*columns, margin)] for r in (*rows, margin)]
    lines += [[(r, c) for r in (*rows, margin)] for c in (*columns, margin)]
    changed = True
    while changed:
        changed = False
        for line in lines:
            out = [key for key in line if key in hidden]
            if len(out) != 1:
                continue
            # Hide the smallest count beside it, a total last of all: a total is what people read first.
            others = [key for key in line if key not in hidden and full[key] > 0]
            if not others:
                others = [key for key in line if key not in hidden]
            if others:
                hidden.add(min(others, key=lambda key: (margin in key, full[key], key)))
                changed = True
    seen: dict[tuple[str, str], int | None] = {key: None if key in hidden else n for key, n in full.items()}
    return Table(
        rows=rows,
        columns=columns,
        cells={(r, c): seen[r, c] for r in rows for c in columns},
        row_totals={r: seen[r, margin] for r in rows},
        column_totals={c: seen[margin, c] for c in columns},
        total=seen[margin, margin],
    )
