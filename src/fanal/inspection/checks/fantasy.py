"""Documents of issuers that do not exist: fantasy and camouflage documents that are known by their published names.

A code that belongs to nobody is asked about in the family "codes"; here is what names an issuer that others have met.
The names and their sources are `fantasy.csv`.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from fanal.documents import Claim, Field, Source
from fanal.inspection.checks.common import failed, not_done, passed
from fanal.inspection.findings import Check, FraudKind, Result, Severity
from fanal.inspection.subject import Subject

_NAMING: Final = (Field.ISSUING_STATE, Field.NATIONALITY)
_SAYING: Final = (*_NAMING, Field.ISSUING_AUTHORITY)
_OTHERS: Final = (Source.CARRIER, Source.VISA)  # what they say is of other documents
_FORMS: Final = (
    "republic of", "principality of", "kingdom of", "dominion of", "state of", "province of", "furstentum", "the",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownIssuer:
    """An issuer on a published list. `kind` is "fantasy" or "camouflage"."""

    name: str
    code: str
    kind: str
    source: str

    @property
    def words(self) -> str:
        return _words(self.name)

    @property
    def plain(self) -> str:
        return _plain(self.name)


@cache
def known_issuers() -> tuple[KnownIssuer, ...]:
    """The list, in its order."""
    text = resources.files(__package__).joinpath("fantasy.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(KnownIssuer(row["name"], row["code"], row["kind"], row["source"]) for row in rows)


def _words(text: str) -> str:
    """Words in small letters without accents and signs."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text[:500]).casefold() if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def _plain(text: str) -> str:
    """The words without those that only say what kind of State it calls itself."""
    words = _words(text)
    for form in _FORMS:
        words = words.removeprefix(f"{form} ")
    return words


def _find(claim: Claim) -> KnownIssuer | None:
    words, plain, code = _words(claim.value), _plain(claim.value), claim.value.strip("<").upper()
    for issuer in known_issuers():
        if claim.field in _NAMING and (plain == issuer.plain or (issuer.code and code == issuer.code)):
            return issuer
        # An authority is named with its place, and a place of that name may have a real one: the whole name counts.
        if claim.field is Field.ISSUING_AUTHORITY and issuer.kind == "fantasy" and f" {issuer.words} " in f" {words} ":
            return issuer
    return None


def issuer_exists(subject: Subject) -> Result:
    claims = [c for c in subject.document.claims if c.field in _SAYING and c.value and c.source not in _OTHERS]
    for claim in claims:
        if (issuer := _find(claim)) is not None:
            expected = f"{issuer.name} [{issuer.source}]"
            return failed(claim, seen=claim.value, expected=expected, reason=issuer.kind)
    return passed(*claims) if claims else not_done()


CHECKS: Final = (
    Check(
        "fantasy.issuer_exists",
        "ICAO Doc 9303-3, 5; published lists of fantasy and camouflage documents",
        Severity.SERIOUS,
        issuer_exists,
        (FraudKind.FANTASY,),
    ),
)
