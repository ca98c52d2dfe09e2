"""Lists as they come: read with bounds, row errors with their lines, and clear refusals of hostile files."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanal.documents.dates import PartialDate as D
from fanal.screening import Kind, ScreeningError
from fanal.screening.imports import MAX_LINE, Form, Row, RowError, guess_form, preview, read_rows

HEADER = "ref,name,other_names,born,sex,nationality,place_of_birth,document_number,document_state,status\n"


def read(text: str | bytes, form: Form = Form.CSV, max_rows: int = 1000) -> list[Row | RowError]:
    return list(read_rows(io.BytesIO(text.encode() if isinstance(text, str) else text), form, max_rows=max_rows))


def refusal(text: str | bytes, form: Form = Form.CSV, max_rows: int = 1000) -> str:
    with pytest.raises(ScreeningError) as refused:
        read(text, form, max_rows)
    return refused.value.code


def test_a_row_of_csv_is_a_person_with_documents() -> None:
    (row,) = read(HEADER + "7,Rose DORVIL,Rosie;R. Dorvil,1984-03,f,HT;DOM,Jacmel,RD1;RD2,HTI,lost\n")
    assert isinstance(row, Row)
    assert (row.line, row.ref) == (2, "7")
    assert row.person is not None
    assert row.person.names == ("Rose DORVIL", "Rosie", "R. Dorvil")
    assert row.person.born == (D(1984, 3),)
    assert (row.person.sex, row.person.nationalities) == ("F", ("HTI", "DOM"))
    assert [(n.kind, n.number, n.state, n.status) for n in row.numbers] == [
        (Kind.DOCUMENT, "RD1", "HTI", "lost"), (Kind.DOCUMENT, "RD2", "HTI", "lost")
    ]  # fmt: skip


def test_columns_have_the_names_of_those_who_send_them_and_semicolons_part_them_too() -> None:
    (row,) = read("Apellidos;Nombres;Fecha de nacimiento\nPÉREZ;José;1980-01-02\n")
    assert isinstance(row, Row)
    assert row.person is not None
    assert row.person.names == ("José PÉREZ",)


def test_errors_name_their_line_and_the_rest_is_read() -> None:
    rows = read(
        HEADER
        + "1,Rose DORVIL,,1984-13-01,,,,,,\n"
        + "2,Rose DORVIL,,,?,,,,,\n"
        + "3,Rose DORVIL,,,,ATLANTIS,,,,\n"
        + "4,=HYPERLINK(A1),,,,,,,,\n"
        + "5,@SUM(1),,,,,,,,\n"
        + "6,,,1984,M,HTI,Jacmel,,,\n"
        + '7,"Anna\nMaria",,,,,,,,\n'
        + "8,Wilner CHARLES,,,,,,,,\n"
        + "9,X,,,,,,,,,,,,\n"
    )
    found = [(r.line, r.code, r.column) if isinstance(r, RowError) else (r.line, "", "") for r in rows]
    assert found == [
        (2, "not_a_date", "born"),
        (3, "unknown_sex", "sex"),
        (4, "unknown_state", "nationality"),
        (5, "formula", "name"),
        (6, "formula", "name"),
        (7, "traits_alone", "name"),
        (8, "", ""),
        (10, "", ""),
        (11, "too_many_cells", ""),
    ]


@pytest.mark.parametrize("name", ["", "*", "...", "X", "de la", "12"])
def test_an_entry_that_rests_on_traits_alone_is_refused(name: str) -> None:
    (row,) = read(HEADER + f"1,{name},,1984,M,HTI,Jacmel,,,\n")
    assert isinstance(row, RowError)
    assert row.code == "traits_alone"


def test_ranges_and_things_are_rows_too() -> None:
    rows = read(
        "kind,number,last,state,status\ndocument,C0100,C0199,UTO,stolen_blank\nplate,AB-123,,HTI,stolen\nship,1,,,\n"
    )
    assert isinstance(rows[0], Row)
    assert rows[0].numbers[0].last == "C0199"
    assert isinstance(rows[1], Row)
    assert rows[1].numbers[0].kind is Kind.PLATE
    assert isinstance(rows[2], RowError)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (HEADER.encode(), "empty"),
        (b"colour,size\nred,3\n", "no_header"),
        ("name\nJosé\n".encode("latin-1"), "not_utf8"),
        ("name\nJosé\n".encode("utf-16"), "not_utf8"),
        (b"name\nA\0B\n", "binary"),
        (b'name\n"never closed\n', "not_csv"),
        (b"name\n" + b"A" * (MAX_LINE + 10) + b"\n", "line_too_long"),
        (b"A" * (5 * MAX_LINE), "line_too_long"),
        (b"name," * 200 + b"\nx\n", "too_many_columns"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_ten_million_rows_are_refused_without_reading_them_all() -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def read(self, size: int = -1) -> bytes:
            self.read_so_far += size
            return (b"name\n" + b"Rose DORVIL\n" * 10_000)[: max(size, 0)]

    endless = Endless()
    with pytest.raises(ScreeningError) as refused:
        list(read_rows(endless, Form.CSV, max_rows=5_000))  # type: ignore[arg-type]
    assert refused.value.code == "too_many_rows"
    assert endless.read_so_far < 10_000_000


def entity(schema: str, **properties: list[str]) -> str:
    return json.dumps({"id": "e-1", "schema": schema, "properties": properties})


def test_follow_the_money_entities_are_read() -> None:
    rows = read(
        entity("Person", name=["Rose Dorvil"], alias=["Rosie"], birthDate=["1984-03-07"], nationality=["ht"],
               gender=["female"], passportNumber=["RD1"])
        + "\n" + entity("Passport", number=["C1"], country=["do"]) + "\n" + entity("Vessel", imoNumber=["IMO9074729"])
        + "\n" + entity("Company", name=["Ltd"]) + "\nnot json\n[1]\n" + entity("Person", birthDate=["1984"]) + "\n",
        Form.FTM,
    )  # fmt: skip
    assert isinstance(rows[0], Row)
    assert rows[0].person is not None
    assert (rows[0].person.names, rows[0].person.nationalities) == (("Rose Dorvil", "Rosie"), ("HTI",))
    assert isinstance(rows[1], Row)
    assert rows[1].numbers[0].state == "DOM"
    assert isinstance(rows[2], Row)
    assert rows[2].numbers[0].kind is Kind.VESSEL
    codes = [(r.line, r.code) for r in rows[3:] if isinstance(r, RowError)]
    assert codes == [(4, "not_listed_here"), (5, "not_json"), (6, "not_an_entity"), (7, "traits_alone")]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"hello\n", "not_ftm"), (b"\xff\xfe{}\n", "not_utf8"), (b"[" * 100_000 + b"\n", "not_ftm")],
)
def test_what_is_no_entity_a_line_is_refused(content: bytes, code: str) -> None:
    assert refusal(content, Form.FTM) == code


# --- XLSX -------------------------------------------------------------------------------------------------------------

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override '
    'PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_M = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(*rows: tuple[str, ...], extra: Callable[[zipfile.ZipFile], None] | None = None) -> bytes:
    """A workbook of one sheet, written by hand."""
    cells = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in enumerate(row)
        )
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_P}"><Relationship Id="r1" Type="{_R}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_M}" xmlns:r="{_R}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_P}"><Relationship Id="r1" Type="{_R}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_M}"><sheetData>{cells}</sheetData></worksheet>'
        )
        if extra:
            extra(archive)
    return made.getvalue()


def test_a_workbook_is_read_like_a_table() -> None:
    rows = read(xlsx(("name", "born"), ("Rose DORVIL", "1984-03-07"), ("=1+1", "1984")), Form.XLSX)
    assert isinstance(rows[0], Row)
    assert rows[0].person is not None
    assert rows[0].person.born == (D(1984, 3, 7),)
    assert isinstance(rows[1], RowError)
    assert (rows[1].line, rows[1].code) == (3, "formula")


def test_a_workbook_that_unpacks_too_large_is_refused_before_it_is_opened() -> None:
    bomb = xlsx(("name",), ("A",), extra=lambda archive: archive.writestr("xl/bomb.xml", b"\0" * 30_000_000))
    assert len(bomb) < 100_000
    assert refusal(bomb, Form.XLSX) == "unpacks_too_large"


def test_a_workbook_of_very_many_parts_is_refused() -> None:
    def many(archive: zipfile.ZipFile) -> None:
        for n in range(2_100):
            archive.writestr(f"xl/{n}.xml", b"")

    assert refusal(xlsx(("name",), ("A",), extra=many), Form.XLSX) == "unpacks_too_large"


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"\0" * 100, b"name\nRose\n"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert refusal(content, Form.XLSX) == "not_xlsx"


def test_a_cut_workbook_is_refused() -> None:
    whole = xlsx(("name",), ("Rose DORVIL",))
    for end in range(0, len(whole), 97):
        assert refusal(whole[:end], Form.XLSX) == "not_xlsx"


@given(st.binary(max_size=300), st.sampled_from(Form))
def test_any_octets_are_read_or_refused(content: bytes, form: Form) -> None:
    try:
        read(content, form)
    except ScreeningError as refused:
        assert refused.code


def test_the_form_is_known_by_the_first_octets() -> None:
    assert guess_form("list.csv", b"PK\x03\x04") is Form.XLSX
    assert guess_form("list.csv", b'\xef\xbb\xbf{"id"') is Form.FTM
    assert guess_form("list", b"name,born") is Form.CSV


def test_a_preview_counts_all_and_keeps_some() -> None:
    text = HEADER + "".join(f"{n},Rose DORVIL,,,,,,,,\n" for n in range(50)) + "x,=1,,,,,,,,\n" * 7
    found = preview(io.BytesIO(text.encode()), Form.CSV, max_rows=100, keep=3, keep_errors=2)
    assert (found.count, len(found.rows), found.error_count, len(found.errors)) == (50, 3, 7, 2)
