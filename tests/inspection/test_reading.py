"""From evidence to a subject: every piece by its reader, and nothing dropped silently."""

import io
import json
from datetime import date

import pytest

from fanal import capture
from fanal.documents import Evidence, Field, Kind, Region, Source, mrz
from fanal.inspection import LANGUAGES, Advice, Context, Outcome, Subject, inspect, intake_text, nothing_read
from fanal.inspection.intake import intake
from fanal.inspection.reading import read
from fanal.inspection.subject import MrzReading
from fanal.specimens import MADE_ON, Forgery, PictureFormat, issue, make
from fanal.specimens.chip.seals import make_seal
from tests.inspection.subjects import ON, TD1, TD3


def of(*contents: bytes, on: date = ON) -> Subject:
    return read([piece for content in contents for piece in intake(content)], Context(on))


def test_mrz_lines_in_a_text_become_claims_with_their_places() -> None:
    subject = of(b"Dear colleague,\n\n" + TD3.encode() + b"\n\nregards\n")

    number = subject.document.find(Field.DOCUMENT_NUMBER)
    assert number is not None
    assert (number.value, number.source) == ("L898902C3", Source.MRZ)
    assert number.region == Region(subject.evidence[0].sha256, (), 2, (1, 9), "mrz")
    assert not subject.problems


def test_what_an_officer_typed_stands_beside_the_mrz() -> None:
    typed = {
        "schema": "fanal.evidence/1",
        "evidence": [
            {"kind": "mrz_text", "text": TD3},
            {"kind": "observation", "claims": [{"field": "date_of_birth", "value": "1978-08-12", "source": "viz"}]},
        ],
    }
    subject = of(json.dumps(typed).encode())

    assert {c.source for c in subject.document.find_all(Field.DATE_OF_BIRTH)} == {Source.MRZ, Source.VIZ}
    assert inspect(subject).advice is Advice.REFER


def test_a_text_without_an_mrz_is_a_problem_that_the_officer_is_told_of() -> None:
    subject = of(b"no zone here", TD1.encode())

    assert [p.problem for p in subject.problems] == ["nothing_read"]
    assert len(subject.mrzs) == 1
    assert not nothing_read(subject)


def test_evidence_of_which_nothing_is_read_is_said_to_be_so() -> None:
    assert nothing_read(of(b"no zone here"))


def test_octets_that_only_begin_as_a_seal_are_a_problem() -> None:
    subject = of(b"\xdc\x03")

    assert [p.problem for p in subject.problems] == ["not_a_seal"]
    assert nothing_read(subject)


def test_the_files_of_a_chip_are_read_together_and_compared_with_the_page() -> None:
    zone = "".join(TD3.split()).replace("1204159", "1304158").encode()
    dg1 = b"\x61\x5b\x5f\x1f\x58" + zone
    pieces = [*intake(dg1, label="DG1.bin"), *intake(TD3.encode()), *intake(dg1 + b" ", label="dg01.dat")]
    subject = read(pieces, Context(ON))

    assert subject.chip is not None
    assert subject.chip.files == {"DG1": pieces[0].sha256}
    assert {c.value for c in subject.document.find_all(Field.DATE_OF_EXPIRY)} == {"2012-04-15", "2013-04-15"}
    assert [(p.evidence, p.problem) for p in subject.problems] == [(pieces[2].sha256, "repeated")]


def test_columns_of_a_line_are_a_stretch_of_its_quadrilateral() -> None:
    line = Region("e", ((0, 0), (440, 0), (440, 20), (0, 20)), 1, None, "mrz")
    reading = MrzReading(mrz.parse(TD3), "e", (line, line))

    assert reading.region(2, (1, 9)).polygon == ((0, 0), (90, 0), (90, 20), (0, 20))
    assert reading.region(2).polygon == line.polygon


def test_every_kind_of_evidence_has_a_reader() -> None:
    from fanal.inspection.reading import _READERS

    assert set(_READERS) == set(Kind)


def test_evidence_stays_as_it_was_delivered() -> None:
    piece = Evidence.of(Kind.MRZ_TEXT, TD3.encode())

    assert read([piece], Context(ON)).evidence == (piece,)


def test_a_picture_of_a_page_is_read_and_its_claims_point_into_it() -> None:
    pytest.importorskip("rapidocr")
    made = make(mrz.Format.TD3, 10, picture_format=PictureFormat.JPEG)
    subject = of(made.pictures[0].content, on=MADE_ON)

    assert [reading.mrz.format for reading in subject.mrzs] == [mrz.Format.TD3]
    number = subject.document.find(Field.DOCUMENT_NUMBER, Source.MRZ)
    assert number is not None
    assert number.value == made.document.viz[Field.DOCUMENT_NUMBER]
    assert number.region is not None
    assert number.region.evidence == subject.evidence[0].sha256
    drawn = [item for item in made.truth["pictures"][0]["items"] if item["kind"] == "mrz_character"]
    first = next(item for item in drawn if (item["line"], item["column"]) == (2, 1))
    (x, y), (left, top) = first["polygon"][0], number.region.polygon[0]
    assert abs(left - x) < 25  # about a character
    assert abs(top - y) < 25


def test_every_refusal_of_a_picture_has_its_words() -> None:
    values = dict.fromkeys(("size", "limit", "format", "expected"), "7")
    for code in capture.CODES:
        for lang in LANGUAGES:
            assert "{" not in intake_text(code, lang, values)


def test_a_seal_in_a_picture_is_read_like_one_that_was_delivered() -> None:
    pytest.importorskip("rapidocr")
    zxingcpp = pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")
    seal = make_seal(issue(mrz.Format.MRV_A, 7), "visa")
    barcode = zxingcpp.create_barcode(seal.octets, zxingcpp.BarcodeFormat.DataMatrix)
    out = io.BytesIO()
    image.fromarray(zxingcpp.write_barcode_to_image(barcode, scale=6)).save(out, "PNG")
    delivered, pictured = of(seal.octets, on=MADE_ON), of(out.getvalue(), on=MADE_ON)

    assert [reading.seal for reading in pictured.seals] == [reading.seal for reading in delivered.seals]
    assert [(c.field, c.value) for c in pictured.document.claims] == [
        (c.field, c.value) for c in delivered.document.claims
    ]
    assert all(c.region is not None and len(c.region.polygon) == 4 for c in pictured.document.claims)


def test_a_seal_that_is_json_is_taken_for_one() -> None:
    seal = make_seal(issue(mrz.Format.TD3, 10))

    assert [reading.seal.format.value for reading in of(seal.octets, on=MADE_ON).seals] == ["vds_nc"]


@pytest.mark.parametrize(
    ("forgery", "outcome"), [(None, Outcome.PASSED), (Forgery.LINES_MOVED, Outcome.FAILED)], ids=["genuine", "moved"]
)
def test_a_line_of_the_mrz_that_was_moved_is_seen_in_the_picture(forgery: Forgery | None, outcome: Outcome) -> None:
    picture = make(mrz.Format.TD3, 4, forgery=forgery, picture_format=PictureFormat.JPEG).pictures[0].content

    inspection = inspect(of(picture, on=MADE_ON))

    assert next(f for f in inspection.findings if f.check == "mrz.lines_in_place").outcome is outcome
