"""Whether the sources of one document say the same, field by field (ICAO Doc 9303-3, 4.1 and 4.3).

The MRZ is "a different representation of the data than is found in the VIZ": each comparison tells the differences
that the standard itself makes (transliteration, truncation, unknown parts of dates) from the others, and both from
what a reader of pictures confuses. Claims of a chip or a seal are compared like any other: nothing here knows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from fanal.documents import Claim, Field, Source, dates, names
from fanal.documents.states import all_states, find_intended, find_state, normalise_code
from fanal.inspection.checks.common import SURE, not_done, regions
from fanal.inspection.findings import Check, FraudKind, Outcome, Result, Severity
from fanal.inspection.subject import Subject

# The sources that speak of the document itself, the most trustworthy first. A carrier's booking data and a visa are
# other documents' words.
_SOURCES: Final = (Source.CHIP, Source.MRZ, Source.SEAL, Source.VIZ, Source.OFFICER)


class Likeness(IntEnum):
    """What a comparison of two values says, from best to worst."""

    SAME = 0
    HARMLESS = 1
    INCOMPARABLE = 2
    CONFUSABLE = 3
    DIFFERENT = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """The likeness and the reason for a difference: a key of the labels "difference"."""

    likeness: Likeness
    why: str = ""
    severity: Severity | None = None


SAME: Final = Comparison(Likeness.SAME)
DIFFERENT: Final = Comparison(Likeness.DIFFERENT)
_UNLIKE_TEXT: Final = Comparison(Likeness.INCOMPARABLE, severity=Severity.NOTE)

Compare = Callable[[str, str], Comparison]

# Each class by one of its members: what readers of pictures confuse.
_CONFUSED: Final = str.maketrans("OQDIL|SBZGT", "00011158267")


def compare_numbers(first: str, second: str) -> Comparison:
    """Two forms of a number: signs and spaces of the VIZ are fillers or nothing in the MRZ (9303-4, 4.2.2.2)."""
    if first == second:
        return SAME
    a, b = (_plain(text) for text in (first, second))
    if a == b:
        return Comparison(Likeness.HARMLESS, "punctuation")
    if a.translate(_CONFUSED) == b.translate(_CONFUSED):
        return Comparison(Likeness.CONFUSABLE)
    short, long = sorted((a, b), key=len)
    if len(short) == 9 and long.startswith(short):
        # 9303-7, 4.2.2.2, note j: the nine principal characters of a longer number.
        return Comparison(Likeness.HARMLESS, "truncation")
    return DIFFERENT


def compare_dates(first: str, second: str) -> Comparison:
    """Two dates in ISO 8601, each as precise as its source is."""
    if first == second:
        return SAME
    try:
        a, b = dates.parse_iso(first), dates.parse_iso(second)
    except dates.DateError:
        return DIFFERENT
    if dates.compare(a, b) is not dates.DateAgreement.DIFFERENT:
        return Comparison(Likeness.HARMLESS, "precision")
    if a.year % 100 == b.year % 100 and first[4:] == second[4:]:
        return Comparison(Likeness.HARMLESS, "century")  # the MRZ has two digits of the year
    if dates.day_and_month_swapped(a, b):
        return Comparison(Likeness.DIFFERENT, "day_month", Severity.CONCERN)
    return DIFFERENT


def compare_states(first: str, second: str) -> Comparison:
    """Two States: codes, or one of them in words, as the VIZ may have it (9303-3, 3.5 and 3.6)."""
    a, b = (normalise_code(text) for text in (first, second))
    if a == b:
        return SAME
    state_a, state_b = find_state(a) or find_intended(a), find_state(b) or find_intended(b)
    if state_a is not None and state_b is not None:
        intended_a, intended_b = find_intended(a) or state_a, find_intended(b) or state_b
        same = intended_a.code == intended_b.code
        return Comparison(Likeness.HARMLESS, "code_or_name") if same else DIFFERENT
    state, words = (state_a, b) if state_a is not None else (state_b, a)
    if state is None:
        return Comparison(Likeness.CONFUSABLE) if a.translate(_CONFUSED) == b.translate(_CONFUSED) else _UNLIKE_TEXT
    if len(words) <= 3:
        confused = words.translate(_CONFUSED) == state.code.translate(_CONFUSED)
        return Comparison(Likeness.CONFUSABLE) if confused else DIFFERENT
    if any(_named(words, name) for name in state.names.values()):
        return Comparison(Likeness.HARMLESS, "code_or_name")
    others = (s for s in all_states() if s.code != state.code and s.names != state.names)
    if any(_plain(words) == _plain(name) for other in others for name in other.names.values()):
        return DIFFERENT
    return _UNLIKE_TEXT  # an adjective ("BRITISH") or a language that the list does not have


def _named(words: str, name: str) -> bool:
    """Whether words are a State's name, or a word made from it (UTOPIAN, HAÏTIENNE, DOMINICANA)."""
    plain_name = _plain(name)
    stem = plain_name[: max(4, len(plain_name.split(" ")[0]) - 2)]
    return any(_plain(part) == plain_name or _plain(part).startswith(stem) for part in words.split("/"))


