from datetime import UTC, date, datetime

import pytest

from fanal.chip.trust import MalformedError, TrustStore, parse_certificate, parse_crl, state_of
from fanal.chip.trust.certificate import KEY_CERT_SIGN, MAX_CERTIFICATE
from tests.chip import pki

CSCA = pki.csca()


def test_the_issuer_that_a_certificate_names_by_key_comes_first() -> None:
    second = pki.csca(own=pki.key("second"), serial=2)
    third = pki.csca("Another name", own=pki.key("third"))
    store = TrustStore.of(CSCA.certificate, second.certificate, third.certificate)
    signer = pki.dsc(second).certificate
    # by key, then by name, then the State's others
    assert store.find_issuers(signer) == (second.certificate, CSCA.certificate, third.certificate)


def test_a_store_knows_states_by_the_codes_of_the_standard() -> None:
    store = TrustStore.of(pki.csca("CSCA", country="DE").certificate, pki.csca("CSCA", country="BS").certificate)
    assert store.states == ("BHS", "D")
    assert store.has_state("D")
    assert not store.has_state("HTI")


@pytest.mark.parametrize(
    ("country", "state"),
    [
        ("DE", "D"), ("HT", "HTI"), ("JM", "JAM"), ("DO", "DOM"), ("BS", "BHS"), ("TC", "TCA"), ("UT", "UTO"),
        ("UN", "UNO"), ("EU", "EUE"), ("KS", "RKS"), ("DEU", "D"), ("FRA", "FRA"), ("QZ", "QZ"),
    ],
)  # fmt: skip
def test_countries_of_certificates_become_codes_of_documents(country: str, state: str) -> None:
    assert state_of(country) == state


def test_revocation_lists_are_the_newest_first_and_only_those_that_the_csca_signed() -> None:
    old = pki.crl(CSCA, at=datetime(2024, 1, 1, tzinfo=UTC))
    new = pki.crl(CSCA, {7: "keyCompromise", 8: ""}, at=datetime(2024, 6, 1, tzinfo=UTC))
    forged = pki.crl(CSCA, at=datetime(2025, 1, 1, tzinfo=UTC), signed_by=pki.csca("Forger"))
    store = TrustStore.of(CSCA.certificate, crls=[old, forged, new])
    assert store.find_crls(CSCA.certificate) == (new, old)
    assert {serial: entry.reason for serial, entry in new.revoked.items()} == {7: "key_compromise", 8: "unspecified"}
    assert new.next_update is not None


def test_a_certificate_is_what_was_made() -> None:
    made = pki.dsc(CSCA, document_types=["P", "PD"]).certificate
    assert (made.country, made.self_issued, made.is_ca, made.document_types) == ("UT", False, False, ("P", "PD"))
    assert made.aki == CSCA.certificate.ski
    assert made.valid_on(date(2024, 1, 1))
    assert not made.valid_on(date(2023, 12, 31))
    assert CSCA.certificate.key_usage is not None
    assert KEY_CERT_SIGN in CSCA.certificate.key_usage
    assert not CSCA.certificate.is_link
    assert pki.csca("New", issuer=CSCA).certificate.is_link
    made.verify(CSCA.certificate)


def test_bytes_after_a_certificate_are_let_be() -> None:
    assert parse_certificate(CSCA.der + b"\0\0") == CSCA.certificate


@pytest.mark.parametrize("data", [b"", b"\x30\x00", CSCA.der[:-1], bytes(MAX_CERTIFICATE + 1), b"\x30\x80" * 100])
def test_bytes_that_are_no_certificate_are_refused(data: bytes) -> None:
    for parse in (parse_certificate, parse_crl):
        with pytest.raises(MalformedError):
            parse(data)


def test_two_signature_algorithms_in_one_certificate_are_refused() -> None:
    """RFC 5280, 4.1.1.2: the one outside is not signed, and must be the one inside."""
    inside, outside = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303")
    at = CSCA.der.rindex(inside)
    with pytest.raises(MalformedError, match="two different"):
        parse_certificate(CSCA.der[:at] + outside + CSCA.der[at + len(inside) :])
