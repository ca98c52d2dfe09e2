"""What may come in, and how the rest is refused."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents import Captured, Evidence, Field, Kind, Light, Source
from fanal.inspection import intake as module
from fanal.inspection.intake import IntakeError, check_total, claims_of, intake, parse_json

UTOPIA = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\n"


def refused(content: bytes, label: str = "") -> str:
    with pytest.raises(IntakeError) as caught:
        intake(content, label=label)
    return caught.value.code


def evidence_file(*pieces: dict[str, object], **more: object) -> bytes:
    return json.dumps({"schema": "fanal.evidence/1", "evidence": list(pieces), **more}).encode()


def test_evidence_is_named_by_its_sha256() -> None:
    (piece,) = intake(b"abc")
    # FIPS 180-4, the example "abc".
    assert piece.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"II*\x00",
        b"MM\x00*",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"BM\x00\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_a_picture_is_known_by_its_first_bytes_whatever_its_name(head: bytes) -> None:
    (piece,) = intake(head + b"rest", label="lines.txt")
    assert piece.kind is Kind.PICTURE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_mrz_lines_come_as_text(encoding: str) -> None:
    (piece,) = intake(UTOPIA.encode(encoding))
    assert piece.kind is Kind.MRZ_TEXT
    assert module.text_of(piece) == UTOPIA


def test_lines_that_begin_as_a_bitmap_does_are_text() -> None:
    (piece,) = intake(b"BM IS NOT A DOCUMENT CODE")
    assert piece.kind is Kind.MRZ_TEXT


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("EF.SOD", "EF.SOD"),
        ("ef_sod.bin", "EF.SOD"),
        ("DG1", "DG1"),
        ("dg01.bin", "DG1"),
        ("EF.CardAccess", "EF.CardAccess"),
    ],
)
def test_chip_files_are_known_by_name_and_tag(label: str, name: str) -> None:
    (piece,) = intake(b"\x61\x03abc", label=label)
    assert (piece.kind, piece.label) == (Kind.CHIP_FILE, name)


def test_a_picture_named_as_a_chip_file_is_a_picture() -> None:
    (piece,) = intake(b"\xff\xd8\xff\xe0", label="DG2")
    assert piece.kind is Kind.PICTURE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\x00\x01\x02\x03", "unknown_kind"),
        (b"\xc3\x28 not utf-8", "unknown_kind"),
        (b"%PDF-1.7 ...", "not_supported"),
        (b"%PDF-1.7 ... /Encrypt 5 0 R", "protected"),
        (b"PK\x03\x04\x14\x00\x00\x00", "not_supported"),
        (b"PK\x03\x04\x14\x00\x01\x00", "protected"),
        (b"GIF89a", "not_supported"),
        (b"{", "json_invalid"),
        (b"[1]", "json_schema"),
        (b'{"schema": "fanal.evidence/2", "evidence": []}', "json_schema"),
        (b'{"schema": "fanal.evidence/1", "evidence": [NaN]}', "json_invalid"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "json_too_deep"),
        (b"[" * 100_000, "json_too_deep"),
        (b"A" * (module.MAX_TEXT_BYTES + 1), "too_large"),
    ],
)
def test_what_cannot_be_inspected_is_refused_with_its_reason(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_delivery_over_the_limit_is_refused_unread() -> None:
    assert refused(b"\xff\xd8\xff" + bytes(module.MAX_BYTES)) == "too_large"


def test_the_json_form_carries_every_kind() -> None:
    picture = b"\xff\xd8\xff\xe0"
    pieces = parse_json(
        evidence_file(
            {"kind": "mrz_text", "text": UTOPIA},
            {
                "kind": "picture",
                "base64": base64.b64encode(picture).decode(),
                "captured": {"at": "2026-11-24T10:00:00+00:00", "place": "Malpasse", "device": "lane 2", "light": "uv"},
            },
            {"kind": "chip_file", "label": "dg1", "base64": "YQA="},
            {"kind": "seal", "base64": "3AM="},
            {"kind": "observation", "claims": [{"field": "document_number", "value": "L898902C3"}]},
        )
    )
    assert [p.kind for p in pieces] == [Kind.MRZ_TEXT, Kind.PICTURE, Kind.CHIP_FILE, Kind.SEAL, Kind.OBSERVATION]
    assert pieces[1].content == picture
    assert pieces[1].captured.light is Light.UV
    assert pieces[1].captured.at is not None
    assert pieces[2].label == "DG1"
    (claim,) = claims_of(pieces[4])
    assert (claim.field, claim.value, claim.source) == (Field.DOCUMENT_NUMBER, "L898902C3", Source.VIZ)


@pytest.mark.parametrize(
    ("piece", "where"),
    [
        ({"kind": "photo"}, "evidence[0].kind"),
        ({"kind": "picture"}, "evidence[0].base64"),
        ({"kind": "picture", "base64": "%%%"}, "evidence[0].base64"),
        ({"kind": "picture", "path": "/etc/passwd"}, "evidence[0].path"),
        ({"kind": "chip_file", "label": "x", "base64": "YQA="}, "evidence[0].label"),
        ({"kind": "observation", "claims": [{"field": "colour", "value": "x"}]}, "evidence[0].claims[0].field"),
        ({"kind": "observation", "claims": [{"field": "sex", "value": 1}]}, "evidence[0].claims[0].value"),
        (
            {"kind": "observation", "claims": [{"field": "sex", "value": "F", "confidence": 2}]},
            "evidence[0].claims[0].confidence",
        ),
        # What a machine reads comes as that machine's evidence: nobody may type a chip.
        (
            {"kind": "observation", "claims": [{"field": "sex", "value": "F", "source": "chip"}]},
            "evidence[0].claims[0].source",
        ),
        ({"kind": "mrz_text", "text": "A", "captured": {"at": "noon"}}, "evidence[0].captured.at"),
        ({"kind": "mrz_text", "text": "A", "captured": {"light": "x-ray"}}, "evidence[0].captured.light"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(piece: dict[str, object], where: str) -> None:
    with pytest.raises(IntakeError) as caught:
        parse_json(evidence_file(piece))
    assert caught.value.code == "json_value"
    assert caught.value.values["where"] == where


def test_one_inspection_takes_so_many_pieces_and_no_more() -> None:
    pieces = [Evidence.of(Kind.MRZ_TEXT, str(i).encode()) for i in range(module.MAX_PIECES + 1)]
    assert len(check_total(pieces[:-1])) == module.MAX_PIECES
    with pytest.raises(IntakeError) as caught:
        check_total(pieces)
    assert caught.value.code == "too_many"
    written: list[dict[str, object]] = [{"kind": "mrz_text", "text": "A"} for _ in pieces]
    with pytest.raises(IntakeError):
        parse_json(evidence_file(*written))
    with pytest.raises(IntakeError):
        parse_json(evidence_file({"kind": "observation", "claims": [{"field": "sex", "value": "F"}] * 201}))


def test_the_same_piece_twice_is_one() -> None:
    piece = Evidence.of(Kind.MRZ_TEXT, b"A", captured=Captured(place="Malpasse"))
    assert check_total([piece, piece]) == (piece,)


@given(st.binary(max_size=400), st.sampled_from(["", "DG1", "EF.SOD", "page.jpg", "x.json"]))
def test_arbitrary_bytes_raise_nothing_but_an_intake_error(content: bytes, label: str) -> None:
    try:
        for piece in intake(content, label=label):
            assert isinstance(piece, Evidence)
    except IntakeError as error:
        assert error.code in module.CODES


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from([*Kind, *Field]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["kind", "label", "text", "base64", "claims", "captured", "field", "value"]), inner
        )
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=4))
def test_arbitrary_json_raises_nothing_but_an_intake_error(pieces: list[object]) -> None:
    content = json.dumps({"schema": "fanal.evidence/1", "evidence": pieces}).encode()
    try:
        for piece in parse_json(content):
            if piece.kind is Kind.OBSERVATION:
                claims_of(piece)
    except IntakeError as error:
        assert error.code in module.CODES