def compare_sexes(first: str, second: str) -> Comparison:
    return SAME if first.strip().upper() == second.strip().upper() else DIFFERENT


def compare_codes(first: str, second: str) -> Comparison:
    """Two document codes: the VIZ may have the first letter alone."""
    if first == second:
        return SAME
    short, long = sorted((first, second), key=len)
    return Comparison(Likeness.HARMLESS, "precision") if short and long.startswith(short) else DIFFERENT


def compare_entries(first: str, second: str) -> Comparison:
    """Two numbers of entries of a visa: "01" is 1, and a seal's 0 stands for any number (9303-7, 9.1.3)."""

    def number(text: str) -> str:
        text = text.strip().upper()
        return "0" if text.startswith("MULT") else text.lstrip("0") or "0"

    return SAME if number(first) == number(second) else DIFFERENT


def compare_places(first: str, second: str) -> Comparison:
    """Two places in words: written in more ways than a machine knows, so that unlike is not yet different."""
    found = names.compare(names.Name(first), names.Name(second), truncated=False).outcome
    a, b = _plain(first), _plain(second)
    if found is names.NameOutcome.SAME:
        return SAME
    if found is names.NameOutcome.HARMLESS:
        return Comparison(Likeness.HARMLESS, "transliteration")
    if a and b and (a in b or b in a):
        return Comparison(Likeness.HARMLESS, "precision")
    return Comparison(Likeness.CONFUSABLE) if found is names.NameOutcome.CONFUSABLE else DIFFERENT


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())


# --- one field ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one source says of a field, with the claims that say it."""

    source: Source
    shown: str
    claims: tuple[Claim, ...]

    @property
    def sure(self) -> bool:
        return all(claim.confidence >= SURE for claim in self.claims)


def _judge(
    field: str, first: _Statement, others: list[_Statement], compare: Callable[[_Statement, _Statement], Comparison]
) -> Result:
    """The worst that the comparison of `first` with each other statement says."""
    compared = [(other, compare(first, other)) for other in others]
    other, worst = max(compared, key=lambda pair: pair[1].likeness)
    values = {
        "field": field,
        "source": other.source.value,
        "other_source": first.source.value,
        "harmless": worst.why,
    }
    outcome, reason, severity = Outcome.PASSED, "", worst.severity
    if worst.likeness is Likeness.HARMLESS:
        reason = "harmless"
    elif worst.likeness is Likeness.INCOMPARABLE:
        outcome, reason = Outcome.UNDETERMINED, "incomparable"
    elif worst.likeness is Likeness.CONFUSABLE:
        outcome, reason = Outcome.UNDETERMINED, "confusable"
    elif worst.likeness is Likeness.DIFFERENT:
        sure = first.sure and other.sure
        outcome = Outcome.FAILED if sure else Outcome.UNDETERMINED
        reason = ("arranged" if worst.why else "") if sure else "doubtful"
    return Result(outcome, reason, other.shown, first.shown, values, regions(*other.claims, *first.claims), severity)


def _by_value(compare: Compare) -> Callable[[_Statement, _Statement], Comparison]:
    return lambda a, b: compare(a.claims[0].value, b.claims[0].value)


