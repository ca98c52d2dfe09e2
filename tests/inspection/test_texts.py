"""Texts: complete in four languages, and what a stranger's document puts into them does no harm."""

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from fanal.documents import Field, Kind, Source
from fanal.documents.mrz import Format, ProblemCode
from fanal.documents.names import NameReason
from fanal.inspection import texts
from fanal.inspection.advice import Advice
from fanal.inspection.catalogue import FAMILIES, catalogue
from fanal.inspection.errors import TextsError
from fanal.inspection.findings import Finding, FraudKind, Outcome, Severity
from fanal.inspection.texts import LANGUAGES, label, load, printable

COMMON = tomllib.loads(resources.files("fanal.inspection").joinpath("common.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_check_has_a_title_an_explanation_and_reasons_in_four_languages(family: str) -> None:
    for check, of_check in load("fanal.inspection.checks", f"{family}.toml").items():
        assert "passed" in of_check.reasons or "undetermined" in of_check.reasons, check
        for message in of_check.messages():
            assert set(message.words) == set(LANGUAGES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_reason_that_does_not_reassure_says_what_to_do_next(family: str) -> None:
    for check, of_check in load("fanal.inspection.checks", f"{family}.toml").items():
        without = set(of_check.reasons) - set(of_check.next_steps) - {"passed", "harmless"}
        assert not without, (check, without)


def test_no_text_says_deny() -> None:
    for path in Path(str(resources.files("fanal.inspection"))).rglob("*.toml"):
        words = path.read_text(encoding="utf-8").lower()
        assert not any(f" {word}" in words for word in ("deny", "denegar", "deniegue", "refusez", "refize")), path


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("outcome", [o.value for o in Outcome]),
        ("severity", [s.value for s in Severity]),
        ("advice", [a.value for a in Advice]),
        ("advice_next", [a.value for a in Advice]),
        ("field", [f.value for f in Field]),
        ("source", [s.value for s in Source]),
        ("kind", [k.value for k in Kind]),
        ("fraud", [f.value for f in FraudKind]),
        ("format", [f.value for f in Format]),
        (
            "mrz_problem",
            [
                c.value
                for c in ProblemCode
                if c.value not in ("impossible_date", "date_without_year", "repaired", "not_as_printed")
            ],
        ),
        (
            "difference",
            [
                r.value
                for r in NameReason
                if r.value not in ("confused_characters", "letters", "words_added", "words_missing")
            ],
        ),
    ],
)
def test_every_word_of_ours_has_a_label(group: str, keys: list[str]) -> None:
    assert set(keys) <= set(COMMON[group])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_check_that_broke_says_so_in_every_language(lang: str) -> None:
    finding = Finding("mrz.structure", Outcome.UNDETERMINED, Severity.SERIOUS, "x", "broken")
    rendered = catalogue().render(finding, lang)
    assert rendered.text == COMMON["reason"]["broken"][lang]
    assert rendered.what_to_do == COMMON["reason_do"]["broken"][lang]


def test_a_finding_of_a_check_that_is_not_installed_still_says_something() -> None:
    finding = Finding("vendor.hologram", Outcome.FAILED, Severity.SERIOUS, "x", "absent")
    rendered = catalogue().render(finding, "en")
    assert rendered.title == "vendor.hologram"
    assert "vendor.hologram" in rendered.text
    assert "absent" in rendered.text


def test_a_state_is_shown_with_its_name_in_the_language() -> None:
    finding = Finding(
        "codes.issuing_state_known", Outcome.PASSED, Severity.SERIOUS, "x", "passed", values={"state": "HTI"}
    )
    assert catalogue().render(finding, "ht").text == "Ayiti (HTI)."


def test_values_cannot_steer_a_terminal_or_turn_a_line_around() -> None:
    assert printable("A\x1b[31mB\u202eC\nD") == "A [31mB C D"


def test_values_are_not_taken_for_placeholders() -> None:
    finding = Finding("numbers.not_a_sample", Outcome.PASSED, Severity.NOTE, "x", "passed", seen="{expected}{0}")
    assert "{expected}{0}" in catalogue().render(finding, "en").text


def test_a_long_value_is_shortened() -> None:
    assert len(printable("A" * 10_000)) == 200


def test_a_language_without_texts_is_refused() -> None:
    finding = Finding("mrz.structure", Outcome.PASSED, Severity.SERIOUS, "x", "passed")
    with pytest.raises(TextsError):
        catalogue().render(finding, "de")
    with pytest.raises(TextsError):
        label("outcome", "passed", "de")


@pytest.mark.parametrize(
    "broken",
    [
        "[a]\ntitle.en = 'x'",
        "[a]\ntitle = { en='x', es='x', fr='x', ht='x' }",
        "[a]\nlike = '_none'",
        "[a]\ntitle = { en='{x}', es='x', fr='x', ht='x' }\nabout = { en='x', es='x', fr='x', ht='x' }",
        "[a]\ntitle = { en='x', es='x', fr='x', ht='x' }\nabout = { en='x', es='x', fr='x', ht='x' }\n"
        "failed = { en='x', es='x', fr='x', ht='x', do='no_such_step' }",
        "[a]\ntitle = 3",
        "a = 3",
        "[a",
    ],
)
def test_a_catalogue_that_is_incomplete_is_refused(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "texts_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "a.toml").write_text(broken)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(TextsError):
        load("texts_package", "a.toml")


def test_a_catalogue_that_is_not_there_is_refused() -> None:
    with pytest.raises(TextsError):
        texts.load("fanal.inspection", "none.toml")
