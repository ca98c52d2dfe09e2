"""The form that a refused traveller gets: who decided what, when and why, and how to contest it.

In the traveller's language, then, where it is another, in the officer's. One page each, black on white, with the
reasons as letters and in words; the font is embedded, so that every name is printed as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from fanal.station import texts

_FONT, _BOLD = "FanalSans", "FanalSans-Bold"


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on the form."""

    number: str
    authority: str
    point: str
    at: datetime
    primary_identifier: str
    secondary_identifier: str
    date_of_birth: str
    nationality: str
    document: str
    reasons: tuple[str, ...]
    contest_name: str
    contest_address: str
    contest_phone: str
    contest_email: str
    contest_until: date
    officer: str


@cache
def fonts() -> tuple[str, str]:
    """The names of the regular and the bold font, registered once."""
    folder = resources.files("fanal.specimens") / "fonts"
    for name, file in ((_FONT, "DejaVuSansCondensed.ttf"), (_BOLD, "DejaVuSansCondensed-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, BytesIO((folder / file).read_bytes())))
    pdfmetrics.registerFontFamily(_FONT, normal=_FONT, bold=_BOLD, italic=_FONT, boldItalic=_BOLD)
    return _FONT, _BOLD


def style(size: float, *, bold: bool = False, after: float = 2, right: bool = False) -> ParagraphStyle:
    regular, heavy = fonts()
    return ParagraphStyle(
        f"{size}{bold}{right}",
        fontName=heavy if bold else regular,
        fontSize=size,
        leading=size * 1.3,
        spaceAfter=after * mm,
        **({"alignment": TA_RIGHT} if right else {}),
    )


def render(form: Form, language: str, officers_language: str) -> bytes:
    """The PDF. The same form gives the same bytes."""
    out = BytesIO()
    title = f"{texts.text('refusal_form.title', language)} {form.number}"
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=15 * mm,
        bottomMargin=15 * mm,
        title=title,
        author=form.authority,
        lang=language,
        invariant=1,
    )
    story: list[Flowable] = list(_page(form, language))
    if officers_language != language:
        story += [PageBreak(), *_page(form, officers_language)]
    document.build(story)
    return out.getvalue()


def _page(form: Form, lang: str) -> Iterator[Flowable]:
    def t(key: str, **values: object) -> str:
        return escape(texts.text(f"refusal_form.{key}", lang, **values))

    yield Paragraph(escape(form.authority), style(11, bold=True, after=0.5))
    yield Paragraph(f"{escape(form.point)} · {t('number')} {escape(form.number)}", style(10, after=3))
    yield HRFlowable(width="100%", thickness=1.2, color="black", spaceAfter=4 * mm)
    yield Paragraph(t("title"), style(17, bold=True, after=3))
    yield Paragraph(t("decided", when=f"{form.at:%Y-%m-%d %H:%M}", point=form.point), style(10.5, after=3))
    rows = [
        (t("name"), f"{form.primary_identifier}, {form.secondary_identifier}".rstrip(", ")),
        (t("born"), form.date_of_birth or "–"),
        (t("nationality"), form.nationality or "–"),
        (t("document"), form.document),
    ]
    label, value = style(10, after=0), style(10.5, bold=True, after=0)
    yield Table(
        [[Paragraph(name, label), Paragraph(escape(words), value)] for name, words in rows],
        colWidths=(45 * mm, 125 * mm),
        style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)],
        hAlign="LEFT",
    )
    yield Spacer(1, 4 * mm)
    yield Paragraph(t("reasons"), style(12, bold=True, after=1.5))
    for code in form.reasons:
        yield Paragraph(escape(texts.text(f"refusal_reason.{code}", lang)), style(11, after=1.5))
    yield Spacer(1, 3 * mm)
    yield Paragraph(t("contest"), style(12, bold=True, after=1.5))
    yield Paragraph(t("contest_how", until=form.contest_until.isoformat()), style(10.5, after=1.5))
    where = [form.contest_name, *form.contest_address.splitlines(), form.contest_phone, form.contest_email]
    yield Paragraph("<br/>".join(escape(line) for line in where if line), style(11, bold=True, after=2))
    yield Paragraph(t("contest_help"), style(10.5, after=4))
    yield Paragraph(t("protection"), style(12, bold=True, after=1.5))
    yield Paragraph(t("protection_how"), style(10.5, after=6))
    small = style(9, after=0)
    yield KeepTogether(
        [
            Table(
                [
                    [Paragraph("<br/><br/>", small), "", Paragraph("<br/><br/>", small)],
                    [
                        Paragraph(f"{t('officer')}: {escape(form.officer)}", small),
                        "",
                        Paragraph(t("traveller"), small),
                    ],
                ],
                colWidths=(78 * mm, 14 * mm, 78 * mm),
                style=[("LINEABOVE", (0, 1), (0, 1), 0.8, "black"), ("LINEABOVE", (2, 1), (2, 1), 0.8, "black")],
            ),
            Spacer(1, 3 * mm),
            Paragraph(t("signing"), small),
        ]
    )