def _others(stated: list[_Statement], *, within_source: bool = True) -> list[_Statement]:
    """What is compared with the first statement: other sources, other files of the same chip (DG1 with DG11), and other
    MRZs: two pictures of one zone say the same, and two zones that differ are two documents or a changed one."""

    def of_other_place(one: _Statement) -> bool:
        if one.source is Source.MRZ:
            return True
        return one.source is Source.CHIP and _place(one.claims[0]) != _place(stated[0].claims[0])

    return [s for s in stated[1:] if s.source is not stated[0].source or (within_source and of_other_place(s))]


def _agrees(name: Field, compare: Compare) -> Callable[[Subject], Result]:
    def agrees(subject: Subject) -> Result:
        stated = [
            _Statement(source, claim.value, (claim,))
            for source in _SOURCES
            for claim in subject.document.find_all(name, source)
            if claim.value
        ]
        # A State may put another number than DG1's optional data into DG11.
        others = _others(stated, within_source=name is not Field.PERSONAL_NUMBER)
        if not others:
            return not_done(field=name.value)
        return _judge(name.value, stated[0], others, _by_value(compare))

    return agrees


def name_agrees(subject: Subject) -> Result:
    stated = [s for source in _SOURCES for s in _names(subject, (source,))]
    others = _others(stated)
    if not others:
        return not_done(field="name")
    return _judge("name", stated[0], others, lambda a, b: _compare_names(subject, a, b))


def _names(subject: Subject, sources: tuple[Source, ...]) -> list[_Statement]:
    """The names that sources state. A source with several parts (DG1 and DG11 of a chip) states several."""
    stated = []
    for source in sources:
        primaries = list(subject.document.find_all(Field.PRIMARY_IDENTIFIER, source))
        secondaries = list(subject.document.find_all(Field.SECONDARY_IDENTIFIER, source))
        for primary in primaries:
            if not primary.value:
                continue
            # Two zones in one text stand in one place: the first name belongs to the first of the given names.
            beside = [s for s in secondaries if _place(s) == _place(primary)]
            before = sum(_place(one) == _place(primary) for one in primaries[: primaries.index(primary)])
            partner = beside[before] if before < len(beside) else None
            if partner is None and len(primaries) == len(secondaries) == 1:
                partner = secondaries[0]
            claims = (primary,) if partner is None else (primary, partner)
            shown = ", ".join(claim.value for claim in claims if claim.value)
            stated.append(_Statement(source, shown, claims))
    return stated


def _place(claim: Claim) -> tuple[str, str | None] | None:
    return None if claim.region is None else (claim.region.evidence, claim.region.part)


def _compare_names(subject: Subject, first: _Statement, second: _Statement) -> Comparison:
    a, b = (names.Name(*(claim.value for claim in s.claims)) for s in (first, second))
    # A name in MRZ form (also DG1's) may have been shortened; the other one is then the fuller.
    full = any(reading.mrz.name_truncated for reading in subject.mrzs)
    full = full or first.source is second.source  # DG1 against DG11, perhaps with no page to read the MRZ from
    if first.source in (Source.MRZ, Source.CHIP):
        a, b = b, a
    found = names.compare(a, b, truncated=full)
    why = found.reasons[0].value if found.reasons else ""
    if found.outcome is names.NameOutcome.SAME:
        return SAME
    if found.outcome is names.NameOutcome.HARMLESS:
        return Comparison(Likeness.HARMLESS, ",".join(reason.value for reason in found.reasons))
    if found.outcome is names.NameOutcome.CONFUSABLE:
        return Comparison(Likeness.CONFUSABLE)
    if found.outcome is names.NameOutcome.INCOMPARABLE:
        return Comparison(Likeness.INCOMPARABLE, why, Severity.CONCERN)
    arranged = (names.NameReason.ORDER, names.NameReason.SWAPPED, names.NameReason.DIVISION)
    if found.reasons and found.reasons[0] in arranged:
        return Comparison(Likeness.DIFFERENT, why, Severity.CONCERN)
    return DIFFERENT


# --- a visa in a passport ----------------------------------------------------------------------------------------


