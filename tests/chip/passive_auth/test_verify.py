"""Real SODs of eight States, and Utopian chips with everything that can be wrong with them."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.chip.passive_auth import (
    CLAUSES,
    Hash,
    Outcome,
    PassiveAuthentication,
    StepCode,
    parse_sod,
    signs_for,
    verify,
)
from fanal.chip.trust import (
    MalformedError,
    TrustDirectory,
    TrustStore,
    import_files,
    parse_certificate,
)
from tests.chip import pki
from tests.shared import SHARED_DATA

REAL = SHARED_DATA / "chip" / "sod"
NAMES = [entry["name"] for entry in json.loads((REAL / "manifest.json").read_text())]
ON = date(2026, 11, 24)
MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def real_sod(name: str) -> bytes:
    return (REAL / f"{name}.bin").read_bytes()


@cache
def lists() -> TrustStore:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        directory = TrustDirectory(Path(folder))
        files = [(path.name, path.read_bytes()) for path in (SHARED_DATA / "chip" / "trust").iterdir()]
        import_files(directory, files, now=datetime(2026, 11, 24, tzinfo=UTC))
        return directory.load()


def answers(done: PassiveAuthentication) -> dict[StepCode, tuple[str, str]]:
    return {step.code: (step.outcome.value, step.reason) for step in done.steps}


@pytest.mark.parametrize("name", NAMES)
def test_a_real_sod_verifies_to_its_csca(name: str) -> None:
    csca = parse_certificate((REAL / f"{name}.csca.der").read_bytes())
    done = verify({"EF.SOD": real_sod(name)}, TrustStore.of(csca), on=ON)
    assert done.step(StepCode.SOD_SIGNATURE).outcome is Outcome.PASSED
    assert done.step(StepCode.PATH).outcome is Outcome.PASSED
    assert done.csca == csca
    if (REAL / f"{name}.dsc.der").exists():
        assert done.dsc == parse_certificate((REAL / f"{name}.dsc.der").read_bytes())
    assert done.step(StepCode.DATA_GROUP_HASHES).reason == "no_data_groups"


@pytest.mark.parametrize("name", NAMES)
def test_a_real_sod_verifies_to_the_same_key_in_the_master_lists(name: str) -> None:
    done = verify({"EF.SOD": real_sod(name)}, lists(), on=ON)
    assert done.csca is not None
    assert done.csca.spki == parse_certificate((REAL / f"{name}.csca.der").read_bytes()).spki
    assert lists().find_anchor(done.csca) is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_real_sod_without_a_known_csca_is_undetermined_never_failed(name: str) -> None:
    done = verify({"EF.SOD": real_sod(name)}, TrustStore(), on=ON)
    assert answers(done)[StepCode.PATH] == ("undetermined", "no_csca_of_state")
    assert done.authentic == frozenset()


def signed_spans(sod: bytes) -> list[tuple[int, int]]:
    """Where the signed parts lie: the content, the signed attributes, the DSC's signed part and both signatures."""
    parsed = parse_sod(sod)
    dsc = parsed.signed.certificates[0]
    parts = [parsed.signed.content, parsed.signer.signature, dsc.tbs, dsc.signature]
    if parsed.signer.signed_attributes:
        parts.append(parsed.signer.signed_attributes[1:])
    spans = [(at, at + len(part)) for part in parts if (at := sod.find(part)) >= 0]
    assert len(spans) >= 3
    return spans


def changed_is_noticed(sod: bytes, trust: TrustStore, at: int, mask: int) -> None:
    changed = bytearray(sod)
    changed[at] ^= mask
    done = verify({"EF.SOD": bytes(changed)}, trust, on=ON)
    needed = (StepCode.SOD, StepCode.SOD_SIGNATURE, StepCode.PATH)
    assert any(done.step(code).outcome is not Outcome.PASSED for code in needed), (at, mask)


