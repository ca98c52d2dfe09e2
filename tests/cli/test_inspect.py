"""`fanal inspect`: any mixture of evidence in; a report out, or one clear line and the right status."""

import io
import json
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from fanal.cli.evidence import MAX_FOLDER_DEPTH
from fanal.cli.main import main
from fanal.documents import Field, mrz
from fanal.inspection.intake import MAX_BYTES, MAX_PIECES
from fanal.inspection.texts import LANGUAGES
from tests.inspection.subjects import TD1, TD3

ON = ("--on", "2010-01-01", "--lang", "en")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fanal(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command: exit status, standard output, standard error."""

    def run(*argv: object) -> tuple[int, str, str]:
        try:
            status = main([str(word) for word in argv])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return run


def written(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_mrz_lines_on_standard_input_are_inspected(fanal: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TD3.encode())))
    status, out, err = fanal("inspect", *ON)

    assert (status, err) == (0, "")
    assert "L898902C3" in out
    assert "NO OBJECTION" in out


def test_whatever_the_advice_the_status_says_inspected(fanal: Run, tmp_path: Path) -> None:
    status, out, _ = fanal("inspect", written(tmp_path / "mrz.txt", TD3[:-1] + "7"), *ON)

    assert status == 0
    assert "REFER TO SECONDARY INSPECTION" in out


def test_json_has_advice_findings_claims_and_evidence(fanal: Run, tmp_path: Path) -> None:
    status, out, _ = fanal("inspect", written(tmp_path / "mrz.txt", TD3), "--json", *ON)
    report = json.loads(out)

    assert status == 0
    assert report["schema"] == "fanal.inspection/1"
    assert report["advice"] == "no_objection"
    assert report["evidence"][0]["label"] == "mrz.txt"
    assert {"field": "document_number", "value": "L898902C3"}.items() <= report["claims"][4].items()


def test_a_folder_is_one_document_and_what_is_no_evidence_in_it_is_named(fanal: Run, tmp_path: Path) -> None:
    written(tmp_path / "mrz.txt", TD3)
    written(tmp_path / "notes" / "typed.json", observation(document_number="L898902C3"))
    written(tmp_path / "notes" / "list.pdf", b"%PDF-1.4")
    written(tmp_path / ".hidden", b"\x00")
    status, out, err = fanal("inspect", tmp_path, "--json", *ON)

    assert status == 0
    assert [e["kind"] for e in json.loads(out)["evidence"]] == ["mrz_text", "observation"]
    assert err == f"fanal inspect: not evidence, left out: {tmp_path / 'notes' / 'list.pdf'}\n"


def observation(**claims: str) -> str:
    stated = [{"field": field, "value": value} for field, value in claims.items()]
    return json.dumps({"schema": "fanal.evidence/1", "evidence": [{"kind": "observation", "claims": stated}]})


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 3, "It is empty"),
        (b"   \n", 3, "It is empty"),
        (b"no zone in here\n", 3, "Nothing could be read"),
        (b"%PDF-1.7\n/Encrypt 3 0 R", 4, "It is a PDF file with a password"),
        (b"%PDF-1.7\n", 4, "It is a PDF file. Give a picture"),
        (b"PK\x03\x04\x14\x00\x01\x00", 4, "It is a ZIP file with a password"),
        (b"\x00\x01\x02\x03", 4, "It is neither a picture"),
        (b"{", 4, "is not JSON"),
        (b'{"schema": "other/1"}', 4, "Its schema is other/1"),
        (b"<" * 300_000, 4, "too large"),
    ],
)
def test_what_cannot_be_inspected_ends_with_one_clear_line(
    fanal: Run, tmp_path: Path, content: bytes, status: int, words: str
) -> None:
    path = written(tmp_path / "delivery", content)
    done, out, err = fanal("inspect", path, *ON)

    assert (done, out) == (status, "")
    assert err.count("\n") == 1
    assert err.startswith(f"fanal inspect: {path}: ")
    assert words in err


def test_a_file_over_the_limit_is_not_read(fanal: Run, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    status, _, err = fanal("inspect", path, *ON)

    assert status == 4
    assert str(MAX_BYTES) in err


def test_a_file_that_is_not_there_and_one_that_cannot_be_opened(fanal: Run, tmp_path: Path) -> None:
    assert fanal("inspect", tmp_path / "none", *ON)[::2] == (
        4,
        f"fanal inspect: {tmp_path / 'none'}: There is no such file.\n",
    )
    assert fanal("inspect", "/dev/null/x", *ON)[0] == 4


def test_more_pieces_than_one_document_has_are_refused(fanal: Run, tmp_path: Path) -> None:
    for number in range(MAX_PIECES + 1):
        written(tmp_path / f"{number}.txt", TD3 + "\n" * number)
    status, out, err = fanal("inspect", tmp_path, *ON)

    assert (status, out) == (4, "")
    assert "too many" in err


def test_folders_deeper_than_the_limit_are_not_entered(fanal: Run, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"d" * (MAX_FOLDER_DEPTH + 1))
    written(deep / "card.txt", TD1)
    written(tmp_path / "passport.txt", TD3)
    _, out, _ = fanal("inspect", tmp_path, "--json", *ON)

    assert [e["label"] for e in json.loads(out)["evidence"]] == ["passport.txt"]


@pytest.mark.parametrize("argv", [("--on", "2026-02-30"), ("--lang", "de"), ("--colour",)])
def test_wrong_usage_is_status_two(fanal: Run, tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert fanal("inspect", written(tmp_path / "mrz.txt", TD3), *argv)[0] == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_refusals_are_in_the_language_that_was_asked_for(fanal: Run, tmp_path: Path, lang: str) -> None:
    _, _, err = fanal("inspect", tmp_path / "none", "--lang", lang)
    words = {"en": "There is no such", "es": "No existe", "fr": "n'existe pas", "ht": "pa egziste"}

    assert words[lang] in err


def test_a_trust_store_that_is_not_there_is_said(fanal: Run, tmp_path: Path) -> None:
    path = written(tmp_path / "mrz.txt", TD3)
    status, _, err = fanal("inspect", path, "--trust", tmp_path / "none", *ON)

    assert status == 4
    assert "trust store" in err


def png(width: int, height: int) -> bytes:
    """A picture that says it is of this size, and holds no pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    empty = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + empty


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png(50_000, 50_000), "too large: 2500 MP"),
        (png(900, 600), "cut off"),
        (png(3, 3), "too small"),
        (b"\xff\xd8\xff" + bytes(500), "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"II*\x00" + b"\xff" * 64, "not a picture"),
    ],
    ids=["huge", "truncated", "small", "no JPEG", "no PNG", "no TIFF"],
)
def test_a_picture_that_cannot_be_decoded_ends_with_one_clear_line(
    fanal: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    pytest.importorskip("PIL")
    status, out, err = fanal("inspect", written(tmp_path / "page.png", content), *ON)

    assert (status, out) == (4, "")
    assert err.startswith("fanal inspect: page.png: ")
    assert err.count("\n") == 1
    assert words in err


def test_a_picture_without_a_document_is_nothing_readable(fanal: Run, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (400, 300), "white").save(tmp_path / "white.jpg")
    status, out, err = fanal("inspect", tmp_path / "white.jpg", *ON)

    assert (status, out) == (3, "")
    assert "Nothing could be read" in err


def composed(state: str, name: str, born: str, nationality: str | None = None) -> str:
    """The MRZ of a passport with one number, whoever it says it is of."""
    values = {
        "document_code": "P",
        "issuing_state": state,
        "nationality": nationality or state,
        "document_number": "UC0335232",
        "primary_identifier": name,
        "secondary_identifier": "ANNA",
        "date_of_birth": born,
        "sex": "F",
        "date_of_expiry": "2031-01-02",
    }
    return "\n".join(mrz.compose(mrz.Format.TD3, {Field(key): value for key, value in values.items()}))


@pytest.mark.parametrize(
    ("other", "check"),
    [
        (("UTO", "SMITH", "1980-01-02"), "agreement.name"),
        (("UTO", "ERIKSSON", "1991-05-05"), "agreement.date_of_birth"),
    ],
)
@pytest.mark.parametrize("one_file", [False, True])
def test_two_zones_of_one_number_that_differ_are_not_one_document(
    fanal: Run, tmp_path: Path, other: tuple[str, str, str], check: str, one_file: bool
) -> None:
    zones = composed("UTO", "ERIKSSON", "1980-01-02"), composed(*other)
    texts = ["\n\n".join(zones)] if one_file else list(zones)
    files = [str(written(tmp_path / f"{at}.txt", text)) for at, text in enumerate(texts)]
    status, out, _ = fanal("inspect", *files, "--json", "--on", "2026-11-24")
    report = json.loads(out)
    failed = {finding["check"] for finding in report["findings"] if finding["outcome"] == "failed"}
    assert (status, check in failed, report["advice"]) == (0, True, "refer")


def test_a_nationality_that_is_often_written_wrong_is_worth_a_look_and_no_more(fanal: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "a.txt", composed("FRA", "ERIKSSON", "1980-01-02", "DEU"))
    _, out, _ = fanal("inspect", str(file), "--json", "--on", "2026-11-24")
    report = json.loads(out)
    failed = {f["check"]: f["severity"] for f in report["findings"] if f["outcome"] == "failed"}
    assert failed == {"codes.nationality_known": "concern"}
    assert report["advice"] == "look_again"


def test_a_pipe_that_nobody_writes_into_is_refused(fanal: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    status, _, err = fanal("inspect", str(tmp_path / "pipe"))
    assert status == 4
    assert len(err.splitlines()) == 1
