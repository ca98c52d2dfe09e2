"""The catalogue as a page for people: every check, what it asks, by which clause, and what each answer means.

`docs/checks.md` and its translations are written by `fanal docs`; a test compares them with the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator

from fanal.inspection.advice import TABLE
from fanal.inspection.catalogue import Catalogue, catalogue
from fanal.inspection.findings import Check, Outcome, Severity
from fanal.inspection.subject import Subject
from fanal.inspection.texts import LANGUAGES, check_language, label


def catalogue_page(lang: str, checks: Catalogue | None = None) -> str:
    """The catalogue (the product's own unless another is given) in `lang`, in Markdown.

    Raises:
        TextsError: there are no texts in `lang`.
    """
    check_language(lang)
    return "\n".join(_page(lang, checks or catalogue())).rstrip() + "\n"


def page_name(lang: str) -> str:
    """The file name of the page in `lang`, in docs/."""
    return "checks.md" if lang == "en" else f"checks.{lang}.md"


def _page(lang: str, checks: Catalogue) -> Iterator[str]:
    def word(key: str) -> str:
        return label("report", key, lang)

    yield f"# {word('checks')}"
    yield ""
    yield " · ".join(f"[{other}]({page_name(other)})" for other in LANGUAGES if other != lang)
    yield ""
    yield "<!-- Written by `fanal docs` from the catalogues of texts: change those, not this page. -->"
    yield ""
    yield f"{word('decides')}"
    yield ""
    yield f"## {word('advice')}"
    yield ""
    yield f"| | {' | '.join(label('severity', s.value, lang) for s in Severity)} |"
    yield f"| --- {'| --- ' * len(Severity)}|"
    for outcome in Outcome:
        row = [label("advice", TABLE[outcome, severity].value, lang) for severity in Severity]
        yield f"| {label('outcome', outcome.value, lang)} | {' | '.join(row)} |"
    yield ""
    for family in checks.families:
        yield f"## {family.name}: {label('family', family.name, lang)}"
        yield ""
        for check in family.checks:
            yield from _check(check, lang, checks)


def _check(check: Check[Subject], lang: str, checks: Catalogue) -> Iterator[str]:
    rendered = checks.explain(check.id, lang)
    facts = [check.clause, f"{label('report', 'severity', lang)}: {label('severity', check.severity.value, lang)}"]
    if check.fraud_kinds:
        kinds = ", ".join(label("fraud", kind.value, lang) for kind in check.fraud_kinds)
        facts.append(f"{label('report', 'fraud', lang)}: {kinds}")
    yield f"### `{check.id}`"
    yield ""
    yield f"**{rendered.title}.** {rendered.about}"
    yield ""
    yield f"{' · '.join(facts)}"
    yield ""
    for reason, text, step in rendered.reasons:
        shown = f"- `{reason}`: {text}"
        yield f"{shown} → {step}" if step else shown
    yield ""
