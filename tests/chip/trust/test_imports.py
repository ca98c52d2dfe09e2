"""Real master lists of Germany and the Netherlands, and Utopian files with everything that can be wrong with them."""

import base64
import hashlib
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from fanal.chip.trust import (
    Basis,
    FileReport,
    Kind,
    MalformedError,
    StoreError,
    TrustDirectory,
    import_files,
    parse_list,
)
from tests.chip import pki
from tests.shared import SHARED_DATA

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REAL = SHARED_DATA / "chip" / "trust"
LISTS = ("DE_ML_2026-01-08-12-20-54.ml", "NL_ML_2026-03-11.ml")
ROOTS = ("DE_ROOT_CA_CSCA07.cer", "NL_ROOT_CA.cer")


def real(*names: str) -> list[tuple[str, bytes]]:
    return [(name, (REAL / name).read_bytes()) for name in names]


def bring(
    store: Path, *files: tuple[str, bytes], accept_unverified: bool = False, source: str = ""
) -> list[FileReport]:
    directory = TrustDirectory(store)
    return import_files(directory, files, now=NOW, source=source, accept_unverified=accept_unverified)


def test_the_real_lists_verify_to_the_roots_beside_them_and_every_certificate_is_usable(tmp_path: Path) -> None:
    # The lists come before the roots: the order of files does not matter.
    german, dutch, *roots = bring(tmp_path, *real(*LISTS, *ROOTS))
    assert [(r.error, r.refused) for r in (german, dutch, *roots)] == [(None, [])] * 4
    for report, name in ((german, LISTS[0]), (dutch, LISTS[1])):
        assert report.objects == len(parse_list((REAL / name).read_bytes()).certificates)
    assert german.csca == "C=DE, O=bund, OU=bsi, CN=csca-germany"
    assert "CN=CSCA NL" in dutch.csca
    store = TrustDirectory(tmp_path).load()
    for anchor in store.anchors:
        assert anchor.certificate.public_key.key_size >= 256
    assert {"BHS", "JAM", "DOM"} <= set(store.states)
    assert not store.has_state("HTI")


def test_a_certificate_of_both_lists_is_kept_once_with_both_origins(tmp_path: Path) -> None:
    bring(tmp_path, *real(*LISTS, *ROOTS))
    items = TrustDirectory(tmp_path).items()
    counts = Counter(len({o.file for o in item.origins}) for item in items if item.kind in (Kind.CSCA, Kind.LINK))
    sets = [set(parse_list((REAL / name).read_bytes()).certificates) for name in LISTS]
    assert counts[2] + counts[3] >= len(sets[0] & sets[1]) > 300
    assert len({item.sha256 for item in items}) == len(items)


def test_a_list_whose_signer_nobody_vouches_for_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (report,) = bring(tmp_path, *real(LISTS[0]))
    assert report.error is not None
    assert report.error.code == "list_csca_unknown"
    assert TrustDirectory(tmp_path).items() == []


def test_a_list_may_be_accepted_unverified_and_that_stays_on_record(tmp_path: Path) -> None:
    (report,) = bring(tmp_path, *real(LISTS[1]), accept_unverified=True)
    assert report.error is None
    assert report.csca == ""
    items = TrustDirectory(tmp_path).items()
    assert {origin.basis for item in items for origin in item.origins} == {Basis.UNVERIFIED_LIST}


def test_what_is_wrong_with_a_list_is_never_accepted(tmp_path: Path) -> None:
    root = pki.csca()
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])
    good = pki.master_list([root.der], signer)
    changed = good.replace(root.der[40:60], bytes(20))
    (report,) = bring(tmp_path, ("list.ml", changed), accept_unverified=True)
    assert report.error is not None
    assert report.error.code in ("signature_wrong", "malformed")


def test_the_csca_inside_a_list_vouches_for_nothing(tmp_path: Path) -> None:
    root = pki.csca()
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])
    (report,) = bring(tmp_path, ("list.ml", pki.master_list([root.der], signer, root)))
    assert report.error is not None
    assert report.error.code == "list_csca_unknown"


