"""The pages' texts: each key that a page or a refusal names is there, once, in all four languages."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import fanal.station
from fanal.station import texts
from fanal.station.crossings import codes
from fanal.station.lists.codes import MOVES
from fanal.station.market.models import KINDS

STATION = Path(fanal.station.__file__).parent
TEMPLATES = sorted((STATION / "templates").rglob("*.html"))
_KEY = re.compile(r"""{%-?\s*t\s+["']([\w.]+)["']""")
_REFUSAL = re.compile(r'Refusal\(\s*"(\w+)"')


@pytest.mark.parametrize("template", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_every_text_that_a_page_names_is_there(template: Path) -> None:
    missing = {key for key in _KEY.findall(template.read_text()) if key not in texts.messages()}
    assert not missing


def test_every_refusal_has_its_words() -> None:
    known = {code for path in STATION.rglob("*.py") for code in _REFUSAL.findall(path.read_text())}
    # `evidence` has the words of the intake.
    missing = {code for code in known - {"evidence"} if f"refusal.{code}" not in texts.messages()}
    assert len(known) > 20
    assert not missing


def test_what_is_done_with_a_persons_data_has_its_words_for_whom_it_is_shown_to() -> None:
    source = "\n".join(path.read_text() for path in STATION.rglob("*.py"))
    about = r'action="(\w+)",\s*subject_kind="(?:person|inspection|case|hit)"'
    done = {
        *re.findall(about, source),
        *(f"hit_{move}" for move in MOVES),
        *re.findall(r'_record\([\w.]+, officer, "(case_\w+)"', source),
    }
    assert {"screened", "inspected", "case_claimed"} <= done
    assert {action for action in done if f"record.{action}" not in texts.messages()} == set()


def test_no_text_is_said_twice() -> None:
    keys = Counter(
        (path.name.partition(".")[0], key)
        for path in (STATION / "texts").glob("*.toml")
        for key in tomllib.loads(path.read_text())
    )
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("purpose", codes.PURPOSES),
        ("means", codes.MEANS),
        ("referral", codes.REFERRAL_REASONS),
        ("refusal_reason", codes.REFUSAL_REASONS),
        ("stay", codes.STAYS),
        ("registration", KINDS),
    ],
)
def test_every_code_of_a_closed_list_has_its_words(group: str, keys: tuple[str, ...]) -> None:
    assert [key for key in keys if f"{group}.{key}" not in texts.messages()] == []


def test_no_page_says_anything_but_by_the_catalogue() -> None:
    """Words between tags that no catalogue holds would be in one language only."""
    said = {}
    for path in TEMPLATES:
        text = re.sub(r"{% block (body_class|protect_query) %}.*?{% endblock %}", " ", path.read_text())
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<script\b.*?</script>", " ", text, flags=re.DOTALL)
        words = re.findall(r"[A-Za-zÀ-ÿ]{4,}", re.sub(r"<[^>]*>", " ", text))
        # Fanal is a name, and each language calls itself as it does.
        if rest := [w for w in words if w not in {"Fanal", "English", "Español", "Français", "Kreyòl"}]:
            said[path.name] = rest
    assert said == {}
