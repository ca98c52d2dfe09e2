"""The test seals of the shared material, the worked examples of BSI TR-03137-1, and seals of our own."""

import base64
import json
from datetime import date, datetime
from itertools import product

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal import seals
from fanal.chip.trust import TrustStore, parse_certificate
from fanal.chip.trust.store import Signers
from fanal.documents import Field, Source
from fanal.inspection.signers import SealSigners
from fanal.seals import Seal, SealError, SealSignatureError
from tests.shared import SHARED_DATA

REAL = SHARED_DATA / "seals"
SEALS = {name: bytes.fromhex(text) for name, text in json.loads((REAL / "vds.json").read_text()).items()}
ON = date(2026, 11, 24)


def certificates() -> TrustStore:
    found = []
    for path in sorted(REAL.glob("*.crt")):
        raw = path.read_bytes()
        if b"-----BEGIN" in raw:
            raw = base64.b64decode(b"".join(raw.split(b"-----")[2].split()))
        found.append(parse_certificate(raw))
    return TrustStore(
        signers=Signers.of(found), operator_signers={certificate.sha256: "the test material" for certificate in found}
    )


# Whose certificate lies beside them, as their headers name it.
SIGNED = {
    "addressStickerId": "C=DE, CN=TS",
    "emergenyTravelDoc": "C=UT, O=tsenger, OU=sealgen, CN=TS",
    "residentPermit": "C=UT, O=tsenger, OU=sealgen, CN=TS",
    "supplementSheet": "C=UT, O=tsenger, OU=sealgen, CN=TS",
}


@pytest.mark.parametrize("name", SEALS)
def test_every_seal_of_the_material_is_read(name: str) -> None:
    seal = seals.read(SEALS[name])
    assert seal.issuing_state in ("UTO", "D")
    assert len(seal.signer) == 4
    assert seal.values
    assert not seal.profile.isdigit()


@pytest.mark.parametrize("name", SEALS)
def test_a_seal_verifies_where_its_signers_certificate_is_there(name: str) -> None:
    seal = seals.read(SEALS[name])
    find = SealSigners(certificates(), ON)
    if name in SIGNED:
        signer = seals.verify(seal, find)
        assert signer.name == SIGNED[name]
        assert signer.vouched_by == "the test material"
    else:
        with pytest.raises(SealError) as refusal:
            seals.verify(seal, find)
        assert refusal.value.code == ("signer_unknown" if seal.signature else "not_signed")


@pytest.mark.parametrize("name", SIGNED)
def test_every_changed_octet_is_noticed(name: str) -> None:
    find = SealSigners(certificates(), ON)
    good = SEALS[name]
    step = 7 if name == "addressStickerId" else 1  # this curve is verified in plain Python
    for at in range(0, len(good), step):
        changed = bytearray(good)
        changed[at] ^= 1 << at % 8
        with pytest.raises(SealError):
            seals.verify(seals.read(bytes(changed)), find)


def test_the_worked_example_of_an_arrival_attestation() -> None:
    """BSI TR-03137-1 (2.5), annex C."""
    seal = seals.read(SEALS["arrivalAttestation"])
    assert (seal.version, seal.issuing_state, seal.signer, seal.reference) == (3, "D", "DETS", "00027")
    assert (seal.issued, seal.signed_on) == (date(2020, 1, 1), date(2020, 1, 13))
    assert seal.profile == "arrival_attestation"
    assert seal.find("register_number") == "160113000085"
    assert seals.mrz_lines(seal) == ("MED<<MUSTERMANN<<ERIK<<<<<<<<<<<<<<<", "M0000000<4ALB0308212M1604128<<<<<<<2")