def test_a_document_signer_may_not_sign_a_master_list(tmp_path: Path) -> None:
    root = pki.csca()
    signer = pki.dsc(root)
    *_, report = bring(tmp_path, ("root.cer", root.der), ("list.ml", pki.master_list([root.der], signer)))
    assert report.error is not None
    assert report.error.code == "list_signer_purpose"


def test_a_list_signed_after_its_signer_expired_is_refused(tmp_path: Path) -> None:
    root = pki.csca()
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING], years=1)
    late = pki.master_list([root.der], signer, at=datetime(2026, 1, 1, tzinfo=UTC))
    *_, report = bring(tmp_path, ("root.cer", root.der), ("list.ml", late))
    assert report.error is not None
    assert report.error.code == "list_signer_expired"


def test_one_list_may_open_the_way_for_another(tmp_path: Path) -> None:
    first, second = pki.csca("CSCA 1"), pki.csca("CSCA 2")
    signers = [pki.dsc(c, f"Signer {n}", purposes=[pki.MASTER_LIST_SIGNING]) for n, c in enumerate((first, second))]
    inner = pki.master_list([first.der], signers[1])  # signed under CSCA 2, which only the other list holds
    outer = pki.master_list([second.der], signers[0])
    reports = bring(tmp_path, ("inner.ml", inner), ("outer.ml", outer), ("first.cer", first.der))
    assert [report.error for report in reports] == [None] * 3


def test_what_cannot_be_used_in_a_list_is_refused_by_name_and_kept(tmp_path: Path) -> None:
    root = pki.csca()
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])
    broken = pki.seq(pki.seq(pki.integer(1)), pki.seq())
    listed = pki.master_list([root.der, signer.der, broken], signer)
    _, report = bring(tmp_path, ("root.cer", root.der), ("list.ml", listed))
    assert report.error is None
    assert (report.new, report.known) == (0, 1)
    assert [(refused.what, refused.code) for refused in report.refused] == [
        ("C=UT, O=Specimen, CN=ML Signer", "not_a_ca"),
        ("certificate 3", "malformed"),
    ]
    kept = {item.kind: item.refusal for item in TrustDirectory(tmp_path).items() if item.refusal}
    assert kept[Kind.UNREADABLE].startswith("malformed")
    assert kept[Kind.DSC].startswith("not_a_ca")


def test_a_certificate_alone_is_trusted_because_the_operator_imports_it(tmp_path: Path) -> None:
    root = pki.csca()
    (report,) = bring(tmp_path, ("csca.cer", root.der), source="handed over at the embassy")
    assert (report.kind, report.new) == (Kind.CSCA, 1)
    (anchor,) = TrustDirectory(tmp_path).load().anchors
    assert anchor.origins[0].basis is Basis.OPERATOR
    assert anchor.origins[0].source == "handed over at the embassy"
    assert anchor.origins[0].at == NOW
    assert anchor.origins[0].file_sha256 == hashlib.sha256(root.der).hexdigest()


def test_a_pem_file_may_hold_several(tmp_path: Path) -> None:
    root = pki.csca()
    both = b"".join(one.x509.public_bytes(Encoding.PEM) for one in (root, pki.dsc(root)))
    (report,) = bring(tmp_path, ("both.pem", both))
    assert report.new == 2
    assert {item.kind for item in TrustDirectory(tmp_path).items()} == {Kind.CSCA, Kind.DSC}


