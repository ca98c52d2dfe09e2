"""Specimens of which all that is printed is read: genuine ones pass, forgeries are noticed."""

import pytest

from fanal.documents import Claim, Document, Evidence, Kind, Source, mrz
from fanal.inspection import Advice, Context, FraudKind, Inspection, MrzReading, Outcome, Subject, catalogue, inspect
from fanal.specimens import FORGERIES, FORMATS, ForgeryKind, SpecimenDocument, forge, issue

SEEDS = range(25)
IDS = {check.id for check in catalogue().checks}


def characters(document: SpecimenDocument) -> tuple[tuple[tuple[tuple[float, float], ...], ...], ...]:
    """Where the letters of the MRZ are printed, in mm."""
    shifts = document.printing.mrz_shifts or ((0.0, 0.0),) * len(document.lines)
    cells = []
    for n, (line, (right, down)) in enumerate(zip(document.lines, shifts, strict=True)):
        x, y = right, 6.35 * n + down
        lefts = [x + 2.54 * column for column in range(len(line))]
        cells.append(tuple(((a, y), (a + 2.54, y), (a + 2.54, y + 2.8), (a, y + 2.8)) for a in lefts))
    return tuple(cells)


def inspected(document: SpecimenDocument) -> Inspection:
    """The inspection of a specimen whose zones were read without a fault."""
    picture = Evidence.of(Kind.PICTURE, str(document.seed).encode())
    reading = MrzReading(mrz.parse(document.lines), picture.sha256, characters=characters(document))
    claims = [
        *mrz.claims(reading.mrz, on=document.on, evidence=picture.sha256),
        *(Claim(field, value, Source.VIZ) for field, value in document.viz.items()),
    ]
    return inspect(Subject(Context(document.on), (picture,), Document(tuple(claims)), (reading,)))


def failed(inspection: Inspection) -> set[str]:
    return {f.check for f in inspection.findings if f.outcome is Outcome.FAILED}


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.value)
def test_nothing_speaks_against_a_genuine_specimen(form: mrz.Format) -> None:
    for seed in SEEDS:
        inspection = inspected(issue(form, seed))

        assert inspection.advice is Advice.NO_OBJECTION, (seed, failed(inspection))


CASES = [(kind, form) for kind in FORGERIES for form in kind.formats]


@pytest.mark.parametrize(("kind", "form"), CASES, ids=[f"{kind.forgery.value}-{form.value}" for kind, form in CASES])
def test_a_forgery_is_noticed_by_the_checks_that_it_names(kind: ForgeryKind, form: mrz.Format) -> None:
    assert set(kind.noticed_by) <= IDS
    for seed in SEEDS:
        inspection = inspected(forge(issue(form, seed), kind.forgery))

        assert set(kind.noticed_by) <= failed(inspection), seed
        if kind.noticed_by:
            assert inspection.advice is not Advice.NO_OBJECTION, seed


@pytest.mark.parametrize("kind", FORGERIES, ids=lambda kind: kind.forgery.value)
def test_a_forgery_stands_for_a_kind_of_fraud(kind: ForgeryKind) -> None:
    assert FraudKind(kind.fraud)
