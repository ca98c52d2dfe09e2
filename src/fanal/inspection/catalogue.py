"""The catalogue: every check, in the order in which findings are shown.

A family is one module of `fanal.inspection.checks` with its `CHECKS`, one TOML file of texts beside it, and one line in
`FAMILIES` below. A State adds families of its own as entry points of the group `fanal.checks`: each names a `Family`.
They are loaded only by `with_own_checks`, and one that is broken is reported by a finding of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from fanal.inspection.errors import CatalogueError
from fanal.inspection.findings import Check, Finding, Outcome, Result, Severity
from fanal.inspection.subject import Subject
from fanal.inspection.texts import LANGUAGES, CheckTexts, Message, check_language, common_reason, load

GROUP: Final = "fanal.checks"

# The order of the catalogue: what was presented, then what it says, then how its parts agree.
FAMILIES: Final = (
    "evidence",
    "mrz",
    "dates",
    "codes",
    "chip",
    "seal",
    "agreement",
    "numbers",
    "fantasy",
)


@dataclass(frozen=True, slots=True)
class Family:
    """Checks of one subject with their texts, which are keyed by the check's id without the family's name."""

    name: str
    checks: tuple[Check[Subject], ...]
    texts: Mapping[str, CheckTexts]

    @classmethod
    def of(cls, name: str, checks: Iterable[Check[Subject]], package: str) -> Family:
        """A family whose texts are `<name>.toml` in `package`.

        Raises:
            CatalogueError: an id is not of the family, or has no texts, or texts have no check.
            TextsError: the texts cannot be read.
        """
        family = cls(name, tuple(checks), load(package, f"{name}.toml"))
        ids = [check.id for check in family.checks]
        if len(set(ids)) != len(ids) or not all(i.startswith(f"{name}.") for i in ids):
            raise CatalogueError(f"{name}: ids must be unique and begin with {name!r} and a dot")
        if unlike := set(family.texts) ^ {i.removeprefix(f"{name}.") for i in ids}:
            raise CatalogueError(f"{name}: checks and texts differ in {', '.join(sorted(unlike))}")
        return family


@dataclass(frozen=True, slots=True)
class RenderedFinding:
    """A finding in one language."""

    title: str
    text: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class RenderedCheck:
    """A check in one language, as the catalogue explains it: `reasons` are (reason, text, what to do)."""

    title: str
    about: str
    reasons: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Families in order, each name once."""

    families: tuple[Family, ...]

    @property
    def checks(self) -> tuple[Check[Subject], ...]:
        return tuple(check for family in self.families for check in family.checks)

    def find(self, check_id: str) -> Check[Subject] | None:
        return next((check for check in self.checks if check.id == check_id), None)

    def get(self, check_id: str) -> Check[Subject]:
        """The check with this id.

        Raises:
            CatalogueError: there is none.
        """
        if (check := self.find(check_id)) is None:
            raise CatalogueError(f"there is no check {check_id[:80]!r}")
        return check

    def render(self, finding: Finding, lang: str) -> RenderedFinding:
        """What `finding` says, in `lang`. A finding of a check that is not installed here still says so.

        Raises:
            TextsError: there are no texts in `lang`.
        """
        check_language(lang)
        texts = self._texts(finding.check)
        values: dict[str, str | None] = {
            **(texts.constants if texts else {}),
            **finding.values,
            "seen": finding.seen,
            "expected": finding.expected,
            "check": finding.check,
            "reason": finding.reason,
        }
        text = step = None
        if texts is not None:
            text, step = texts.reasons.get(finding.reason), texts.next_steps.get(finding.reason)
        if text is None:
            text, step = common_reason(finding.reason) or common_reason("unknown") or (None, None)
        return RenderedFinding(
            title=texts.title.fill(lang, values) if texts else finding.check,
            text=text.fill(lang, values) if text else finding.reason,
            what_to_do=step.fill(lang, values) if step else "",
        )

    def explain(self, check_id: str, lang: str) -> RenderedCheck:
        """What the check asks, why, and what each answer means, in `lang`; placeholders stay as {names}.

        Raises:
            CatalogueError: there is no such check.
            TextsError: there are no texts in `lang`.
        """
        check_language(lang)
        self.get(check_id)
        texts = self._texts(check_id)
        assert texts is not None, "Family.of holds checks and texts together"

        def fill(message: Message | None) -> str:
            if message is None:
                return ""
            names = {name: f"{{{name}}}" for name in message.placeholders}
            return message.fill(lang, {**names, **texts.constants})

        return RenderedCheck(
            title=fill(texts.title),
            about=fill(texts.about),
            reasons=tuple((r, fill(m), fill(texts.next_steps.get(r))) for r, m in texts.reasons.items()),
        )

    def _texts(self, check_id: str) -> CheckTexts | None:
        name, _, rest = check_id.partition(".")
        return next((family.texts.get(rest) for family in self.families if family.name == name), None)


@cache
def catalogue() -> Catalogue:
    """The product's own catalogue."""
    package = f"{__package__}.checks"
    return Catalogue(tuple(Family.of(n, importlib.import_module(f"{package}.{n}").CHECKS, package) for n in FAMILIES))


def with_own_checks(found: Iterable[EntryPoint] | None = None) -> Catalogue:
    """The catalogue with the families that are installed as entry points of the group `fanal.checks`.

    A family that cannot be loaded is left out, and the check `plugins.loaded` says so on every inspection.
    """
    points = sorted(entry_points(group=GROUP) if found is None else found, key=lambda p: p.name)
    own = catalogue()
    if not points:
        return own
    families, broken = list(own.families), []
    for point in points:
        try:
            family = point.load()
            _check_plugin(family, {f.name for f in families})
        except Exception:  # noqa: BLE001 - whatever a plug-in does, the desk goes on and a finding says so
            broken.append(point.name)
        else:
            families.append(family)
    return Catalogue((*families, _plugins_family(tuple(broken))))


def _check_plugin(family: object, taken: set[str]) -> None:
    if not isinstance(family, Family) or family.name in taken or family.name == "plugins" or not family.checks:
        raise CatalogueError("not a family, or its name is taken")
    for check in family.checks:
        texts = family.texts.get(check.id.removeprefix(f"{family.name}."))
        if not check.id.startswith(f"{family.name}.") or not check.clause or texts is None:
            raise CatalogueError("a check without its family's name, a clause or texts")
        if any(set(message.words) != set(LANGUAGES) for message in texts.messages()):
            raise CatalogueError("texts are in all languages")


def _plugins_family(broken: tuple[str, ...]) -> Family:
    def loaded(subject: Subject) -> Result:
        outcome = Outcome.UNDETERMINED if broken else Outcome.PASSED
        return Result(outcome, values={"names": ", ".join(broken)})

    check = Check("plugins.loaded", "Fanal, docs/checks.md", Severity.CONCERN, loaded)
    return Family.of("plugins", (check,), f"{__package__}.checks")
