import json
import struct
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from fanal import seals
from fanal.chip.trust import TrustStore
from fanal.documents import Field
from fanal.inspection.signers import SealSigners
from fanal.seals import SealError, SealSignatureError, canonical
from tests.chip import pki

ON = date(2024, 7, 1)
CSCA = pki.csca()
SIGNER = pki.dsc(CSCA, "VDS-NC signer")
MESSAGE: dict[str, Any] = {
    "uvci": "U32870",
    "pid": {"n": "ERIKSSON  ANNA MARIA", "dob": "1974-08-12", "sex": "F", "i": "L898902C3"},
    "ve": [{"des": "XM68M6", "vd": [{"dvc": "2021-03-03", "seq": 1, "ctr": "UTO", "lot": "VC35679"}]}],
}


def sign(data: bytes) -> bytes:
    assert isinstance(SIGNER.key, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(SIGNER.key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def made() -> bytes:
    return seals.make_vds_nc("icao.vacc", MESSAGE, issuing_state="UTO", certificate=SIGNER.der, sign=sign)


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        # RFC 8785, appendix B
        ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"), ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"), ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"), ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"), ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"), ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"), ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_in_the_rfc(bits: str, text: str) -> None:
    assert canonical(struct.unpack(">d", bytes.fromhex(bits))[0]) == text.encode()


@pytest.mark.parametrize("value", [2**53 + 1, 10**21, 10**500, -(2**60) - 1, float("inf"), float("nan"), {1, 2}])
def test_what_is_not_the_same_to_every_reader_is_refused(value: object) -> None:
    with pytest.raises(SealError):
        canonical(value)


def test_a_large_integer_that_a_double_is_may_stand() -> None:
    assert canonical([2**53 + 2, 10**20]) == b"[9007199254740994,100000000000000000000]"


def test_the_worked_example_of_the_rfc() -> None:
    """RFC 8785, 3.2.2 and 3.2.3."""
    source = (
        r'{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        r'"string":"\u20ac$\u000F\u000aA'
        r"'\u0042\u0022\u005c\\\"\/"
        r'","literals":[null,true,false]}'
    )
    assert canonical(json.loads(source)).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    keys = {"€": 1, "\r": 2, "\ufb33": 3, "1": 4, "😀": 5, "\x80": 6, "ö": 7}
    assert list(json.loads(canonical(keys))) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-(2**53), 2**53)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_the_canonical_form_is_the_value_and_stays_itself(value: object) -> None:
    try:
        text = canonical(value)
    except SealError:
        assert any(0xD800 <= ord(c) <= 0xDFFF for c in json.dumps(value, ensure_ascii=False))
        return
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_a_seal_that_is_made_is_read_and_verifies_to_the_csca() -> None:
    seal = seals.read(made())
    assert (seal.format, seal.profile, seal.version, seal.issuing_state) == ("vds_nc", "icao.vacc", 1, "UTO")
    assert seal.find("ve.0.vd.0.lot") == "VC35679"
    signer = seals.verify(seal, SealSigners(TrustStore.of(CSCA.certificate), ON))
    assert signer.vouched_by == str(CSCA.certificate.subject)
    assert seals.verify(seal, SealSigners(TrustStore(), ON)).vouched_by == ""


def test_spaces_and_order_do_not_matter_and_every_value_does() -> None:
    find = SealSigners(TrustStore.of(CSCA.certificate), ON)
    whole = json.loads(made())
    shuffled = json.dumps({"sig": whole["sig"], "data": dict(reversed(whole["data"].items()))}, indent=3)
    seals.verify(seals.read(shuffled.encode()), find)
    whole["data"]["msg"]["pid"]["dob"] = "1974-08-13"
    with pytest.raises(SealSignatureError):
        seals.verify(seals.read(json.dumps(whole).encode()), find)


def test_the_person_is_claimed() -> None:
    claims = {claim.field: claim.value for claim in seals.claims(seals.read(made()), on=ON)}
    assert claims == {
        Field.PRIMARY_IDENTIFIER: "ERIKSSON",
        Field.SECONDARY_IDENTIFIER: "ANNA MARIA",
        Field.DATE_OF_BIRTH: "1974-08-12",
        Field.SEX: "F",
        Field.DOCUMENT_NUMBER: "L898902C3",
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.pop("data"),
        lambda w: w["data"].pop("hdr"),
        lambda w: w["data"]["hdr"].pop("is"),
        lambda w: w["data"].update(msg=[]),
        lambda w: w["sig"].update(alg="none"),
        lambda w: w["sig"].update(sigvl="§"),
        lambda w: w["sig"].update(cer=5),
        lambda w: w.update(sig="x"),
    ],
)
def test_what_is_no_seal_is_refused(change: Any) -> None:
    whole = json.loads(made())
    change(whole)
    with pytest.raises(SealError):
        seals.read(json.dumps(whole).encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{},"data":{}}', "{" * 60_000, '{"data":NaN}', "{}", '{"a":' + "[" * 5000 + "]" * 5000 + "}",
        "{" + " " * 70_000,
    ],
)  # fmt: skip
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(SealError):
        seals.read(text.encode())


def test_a_seal_without_a_signature_says_so() -> None:
    whole = json.loads(made())
    del whole["sig"]
    with pytest.raises(SealError) as refusal:
        seals.verify(seals.read(json.dumps(whole).encode()), SealSigners(TrustStore(), ON))
    assert refusal.value.code == "not_signed"


def test_the_clock_of_a_signer_is_asked() -> None:
    signer = seals.verify(seals.read(made()), SealSigners(TrustStore.of(CSCA.certificate), ON))
    assert signer.valid_on(datetime(2024, 7, 1, tzinfo=UTC).date())
    assert not signer.valid_on(date(2050, 1, 1))
