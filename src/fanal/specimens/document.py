"""What a specimen document says, zone by zone, before it is drawn; and how Utopia issues one from a seed.

A genuine specimen says the same in the visual inspection zone (VIZ) and the machine readable zone (MRZ). A forgery
(`fanal.specimens.forgeries`) changes one of them, or how they are printed.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from fanal.documents import Field, mrz
from fanal.specimens.errors import SpecimenError
from fanal.specimens.people import PLACES, Traveller, invent_traveller

MADE_ON = date(2026, 11, 24)
"""The day on which genuine specimens are valid by default: fixed, so that a seed means one document."""

FORMATS = (mrz.Format.TD1, mrz.Format.TD2, mrz.Format.TD3, mrz.Format.MRV_A, mrz.Format.MRV_B)
"""The formats of Doc 9303-4 to -7, in which Utopia issues."""

VISAS = (mrz.Format.MRV_A, mrz.Format.MRV_B)

ADULT_YEARS, CHILD_YEARS, CHILD_UNTIL = 10, 5, 16
"""How long a Utopian passport or card is valid; the child's period holds for holders under 16 on the day of issue."""

_DOCUMENT_CODES = {
    mrz.Format.TD1: "I",
    mrz.Format.TD2: "I",
    mrz.Format.TD3: "P",
    mrz.Format.MRV_A: "V",
    mrz.Format.MRV_B: "V",
}
_NUMBER_PREFIXES = {
    mrz.Format.TD1: "UC",
    mrz.Format.TD2: "UD",
    mrz.Format.TD3: "UP",
    mrz.Format.MRV_A: "VA",
    mrz.Format.MRV_B: "VB",
}


@dataclass(frozen=True, slots=True)
class Printing:
    """How the document is printed, where that is not the values themselves. Lengths in millimetres."""

    state_names: tuple[str, str] = ("UTOPIA", "UTOPIE")  # English and French, in the header
    mrz_shifts: tuple[tuple[float, float], ...] = ()  # (right, down) of each MRZ line; () for all in their place
    portrait_seed: int = 0
    portrait_shift: tuple[float, float] = (0.0, 0.0)
    portrait_turn: float = 0.0  # degrees, anticlockwise
    portrait_pasted: bool = False  # with the edge and the shadow of a photograph that was put over another


@dataclass(frozen=True, slots=True)
class SpecimenDocument:
    """One specimen: what each zone says and how it is printed.

    `viz` holds values in the normal form of `fanal.documents.claims`; `lines` is the MRZ as printed.
    """

    seed: int
    on: date  # the day for which it was made
    format: mrz.Format
    holder: Traveller
    viz: Mapping[Field, str]
    lines: tuple[str, ...]
    printing: Printing
    forgery: str | None = None  # the kind (`forgeries.Forgery`), None for a genuine specimen


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def years_of_validity(holder: Traveller, issued: date) -> int:
    return ADULT_YEARS if issued >= add_years(holder.date_of_birth, CHILD_UNTIL) else CHILD_YEARS


def _number(rng: random.Random, form: mrz.Format) -> str:
    # One card in eight has a number longer than nine characters, which Doc 9303-5 continues in the optional data.
    digits = 12 if form is mrz.Format.TD1 and rng.random() < 0.125 else 7
    return _NUMBER_PREFIXES[form] + "".join(rng.choice("0123456789") for _ in range(digits))


def _dates(rng: random.Random, form: mrz.Format, holder: Traveller, on: date) -> tuple[date, date]:
    """Issue and expiry around `on`; a document issued today or last valid tomorrow is possible, not likely."""
    if form in VISAS:
        issued = on - timedelta(days=rng.randint(0, 60))
        return issued, issued + timedelta(days=rng.choice((90, 180, 365, 730)))
    latest_age = (on - holder.date_of_birth).days - 1
    issued = on - timedelta(days=min(rng.randint(0, CHILD_YEARS * 365 - 30), max(latest_age, 0)))
    # The last day of validity is the eve of the anniversary.
    return issued, add_years(issued, years_of_validity(holder, issued)) - timedelta(days=1)


def compose_lines(form: mrz.Format, viz: Mapping[Field, str]) -> tuple[str, ...]:
    """The MRZ that says what the visual zone says."""
    return mrz.compose(form, {field: value for field, value in viz.items() if field in _IN_MRZ[form]})


_COMMON = frozenset(
    {
        Field.DOCUMENT_CODE,
        Field.ISSUING_STATE,
        Field.PRIMARY_IDENTIFIER,
        Field.SECONDARY_IDENTIFIER,
        Field.DOCUMENT_NUMBER,
        Field.NATIONALITY,
        Field.DATE_OF_BIRTH,
        Field.SEX,
        Field.DATE_OF_EXPIRY,
    }
)
_IN_MRZ = {
    mrz.Format.TD1: _COMMON | {Field.OPTIONAL_DATA, Field.OPTIONAL_DATA_2},
    mrz.Format.TD2: _COMMON | {Field.OPTIONAL_DATA},
    mrz.Format.TD3: _COMMON | {Field.PERSONAL_NUMBER},
    mrz.Format.MRV_A: _COMMON | {Field.OPTIONAL_DATA},
    mrz.Format.MRV_B: _COMMON | {Field.OPTIONAL_DATA},
}


def issue(form: mrz.Format, seed: int, on: date = MADE_ON) -> SpecimenDocument:
    """A genuine specimen of the format, valid on the day `on`. The same arguments give the same document.

    Raises:
        SpecimenError: Utopia does not issue documents of this format.
    """
    if form not in FORMATS:
        raise SpecimenError(f"Utopia does not issue {form.value}")
    rng = random.Random(f"fanal specimen {form.value} {seed} {on.isoformat()}")
    holder = invent_traveller(rng, on)
    issued, expires = _dates(rng, form, holder, on)
    viz = {
        Field.DOCUMENT_CODE: _DOCUMENT_CODES[form],
        Field.ISSUING_STATE: "UTO",
        Field.DOCUMENT_NUMBER: _number(rng, form),
        Field.PRIMARY_IDENTIFIER: holder.primary_identifier,
        Field.SECONDARY_IDENTIFIER: holder.secondary_identifier,
        Field.NATIONALITY: "UTO",
        Field.DATE_OF_BIRTH: holder.date_of_birth.isoformat(),
        Field.SEX: holder.sex,
        Field.DATE_OF_EXPIRY: expires.isoformat(),
        Field.DATE_OF_ISSUE: issued.isoformat(),
    }
    if not holder.secondary_identifier:
        del viz[Field.SECONDARY_IDENTIFIER]
    place = rng.choice(PLACES)
    if form in VISAS:
        viz[Field.ISSUING_AUTHORITY] = f"CONSULATE OF UTOPIA, {place}"
        viz[Field.VALID_FROM] = issued.isoformat()
        viz[Field.NUMBER_OF_ENTRIES] = rng.choice(("01", "02", "MULT"))
        viz[Field.PASSPORT_NUMBER] = _number(rng, mrz.Format.TD3)
    else:
        viz[Field.ISSUING_AUTHORITY] = f"CIVIL REGISTRY, {place}"
        viz[Field.PLACE_OF_BIRTH] = holder.place_of_birth
    if form is mrz.Format.TD3 and rng.random() < 0.5:
        viz[Field.PERSONAL_NUMBER] = "".join(rng.choice("0123456789") for _ in range(11))
    return SpecimenDocument(
        seed, on, form, holder, viz, compose_lines(form, viz), Printing(portrait_seed=rng.getrandbits(32))
    )
