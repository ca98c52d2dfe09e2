"""Lists as they come: CSV, FollowTheMoney JSON (one entity a line) and XLSX, read with bounds.

A file is read row by row into entries, and errors with the line they stand on; nothing is stored here. A file that is
not what it says it is (another encoding, a packed bomb, too many rows) is refused as a whole.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, Final

from fanal.documents import dates
from fanal.documents.dates import DateError, PartialDate
from fanal.documents.states import find_by_iso2, find_intended, find_state
from fanal.screening.errors import ScreeningError
from fanal.screening.lawful import require_particular
from fanal.screening.names import MAX_LENGTH
from fanal.screening.numbers import Kind, plain
from fanal.screening.persons import MAX_NAMES, DocumentNumber, Person

MAX_FIELD: Final = 4_000  # characters of one cell
MAX_LINE: Final = 1_000_000  # characters of one line of JSON
MAX_UNPACKED: Final = 256 * 1024 * 1024  # octets of an XLSX, unpacked
MAX_RATIO: Final = 200  # unpacked to packed
MAX_COLUMNS: Final = 100


class Form(StrEnum):
    """What a file is."""

    CSV = "csv"
    FTM = "ftm"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """A number of a row: a document's or a thing's; a range where `last` is given."""

    kind: Kind
    number: str
    state: str = ""
    type: str = ""
    status: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as read: a person with their documents, or numbers alone. `line` is where it stands in the file."""

    line: int
    ref: str
    person: Person | None
    numbers: tuple[ListedNumber, ...] = ()
    reason: str = ""
    expires: str = ""  # an ISO date, or ""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a line is not an entry. `code` is a key of the pages' texts; `value` is what stood there, shortened."""

    line: int
    code: str
    column: str = ""
    value: str = ""


@dataclass(slots=True)
class Preview:
    """A file read to its end: its entries and its errors. `rows` are kept only as far as `keep` said."""

    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    count: int = 0
    error_count: int = 0


def guess_form(name: str, head: bytes) -> Form:
    """The form of a file by its first octets, then by its name."""
    if head.startswith(b"PK"):
        return Form.XLSX
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" or name.lower().endswith((".json", ".jsonl", ".ftm")):
        return Form.FTM
    return Form.CSV


def read_rows(file: BinaryIO, form: Form, *, max_rows: int) -> Iterator[Row | RowError]:
    """Entries and errors, in the order of the file.

    Raises:
        ScreeningError: the file as a whole is refused: `not_utf8`, `binary`, `no_header`, `unknown_columns`,
            `too_many_rows`, `not_xlsx`, `unpacks_too_large`, `encrypted`, `empty`.
    """
    readers = {Form.CSV: _csv, Form.FTM: _ftm, Form.XLSX: _xlsx}
    count = 0
    for row in readers[form](file):
        count += 1
        if count > max_rows:
            raise ScreeningError("too_many_rows", f"more than {max_rows} rows")
        yield row
    if not count:
        raise ScreeningError("empty", "no rows")


def preview(file: BinaryIO, form: Form, *, max_rows: int, keep: int, keep_errors: int = 100) -> Preview:
    """The whole file read: at most `keep` rows and `keep_errors` errors are kept, all are counted."""
    found = Preview()
    for row in read_rows(file, form, max_rows=max_rows):
        if isinstance(row, RowError):
            found.error_count += 1
            if len(found.errors) < keep_errors:
                found.errors.append(row)
        else:
            found.count += 1
            if len(found.rows) < keep:
                found.rows.append(row)
    return found


def read_fields(values: Mapping[str, str]) -> Row | RowError:
    """One entry from the fields of a form, named as the columns of a file."""
    return _row(
        0, {_BY_HEADER[name]: text.strip() for name, text in values.items() if name in _BY_HEADER and text.strip()}
    )


# --- CSV --------------------------------------------------------------------------------------------------------------

