"""What a forger changed on a visa, its seal still says."""

import pytest

from fanal import inspection
from fanal.chip.trust import TrustStore
from fanal.documents import Claim, Evidence, Field, Kind, Source
from fanal.documents.mrz import Format
from fanal.inspection.checks.agreement import CHECKS, compare_entries
from fanal.inspection.findings import run_all
from fanal.specimens import MADE_ON, SpecimenDocument, issue
from fanal.specimens.chip import make_pki, make_seal

PKI = make_pki(MADE_ON)
CONTEXT = inspection.Context(
    on=MADE_ON, trust=TrustStore.of(PKI.csca.certificate, signers=[PKI.seal.certificate], crls=[PKI.read_crl()])
)


def outcomes(document: SpecimenDocument, changed: dict[Field, str]) -> dict[str, str]:
    import dataclasses

    pieces = [
        Evidence.of(Kind.MRZ_TEXT, "\n".join(document.lines).encode()),
        Evidence.of(Kind.SEAL, make_seal(document).octets),
    ]
    subject = inspection.read(pieces, CONTEXT)
    printed = {**document.viz, **changed}
    viz = tuple(Claim(field, value, Source.VIZ) for field, value in printed.items())
    document_read = dataclasses.replace(subject.document, claims=(*subject.document.claims, *viz))
    subject = dataclasses.replace(subject, document=document_read)
    return {finding.check.removeprefix("agreement."): finding.outcome.value for finding in run_all(CHECKS, subject)}


@pytest.mark.parametrize("seed", range(6))
def test_seal_mrz_and_visual_zone_of_a_genuine_visa_agree(seed: int) -> None:
    found = outcomes(issue(Format.MRV_A, seed), {})
    assert "failed" not in found.values()
    assert {found[name] for name in ("passport_number", "number_of_entries", "document_number")} == {"passed"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.NUMBER_OF_ENTRIES, "07"),
        (Field.PASSPORT_NUMBER, "XX0000001"),
        (Field.DATE_OF_ISSUE, "2020-02-02"),
        (Field.DATE_OF_BIRTH, "1951-03-03"),
    ],
)
def test_what_was_changed_on_a_visa_is_noticed_by_its_seal(field: Field, value: str) -> None:
    assert outcomes(issue(Format.MRV_B, 3), {field: value})[field.value] == "failed"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [("01", "1", True), ("MULT", "0", True), ("multiple", "MULT", True), ("02", "1", False), ("MULT", "1", False)],
)
def test_numbers_of_entries_are_compared_as_numbers(first: str, second: str, same: bool) -> None:
    assert (compare_entries(first, second).likeness.name == "SAME") is same