def test_the_worked_example_of_a_social_insurance_card() -> None:
    """BSI TR-03137-1 (2.5), annex D."""
    seal = seals.read(
        bytes.fromhex(
            "dc026abc6d32c8a519fc0f7134116d04fc0401083fee456d2de019a8020b506572736368776569c39f03054f73636172"
            "04134ac3a2636f62c3a96e6964696374757269757 3ff40582ed05cb05049b4fe49744d5e70a1982f8b7afb1e90259ce4"
            "7ba9907efcf59483f0a0b421ec760d6fd2284bbac37e136f1e3be6e14a6f6bc012110cff919d0f".replace(" ", "")
        )
    )
    assert seal.profile == "social_insurance_card"
    assert [value.text for value in seal.values] == ["65170839J003", "Perschweiß", "Oscar", "Jâcobénidicturius"]


def test_the_worked_example_of_a_visa() -> None:
    """BSI TR-03137-1 (2.5), annex F."""
    seal = seals.read(
        bytes.fromhex(
            "dc036abc6d32c8a72cb10f7134b798155d01022cdd52134a74da1347c6fed95cb89f9fce133c133c133c133c20383373"
            "4aaf47f0c32f1a1e20eb2625393afe310403a00000050633be1fed20c6ff38d55732476 08c9b64cae022c1c5249660e5"
            "1ae316d600f974aac2129c3f093c35955314026304705cd24c1b8100711bd4411f068e8d93e8b7".replace(" ", "")
        )
    )
    assert (seal.version, seal.signer, seal.reference, seal.profile) == (4, "DETS", "32", "visa")
    assert seal.find("duration_of_stay") == "160 d 0 m 0 y"
    assert seal.find("passport_number") == "47110815P"
    assert seals.mrz_lines(seal) == ("VCD<<DENT<<ARTHUR<PHILIP<<<<<<<<<<<<", "1234567XY7GBR5203116M2005250<<<<<<<<")
    claims = {claim.field: claim.value for claim in seals.claims(seal, on=ON)}
    assert claims[Field.PASSPORT_NUMBER] == "47110815P"
    assert claims[Field.PRIMARY_IDENTIFIER] == "DENT"
    assert claims[Field.DATE_OF_BIRTH] == "1952-03-11"
    signer = SealSigners(certificates(), ON)(seal)
    assert [one.name for one in signer] == ["C=DE, CN=TS"]  # the same name and number; another test key signed it


def test_claims_are_the_seals_and_point_to_it() -> None:
    made = seals.claims(seals.read(SEALS["residentPermit"]), on=ON, evidence="ab" * 32)
    assert {claim.source for claim in made} == {Source.SEAL}
    assert {(claim.region.evidence, claim.region.part) for claim in made if claim.region} == {("ab" * 32, "seal")}
    values = {claim.field: claim.value for claim in made}
    assert values[Field.DOCUMENT_NUMBER] == "652584509"
    assert values[Field.PASSPORT_NUMBER] == "UFO001979"
    assert values[Field.DATE_OF_ISSUE] == "2020-01-01"


KEY = ec.generate_private_key(ec.SECP256R1())


