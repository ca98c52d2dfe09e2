"""The findings on a chip: a step of passive authentication each, and whether the chip can be a copy."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from fanal.chip import tlv
from fanal.chip.trust import TrustStore
from fanal.documents import Document, Evidence, Field, Kind, Source, mrz
from fanal.inspection.catalogue import Catalogue, Family
from fanal.inspection.checks import agreement
from fanal.inspection.checks import chip as checks
from fanal.inspection.findings import Finding, Outcome, Severity, run_all
from fanal.inspection.sensors import read_chip
from fanal.inspection.subject import Context, Subject
from fanal.inspection.texts import LANGUAGES
from tests.chip import pki

FAMILY = Family.of("chip", checks.CHECKS, "fanal.inspection.checks")
MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
TODAY = date(2024, 7, 1)
CSCA = pki.csca()
DSC = pki.dsc(CSCA, document_types=["P"])
GROUPS: Mapping[int, bytes] = {1: pki.dg1(MRZ), 2: b"a face", 14: b"security infos", 15: b"a key"}


def findings(
    files: Mapping[str, bytes],
    trust: TrustStore,
    protocols: Mapping[str, str] | None = None,
    vouched: tuple[str, ...] = (),
) -> dict[str, Finding]:
    context = Context(TODAY, trust=trust)
    pieces = [Evidence.of(Kind.CHIP_FILE, content, label=name) for name, content in files.items()]
    reading, _ = read_chip(pieces, context)
    subject = Subject(context, chip=replace(reading, protocols=protocols or {}, vouched=frozenset(vouched)))
    return {finding.check: finding for finding in run_all(FAMILY.checks, subject)}


def files(groups: Mapping[int, bytes] = GROUPS, signer: pki.Signer = DSC) -> dict[str, bytes]:
    signed = pki.sod(GROUPS if signer is DSC else groups, signer)
    return {"EF.SOD": signed, "EF.COM": pki.com(list(groups)), **{f"DG{n}": raw for n, raw in groups.items()}}


def trusted() -> TrustStore:
    return TrustStore.of(CSCA.certificate, crls=[pki.crl(CSCA)])


def test_a_chip_in_order_passes_all_but_the_proof_that_was_not_asked_for() -> None:
    found = findings(files(), trusted())
    not_asked = {"chip.protected_against_cloning", "chip.read", "chip.access"}
    assert {f.check for f in found.values() if f.outcome is not Outcome.PASSED} == {*not_asked, "chip.portrait"}
    assert {found[check].outcome for check in not_asked} == {Outcome.NOT_DONE}
    assert found["chip.protected_against_cloning"].reason == "not_run"


def test_without_a_chip_nothing_is_done_and_nothing_reassures() -> None:
    found = run_all(FAMILY.checks, Subject(Context(TODAY)))
    assert {(finding.outcome, finding.reason) for finding in found} == {(Outcome.NOT_DONE, "no_chip")}


def test_a_changed_portrait_is_shown_where_it_is() -> None:
    found = findings(files({**GROUPS, 2: b"another face"}), trusted())
    finding = found["chip.data_group_hashes"]
    assert (finding.outcome, finding.severity) == (Outcome.FAILED, Severity.SERIOUS)
    assert [region.part for region in finding.regions] == ["DG2"]


def test_an_unknown_state_is_told_and_weighs_nothing() -> None:
    haitian = pki.dsc(pki.csca("CSCA", country="HT"), country="HT")
    finding = findings(files(signer=haitian), trusted())["chip.path"]
    assert (finding.outcome, finding.reason, finding.severity) == (
        Outcome.UNDETERMINED, "no_csca_of_state", Severity.NOTE,
    )  # fmt: skip
    texts = {lang: Catalogue((FAMILY,)).render(finding, lang).text for lang in LANGUAGES}
    assert "Haiti (HTI)" in texts["en"]
    assert "Haití (HTI)" in texts["es"]
    assert "Ayiti (HTI)" in texts["ht"]
    assert len(set(texts.values())) == 4


def test_failed_undetermined_and_not_done_are_three_different_answers() -> None:
    forged = findings(files(signer=pki.dsc(pki.csca(own=pki.key("other")))), trusted())["chip.path"]
    unknown = findings(files(), TrustStore())["chip.path"]
    absent = findings({"DG1": GROUPS[1]}, trusted())["chip.path"]
    assert [(f.outcome.value, f.reason) for f in (forged, unknown, absent)] == [
        ("undetermined", "no_csca_for_key"),
        ("undetermined", "no_csca_of_state"),
        ("not_done", "no_sod"),
    ]
    broken = findings({"EF.SOD": b"\x77\x00"}, trusted())["chip.sod"]
    assert (broken.outcome, broken.reason) == (Outcome.FAILED, "malformed")


@pytest.mark.parametrize(
    ("protocols", "groups", "expected"),
    [
        ({"active_authentication": "passed"}, GROUPS, ("passed", "passed")),
        ({"chip_authentication": "passed"}, GROUPS, ("passed", "passed")),
        ({"pace_cam": "passed"}, GROUPS, ("passed", "passed")),
        ({"active_authentication": "failed", "chip_authentication": "passed"}, GROUPS, ("failed", "failed")),
        ({"active_authentication": "undetermined"}, GROUPS, ("undetermined", "undetermined")),
        ({}, GROUPS, ("not_done", "not_run")),
    ],
)
def test_protected_against_cloning_is_said_only_where_the_chip_proved_it(
    protocols: dict[str, str], groups: Mapping[int, bytes], expected: tuple[str, str]
) -> None:
    proved = tuple(name for name, outcome in protocols.items() if outcome == "passed")
    finding = findings(files(groups), trusted(), protocols, proved)["chip.protected_against_cloning"]
    assert (finding.outcome.value, finding.reason) == expected


def test_a_chip_without_a_key_is_not_protected() -> None:
    groups = {1: GROUPS[1], 2: GROUPS[2]}
    signer = pki.dsc(CSCA, "DS 2")
    finding = findings(files(groups, signer), trusted())["chip.protected_against_cloning"]
    assert (finding.outcome, finding.reason) == (Outcome.NOT_DONE, "not_offered")


def test_a_proof_with_a_key_that_nobody_signed_proves_nothing() -> None:
    finding = findings(files(), TrustStore(), {"active_authentication": "passed"})["chip.protected_against_cloning"]
    assert (finding.outcome, finding.reason) == (Outcome.UNDETERMINED, "key_not_vouched")


def test_every_reason_of_a_step_has_its_text() -> None:
    """Every answer that passive authentication can give is rendered from the family's texts, in every language."""
    late = pki.dsc(CSCA, years=1)
    revoked = pki.crl(CSCA, {DSC.certificate.serial: "keyCompromise"})
    stores = [
        trusted(),
        TrustStore(),
        TrustStore.of(CSCA.certificate),
        TrustStore.of(CSCA.certificate, crls=[revoked]),
    ]
    chips = [
        files(),
        files({**GROUPS, 2: b"x"}),
        files(signer=late),
        files(signer=pki.dsc(CSCA, "X", signing=False)),
        files(signer=pki.dsc(CSCA, critical="1.2.3")),
        files(signer=pki.dsc(CSCA, country="HT")),
        files({**GROUPS, 1: pki.dg1(MRZ.replace("UTO", "HTI"))}, pki.dsc(CSCA, "Y", document_types=["I"])),
        {"EF.SOD": pki.sod(GROUPS, DSC, with_dsc=False, at=None)},
        {"EF.SOD": pki.sod(GROUPS, DSC, attributes=False)},
        {"EF.SOD": b"\x77\x00"},
        {"DG1": GROUPS[1]},
    ]
    catalogue = Catalogue((FAMILY,))
    for store in stores:
        for chip in chips:
            for finding in findings(chip, store).values():
                texts = FAMILY.texts[finding.check.removeprefix("chip.")]
                assert finding.reason in texts.reasons, (finding.check, finding.reason)
                for lang in LANGUAGES:
                    rendered = catalogue.render(finding, lang)
                    assert "{" not in rendered.text + rendered.what_to_do


