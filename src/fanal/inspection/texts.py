"""Texts for officers: message catalogues in English, Spanish, French and Haitian Creole.

A family of checks has its texts beside its code, in `<family>.toml`; what all share (outcomes, fields, advice) is
`common.toml`. One entry a check:

    [not_expired]                      # the check's id without the family
    title.en = "..."                   # and es, fr, ht: a message is always all four, with the same placeholders
    about.en = "..."                   # what is looked at, and why
    failed.en = "... {seen} ..."       # one message a reason
    failed.do.en = "..."               # what to do next; or failed.do = "name", an entry of [do] in common.toml

`like = "other"` takes what another entry of the file says and this one does not; any further plain string is a
constant for the placeholders (`field = "document_number"`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from fanal.documents.states import find_state
from fanal.inspection.errors import TextsError

LANGUAGES: Final = ("en", "es", "fr", "ht")

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_NOT_REASONS: Final = ("title", "about")
_ABSENT: Final = "–"
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Placeholders whose values are words of ours: the group of labels in `common.toml` that renders them.
_LABELLED: Final = {
    "field": "field",
    "other_field": "field",
    "source": "source",
    "other_source": "source",
    "problem": "problem",
    "harmless": "difference",
    "format": "format",
    "fields": "field",
    "mrz_problem": "mrz_problem",
}
_STATES: Final = ("state", "other_state")


def printable(text: str, limit: int = 200) -> str:
    """`text` without what could steer a terminal or turn a line around: values come from strangers' documents."""
    kept = "".join(" " if unicodedata.category(c) in _STEERING else c for c in text[: limit + 1])
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence in every language, with the same placeholders in each."""

    words: Mapping[str, str]
    placeholders: frozenset[str]

    @classmethod
    def of(cls, data: Mapping[str, Any], where: str) -> Message:
        words = {lang: data.get(lang) for lang in LANGUAGES}
        if not all(isinstance(text, str) and text.strip() for text in words.values()):
            raise TextsError(f"{where}: a message is in all of {', '.join(LANGUAGES)}")
        names = {frozenset(_PLACEHOLDER.findall(str(text))) for text in words.values()}
        if len(names) != 1:
            raise TextsError(f"{where}: the languages differ in their placeholders")
        return cls({lang: str(text) for lang, text in words.items()}, names.pop())

    def fill(self, lang: str, values: Mapping[str, str | None]) -> str:
        def shown(match: re.Match[str]) -> str:
            value = values.get(match[1])
            return _ABSENT if value is None or value == "" else show(match[1], value, lang)

        return _PLACEHOLDER.sub(shown, self.words[check_language(lang)])


@dataclass(frozen=True, slots=True)
class CheckTexts:
    """What the catalogue says of one check: its title, what it looks at, and for each reason a text and what to do."""

    title: Message
    about: Message
    reasons: Mapping[str, Message]
    next_steps: Mapping[str, Message]
    constants: Mapping[str, str] = field(default_factory=dict)

    def messages(self) -> Iterator[Message]:
        yield self.title
        yield self.about
        yield from self.reasons.values()
        yield from self.next_steps.values()


def check_language(lang: str) -> str:
    """`lang`, if there are texts in it.

    Raises:
        TextsError: there are none.
    """
    if lang not in LANGUAGES:
        raise TextsError(f"no texts in {printable(lang, 20)!r}; there are {', '.join(LANGUAGES)}")
    return lang


def show(name: str, value: str, lang: str) -> str:
    """A placeholder's value as an officer reads it: our own words in `lang`, State codes with the State's name."""
    if (group := _LABELLED.get(name)) is not None:
        return ", ".join(label(group, word, lang) for word in value.split(","))
    if name in _STATES:
        return state_name(value, lang)
    return printable(value)


def state_name(code: str, lang: str) -> str:
    """A State's or organization's name with its code: "Haiti (HTI)"; the code alone where there is no such one."""
    state = find_state(code)
    return printable(code) if state is None else f"{state.name(lang)} ({code})"


def load(package: str, name: str) -> dict[str, CheckTexts]:
    """The texts of a family, by check id without the family.

    Raises:
        TextsError: the file is not there, not TOML, or incomplete.
    """
    data = _read(package, name)
    return {key: _check_texts(key, data, name) for key in data if not key.startswith("_")}


@cache
def messages(package: str, name: str) -> dict[str, Message]:
    """The messages of a file that is one flat list of them, by key.

    Raises:
        TextsError: the file is not there, not TOML, or incomplete.
    """
    return {key: Message.of(words, f"{name}: {key}") for key, words in _read(package, name).items()}


def label(group: str, key: str, lang: str) -> str:
    """A word of ours in `lang` ("outcome", "failed"); the key itself where there is none, as for a plug-in's own."""
    message = _common()[0].get(f"{group}.{key}")
    return printable(key) if message is None else message.words[check_language(lang)]


def common_reason(reason: str) -> tuple[Message, Message] | None:
    """The text and the next step of a reason that every check may have ("broken"), or None."""
    messages = _common()[0]
    text = messages.get(f"reason.{reason}")
    return None if text is None else (text, messages[f"reason_do.{reason}"])


@cache
def _common() -> tuple[dict[str, Message], dict[str, Message]]:
    """The labels by "group.key", and the named next steps."""
    data = _read(__package__, "common.toml")
    labels = {
        f"{group}.{key}": Message.of(words, f"common.toml: {group}.{key}")
        for group, entries in data.items()
        for key, words in entries.items()
    }
    return labels, {key.removeprefix("do."): m for key, m in labels.items() if key.startswith("do.")}


def _read(package: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(resources.files(package).joinpath(name).read_text(encoding="utf-8"))
    except (OSError, ModuleNotFoundError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TextsError(f"{name}: {error}") from error


def _check_texts(key: str, data: Mapping[str, Any], name: str) -> CheckTexts:
    entry = dict(_table(data, key, name))
    if (base := entry.pop("like", None)) is not None:
        entry = {**_table(data, str(base), name), **entry}
    constants = {k: v for k, v in entry.items() if isinstance(v, str)}
    reasons: dict[str, Message] = {}
    steps: dict[str, Message] = {}
    for reason, words in entry.items():
        where = f"{name}: {key}.{reason}"
        if isinstance(words, str):
            continue
        if not isinstance(words, Mapping):
            raise TextsError(f"{where}: not a message")
        reasons[reason] = Message.of(words, where)
        if (step := words.get("do")) is not None:
            steps[reason] = _step(step, where)
    try:
        title, about = (reasons.pop(part) for part in _NOT_REASONS)
    except KeyError as missing:
        raise TextsError(f"{name}: {key} has no {missing}") from None
    return CheckTexts(title, about, reasons, steps, constants)


def _step(step: object, where: str) -> Message:
    if isinstance(step, Mapping):
        return Message.of(step, f"{where}.do")
    named = _common()[1].get(str(step))
    if named is None:
        raise TextsError(f"{where}: there is no next step {step!r} in common.toml")
    return named


def _table(data: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
    entry = data.get(key)
    if not isinstance(entry, Mapping):
        raise TextsError(f"{name}: there is no entry {key!r}")
    return entry
