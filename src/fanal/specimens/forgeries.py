"""Forgeries of Utopian specimens: each changes one thing, and says which fraud it stands for and what should notice it.

For training officers and for testing the checks. `noticed_by` names the checks (`fanal checks`) whose answer a forgery
turns to failed when everything on the page is read; a forgery that only eyes or a measure of the picture can notice
has none.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from fanal.documents import Field, mrz
from fanal.specimens.document import VISAS, SpecimenDocument, add_years, compose_lines
from fanal.specimens.errors import SpecimenError
from fanal.specimens.people import invent_traveller


class Forgery(StrEnum):
    """What was done. The values are stable: truth files and training records keep them."""

    NUMBER_DIGIT = "number_digit"
    NUMBER_RECOMPUTED = "number_recomputed"
    BIRTH_DIGIT = "birth_digit"
    BIRTH_RECOMPUTED = "birth_recomputed"
    EXPIRY_DIGIT = "expiry_digit"
    EXPIRY_VIZ = "expiry_viz"
    NAME_VIZ = "name_viz"
    NAME_MRZ = "name_mrz"
    STATE_CODE = "state_code"
    DOCUMENT_CODE = "document_code"
    COMPOSITE = "composite"
    LETTER_IN_DATE = "letter_in_date"
    DATE_IMPOSSIBLE = "date_impossible"
    LINE_SHIFTED = "line_shifted"
    LINES_MOVED = "lines_moved"
    VALIDITY_PERIOD = "validity_period"
    FANTASY_STATE = "fantasy_state"
    PORTRAIT_PASTED = "portrait_pasted"
    PORTRAIT_MOVED = "portrait_moved"


@dataclass(frozen=True, slots=True)
class ForgeryKind:
    """One way to forge: `fraud` is a value of `fanal.inspection.FraudKind`, `about` says in English what was done."""

    forgery: Forgery
    fraud: str
    noticed_by: tuple[str, ...]
    about: str
    forge: Callable[[SpecimenDocument, random.Random], SpecimenDocument]
    formats: tuple[mrz.Format, ...]


# Where fields and check digits stand: (line, first column, last column), counted from 1 (Doc 9303-4 to -7, 4.2.2).
_Place = tuple[int, int, int]
_PLACES: Mapping[mrz.Format, Mapping[str, _Place]] = {
    mrz.Format.TD1: {"number": (1, 6, 14), "birth": (2, 1, 6), "expiry": (2, 9, 14), "composite": (2, 30, 30)},
    mrz.Format.TD2: {"number": (2, 1, 9), "birth": (2, 14, 19), "expiry": (2, 22, 27), "composite": (2, 36, 36)},
    mrz.Format.TD3: {"number": (2, 1, 9), "birth": (2, 14, 19), "expiry": (2, 22, 27), "composite": (2, 44, 44)},
    mrz.Format.MRV_A: {"number": (2, 1, 9), "birth": (2, 14, 19), "expiry": (2, 22, 27)},
    mrz.Format.MRV_B: {"number": (2, 1, 9), "birth": (2, 14, 19), "expiry": (2, 22, 27)},
}
# What the composite check digit covers, in order.
_COMPOSITE: Mapping[mrz.Format, tuple[_Place, ...]] = {
    mrz.Format.TD1: ((1, 6, 30), (2, 1, 7), (2, 9, 15), (2, 19, 29)),
    mrz.Format.TD2: ((2, 1, 10), (2, 14, 20), (2, 22, 35)),
    mrz.Format.TD3: ((2, 1, 10), (2, 14, 20), (2, 22, 43)),
}
_CARDS_AND_PASSPORTS = (mrz.Format.TD1, mrz.Format.TD2, mrz.Format.TD3)
_ALL = (*_CARDS_AND_PASSPORTS, *VISAS)


def _get(lines: tuple[str, ...], place: _Place) -> str:
    line, first, last = place
    return lines[line - 1][first - 1 : last]


def _put(lines: tuple[str, ...], place: _Place, text: str) -> tuple[str, ...]:
    line, first, last = place
    old = lines[line - 1]
    return (*lines[: line - 1], old[: first - 1] + text + old[last:], *lines[line:])


def _with_composite(form: mrz.Format, lines: tuple[str, ...]) -> tuple[str, ...]:
    if form not in _COMPOSITE:
        return lines
    covered = "".join(_get(lines, place) for place in _COMPOSITE[form])
    return _put(lines, _PLACES[form]["composite"], mrz.check_digit(covered))


def _with_check_digits(form: mrz.Format, lines: tuple[str, ...], name: str, text: str) -> tuple[str, ...]:
    """The lines with another text in a date field, its check digit and the composite one recomputed."""
    line, first, last = _PLACES[form][name]
    lines = _put(lines, (line, first, last), text)
    lines = _put(lines, (line, last + 1, last + 1), mrz.check_digit(text))
    return _with_composite(form, lines)


def _other_digit(rng: random.Random, text: str) -> str:
    """The text with one of its digits changed."""
    at = rng.choice([index for index, character in enumerate(text) if character.isdigit()])
    digit = rng.choice([d for d in "0123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]


def _viz(document: SpecimenDocument, **changes: str) -> SpecimenDocument:
    return replace(document, viz={**document.viz, **{Field(name): value for name, value in changes.items()}})


# -- the forgeries ----------------------------------------------------------------------------------------------------


def _number_digit(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    number = document.viz[Field.DOCUMENT_NUMBER]
    kept = number[:9]
    changed = _other_digit(rng, kept)
    place = _PLACES[document.format]["number"]
    lines = _put(document.lines, place, changed.ljust(9, "<"))
    return replace(_viz(document, document_number=changed + number[9:]), lines=lines)


def _number_recomputed(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    number = _other_digit(rng, document.viz[Field.DOCUMENT_NUMBER])
    return replace(document, lines=compose_lines(document.format, {**document.viz, Field.DOCUMENT_NUMBER: number}))


def _mrz_date(iso: str) -> str:
    return iso[2:4] + iso[5:7] + iso[8:10]


def _moved_date(rng: random.Random, iso: str, years: tuple[int, ...]) -> str:
    """The date moved by one of `years`, so that its check digit is another."""
    moved = [add_years(date.fromisoformat(iso), by).isoformat() for by in years]
    return rng.choice([new for new in moved if mrz.check_digit(_mrz_date(new)) != mrz.check_digit(_mrz_date(iso))])


_OLDER, _LATER = (-6, -5, -4, -3, -2), (1, 2, 3)


def _birth_digit(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    birth = _moved_date(rng, document.viz[Field.DATE_OF_BIRTH], _OLDER)
    lines = _put(document.lines, _PLACES[document.format]["birth"], _mrz_date(birth))
    return replace(_viz(document, date_of_birth=birth), lines=lines)


def _birth_recomputed(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    birth = _moved_date(rng, document.viz[Field.DATE_OF_BIRTH], _OLDER)
    return replace(document, lines=compose_lines(document.format, {**document.viz, Field.DATE_OF_BIRTH: birth}))


def _expiry_digit(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    later = _moved_date(rng, document.viz[Field.DATE_OF_EXPIRY], _LATER)
    lines = _put(document.lines, _PLACES[document.format]["expiry"], _mrz_date(later))
    return replace(_viz(document, date_of_expiry=later), lines=lines)


def _expiry_viz(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    return _viz(document, date_of_expiry=_moved_date(rng, document.viz[Field.DATE_OF_EXPIRY], _LATER))


def _other_name(document: SpecimenDocument, rng: random.Random) -> str:
    on = date.fromisoformat(document.viz[Field.DATE_OF_ISSUE])
    initial = document.viz[Field.PRIMARY_IDENTIFIER][0]
    while (name := invent_traveller(rng, on).primary_identifier)[0] == initial:
        pass
    return name


def _name_viz(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    return _viz(document, primary_identifier=_other_name(document, rng))


def _name_mrz(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    viz = {**document.viz, Field.PRIMARY_IDENTIFIER: _other_name(document, rng)}
    return replace(document, lines=compose_lines(document.format, viz))


def _state_code(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    return replace(document, lines=_put(document.lines, (1, 3, 5), rng.choice(("UTP", "UTI", "UOT"))))


def _document_code(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    # A passport's code in a format that no passport has, a card's in one that no card has.
    wrong = "I<" if document.format in (mrz.Format.TD3, mrz.Format.MRV_A) else "P<"
    return replace(_viz(document, document_code=wrong[0]), lines=_put(document.lines, (1, 1, 2), wrong))


def _composite(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    place = _PLACES[document.format]["composite"]
    return replace(document, lines=_put(document.lines, place, _other_digit(rng, _get(document.lines, place))))


def _letter_in_date(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    place = _PLACES[document.format]["birth"]
    text = _get(document.lines, place)
    at = rng.randrange(6)
    changed = text[:at] + rng.choice("KMQTXZ") + text[at + 1 :]
    return replace(document, lines=_with_check_digits(document.format, document.lines, "birth", changed))


def _date_impossible(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    birth = _get(document.lines, _PLACES[document.format]["birth"])
    text = birth[:2] + rng.choice(("1332", "0230", "1431", "0631"))
    return replace(document, lines=_with_check_digits(document.format, document.lines, "birth", text))


def _line_shifted(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    """A character dropped early in the line of the dates; the rest moved up and the end filled."""
    index = 1
    line = document.lines[index]
    at = rng.randrange(1, 6)
    shifted = line[:at] + line[at + 1 :] + "<"
    return replace(document, lines=(*document.lines[:index], shifted, *document.lines[index + 1 :]))


def _lines_moved(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    shifts = [(0.0, 0.0)] * len(document.lines)
    shifts[-1] = (rng.choice((-1, 1)) * rng.uniform(1.6, 3.2), rng.uniform(-1.6, -0.9))
    return replace(document, printing=replace(document.printing, mrz_shifts=tuple(shifts)))


def _validity_period(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    issued = date.fromisoformat(document.viz[Field.DATE_OF_ISSUE])
    expiry = (add_years(issued, rng.choice((15, 20))) - timedelta(days=1)).isoformat()
    changed = _viz(document, date_of_expiry=expiry)
    return replace(changed, lines=compose_lines(document.format, changed.viz))


_FANTASY = (
    ("NLA", ("REPUBLIC OF NEW LANTERNIA", "RÉPUBLIQUE DE NOUVELLE-LANTERNIE")),
    ("CCF", ("CORAL CAYS FREE STATE", "ÉTAT LIBRE DES CAYES")),
    ("OVQ", ("SOVEREIGN ORDER OF OVANIQUE", "ORDRE SOUVERAIN D'OVANIQUE")),
)


def _fantasy_state(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    code, names = rng.choice(_FANTASY)
    changed = _viz(document, issuing_state=code, nationality=code)
    # The codes go straight into the lines: a composer may rightly refuse a State that does not exist.
    lines = _put(document.lines, (1, 3, 5), code)
    nationality = (2, 16, 18) if document.format is mrz.Format.TD1 else (2, 11, 13)
    lines = _put(lines, nationality, code)
    return replace(changed, lines=lines, printing=replace(document.printing, state_names=names))


def _portrait_pasted(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    printing = replace(
        document.printing,
        portrait_seed=rng.getrandbits(32),
        portrait_pasted=True,
        portrait_turn=rng.choice((-1, 1)) * rng.uniform(0.8, 3.0),
        portrait_shift=(rng.uniform(-0.3, 0.8), rng.uniform(-0.3, 0.8)),
    )
    return replace(document, printing=printing)


def _portrait_moved(document: SpecimenDocument, rng: random.Random) -> SpecimenDocument:
    shift = (rng.uniform(0.8, 1.6), rng.choice((-1, 1)) * rng.uniform(0.8, 1.2))
    return replace(document, printing=replace(document.printing, portrait_shift=shift))


_NUMBER_CD, _BIRTH_CD, _EXPIRY_CD = (
    "mrz.document_number_check_digit",
    "mrz.date_of_birth_check_digit",
    "mrz.date_of_expiry_check_digit",
)
_COMPOSITE_CD = "mrz.composite_check_digit"

FORGERIES: tuple[ForgeryKind, ...] = (
    ForgeryKind(
        Forgery.NUMBER_DIGIT,
        "forgery",
        (_NUMBER_CD,),
        "one digit of the document number changed in the VIZ and the MRZ, the check digits left as they were",
        _number_digit,
        _ALL,
    ),
    ForgeryKind(
        Forgery.NUMBER_RECOMPUTED,
        "page_substitution",
        ("agreement.document_number",),
        "one digit of the document number changed in the MRZ with all check digits recomputed: only VIZ and MRZ differ",
        _number_recomputed,
        _ALL,
    ),
    ForgeryKind(
        Forgery.BIRTH_DIGIT,
        "forgery",
        (_BIRTH_CD,),
        "the holder made some years older in the VIZ and the MRZ, the check digits left as they were",
        _birth_digit,
        _ALL,
    ),
    ForgeryKind(
        Forgery.BIRTH_RECOMPUTED,
        "page_substitution",
        ("agreement.date_of_birth",),
        "another date of birth in the MRZ with all check digits recomputed: only VIZ and MRZ differ",
        _birth_recomputed,
        _ALL,
    ),
    ForgeryKind(
        Forgery.EXPIRY_DIGIT,
        "forgery",
        (_EXPIRY_CD,),
        "the date of expiry put off in the VIZ and the MRZ, the check digits left as they were",
        _expiry_digit,
        _ALL,
    ),
    ForgeryKind(
        Forgery.EXPIRY_VIZ,
        "forgery",
        ("agreement.date_of_expiry",),
        "the date of expiry put off in the VIZ only",
        _expiry_viz,
        _ALL,
    ),
    ForgeryKind(
        Forgery.NAME_VIZ,
        "forgery",
        ("agreement.name",),
        "another primary identifier in the VIZ",
        _name_viz,
        _ALL,
    ),
    ForgeryKind(
        Forgery.NAME_MRZ,
        "page_substitution",
        ("agreement.name",),
        "another primary identifier in the MRZ; no check digit covers a name",
        _name_mrz,
        _ALL,
    ),
    ForgeryKind(
        Forgery.STATE_CODE,
        "counterfeit",
        ("codes.issuing_state_known", "agreement.issuing_state"),
        "a code that no State has as issuing State in the MRZ",
        _state_code,
        _ALL,
    ),
    ForgeryKind(
        Forgery.DOCUMENT_CODE,
        "counterfeit",
        ("mrz.format_fits_document_code",),
        "a document code that does not go with the format: a card's on a passport, a passport's on a card",
        _document_code,
        _ALL,
    ),
    ForgeryKind(
        Forgery.COMPOSITE,
        "forgery",
        (_COMPOSITE_CD,),
        "the composite check digit wrong, all others right",
        _composite,
        _CARDS_AND_PASSPORTS,
    ),
    ForgeryKind(
        Forgery.LETTER_IN_DATE,
        "counterfeit",
        ("mrz.alphabet",),
        "a letter in the date of birth, with check digits that hold",
        _letter_in_date,
        _ALL,
    ),
    ForgeryKind(
        Forgery.DATE_IMPOSSIBLE,
        "counterfeit",
        ("dates.possible",),
        "a date of birth that is not in the calendar, with check digits that hold",
        _date_impossible,
        _ALL,
    ),
    ForgeryKind(
        Forgery.LINE_SHIFTED,
        "counterfeit",
        ("mrz.alphabet",),
        "a character missing early in the second MRZ line, so that all behind it stands one place too far left",
        _line_shifted,
        _ALL,
    ),
    ForgeryKind(
        Forgery.LINES_MOVED,
        "counterfeit",
        ("mrz.lines_in_place",),
        "the last MRZ line printed to one side and too near the line above: its text is right",
        _lines_moved,
        _ALL,
    ),
    ForgeryKind(
        Forgery.VALIDITY_PERIOD,
        "counterfeit",
        ("dates.validity_not_too_long",),
        "valid for fifteen or twenty years, in the VIZ and the MRZ alike",
        _validity_period,
        (mrz.Format.TD3, *VISAS),
    ),
    ForgeryKind(
        Forgery.FANTASY_STATE,
        "fantasy",
        ("codes.issuing_state_known",),
        "of a State that does not exist, in the VIZ and the MRZ alike",
        _fantasy_state,
        _ALL,
    ),
    ForgeryKind(
        Forgery.PORTRAIT_PASTED,
        "photo_substitution",
        (),
        "another portrait pasted over the first, a little turned, with its edge and shadow",
        _portrait_pasted,
        _ALL,
    ),
    ForgeryKind(
        Forgery.PORTRAIT_MOVED,
        "photo_substitution",
        (),
        "the portrait printed beside its place",
        _portrait_moved,
        _ALL,
    ),
)
_BY_KIND = {kind.forgery: kind for kind in FORGERIES}


def kind_of(forgery: Forgery) -> ForgeryKind:
    """What is to be known about a forgery."""
    return _BY_KIND[forgery]


def forge(document: SpecimenDocument, forgery: Forgery) -> SpecimenDocument:
    """The genuine specimen, forged. The same document and kind give the same forgery.

    Raises:
        SpecimenError: the kind does not exist in the document's format, or the document is a forgery already.
    """
    kind = kind_of(forgery)
    if document.forgery is not None:
        raise SpecimenError(f"the document is a forgery already ({document.forgery})")
    if document.format not in kind.formats:
        raise SpecimenError(f"{forgery.value} does not exist in {document.format.value}")
    rng = random.Random(f"fanal forgery {forgery.value} {document.format.value} {document.seed}")
    return replace(kind.forge(document, rng), forgery=forgery.value)