def test_dg1_makes_claims_of_the_chip() -> None:
    context = Context(TODAY)
    pieces = [Evidence.of(Kind.CHIP_FILE, GROUPS[1], label="DG1")]
    _, claims = read_chip(pieces, context, printed=mrz.parse([MRZ[:44], MRZ[44:]]))
    values = {claim.field: claim.value for claim in claims}
    assert {claim.source for claim in claims} == {Source.CHIP}
    assert values[Field.DOCUMENT_NUMBER] == "L898902C3"
    assert values[Field.PRIMARY_IDENTIFIER] == "ERIKSSON"
    assert claims[0].region is not None
    assert claims[0].region.part == "DG1"


def dg11(name: str, born: str) -> bytes:
    listed = tlv.encode(0x5C, b"\x5f\x0e\x5f\x2b")
    return tlv.encode(0x6B, listed, tlv.encode(0x5F0E, name.encode()), tlv.encode(0x5F2B, born.encode()))


@pytest.mark.parametrize(
    ("name", "born", "expected"),
    [
        ("ERIKSSON<<ANNA<MARIA", "19740812", {"agreement.name": "passed", "agreement.date_of_birth": "passed"}),
        ("Eriksson<<Anna<Maria", "19740812", {"agreement.name": "passed", "agreement.date_of_birth": "passed"}),
        ("MOLINA<<PEDRO", "19740812", {"agreement.name": "failed", "agreement.date_of_birth": "passed"}),
        ("ERIKSSON<<ANNA<MARIA", "19810305", {"agreement.name": "passed", "agreement.date_of_birth": "failed"}),
    ],
)
def test_dg1_is_compared_with_dg11_of_the_same_chip(name: str, born: str, expected: dict[str, str]) -> None:
    context = Context(TODAY)
    contents = {"DG1": GROUPS[1], "DG11": dg11(name, born)}
    pieces = [Evidence.of(Kind.CHIP_FILE, content, label=label) for label, content in contents.items()]
    _, claims = read_chip(pieces, context)
    found = run_all(agreement.CHECKS, Subject(context, document=Document(claims)))
    assert {f.check: f.outcome.value for f in found if f.check in expected} == expected


@pytest.mark.parametrize("raw", [b"", b"\x61\x00", b"\x61\x05\x5f\x1f\x02ab", b"\x61\x03\x5f\x1f", bytes(40)])
def test_a_dg1_that_is_none_makes_no_claim(raw: bytes) -> None:
    assert read_chip([Evidence.of(Kind.CHIP_FILE, raw, label="DG1")], Context(TODAY))[1] == ()
