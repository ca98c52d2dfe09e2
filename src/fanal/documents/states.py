"""Codes of issuing States, organizations and nationalities, with their names in four languages.

The list is that of ICAO Doc 9303-3 section 5 (ISO 3166-1 alpha-3 with Germany as D, and Doc 9303's own codes), the
former codes of ISO 3166-3, and three codes that are met though neither standard assigns them (RKS, XCT, XKX). It lies
in `data/states.csv` and is read at the first question, not at import.

A name says how officers call the holder of a code, and nothing about anyone's status.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("en", "es", "fr", "ht")


class StateKind(StrEnum):
    """What a code stands for."""

    STATE = "state"  # a State or territory
    ORGANIZATION = "organization"
    STATELESS = "stateless"
    REFUGEE = "refugee"
    OTHER = "other"  # a class of nationality (GBD), an unspecified one (XXX), a code that no standard assigns (XCT)
    FORMER = "former"
    SPECIMEN = "specimen"


@dataclass(frozen=True, slots=True)
class State:
    """A State, organization or class of persons that stands in a code field of a travel document.

    `valid_from` and `valid_until` are the days on which the code entered and left the standard, where known; where
    only the year is published they are its first and last day. A document issued before `valid_until` may be good
    after it. `successors` are the codes used instead of this one: DEU is written D, ZAR is now COD.
    An organization's code is no nationality, but in its own documents (Doc 9303-4, 4.2.2.2).
    """

    code: str
    kind: StateKind
    iso2: str | None
    valid_from: date | None
    valid_until: date | None
    may_be_nationality: bool
    may_issue: bool
    successors: tuple[str, ...]
    names: Mapping[str, str] = field(hash=False)

    def name(self, lang: str) -> str:
        """The name in "en", "es", "fr" or "ht"; the English one in any other language."""
        return self.names.get(lang, self.names["en"])

    def in_use(self, on: date) -> bool:
        """Whether the code was in the standard on a day, as far as the list's dates tell."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on <= self.valid_until
        )


# What stands on documents and in systems in place of the right code, and belongs to no State: the codes of the
# International Olympic Committee, older and invented abbreviations, and readings of specimens.
_MISPRINTS: Final = MappingProxyType(
    {
        "ALG": "DZA", "ANG": "AGO", "ARU": "ABW", "BAH": "BHS", "BAN": "BGD", "BAR": "BRB", "BDR": "D", "BER": "BMU",
        "BHU": "BTN", "BIZ": "BLZ", "BOT": "BWA", "BRD": "D", "BRU": "BRN", "BUL": "BGR", "CAM": "KHM", "CAY": "CYM",
        "CHA": "TCD", "CHI": "CHL", "CRC": "CRI", "CRO": "HRV", "DEN": "DNK", "ESA": "SLV", "GAM": "GMB", "GER": "D",
        "GRE": "GRC", "GRN": "GRD", "GUA": "GTM", "GUI": "GIN", "HAI": "HTI", "HON": "HND", "INA": "IDN", "IRI": "IRN",
        "ISV": "VIR", "IVB": "VGB", "KOS": "RKS", "KSA": "SAU", "KUW": "KWT", "LAT": "LVA", "LBA": "LBY", "LIB": "LBN",
        "MAD": "MDG", "MAS": "MYS", "MAW": "MWI", "MGL": "MNG", "MON": "MCO", "MRI": "MUS", "MTN": "MRT", "MYA": "MMR",
        "NCA": "NIC", "NED": "NLD", "NEP": "NPL", "NGR": "NGA", "NIG": "NER", "OMA": "OMN", "PAR": "PRY", "PHI": "PHL",
        "PLE": "PSE", "POR": "PRT", "PUR": "PRI", "RSA": "ZAF", "SEY": "SYC", "SIN": "SGP", "SKN": "KNA", "SLO": "SVN",
        "SOL": "SLB", "SRI": "LKA", "SUD": "SDN", "SUI": "CHE", "TAN": "TZA", "TGA": "TON", "TOG": "TGO", "TPE": "TWN",
        "UAE": "ARE", "URU": "URY", "VIE": "VNM", "VIN": "VCT", "ZAM": "ZMB", "ZIM": "ZWE",
    }
)  # fmt: skip


def normalise_code(text: str) -> str:
    """A code without its fillers and spaces, in capitals: "D<<" is "D"."""
    return text.replace("<", "").strip().upper()


def find_state(code: str) -> State | None:
    """The holder of a code, with or without fillers ("D<<"); None where there is no such code."""
    return _load().get(normalise_code(code))


def state_name(code: str, lang: str) -> str:
    """The name that belongs to a code; the code itself where there is no such one."""
    state = find_state(code)
    return normalise_code(code) if state is None else state.name(lang)


def find_intended(code: str) -> State | None:
    """The State probably meant by a code that belongs to none, or that Doc 9303 does not use.

    "GER" and "DEU" for D, "HAI" for HTI, "XKX" for RKS. None where nothing is known, and for every code that is in
    order. A former code is not taken for its successor: a document of 1990 may bear it rightly.
    """
    code = normalise_code(code)
    state = _load().get(code)
    if state is None:
        return _load().get(_MISPRINTS.get(code, ""))
    if state.kind is not StateKind.FORMER and len(state.successors) == 1:
        return _load().get(state.successors[0])
    return None


def find_by_iso2(code: str) -> State | None:
    """The State in use today that has an ISO 3166-1 alpha-2 code (as certificates and seals name States)."""
    return _by_iso2().get(code.strip().upper())


def all_states() -> Iterator[State]:
    """Every entry, in the order of the list."""
    return iter(_load().values())


@cache
def _by_iso2() -> Mapping[str, State]:
    usual = (StateKind.STATE, StateKind.ORGANIZATION)
    return {s.iso2: s for s in reversed(_load().values()) if s.iso2 and s.kind in usual and not s.successors}


@cache
def _load() -> dict[str, State]:
    # Imported here: `import fanal.documents` stays quick for those who ask for no State.
    import csv
    from importlib import resources

    text = resources.files(__package__).joinpath("data/states.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["code"]: State(
            code=row["code"],
            kind=StateKind(row["kind"]),
            iso2=row["iso2"] or None,
            valid_from=_day(row["from"], "-01-01"),
            valid_until=_day(row["until"], "-12-31"),
            may_be_nationality=row["nationality"] != "n",
            may_issue=row["issues"] != "n",
            successors=tuple(row["successors"].split()),
            names=MappingProxyType({lang: row[lang] for lang in LANGUAGES}),
        )
        for row in rows
    }


def _day(text: str, rest_of_year: str) -> date | None:
    if not text:
        return None
    return date.fromisoformat(text if len(text) > 4 else text + rest_of_year)
