"""The page on screening shows the table as it is."""

from pathlib import Path

from fanal.screening.weights import BASE, TABLE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "screening.md"


def rendered() -> str:
    lines = ["| field | finding | weight |", "| --- | --- | --- |", f"| name | no difference | {BASE:+.1f} |"]
    lines += [
        f"| {row.field} | {row.finding.replace('_', ' ')}{', each' if row.each else ''} | {row.weight:+.1f} |"
        for row in TABLE
    ]
    return "\n".join(lines)


def test_the_page_on_screening_shows_the_whole_table_of_weights() -> None:
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- table -->\n")
    table, _, _ = rest.partition("\n<!-- end of table -->")
    assert table.strip() == rendered()
