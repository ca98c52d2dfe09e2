"""Files that leave the station: CSV that no spreadsheet runs, and PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

from fanal.station.secondary.refusal_form import style

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: object) -> str:
    """A cell as text: what could begin a formula is led by an apostrophe, which a spreadsheet shows and never runs."""
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def to_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with its mark, so that accents hold in every spreadsheet; every cell quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in head])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def to_pdf(title: str, lead: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, lang: str) -> bytes:
    """A table on as many pages as it needs, its head on each."""
    from xml.sax.saxutils import escape

    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=title,
        lang=lang,
        invariant=1,
    )
    cell, bold = style(8.5, after=0), style(8.5, bold=True, after=0)
    table = [[Paragraph(escape(str(name)), bold) for name in head]]
    table += [[Paragraph(escape(str(value)), cell) for value in row] for row in rows]
    document.build(
        [
            Paragraph(escape(title), style(15, bold=True)),
            Paragraph(escape(lead), style(9.5)),
            Spacer(1, 3 * mm),
            Table(
                table,
                repeatRows=1,
                style=[
                    ("LINEBELOW", (0, 0), (-1, 0), 0.8, "black"),
                    ("LINEBELOW", (0, 1), (-1, -1), 0.2, "grey"),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ],
            ),
        ]
    )
    return out.getvalue()
