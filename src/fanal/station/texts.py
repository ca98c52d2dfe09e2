"""The pages' texts: TOML files under `texts/`, each entry in en, es, fr and ht with the same placeholders.

A key is the file's name up to its first dot and the path in it: `login.title` is `title` in `login.toml`, and what a
room of the station adds to a common subject is in a file of its own (`refusal.secondary.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from fanal.inspection.texts import LANGUAGES, Message

__all__ = ["LANGUAGES", "messages", "text"]


@cache
def messages() -> Mapping[str, Message]:
    """Every text of the pages by its key.

    Raises:
        TextsError: a text that is not in all four languages, or with other placeholders.
    """
    found: dict[str, Message] = {}
    for file in sorted(resources.files(__package__).joinpath("texts").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            subject = file.name.partition(".")[0]
            for key, words in _leaves(tomllib.loads(file.read_text(encoding="utf-8")), subject):
                found[key] = Message.of(words, key)
    return found


def text(key: str, lang: str, **values: object) -> str:
    """The text of `key` in `lang`. A missing key is an error that a test finds, never a blank on a page."""
    return messages()[key].fill(lang, {k: str(v) for k, v in values.items()})


def _leaves(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "en" in data:
        yield path, data
    else:
        for key, inner in data.items():
            yield from _leaves(inner, f"{path}.{key}")