@pytest.mark.parametrize("name", NAMES)
def test_every_changed_byte_in_the_signed_parts_of_a_real_sod_is_noticed(name: str) -> None:
    sod = real_sod(name)
    trust = TrustStore.of(parse_certificate((REAL / f"{name}.csca.der").read_bytes()))
    for first, last in signed_spans(sod):
        for at in range(first, last):
            changed_is_noticed(sod, trust, at, 1 << at % 8)


@settings(max_examples=300)
@given(data=st.data())
def test_every_change_of_a_byte_in_a_signed_part_is_noticed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    sod = real_sod(name)
    first, last = data.draw(st.sampled_from(signed_spans(sod)))
    at = data.draw(st.integers(first, last - 1))
    trust = TrustStore.of(parse_certificate((REAL / f"{name}.csca.der").read_bytes()))
    changed_is_noticed(sod, trust, at, data.draw(st.integers(1, 255)))


CSCA = pki.csca()
DSC = pki.dsc(CSCA, document_types=["P", "PD"])
GROUPS: Mapping[int, bytes] = {1: pki.dg1(MRZ), 2: b"a face" * 100, 14: b"security infos"}
TODAY = date(2024, 7, 1)


def chip(sod: bytes, groups: Mapping[int, bytes] = GROUPS, listed: tuple[int, ...] = (1, 2, 14)) -> dict[str, bytes]:
    return {"EF.SOD": sod, "EF.COM": pki.com(listed), **{f"DG{number}": raw for number, raw in groups.items()}}


def trusted(**options: object) -> TrustStore:
    return TrustStore.of(CSCA.certificate, crls=[pki.crl(CSCA)], **options)  # type: ignore[arg-type]


def test_a_chip_in_order_passes_every_step() -> None:
    done = verify(chip(pki.sod(GROUPS, DSC)), trusted(), on=TODAY, mrz_state="UTO")
    assert answers(done) == dict.fromkeys(StepCode, ("passed", ""))
    assert done.authentic == {1, 2, 14}
    assert done.hashes == {1: Hash.EQUAL, 2: Hash.EQUAL, 14: Hash.EQUAL}
    assert done.csca == CSCA.certificate
    assert done.signing_time == pki.SIGNED


def test_every_step_cites_its_clause() -> None:
    assert set(CLAUSES) == set(StepCode)


def test_a_chip_without_a_sod_is_not_done() -> None:
    done = verify({"DG1": GROUPS[1]}, trusted(), on=TODAY)
    assert answers(done) == dict.fromkeys(StepCode, ("not_done", "no_sod"))


def test_a_sod_that_cannot_be_read_has_failed() -> None:
    done = verify({"EF.SOD": b"\x77\x03abc"}, trusted(), on=TODAY)
    assert answers(done)[StepCode.SOD] == ("failed", "malformed")
    assert answers(done)[StepCode.SOD_SIGNATURE] == ("not_done", "no_sod")