def visa_holder(subject: Subject) -> Result:
    document = subject.document
    pairs: list[Result] = []
    numbers = ((Field.PASSPORT_NUMBER, Field.DOCUMENT_NUMBER, compare_numbers),)
    holder = (
        (Field.DATE_OF_BIRTH, Field.DATE_OF_BIRTH, compare_dates),
        (Field.NATIONALITY, Field.NATIONALITY, compare_states),
        (Field.SEX, Field.SEX, compare_sexes),
    )
    for on_visa, on_document, compare in (*numbers, *holder):
        visa, own = document.find(on_visa, Source.VISA), subject.first(on_document)
        if visa is not None and own is not None and visa.value and own.value:
            first = _Statement(own.source, own.value, (own,))
            second = _Statement(Source.VISA, visa.value, (visa,))
            pairs.append(_judge(on_visa.value, first, [second], _by_value(compare)))
    of_visa = _names(subject, (Source.VISA,))
    of_document = [s for source in _SOURCES for s in _names(subject, (source,))]
    if of_visa and of_document:
        pairs.append(_judge("name", of_document[0], of_visa, lambda a, b: _compare_names(subject, a, b)))
    if not pairs:
        return not_done()
    order = (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.PASSED)
    return min(pairs, key=lambda r: order.index(r.outcome))


_ALTERED: Final = (FraudKind.FORGERY, FraudKind.PAGE_SUBSTITUTION, FraudKind.COUNTERFEIT)
_REPRESENTED: Final = "ICAO Doc 9303-3, 4.1 and 4.3"

_FIELDS: Final[tuple[tuple[Field, str, Severity, Compare], ...]] = (
    (Field.DOCUMENT_CODE, f"{_REPRESENTED}; 9303-4, 4.4", Severity.CONCERN, compare_codes),
    (Field.ISSUING_STATE, f"{_REPRESENTED}, 3.5 and 4.7", Severity.SERIOUS, compare_states),
    (Field.DOCUMENT_NUMBER, f"{_REPRESENTED}; 9303-4, 4.2.1.2", Severity.SERIOUS, compare_numbers),
    (Field.NATIONALITY, f"{_REPRESENTED}, 3.6 and 4.7", Severity.SERIOUS, compare_states),
    (Field.DATE_OF_BIRTH, f"{_REPRESENTED}, 3.8 and 4.8", Severity.SERIOUS, compare_dates),
    (Field.SEX, f"{_REPRESENTED}; 9303-4, 4.2.2.2, note p", Severity.SERIOUS, compare_sexes),
    (Field.DATE_OF_EXPIRY, f"{_REPRESENTED}, 3.8 and 4.8", Severity.SERIOUS, compare_dates),
    (Field.DATE_OF_ISSUE, f"{_REPRESENTED}, 3.8 and 4.8", Severity.SERIOUS, compare_dates),
    (Field.PERSONAL_NUMBER, f"{_REPRESENTED}; 9303-4, 4.2.1.2", Severity.SERIOUS, compare_numbers),
    (Field.PLACE_OF_BIRTH, "ICAO Doc 9303-3, 3.7; 9303-10, 4.7.11", Severity.CONCERN, compare_places),
    (Field.ISSUING_AUTHORITY, "ICAO Doc 9303-3, 3.7; 9303-10, 4.7.12", Severity.CONCERN, compare_places),
    (Field.PASSPORT_NUMBER, "ICAO Doc 9303-7, 4.1.1.1 and 9.1", Severity.SERIOUS, compare_numbers),
    (Field.NUMBER_OF_ENTRIES, "ICAO Doc 9303-7, 4.1.1.1 and 9.1", Severity.SERIOUS, compare_entries),
)

CHECKS: Final = (
    Check(
        "agreement.name",
        "ICAO Doc 9303-3, 3.4, 4.6 and 6; 9303-4, 4.2.3",
        Severity.SERIOUS,
        name_agrees,
        _ALTERED,
    ),
    *(
        Check(f"agreement.{name.value}", clause, severity, _agrees(name, compare), _ALTERED)
        for name, clause, severity, compare in _FIELDS
    ),
    Check(
        "agreement.visa_holder",
        "ICAO Doc 9303-7, 4.1.1.1 and 4.2.2.2",
        Severity.SERIOUS,
        visa_holder,
        (FraudKind.FORGERY, FraudKind.IMPOSTOR),
    ),
)