def sign(data: bytes) -> bytes:
    r, s = decode_dss_signature(KEY.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def own(serial: int, *, vouched: bool = True, years: tuple[int, int] = (2020, 2030)) -> TrustStore:
    name = x509.Name(
        [
            x509.NameAttribute(x509.oid.NameOID.COUNTRY_NAME, "UT"),
            x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "FA"),
        ]
    )
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(years[0], 1, 1))
        .not_valid_after(datetime(years[1], 1, 1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(KEY, hashes.SHA256())
    )
    certificate = parse_certificate(built.public_bytes(Encoding.DER))
    return TrustStore(
        signers=Signers.of([certificate]), operator_signers={certificate.sha256: "by hand"} if vouched else {}
    )


VISA: dict[str, str | int | bytes | tuple[int, int, int]] = {
    "mrz_mrv_a": "VCUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<" + "L8988901C4XXX4009078F9612109",
    "number_of_entries": 2,
    "duration_of_stay": (90, 0, 0),
    "passport_number": "L898902C3",
}


def visa(version: int = 4, reference: str = "1F") -> bytes:
    return seals.make_vds(
        "visa",
        VISA,
        issuing_state="UTO",
        signer="UTFA",
        reference=reference,
        issued=date(2025, 1, 2),
        signed_on=date(2025, 1, 3),
        sign=sign,
        version=version,
    )


@pytest.mark.parametrize(("version", "reference"), list(product((3, 4), ("1F", "1F2A3"))))
def test_a_seal_that_is_made_is_read_and_verifies(version: int, reference: str) -> None:
    seal = seals.read(visa(version, reference))
    assert (seal.version, seal.issuing_state, seal.signer) == (version, "UTO", "UTFA")
    assert int(seal.reference, 16) == int(reference, 16)
    assert (seal.issued, seal.signed_on) == (date(2025, 1, 2), date(2025, 1, 3))
    assert seal.find("number_of_entries") == "2"
    assert seals.mrz_lines(seal) == (
        "VCUTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F9612109<<<<<<<<<<<<<<<<",
    )
    signer = seals.verify(seal, SealSigners(own(int(reference, 16)), ON))
    assert (signer.vouched_by, signer.valid_on(date(2025, 1, 3)), signer.valid_on(date(2031, 1, 1))) == (
        "by hand",
        True,
        False,
    )


def test_a_signer_that_nobody_vouches_for_is_named_as_such() -> None:
    assert seals.verify(seals.read(visa()), SealSigners(own(0x1F, vouched=False), ON)).vouched_by == ""


def test_a_signature_of_another_key_is_wrong() -> None:
    forged = visa()[:-64] + bytes(32) + sign(b"another")[32:]
    with pytest.raises(SealSignatureError):
        seals.verify(seals.read(forged), SealSigners(own(0x1F), ON))


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "passport"},
        {"features": {}},
        {"features": {**VISA, "colour": "red"}},
        {"features": {**VISA, "number_of_entries": 256}},
        {"features": {**VISA, "passport_number": "é"}},
        {"features": {**VISA, "additional": bytes(300)}},
        {"signer": "UT"},
        {"reference": ""},
        {"version": 5},
        {"sign": lambda _: b""},
    ],
    ids=lambda c: next(iter(c)),
)
def test_what_does_not_fit_into_a_seal_is_refused(change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "profile": "visa", "features": VISA, "issuing_state": "UTO", "signer": "UTFA", "reference": "1F",
        "issued": ON, "signed_on": ON, "sign": sign,
    }  # fmt: skip
    with pytest.raises(SealError) as refusal:
        seals.make_vds(**{**good, **change})  # type: ignore[arg-type]
    assert refusal.value.code == "value"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "no seal"),
        (b"\xdb\x03", "no seal"),
        (b"\xdc\x07" + bytes(40), "version 8"),
        (visa()[:20], "ends within"),
        (visa() + b"\0", "octets after the signature"),
        (b"\xdc\x03" + bytes(5000), "4096"),
        (visa()[:10] + b"\xff\xff\xff" + visa()[13:], "date"),
    ],
)
def test_octets_that_are_no_seal_are_refused(octets: bytes, why: str) -> None:
    with pytest.raises(SealError, match=why):
        seals.read(octets)


def test_a_value_that_is_not_written_as_its_profile_says_is_shown_as_it_stands() -> None:
    seal = seals.read(SEALS["residentPermit"].replace(bytes.fromhex("d79519a65306"), bytes.fromhex("ffff19a65306")))
    assert seal.find("passport_number") is None
    assert seal.find("tag_3") == "ffff19a65306"


@settings(max_examples=500)
@given(data=st.data())
def test_a_mutated_seal_is_read_or_refused(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(sorted(SEALS.values()))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        if not octets:
            return
    try:
        seal: Seal = seals.read(bytes(octets))
        seals.claims(seal, on=ON)
        seals.verify(seal, SealSigners(own(1), ON))
    except SealError:
        pass


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for data in (octets, b"\xdc\x03" + octets, b"{" + octets):
        try:
            seals.claims(seals.read(data), on=ON)
        except SealError:
            continue
