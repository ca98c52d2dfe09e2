"""`fanal docs`: write the pages of docs/ that are generated from the code."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

NOT_WRITTEN = 4


def register(commands: Any) -> None:
    parser = commands.add_parser("docs", help="write the generated pages of docs/", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs"), metavar="DIR", help="where to (default: docs)")
    parser.set_defaults(run=run)


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    from fanal.inspection import LANGUAGES, catalogue_page, page_name

    made = {page_name(lang): catalogue_page(lang) for lang in LANGUAGES}
    return made | {f"schemas/{name}": text for name, text in schemas().items()}


def schemas() -> dict[str, str]:
    """The JSON schemas of what passes between agencies, as the exchange itself validates it; none without its extra."""
    try:
        from fanal.exchange import Agreement, Envelope, Message
        from fanal.exchange.model import Model
    except ImportError:
        return {}
    models: dict[str, type[Model]] = {
        "agreement-1.json": Agreement,
        "envelope-1.json": Envelope,
        "message-1.json": Message,
    }
    return {
        name: json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": f"urn:fanal:schema:{name.removesuffix('.json')}",
                **model.model_json_schema(by_alias=True),
            },
            indent=2,
        )
        + "\n"
        for name, model in models.items()
    }


def run(args: argparse.Namespace) -> int:
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, text in pages().items():
            (args.out / name).parent.mkdir(parents=True, exist_ok=True)
            (args.out / name).write_text(text, encoding="utf-8")
            print(args.out / name)
    except OSError as error:
        print(f"fanal docs: {args.out}: {error.strerror or error}", file=sys.stderr)
        return NOT_WRITTEN
    return 0