@pytest.mark.parametrize("digest", ["sha1", "sha224", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize(
    ("kind", "scheme"),
    [
        ("secp256r1", "ecdsa"), ("brainpoolP384r1", "ecdsa"), ("secp521r1", "ecdsa"),
        ("rsa", "pkcs1"), ("rsa", "rsa"), ("rsa", "pss"),
    ],
)  # fmt: skip
def test_sods_are_as_various_as_states(kind: str, scheme: str, digest: str) -> None:
    signer = pki.dsc(CSCA, f"DS {kind}", own=pki.key(f"DS {kind}", kind))
    for version in (0, 1):
        sod = pki.sod(GROUPS, signer, version=version, digest=digest, scheme=scheme)
        done = verify(chip(sod), trusted(), on=TODAY)
        assert done.authentic == {1, 2, 14}
        assert done.sod is not None
        assert done.sod.lds_version == ("0108" if version else None)


@pytest.mark.parametrize("by_ski", [False, True])
def test_a_signer_that_is_not_inside_is_found_in_the_store(by_ski: bool) -> None:
    sod = pki.sod(GROUPS, DSC, with_dsc=False, by_ski=by_ski)
    assert verify(chip(sod), trusted(signers=[DSC.certificate]), on=TODAY).authentic == {1, 2, 14}
    done = verify(chip(sod), trusted(), on=TODAY)
    assert answers(done)[StepCode.SOD_SIGNATURE] == ("undetermined", "no_dsc")
    assert answers(done)[StepCode.PATH] == ("undetermined", "no_dsc")


def test_a_sod_may_sign_its_content_without_attributes() -> None:
    done = verify(chip(pki.sod(GROUPS, DSC, attributes=False)), trusted(), on=TODAY)
    assert done.authentic == {1, 2, 14}
    assert answers(done)[StepCode.VALIDITY_AT_SIGNING] == ("not_done", "no_signing_time")


def test_signed_attributes_may_be_sent_in_another_order_than_they_are_signed_in() -> None:
    assert verify(chip(pki.sod(GROUPS, DSC, in_order=False)), trusted(), on=TODAY).authentic == {1, 2, 14}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\x77" + bytes(300_000), "256 KiB"),
        (pki.sod(GROUPS, DSC, also=[DSC] * 64), "too many certificates"),
        (pki.sod({1: b"", 17: b""}, DSC), "impossible number"),
        (pki.sod({}, DSC), "without hashes"),
        (b"\x77" + b"\x30\x80" * 400, "malformed"),
        (pki.master_list([CSCA.der], DSC), "not an LDS security object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sod_beyond_the_limits_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        parse_sod(raw)


def test_a_changed_data_group_is_named() -> None:
    done = verify(chip(pki.sod(GROUPS, DSC), {**GROUPS, 2: b"another face"}), trusted(), on=TODAY)
    step = done.step(StepCode.DATA_GROUP_HASHES)
    assert (step.outcome, step.values["different"]) == (Outcome.FAILED, "DG2")
    assert done.authentic == {1, 14}


def test_a_data_group_that_nobody_signed_is_named() -> None:
    done = verify(chip(pki.sod(GROUPS, DSC), {**GROUPS, 15: b"a key"}), trusted(), on=TODAY)
    step = done.step(StepCode.DATA_GROUP_HASHES)
    assert (step.outcome, step.reason, step.values["not_signed"]) == (Outcome.FAILED, "not_signed", "DG15")


def test_a_data_group_missing_from_the_list_is_noticed() -> None:
    """A forger who takes DG14 and DG15 away from EF.COM, so that nobody asks the chip to prove itself."""
    done = verify(chip(pki.sod(GROUPS, DSC), listed=(1, 2)), trusted(), on=TODAY)
    step = done.step(StepCode.DATA_GROUP_LIST)
    assert step.outcome is Outcome.FAILED
    assert (step.values["seen"], step.values["expected"]) == ("DG1, DG2", "DG1, DG2, DG14")


def test_a_sod_of_an_unknown_state_is_undetermined() -> None:
    other = pki.csca("CSCA Haiti", country="HT")
    signer = pki.dsc(other, "DS Haiti", country="HT")
    done = verify(chip(pki.sod(GROUPS, signer)), trusted(), on=TODAY)
    step = done.step(StepCode.PATH)
    assert (step.outcome, step.reason, step.values["state"]) == (Outcome.UNDETERMINED, "no_csca_of_state", "HTI")


def test_a_newer_csca_of_a_known_state_is_undetermined() -> None:
    newer = pki.csca(own=pki.key("CSCA Utopia 2"))
    done = verify(chip(pki.sod(GROUPS, pki.dsc(newer))), trusted(), on=TODAY)
    assert answers(done)[StepCode.PATH] == ("undetermined", "no_csca_for_key")


def test_a_document_signer_that_names_a_csca_which_did_not_sign_it_has_failed() -> None:
    """The forger's document signer copies name and key identifier of the real CSCA."""
    forger = pki.Signer(CSCA.x509, pki.key("forger"))
    assert CSCA.certificate.ski is not None
    forged = _with_authority(pki.dsc(forger, authority=False), forger, CSCA.certificate.ski)
    done = verify(chip(pki.sod(GROUPS, forged)), trusted(), on=TODAY)
    assert answers(done)[StepCode.PATH] == ("failed", "signature_wrong")
    assert done.authentic == frozenset()


def _with_authority(signer: pki.Signer, issuer: pki.Signer, identifier: bytes) -> pki.Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    old = signer.x509
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(signer.key.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .add_extension(x509.AuthorityKeyIdentifier(identifier, None, None), critical=False)
    )
    return pki.Signer(builder.sign(issuer.key, hashes.SHA256()), signer.key)


def test_a_key_roll_over_under_one_name_finds_the_right_key() -> None:
    second = pki.csca(own=pki.key("CSCA Utopia 2"), serial=2)
    third = pki.csca(own=pki.key("CSCA Utopia 3"), serial=3, authority=False)
    signer = pki.dsc(third, authority=False)  # nothing but the name leads to the issuer
    store = TrustStore.of(CSCA.certificate, second.certificate, third.certificate)
    done = verify(chip(pki.sod(GROUPS, signer)), store, on=TODAY)
    assert done.csca == third.certificate


def test_a_link_certificate_beside_the_sod_leads_from_the_new_key_to_the_trusted_one() -> None:
    new = pki.csca("CSCA Utopia 2")
    link = pki.csca("CSCA Utopia 2", issuer=CSCA, own=new.key)
    signer = pki.dsc(new)
    sod = pki.sod(GROUPS, signer, also=[link])
    done = verify(chip(sod), trusted(), on=TODAY)
    assert done.path == (link.certificate, CSCA.certificate)
    assert done.csca == CSCA.certificate
    # the self-signed certificate of the new key, inside the same SOD, proves nothing
    alone = verify(chip(pki.sod(GROUPS, signer, also=[new])), trusted(), on=TODAY)
    assert alone.csca is None


def test_a_document_signer_is_no_link() -> None:
    middle = pki.dsc(CSCA)
    forged = pki.dsc(middle, "DS forged")
    done = verify(chip(pki.sod(GROUPS, forged, also=[middle])), trusted(), on=TODAY)
    assert done.csca is None


def test_names_are_compared_without_case_and_spaces() -> None:
    shouted = pki.csca("csca  UTOPIA", own=CSCA.key, authority=False)
    signer = pki.dsc(CSCA, authority=False)
    assert verify(chip(pki.sod(GROUPS, signer)), TrustStore.of(shouted.certificate), on=TODAY).csca is not None


def test_a_document_signer_that_had_expired_when_it_signed_has_failed() -> None:
    late = pki.sod(GROUPS, pki.dsc(CSCA, years=1), at=datetime(2025, 6, 1, tzinfo=UTC))
    done = verify(chip(late), trusted(), on=date(2025, 7, 1))
    assert answers(done)[StepCode.VALIDITY_AT_SIGNING] == ("failed", "expired")
    early = pki.sod(GROUPS, DSC, at=datetime(2023, 6, 1, tzinfo=UTC))
    assert answers(verify(chip(early), trusted(), on=TODAY))[StepCode.VALIDITY_AT_SIGNING] == (
        "failed",
        "not_yet_valid",
    )


def test_a_document_signer_that_expired_since_is_a_finding_of_its_own() -> None:
    done = verify(chip(pki.sod(GROUPS, pki.dsc(CSCA, years=1))), trusted(), on=date(2025, 7, 1))
    assert answers(done)[StepCode.VALIDITY_AT_SIGNING] == ("passed", "")
    assert answers(done)[StepCode.VALIDITY_TODAY] == ("failed", "expired")


def test_a_revoked_document_signer_is_named_with_day_and_cause() -> None:
    store = TrustStore.of(CSCA.certificate, crls=[pki.crl(CSCA, {DSC.certificate.serial: "keyCompromise"})])
    step = verify(chip(pki.sod(GROUPS, DSC)), store, on=TODAY).step(StepCode.REVOCATION)
    assert (step.outcome, step.reason) == (Outcome.FAILED, "revoked")
    assert (step.values["cause"], step.values["date"]) == ("key_compromise", "2024-06-01")


@pytest.mark.parametrize(
    ("store", "on", "reason"),
    [
        (TrustStore.of(CSCA.certificate), TODAY, "no_crl"),
        (TrustStore.of(CSCA.certificate, crls=[pki.crl(CSCA)]), date(2025, 1, 1), "crl_old"),
        (TrustStore.of(CSCA.certificate, crls=[pki.crl(CSCA, signed_by=pki.csca("X"))]), TODAY, "no_crl"),
    ],
)
def test_without_a_good_and_fresh_revocation_list_it_is_undetermined(store: TrustStore, on: date, reason: str) -> None:
    assert answers(verify(chip(pki.sod(GROUPS, DSC)), store, on=on))[StepCode.REVOCATION] == ("undetermined", reason)


def test_a_certificate_that_may_not_sign_is_noticed() -> None:
    signer = pki.dsc(CSCA, "DS cipher", signing=False)
    done = verify(chip(pki.sod(GROUPS, signer)), trusted(), on=TODAY)
    assert answers(done)[StepCode.KEY_USAGE] == ("failed", "not_for_signing")


def test_a_critical_extension_that_is_not_known_is_undetermined() -> None:
    done = verify(chip(pki.sod(GROUPS, pki.dsc(CSCA, critical="1.2.3.4"))), trusted(), on=TODAY)
    assert answers(done)[StepCode.KEY_USAGE] == ("undetermined", "critical_extension")


def test_a_document_signer_for_other_documents_is_noticed() -> None:
    done = verify(chip(pki.sod(GROUPS, pki.dsc(CSCA, document_types=["I"]))), trusted(), on=TODAY)
    assert answers(done)[StepCode.DOCUMENT_TYPE] == ("failed", "")


@pytest.mark.parametrize(("printed", "outcome"), [("UTO", "passed"), ("HTI", "failed")])
def test_the_states_of_signer_chip_and_print_are_compared(printed: str, outcome: str) -> None:
    done = verify(chip(pki.sod(GROUPS, DSC)), trusted(), on=TODAY, mrz_state=printed)
    assert done.step(StepCode.STATES).outcome == outcome


def test_a_dg1_of_another_state_is_noticed() -> None:
    groups = {**GROUPS, 1: pki.dg1(MRZ.replace("UTO", "HTI"))}
    done = verify(chip(pki.sod(groups, DSC), groups), trusted(), on=TODAY)
    assert answers(done)[StepCode.STATES] == ("failed", "mrz_of_other_state")


def test_a_document_signer_under_another_states_csca_is_noticed() -> None:
    signer = pki.dsc(CSCA, country="HT")
    done = verify(chip(pki.sod(GROUPS, signer)), trusted(), on=TODAY)
    assert answers(done)[StepCode.STATES] == ("failed", "csca_of_other_state")


@pytest.mark.parametrize(
    ("signer", "state", "same"),
    [
        ("D", "D<<", True), ("D", "DEU", True), ("GBR", "TCA", True), ("GBR", "GBD", True), ("CHN", "HKG", True),
        ("HTI", "DOM", False),
    ],
)  # fmt: skip
def test_some_codes_are_signed_for_by_another_state(signer: str, state: str, same: bool) -> None:
    assert signs_for(signer, state) is same


@settings(max_examples=500)
@given(data=st.data())
def test_a_mutated_sod_is_verified_or_refused_and_never_breaks(data: st.DataObject) -> None:
    sod = bytearray(real_sod(data.draw(st.sampled_from(NAMES))))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(sod) - 1))
        kind = data.draw(st.sampled_from(("set", "cut", "insert")))
        if kind == "set":
            sod[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del sod[at : at + data.draw(st.integers(1, 40))]
        else:
            sod[at:at] = data.draw(st.binary(max_size=8))
        if not sod:
            break
    verify({"EF.SOD": bytes(sod), "EF.COM": bytes(sod[:40]), "DG1": bytes(sod[40:140])}, lists(), on=ON)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sod_or_refused(data: bytes) -> None:
    try:
        parse_sod(data)
    except MalformedError:
        return
