"""Profiles: what a document of a given State, kind and period must show, as data.

The format of a file, with an example, is `docs/profiles.md`. A document of an unknown model gets the generic profile
of its kind, which expects no more than Doc 9303 does. Where several models fit (the date of issue is not known), only
what they all say is expected.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final, TypeVar

from fanal.inspection.errors import ProfileError

SCHEMA: Final = "fanal.profile/1"

MAX_BYTES: Final = 256 * 1024
MAX_PATTERNS: Final = 64
MAX_SERIES: Final = 1000

T = TypeVar("T")


class Shows(StrEnum):
    """Whether documents of a model have something."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"  # or not known: nothing is expected, nothing is suspicious
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Validity:
    """The longest validity the model is issued with, in months; None where there is no limit, or none is known.

    `carried_over` months of an earlier document may have been added. A holder younger than `child_until` years on the
    day of issue gets `child_months` at most.
    """

    months: int | None = None
    carried_over: int = 0
    child_months: int | None = None
    child_until: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """A range of document numbers, both ends within. Numbers of another length are outside."""

    first: str
    last: str
    issued: bool = True  # False: numbers that were never issued, or were taken out of use

    def __contains__(self, number: str) -> bool:
        return len(number) == len(self.first) and self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class Feature:
    """A security feature to look for: what `fanal.features` or an officer's eye and hand decide."""

    id: str
    light: str  # white, uv, ir, hand
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Profile:
    """What documents of one model must show. `generic` is the profile of a kind of document, of no State's model."""

    id: str
    source: str
    issuing_state: str | None = None
    document_codes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    issued_from: date | None = None
    issued_until: date | None = None
    validity: Validity = Validity()
    viz: Shows = Shows.SOMETIMES
    chip: Shows = Shows.SOMETIMES
    seal: Shows = Shows.SOMETIMES
    uv: Shows = Shows.SOMETIMES
    numbers: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    features: tuple[Feature, ...] = ()

    @property
    def generic(self) -> bool:
        return self.issuing_state is None

    def number_fits(self, number: str) -> bool:
        """Whether `number` has one of the model's patterns; True where none is known."""
        return not self.numbers or any(matches(pattern, number) for pattern in self.numbers)

    def number_issued(self, number: str) -> bool:
        """Whether `number` is in the series that were issued; True where none is known."""
        if any(number in s for s in self.series if not s.issued):
            return False
        issued = [s for s in self.series if s.issued]
        return not issued or any(number in s for s in issued)


