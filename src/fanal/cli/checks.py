"""`fanal checks`: the catalogue of checks, and what one of them asks and answers, in four languages."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fanal.inspection import Catalogue, Check, Subject

USAGE = 2


def register(commands: Any) -> None:
    parser = commands.add_parser("checks", help="list the checks, or explain one", description=__doc__)
    parser.add_argument("id", nargs="?", metavar="ID", help="a check, as `fanal checks` lists it: explain it")
    parser.add_argument(
        "--lang", choices=("en", "es", "fr", "ht"), help="one language (default: the list in English, one check in all)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from fanal.inspection import LANGUAGES, with_own_checks

    catalogue = with_own_checks()
    if args.id is None:
        if args.json:
            json.dump(
                [_as_json(c, catalogue, [args.lang or "en"]) for c in catalogue.checks],
                sys.stdout,
                ensure_ascii=False,
                indent=2,
            )
            print()
        else:
            _list(catalogue, args.lang or "en")
        return 0
    check = catalogue.find(args.id)
    if check is None:
        near = [c.id for c in catalogue.checks if args.id in c.id or c.id.partition(".")[2] in args.id]
        hint = f"; do you mean {', '.join(near[:5])}?" if near else "; `fanal checks` lists them"
        print(f"fanal checks: there is no check {args.id[:80]!r}{hint}", file=sys.stderr)
        return USAGE
    langs = [args.lang] if args.lang else list(LANGUAGES)
    if args.json:
        json.dump(_as_json(check, catalogue, langs), sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        for lang in langs:
            _explain(check, catalogue, lang)
    return 0


def _list(catalogue: Catalogue, lang: str) -> None:
    from fanal.inspection import label

    wide = max(len(check.id) for check in catalogue.checks)
    for family in catalogue.families:
        print(f"{family.name}: {label('family', family.name, lang)}")
        for check in family.checks:
            severity = label("severity", check.severity.value, lang)
            print(f"  {check.id:{wide}}  {severity:9}  {catalogue.explain(check.id, lang).title}")
    print()


def _explain(check: Check[Subject], catalogue: Catalogue, lang: str) -> None:
    from fanal.inspection import label

    width = min(shutil.get_terminal_size((100, 24)).columns, 110)

    def paragraph(text: str, indent: int) -> None:
        margin = " " * indent
        print(textwrap.fill(text, width, initial_indent=margin, subsequent_indent=margin + "  "))

    rendered = catalogue.explain(check.id, lang)
    print(f"[{lang}] {rendered.title}  ({check.id})")
    paragraph(rendered.about, 2)
    facts = [check.clause, label("severity", check.severity.value, lang)]
    facts += [label("fraud", kind.value, lang) for kind in check.fraud_kinds]
    paragraph(" · ".join(facts), 2)
    for reason, text, step in rendered.reasons:
        paragraph(f"{reason}: {text}", 2)
        if step:
            paragraph(f"→ {step}", 6)
    print()


def _as_json(check: Check[Subject], catalogue: Catalogue, langs: list[str]) -> dict[str, Any]:
    texts = {}
    for lang in langs:
        rendered = catalogue.explain(check.id, lang)
        texts[lang] = {
            "title": rendered.title,
            "about": rendered.about,
            "reasons": {reason: {"text": text, "what_to_do": step} for reason, text, step in rendered.reasons},
        }
    return {
        "id": check.id,
        "clause": check.clause,
        "severity": check.severity.value,
        "fraud_kinds": [kind.value for kind in check.fraud_kinds],
        "texts": texts,
    }