def test_a_directory_vouches_for_nobody_and_its_lists_are_verified(tmp_path: Path) -> None:
    root, other = pki.csca(), pki.csca("CSCA 2")
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])

    def entry(attribute: str, raw: bytes) -> str:
        text = f"{attribute}:: {base64.b64encode(raw).decode()}"
        folded = "\n ".join(text[at : at + 70] for at in range(0, len(text), 70))
        return f"dn: cn={attribute},c=UT,dc=data\nobjectClass: top\n{folded}\n\n"

    text = (
        "version: 1\n\n"
        + entry("cACertificate;binary", other.der)
        + entry("userCertificate;binary", pki.dsc(root).der)
        + entry("certificateRevocationList;binary", pki.crl(root).der)
        + entry("pkdMasterListContent", pki.master_list([root.der], signer))
    )
    (report,) = bring(tmp_path, ("pkd.ldif", text.encode()))
    assert [refused.code for refused in report.refused] == ["list_csca_unknown"]
    assert TrustDirectory(tmp_path).load().anchors == ()

    bring(tmp_path, ("root.cer", root.der))
    (report,) = bring(tmp_path, ("pkd.ldif", text.encode()))
    store = TrustDirectory(tmp_path).load()
    assert (report.refused, report.error) == ([], None)
    assert [anchor.certificate for anchor in store.anchors] == [root.certificate]
    assert store.intermediates == (other.certificate,)
    assert len(store.find_crls(root.certificate)) == 1


def test_a_revocation_list_that_its_csca_did_not_sign_is_refused(tmp_path: Path) -> None:
    root, forger = pki.csca(), pki.csca("Forger")
    forged = pki.crl(root, signed_by=forger)
    *_, report = bring(tmp_path, ("root.cer", root.der), ("forged.crl", forged.der))
    assert report.error is not None
    assert report.error.code == "crl_signature_wrong"


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    files = real(*ROOTS, LISTS[1])
    bring(tmp_path, *files)
    before = TrustDirectory(tmp_path).items()
    reports = bring(tmp_path, *files)
    assert sum(report.new for report in reports) == 0
    assert TrustDirectory(tmp_path).items() == before


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x30\x03abc", b"-----BEGIN CERTIFICATE-----\n", b"version: 1\ndn: c=UT\n"]
)
def test_a_file_that_is_none_of_them_is_refused(tmp_path: Path, data: bytes) -> None:
    (report,) = bring(tmp_path, ("file", data))
    assert report.error is not None
    assert report.error.code == "malformed"
    assert TrustDirectory(tmp_path).items() == []


def test_the_signers_of_a_list_are_counted() -> None:
    root = pki.csca()
    good = pki.master_list([root.der], pki.dsc(root))
    assert parse_list(good).certificates == (root.der,)
    with pytest.raises(MalformedError, match="too many certificates"):
        parse_list(pki.master_list([root.der], pki.dsc(root), *[root] * 64))


def files_of_every_kind() -> tuple[bytes, ...]:
    root = pki.csca()
    signer = pki.dsc(root, "ML Signer", purposes=[pki.MASTER_LIST_SIGNING])
    text = base64.b64encode(root.der)
    return (
        root.der,
        pki.master_list([root.der], signer),
        pki.crl(root).der,
        b"-----BEGIN CERTIFICATE-----\n" + text + b"\n-----END CERTIFICATE-----\n",
        b"version: 1\n\ndn: c=UT\nuserCertificate;binary:: " + text + b"\n",
        b"",
    )


SOURCES = files_of_every_kind()  # made once: a signature has another length each time


@settings(max_examples=100)
@given(data=st.data())
def test_any_bytes_are_imported_or_refused(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SOURCES)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with tempfile.TemporaryDirectory() as folder:
        (report,) = bring(Path(folder), ("file", bytes(content)))
        known = TrustDirectory(Path(folder)).items()
        assert report.error is not None or len(known) >= report.new


def test_a_store_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "trust.sqlite3").write_bytes(b"not a database, though long enough to be looked at" * 100)
    with pytest.raises(StoreError):
        TrustDirectory(tmp_path).load()
    with pytest.raises(StoreError):
        bring(tmp_path, ("root.cer", pki.csca().der))


def test_an_absent_store_trusts_nothing(tmp_path: Path) -> None:
    assert TrustDirectory(tmp_path / "none").load().anchors == ()