def matches(pattern: str, number: str) -> bool:
    """Whether `number` has the form of `pattern`: # a digit, @ a letter, ? either; any other character is itself."""
    return len(pattern) == len(number) and all(
        n.isascii() and (n.isdigit() if p == "#" else n.isalpha() if p == "@" else n.isalnum() if p == "?" else n == p)
        for p, n in zip(pattern, number, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles of a desk: the product's own and those that its State added."""

    profiles: tuple[Profile, ...]

    @classmethod
    def load(cls, extra: Iterable[tuple[str, bytes]] = ()) -> Profiles:
        """The product's profiles, and those of `extra`: (name, content) of further files. A later id replaces.

        Raises:
            ProfileError: a file that does not say what a profile must.
        """
        own = _own()
        if not (added := tuple(parse(content, name) for name, content in extra)):
            return cls(own)
        by_id = {p.id: p for p in (*own, *added)}
        return cls(tuple(by_id.values()))

    def find(
        self,
        *,
        issuing_state: str | None,
        document_code: str | None,
        format_: str | None = None,
        issued: str | None = None,
    ) -> Profile:
        """What is expected of such a document. `issued` is ISO 8601, as precise as known.

        The models of the State that fit; without one, the generic profile of the kind; without that, nothing.
        """
        code = document_code or ""
        fitting = [
            p
            for p in self.profiles
            if any(code == c or (c.endswith("*") and code.startswith(c[:-1])) for c in p.document_codes)
            and (not p.formats or format_ is None or format_ in p.formats)
            and _overlaps(p, issued)
        ]
        models = [p for p in fitting if p.issuing_state is not None and p.issuing_state == issuing_state]
        return _agreed(models or [p for p in fitting if p.generic])


def _overlaps(profile: Profile, issued: str | None) -> bool:
    """Whether a document of the model may have been issued at `issued`, which may be a year or a month."""
    if not issued:
        return True
    before = profile.issued_from is not None and issued < profile.issued_from.isoformat()[: len(issued)]
    after = profile.issued_until is not None and issued > profile.issued_until.isoformat()[: len(issued)]
    return not before and not after


def _agreed(profiles: list[Profile]) -> Profile:
    """What all `profiles` say; where they differ, the widest."""
    if not profiles:
        return Profile("unknown", "")
    first, *others = profiles
    if not others:
        return first

    def same(get: Callable[[Profile], Shows]) -> Shows:
        values = {get(p) for p in profiles}
        return values.pop() if len(values) == 1 else Shows.SOMETIMES

    def widest(get: Callable[[Validity], int | None]) -> int | None:
        values = [get(p.validity) for p in profiles]
        return None if None in values else max(v for v in values if v is not None)

    every_pattern = all(p.numbers for p in profiles)
    every_series = all(p.series for p in profiles)
    return replace(
        first,
        id="+".join(p.id for p in profiles),
        validity=Validity(
            months=widest(lambda v: v.months),
            carried_over=widest(lambda v: v.carried_over) or 0,
            child_months=widest(lambda v: v.child_months),
            child_until=min(p.validity.child_until for p in profiles),
        ),
        viz=same(lambda p: p.viz),
        chip=same(lambda p: p.chip),
        seal=same(lambda p: p.seal),
        uv=same(lambda p: p.uv),
        numbers=tuple(n for p in profiles for n in p.numbers) if every_pattern else (),
        series=tuple(s for p in profiles for s in p.series) if every_series else (),
        features=tuple(f for f in first.features if all(f in p.features for p in others)),
    )


@cache
def _own() -> tuple[Profile, ...]:
    files = sorted(
        (f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name
    )
    return tuple(parse(f.read_bytes(), f.name) for f in files)


# --- one file ----------------------------------------------------------------------------------------------------


def parse(content: bytes, name: str) -> Profile:
    """The profile of one TOML file.

    Raises:
        ProfileError: over the limits, not TOML, of another schema, or with a value that its place does not take.
    """
    if len(content) > MAX_BYTES:
        raise ProfileError(f"{name}: larger than {MAX_BYTES} bytes")
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileError(f"{name}: {error}") from None
    top = _Table(data, name)
    if top.take("schema", str) != SCHEMA:
        raise ProfileError(f"{name}: schema must be {SCHEMA!r}")
    profile = Profile(
        id=_filled(top, "id"),
        source=_filled(top, "source"),
        issuing_state=top.take("issuing_state", str, None),
        document_codes=top.strings("document_codes"),
        formats=top.strings("formats"),
        issued_from=_day(top, "issued_from"),
        issued_until=_day(top, "issued_until"),
        validity=_validity(top.table("validity")),
        **_shows(top.table("shows")),
        **_numbers(top.table("number")),
        features=tuple(_feature(t) for t in top.tables("feature")),
    )
    top.nothing_left()
    if not profile.document_codes:
        raise ProfileError(f"{name}: document_codes is empty")
    if profile.issued_from and profile.issued_until and profile.issued_from > profile.issued_until:
        raise ProfileError(f"{name}: issued_from is after issued_until")
    return profile


_REQUIRED: Final = object()


class _Table:
    """A TOML table that is read key by key; what nobody asked for is an error, so that a misspelt key is noticed."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self._data = dict(data)
        self.where = where

    def take(self, key: str, kind: type[T], default: Any = _REQUIRED) -> T | Any:
        value = self._data.pop(key, default)
        if value is default and default is not _REQUIRED:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ProfileError(f"{self.where}: {key} must be of type {kind.__name__}")
        return value

    def strings(self, key: str, limit: int = MAX_PATTERNS) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if len(values) > limit or not all(isinstance(v, str) and 0 < len(v) <= 64 for v in values):
            raise ProfileError(f"{self.where}: {key} must be a list of at most {limit} short strings")
        return tuple(values)

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, dict, {}), f"{self.where}: {key}")

    def tables(self, key: str, limit: int = MAX_SERIES) -> list[_Table]:
        values = self.take(key, list, [])
        if len(values) > limit or not all(isinstance(v, dict) for v in values):
            raise ProfileError(f"{self.where}: {key} must be a list of at most {limit} tables")
        return [_Table(v, f"{self.where}: {key}[{i}]") for i, v in enumerate(values)]

    def nothing_left(self) -> None:
        if self._data:
            raise ProfileError(f"{self.where}: there is no {sorted(self._data)[0]!r} in a profile")


def _filled(table: _Table, key: str) -> str:
    value: str = table.take(key, str)
    if not value.strip():
        raise ProfileError(f"{table.where}: {key} is empty")
    return value


def _day(table: _Table, key: str) -> date | None:
    value = table.take(key, date, None)
    if value is not None and type(value) is not date:
        raise ProfileError(f"{table.where}: {key} must be a day, without a time")
    return value


def _months(table: _Table, key: str, default: int | None) -> int | None:
    value = table.take(key, int, default)
    if value is not None and not 0 <= value <= 1200:
        raise ProfileError(f"{table.where}: {key} must be from 0 to 1200")
    return value


def _validity(table: _Table) -> Validity:
    validity = Validity(
        months=_months(table, "months", None),
        carried_over=_months(table, "carried_over", 0) or 0,
        child_months=_months(table, "child_months", None),
        child_until=_months(table, "child_until", 0) or 0,
    )
    table.nothing_left()
    return validity


def _shows(table: _Table) -> dict[str, Any]:
    shows = {}
    for key in ("viz", "chip", "seal", "uv"):
        try:
            shows[key] = Shows(table.take(key, str, Shows.SOMETIMES.value))
        except ValueError:
            raise ProfileError(f"{table.where}: {key} must be one of {', '.join(Shows)}") from None
    table.nothing_left()
    return shows


def _numbers(table: _Table) -> dict[str, Any]:
    patterns = table.strings("patterns")
    series = []
    for entry in table.tables("series"):
        one = Series(_filled(entry, "first"), _filled(entry, "last"), entry.take("issued", bool, True))
        entry.nothing_left()
        if len(one.first) != len(one.last) or one.first > one.last:
            raise ProfileError(f"{entry.where}: first and last must be of one length, in order")
        series.append(one)
    table.nothing_left()
    return {"numbers": patterns, "series": tuple(series)}


def _feature(table: _Table) -> Feature:
    feature_id, light = _filled(table, "id"), _filled(table, "light")
    if light not in ("white", "uv", "ir", "hand"):
        raise ProfileError(f"{table.where}: light must be one of white, uv, ir, hand")
    text = table.take("text", dict)
    if set(text) != {"en", "es", "fr", "ht"} or not all(isinstance(v, str) and v for v in text.values()):
        raise ProfileError(f"{table.where}: text must be in en, es, fr and ht")
    table.nothing_left()
    return Feature(feature_id, light, text)