# What a column is called here, and by those who send lists.
_COLUMNS: Final = {
    "ref": "ref id reference entity_id case_number",
    "name": "name full_name caption nombre nom non",
    "family": "family_name primary_identifier surname last_name apellidos nom_de_famille siyati",
    "given": "given_names given_name secondary_identifier first_name nombres prenoms prénoms",
    "aliases": "other_names aliases alias",
    "born": "born birth_date date_of_birth dob birthdate fecha_de_nacimiento date_de_naissance",
    "sex": "sex gender sexo sexe",
    "nationality": "nationality nationalities citizenship nacionalidad nationalité",
    "place": "place_of_birth birth_place lugar_de_nacimiento lieu_de_naissance",
    "document": "document document_number document_numbers passport passport_number number",
    "last": "last last_number to until_number",
    "state": "document_state issuing_state state country flag",
    "type": "document_type type",
    "status": "status",
    "kind": "kind",
    "reason": "reason remarks notes",
    "expires": "expires expiry expiry_date",
}
_BY_HEADER: Final = {alias: column for column, aliases in _COLUMNS.items() for alias in aliases.split()}


def _csv(file: BinaryIO) -> Iterator[Row | RowError]:
    yield from _table(_csv_cells(file))


def _csv_cells(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    text = io.TextIOWrapper(io.BufferedReader(_Bounded(file)), encoding="utf-8-sig", errors="strict", newline="")
    try:
        first = text.readline(MAX_LINE)
        separator = max(",;\t", key=first.count)
        text.seek(0)
        reader = csv.reader(_checked_lines(text), delimiter=separator, strict=True)
        at = 1
        for cells in reader:
            yield at, cells
            at = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise ScreeningError("not_utf8", "The file is not in UTF-8; save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise ScreeningError("not_csv", f"not CSV: {error}") from error
    finally:
        text.detach()


def _checked_lines(text: Iterable[str]) -> Iterator[str]:
    for line in text:
        if "\0" in line:
            raise ScreeningError("binary", "The file holds characters that no text has.")
        if len(line) > MAX_LINE:
            raise ScreeningError("line_too_long", f"A line has at most {MAX_LINE} characters.")
        yield line


class _Bounded(io.RawIOBase):
    """A file whose lines cannot fill the memory: a text without a line end is read no further than it may be long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._since_line_end = 0
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        end = data.rfind(b"\n")
        self._since_line_end = self._since_line_end + len(data) if end < 0 else len(data) - end
        if self._since_line_end > 4 * MAX_LINE:
            raise ScreeningError("line_too_long", f"A line has at most {MAX_LINE} characters.")
        buffer[: len(data)] = data
        return len(data)


def _table(lines: Iterator[tuple[int, list[str]]]) -> Iterator[Row | RowError]:
    try:
        _, header = next(lines)
    except StopIteration:
        raise ScreeningError("empty", "no rows") from None
    if len(header) > MAX_COLUMNS:
        raise ScreeningError("too_many_columns", f"at most {MAX_COLUMNS} columns")
    columns = [_BY_HEADER.get(cell.strip().lower().replace(" ", "_")) for cell in header]
    if not {"name", "family", "document"} & set(columns):
        raise ScreeningError("no_header", "The first line names the columns; one of them is name or document_number.")
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield RowError(line, "too_many_cells")
            continue
        values: dict[str, str] = {}
        error = None
        for column, cell in zip(columns, cells, strict=False):
            value = cell.strip()
            if column is None or not value:
                continue
            if len(value) > MAX_FIELD:
                error = RowError(line, "cell_too_long", column, value[:40])
            elif value[0] in "=@\t\r" or (value[0] in "+-" and column not in ("document", "last")):
                error = RowError(line, "formula", column, value[:40])
            values[column] = f"{values[column]};{value}" if column in values else value
        yield error or _row(line, values)


def _row(line: int, values: Mapping[str, str]) -> Row | RowError:
    try:
        name = values.get("name") or " ".join(filter(None, (values.get("given"), values.get("family"))))
        names = [name, *_several(values.get("aliases", ""))] if name else _several(values.get("aliases", ""))
        return _entry(
            line,
            values.get("ref", ""),
            names,
            _several(values.get("born", "")),
            values.get("sex", ""),
            _several(values.get("nationality", "")),
            values.get("place", ""),
            _numbers(values),
            values.get("reason", ""),
            values.get("expires", ""),
        )
    except _BadCell as bad:
        return RowError(line, bad.code, bad.column, bad.value[:40])


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.replace("|", ";").split(";") if part.strip()]


def _numbers(values: Mapping[str, str]) -> list[ListedNumber]:
    kind = values.get("kind", "document").lower()
    if kind not in set(Kind):
        raise _BadCell("unknown_kind", "kind", kind)
    state, last = values.get("state", ""), values.get("last", "")
    of_state = state if Kind(kind) is not Kind.DOCUMENT or not state else _state(state, "state")
    numbers = _several(values.get("document", ""))
    if last and len(numbers) != 1:
        raise _BadCell("not_a_range", "last", last)
    return [
        ListedNumber(Kind(kind), number, of_state, values.get("type", "")[:2].upper(), values.get("status", ""), last)
        for number in numbers
    ]


class _BadCell(Exception):  # noqa: N818 - carries a row's error, and is one only within this module
    def __init__(self, code: str, column: str, value: str) -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, value


_SEXES: Final = {
    "f": "F", "m": "M", "x": "X", "female": "F", "male": "M", "other": "X", "mujer": "F", "hombre": "M", "femme": "F",
    "homme": "M", "fi": "F", "gason": "M", "": "", "unknown": "",
}  # fmt: skip


def _entry(
    line: int,
    ref: str,
    names: list[str],
    born: list[str],
    sex: str,
    nationalities: list[str],
    place: str,
    numbers: list[ListedNumber],
    reason: str,
    expires: str,
) -> Row:
    if len(names) > MAX_NAMES:
        names = names[:MAX_NAMES]
    for name in names:
        if len(name) > MAX_LENGTH:
            raise _BadCell("name_too_long", "name", name)
    for number in numbers:
        if not 1 <= len(plain(number.number)) <= 40 or not plain(number.number).isascii():
            raise _BadCell("not_a_number", "document", number.number)
        first, last = plain(number.number), plain(number.last)
        if last and (len(first) != len(last) or first > last):
            raise _BadCell("not_a_range", "last", number.last)
    if sex.lower() not in _SEXES:
        raise _BadCell("unknown_sex", "sex", sex)
    try:
        require_particular(names, [number.number for number in numbers])
    except ScreeningError as error:
        raise _BadCell(error.code, "name", "") from error
    person = None
    if names:
        person = Person(
            tuple(names),
            tuple(_date(text, "born") for text in born[:4]),
            _SEXES[sex.lower()],
            tuple(_state(text, "nationality") for text in nationalities[:8]),
            place[:200],
            tuple(DocumentNumber(n.number, n.state) for n in numbers if n.kind is Kind.DOCUMENT and not n.last),
        )
    if expires:
        expires = str(_date(expires, "expires").last_day)
    return Row(line, ref[:100], person, tuple(numbers), reason[:MAX_FIELD], expires)


def _date(text: str, column: str) -> PartialDate:
    try:
        return dates.parse_iso(text.strip())
    except DateError as error:
        raise _BadCell("not_a_date", column, text) from error


def _state(text: str, column: str) -> str:
    code = text.strip().upper()
    state = find_by_iso2(code) if len(code) == 2 else find_state(code) or find_intended(code)
    if state is None:
        raise _BadCell("unknown_state", column, text)
    return state.code


# --- FollowTheMoney ---------------------------------------------------------------------------------------------------

_PERSONS: Final = ("Person", "LegalEntity")
_THINGS: Final = {"Vessel": Kind.VESSEL, "Vehicle": Kind.VIN, "Airplane": Kind.AIRCRAFT}


def _ftm(file: BinaryIO) -> Iterator[Row | RowError]:
    """One entity a line. Persons, their passports where these stand beside them, vessels, vehicles, aeroplanes."""
    line = 0
    while raw := file.readline(4 * MAX_LINE + 1):
        line += 1
        if len(raw) > 4 * MAX_LINE:
            raise ScreeningError("line_too_long", f"A line has at most {4 * MAX_LINE} octets.")
        try:
            text = raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            raise ScreeningError("not_utf8", f"line {line} is not in UTF-8") from error
        if not text:
            continue
        try:
            entity = json.loads(text)
        except (ValueError, RecursionError):
            if line == 1:
                raise ScreeningError("not_ftm", "not one JSON entity a line") from None
            yield RowError(line, "not_json", "", text[:40])
            continue
        yield _entity(line, entity)


def _entity(line: int, entity: object) -> Row | RowError:
    if not isinstance(entity, dict) or not isinstance(entity.get("schema"), str):
        return RowError(line, "not_an_entity")
    properties = entity.get("properties")
    if not isinstance(properties, dict):
        return RowError(line, "not_an_entity")

    def values(*names: str) -> list[str]:
        found: dict[str, None] = {}
        for name in names:
            of_name = properties.get(name, [])
            for value in of_name if isinstance(of_name, list) else [of_name]:
                if isinstance(value, str) and value.strip() and len(value) <= MAX_FIELD:
                    found[value.strip()] = None
        return list(found)

    schema, ref = entity["schema"], str(entity.get("id", ""))
    try:
        if schema in _PERSONS:
            caption = entity.get("caption")
            names = values("name", "alias", "previousName") or ([caption] if isinstance(caption, str) else [])
            states = [code for text in values("nationality", "citizenship") if (code := _known_state(text))]
            numbers = [ListedNumber(Kind.DOCUMENT, n) for n in values("passportNumber", "idNumber") if _is_number(n)]
            place = (values("birthPlace") or [""])[0]
            sex = (values("gender") or [""])[0]
            born = [day for day in values("birthDate") if _is_date(day)]
            reason = (values("notes", "topics") or [""])[0]
            sex = sex if sex.lower() in _SEXES else ""
            names = [name for name in names if len(name) <= MAX_LENGTH]
            return _entry(line, ref, names, born, sex, states, place, numbers, reason, "")
        if schema in ("Passport", "Identification"):
            state = (values("country") or [""])[0]
            type_ = "P" if schema == "Passport" else ""
            numbers = [ListedNumber(Kind.DOCUMENT, n, _known_state(state), type_) for n in values("number")]
            return _entry(line, ref, [], [], "", [], "", numbers, "", "")
        if schema in _THINGS:
            kind = _THINGS[schema]
            numbers = [
                ListedNumber(kind, n) for n in values("imoNumber", "vin", "serialNumber", "registrationNumber", "mmsi")
            ]
            return _entry(line, ref, [], [], "", [], "", [n for n in numbers if _is_number(n.number)], "", "")
    except _BadCell as bad:
        return RowError(line, bad.code, bad.column, bad.value[:40])
    return RowError(line, "not_listed_here", "schema", schema[:40])


def _known_state(text: str) -> str:
    try:
        return _state(text, "nationality")
    except _BadCell:
        return ""


def _is_number(text: str) -> bool:
    return 1 <= len(plain(text)) <= 40 and plain(text).isascii()


def _is_date(text: str) -> bool:
    try:
        dates.parse_iso(text)
    except DateError:
        return False
    return True


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx(file: BinaryIO) -> Iterator[Row | RowError]:
    _refuse_bombs(file)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except (CalamineError, ValueError, IndexError, OSError) as error:
        raise ScreeningError("not_xlsx", "not a workbook that can be read") from error
    yield from _table((at, [_cell(value) for value in cells]) for at, cells in enumerate(rows, 1))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text.removesuffix(" 00:00:00")


def _refuse_bombs(file: BinaryIO) -> None:
    """Look at a workbook's table of contents before anything unpacks it; then unpack it once, counting."""
    file.seek(0, 2)
    packed = file.tell()
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise ScreeningError("encrypted", "The workbook is encrypted.")
            limit = min(MAX_UNPACKED, max(packed * MAX_RATIO, 1024 * 1024))
            if len(members) > 2_000 or sum(member.file_size for member in members) > limit:
                raise ScreeningError("unpacks_too_large", "The workbook unpacks to more than it may.")
            total = 0
            for member in members:
                with archive.open(member) as part:
                    while data := part.read(1024 * 1024):
                        total += len(data)
                        if total > limit:  # the table of contents may lie
                            raise ScreeningError("unpacks_too_large", "The workbook unpacks to more than it may.")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        raise ScreeningError("not_xlsx", "not a workbook") from error
    file.seek(0)
