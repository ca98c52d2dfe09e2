import json
from datetime import date

import pytest

from fanal.chip.trust import TrustStore, parse_certificate
from fanal.chip.trust.store import Signers
from fanal.documents import Field, Region
from fanal.inspection.catalogue import Catalogue, Family
from fanal.inspection.checks import seal as checks
from fanal.inspection.findings import Finding, Outcome, Severity, run_all
from fanal.inspection.sensors import read_seal
from fanal.inspection.subject import Context, Subject
from fanal.inspection.texts import LANGUAGES
from fanal.seals import SealError
from tests.shared import SHARED_DATA

FAMILY = Family.of("seal", checks.CHECKS, "fanal.inspection.checks")
REAL = SHARED_DATA / "seals"
SEALS = {name: bytes.fromhex(text) for name, text in json.loads((REAL / "vds.json").read_text()).items()}
ON = date(2026, 11, 24)


def store(*, vouched: bool = True) -> TrustStore:
    certificate = parse_certificate((REAL / "sealgen_UTTS5B.crt").read_bytes())
    sources = {certificate.sha256: "the test material"} if vouched else {}
    return TrustStore(signers=Signers.of([certificate]), operator_signers=sources)


def findings(octets: bytes | None, trust: TrustStore | None) -> dict[str, Finding]:
    context = Context(ON, trust=trust)
    readings = (read_seal(octets, context, Region("e" * 64))[0],) if octets is not None else ()
    found = {f.check: f for f in run_all(FAMILY.checks, Subject(context, seals=readings))}
    for finding in found.values():
        assert finding.reason in FAMILY.texts[finding.check.removeprefix("seal.")].reasons
        for lang in LANGUAGES:
            assert "{" not in Catalogue((FAMILY,)).render(finding, lang).text
    return found


def outcomes(found: dict[str, Finding]) -> list[tuple[str, str]]:
    return [(finding.outcome.value, finding.reason) for finding in found.values()]


def test_a_good_seal_passes() -> None:
    assert outcomes(findings(SEALS["residentPermit"], store())) == [("passed", "passed")] * 3


def test_an_altered_seal_fails_and_is_pointed_at() -> None:
    altered = bytearray(SEALS["residentPermit"])
    altered[30] ^= 1
    finding = findings(bytes(altered), store())["seal.signature"]
    assert (finding.outcome, finding.reason, finding.severity) == (
        Outcome.FAILED, "signature_wrong", Severity.SERIOUS,
    )  # fmt: skip
    assert finding.regions[0].part == "seal"


def test_a_signer_that_is_not_known_weighs_nothing() -> None:
    finding = findings(SEALS["ankunftsnwPapier"], store())["seal.signature"]
    assert (finding.outcome, finding.reason, finding.severity) == (
        Outcome.UNDETERMINED, "signer_unknown", Severity.NOTE,
    )  # fmt: skip


def test_a_signer_that_nobody_vouches_for_is_told() -> None:
    found = findings(SEALS["residentPermit"], store(vouched=False))
    assert found["seal.signature"].outcome is Outcome.PASSED
    assert found["seal.signer_trusted"].outcome is Outcome.UNDETERMINED


def test_a_seal_without_a_signature_fails() -> None:
    finding = findings(SEALS["administrativeDocumentV9Basic"], store())["seal.signature"]
    assert (finding.outcome, finding.reason) == (Outcome.FAILED, "not_signed")


def test_without_a_seal_nothing_is_done() -> None:
    assert outcomes(findings(None, store())) == [("not_done", "not_done")] * 3


def test_claims_come_with_the_reading_and_octets_that_are_none_are_refused() -> None:
    _, claims = read_seal(SEALS["residentPermit"], Context(ON), Region("e" * 64))
    assert {claim.field: claim.value for claim in claims}[Field.DOCUMENT_NUMBER] == "652584509"
    with pytest.raises(SealError):
        read_seal(b"\xdc\x03", Context(ON), Region("e" * 64))
