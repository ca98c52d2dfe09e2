"""Intake: bytes from outside become evidence, within limits, or are refused with one typed reason.

`intake` looks at the first bytes, not at the name, to say what a delivery is: a picture, MRZ lines as text, a JSON
evidence file, an elementary file of a chip, the bytes of a seal. The JSON form is documented in
`docs/evidence.md`, its schema is `docs/schemas/evidence-1.json`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fanal.documents import Captured, Claim, Evidence, Field, Kind, Light, Source
from fanal.inspection.errors import InspectionError

SCHEMA: Final = "fanal.evidence/1"

# The limits. A page at 600 dpi in colour is about 18 MiB uncompressed; a chip file is at most 64 KiB in practice.
MAX_BYTES: Final = 64 * 1024 * 1024
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
MAX_PIECES: Final = 64
MAX_TEXT_BYTES: Final = 256 * 1024
MAX_JSON_DEPTH: Final = 16
MAX_CLAIMS: Final = 200
MAX_VALUE: Final = 1000
MAX_LABEL: Final = 255


class IntakeError(InspectionError):
    """A delivery that is not taken in.

    `code` is stable (`CODES`); `values` fills the placeholders of its text in `inspection/intake.toml`.
    """

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return ", ".join([self.code, *(f"{k}={v}" for k, v in self.values.items())])


CODES: Final = (
    "empty",
    "too_large",
    "too_many",
    "not_supported",
    "protected",
    "unknown_kind",
    "not_text",
    "json_invalid",
    "json_too_deep",
    "json_schema",
    "json_value",
)


@dataclass(frozen=True, slots=True)
class _Signature:
    offset: int
    magic: bytes
    name: str


# Pictures by their first bytes (the formats that `fanal.capture` decodes).
_PICTURES: Final = (
    _Signature(0, b"\xff\xd8\xff", "JPEG"),
    _Signature(0, b"\x89PNG\r\n\x1a\n", "PNG"),
    _Signature(0, b"II*\x00", "TIFF"),
    _Signature(0, b"MM\x00*", "TIFF"),
    _Signature(8, b"WEBP", "WebP"),
    _Signature(6, b"\x00\x00\x00\x00", "BMP"),  # after "BM" and the size: two reserved words, always zero
)

# What people deliver by mistake, so that the refusal can name it.
_REFUSED: Final = (
    _Signature(0, b"%PDF-", "PDF"),
    _Signature(0, b"PK\x03\x04", "ZIP"),
    _Signature(0, b"Rar!", "RAR"),
    _Signature(0, b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    _Signature(0, b"\xd0\xcf\x11\xe0", "Office"),
    _Signature(0, b"\x1f\x8b", "gzip"),
    _Signature(0, b"GIF8", "GIF"),
    _Signature(4, b"ftyp", "HEIF/MP4"),
)

_CHIP_FILE = re.compile(
    r"^(?:EF[._-]?)?(?P<name>SOD|COM|CardAccess|CardSecurity|DIR|ATR|INFO|DG(?:1[0-6]|0?[1-9]))(?:\.(?:bin|dat))?$",
    re.IGNORECASE,
)
# What a file named as one of a chip must begin with: the outer tags of EF.COM, DG1 to DG16 and EF.SOD (Doc 9303-10,
# table 38), those of the files of the master file, and the data objects that EF.ATR/INFO may begin with.
_CHIP_TAGS: Final = frozenset(
    b"\x60\x61\x75\x63\x76\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70\x77\x30\x31\x43\x46\x47\x7f\xe0"
)
_SEAL_MAGIC: Final = b"\xdc"
_SEAL_JSON = re.compile(r'"hdr"\s*:\s*\{')  # a VDS-NC is JSON with a header in its data
_CHIP_RECORD = re.compile(r'"schema"\s*:\s*"fanal\.chip-reading/1"')  # what `fanal chip read` leaves beside the files
CHIP_RECORD: Final = "reading.json"
_TEXT_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def intake(content: bytes, *, label: str = "", captured: Captured | None = None) -> tuple[Evidence, ...]:
    """What `content` is, as evidence. A JSON evidence file may hold several pieces.

    `label` is the name of the file, for people and for chip files, whose names say which they are.

    Raises:
        IntakeError: empty, over the limits, protected, or of no kind that can be inspected.
    """
    label = label[:MAX_LABEL]
    if not content:
        raise IntakeError("empty")
    if len(content) > MAX_BYTES:
        raise IntakeError("too_large", size=str(len(content)), limit=str(MAX_BYTES))
    if (name := chip_file_name(label)) and content[0] in _CHIP_TAGS:
        return (Evidence.of(Kind.CHIP_FILE, content, captured=captured, label=name),)
    picture = _match(content, _PICTURES)
    if picture and (picture.name != "BMP" or content.startswith(b"BM")):
        return (Evidence.of(Kind.PICTURE, content, captured=captured, label=label),)
    if refused := _match(content, _REFUSED):
        if refused.name == "PDF" and b"/Encrypt" in content:
            raise IntakeError("protected", format="PDF")
        # Bit 0 of the general purpose flag of the first local header: encrypted (PKWARE APPNOTE 4.4.4).
        if refused.name == "ZIP" and len(content) > 6 and content[6] & 1:
            raise IntakeError("protected", format="ZIP")
        raise IntakeError("not_supported", format=refused.name)
    if content.startswith(_SEAL_MAGIC):
        return (Evidence.of(Kind.SEAL, content, captured=captured, label=label),)
    text = _text(content)
    if text.lstrip().startswith(("{", "[")):
        if _SEAL_JSON.search(text, 0, 64 * 1024):
            return (Evidence.of(Kind.SEAL, content, captured=captured, label=label),)
        if _CHIP_RECORD.search(text, 0, 1024):
            return (Evidence.of(Kind.CHIP_FILE, content, captured=captured, label=CHIP_RECORD),)
        return parse_json(content)
    return (Evidence.of(Kind.MRZ_TEXT, content, captured=captured, label=label),)


def chip_file_name(label: str) -> str | None:
    """The name of the chip file that a file name says it is ("ef_sod.bin" is "EF.SOD", "dg01" is "DG1"), or None."""
    if not (match := _CHIP_FILE.match(label)):
        return None
    name = match["name"]
    if name.upper().startswith("DG"):
        return f"DG{int(name[2:])}"
    canonical = {"CARDACCESS": "CardAccess", "CARDSECURITY": "CardSecurity"}
    return "EF." + canonical.get(name.upper(), name.upper())


def intake_text(code: str, lang: str, values: Mapping[str, str]) -> str:
    """Why a delivery was not taken in, or not read, in `lang` (`intake.toml`).

    Raises:
        TextsError: there are no texts in `lang`.
    """
    from fanal.inspection import texts

    return texts.messages("fanal.inspection", "intake.toml")[code].fill(lang, values)


def check_total(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The pieces, each once, if they are within the limits of one inspection.

    Raises:
        IntakeError: too many pieces, or too many bytes together.
    """
    pieces = tuple({(e.sha256, e.kind, e.label): e for e in evidence}.values())
    if len(pieces) > MAX_PIECES:
        raise IntakeError("too_many", count=str(len(pieces)), limit=str(MAX_PIECES))
    total = sum(len(e.content) for e in pieces)
    if total > MAX_TOTAL_BYTES:
        raise IntakeError("too_large", size=str(total), limit=str(MAX_TOTAL_BYTES))
    return pieces


def text_of(evidence: Evidence) -> str:
    """The text of a piece of evidence of kind MRZ_TEXT.

    Raises:
        IntakeError: not text.
    """
    return _text(evidence.content)


def _match(content: bytes, signatures: Iterable[_Signature]) -> _Signature | None:
    return next((s for s in signatures if content[s.offset : s.offset + len(s.magic)] == s.magic), None)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise IntakeError("too_large", size=str(len(content)), limit=str(MAX_BYTES))
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise IntakeError("unknown_kind") from None
    if _TEXT_CONTROL.search(text):
        raise IntakeError("unknown_kind")
    if not text.strip():
        raise IntakeError("empty")
    if not text.lstrip().startswith("{") and len(content) > MAX_TEXT_BYTES:
        raise IntakeError("too_large", size=str(len(content)), limit=str(MAX_TEXT_BYTES))
    return text


# --- the JSON evidence file --------------------------------------------------------------------------------------


def parse_json(content: bytes) -> tuple[Evidence, ...]:
    """The pieces of a JSON evidence file (`docs/evidence.md`).

    Raises:
        IntakeError: not JSON, too deep, of another schema, or with a value that its place does not take; `where` names
            the place.
    """
    text = _text(content)
    _check_depth(text)
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        line = str(getattr(error, "lineno", 1))
        raise IntakeError("json_invalid", line=line) from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        raise IntakeError("json_schema", seen=str(found)[:80], expected=SCHEMA)
    _only(data, {"schema", "evidence"}, "")
    pieces = _typed(data.get("evidence"), list, "evidence")
    if not pieces:
        raise IntakeError("empty")
    if len(pieces) > MAX_PIECES:
        raise IntakeError("too_many", count=str(len(pieces)), limit=str(MAX_PIECES))
    return tuple(_piece(_typed(p, dict, f"evidence[{i}]"), f"evidence[{i}]") for i, p in enumerate(pieces))


def claims_of(evidence: Evidence) -> tuple[Claim, ...]:
    """The claims that an observation states (a piece of evidence of kind OBSERVATION).

    Raises:
        IntakeError: as `parse_json`.
    """
    try:
        data = json.loads(evidence.content)
    except (ValueError, RecursionError):
        raise IntakeError("json_invalid", line="1") from None
    return _claims(_typed(data, list, "claims"), "claims")


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise IntakeError("json_too_deep", limit=str(MAX_JSON_DEPTH))
        elif token[0] in ("]", "}"):
            depth -= 1


def _piece(data: dict[str, Any], where: str) -> Evidence:
    _only(data, {"kind", "label", "text", "base64", "claims", "captured"}, where)
    kind = _enum(data.get("kind"), Kind, f"{where}.kind")
    label = _string(data.get("label", ""), f"{where}.label", MAX_LABEL)
    captured = _captured(data.get("captured"), f"{where}.captured")
    if kind is Kind.OBSERVATION:
        claims = _typed(data.get("claims"), list, f"{where}.claims")
        _claims(claims, f"{where}.claims")
        content = json.dumps(claims, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    elif kind is Kind.MRZ_TEXT and "text" in data:
        content = _string(data["text"], f"{where}.text", MAX_TEXT_BYTES).encode()
    else:
        encoded = _string(data.get("base64"), f"{where}.base64", MAX_BYTES * 4 // 3 + 4)
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise IntakeError("json_value", where=f"{where}.base64") from None
    if not content:
        raise IntakeError("empty")
    if kind is Kind.CHIP_FILE:
        name = CHIP_RECORD if label == CHIP_RECORD else chip_file_name(label)
        if not name:
            raise IntakeError("json_value", where=f"{where}.label")
        label = name
    return Evidence.of(kind, content, captured=captured, label=label)


def _captured(data: object, where: str) -> Captured:
    if data is None:
        return Captured()
    fields = _typed(data, dict, where)
    _only(fields, {"at", "place", "device", "light"}, where)
    at = None
    if (text := fields.get("at")) is not None:
        try:
            at = datetime.fromisoformat(_string(text, f"{where}.at", 40))
        except ValueError:
            raise IntakeError("json_value", where=f"{where}.at") from None
    light = fields.get("light")
    return Captured(
        at=at,
        place=_optional(fields.get("place"), f"{where}.place"),
        device=_optional(fields.get("device"), f"{where}.device"),
        light=None if light is None else _enum(light, Light, f"{where}.light"),
    )


# What a person or a carrier may state. What a machine reads comes as that machine's evidence.
_STATED_BY: Final = (Source.VIZ, Source.OFFICER, Source.VISA, Source.CARRIER)


def _claims(items: list[Any], where: str) -> tuple[Claim, ...]:
    if len(items) > MAX_CLAIMS:
        raise IntakeError("too_many", count=str(len(items)), limit=str(MAX_CLAIMS))
    claims = []
    for i, item in enumerate(items):
        at = f"{where}[{i}]"
        fields = _typed(item, dict, at)
        _only(fields, {"field", "value", "source", "confidence"}, at)
        source = _enum(fields.get("source", Source.VIZ.value), Source, f"{at}.source")
        if source not in _STATED_BY:
            raise IntakeError("json_value", where=f"{at}.source")
        confidence = fields.get("confidence", 1.0)
        if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
            raise IntakeError("json_value", where=f"{at}.confidence")
        claims.append(
            Claim(
                field=_enum(fields.get("field"), Field, f"{at}.field"),
                value=_string(fields.get("value"), f"{at}.value", MAX_VALUE),
                source=source,
                confidence=float(confidence),
            )
        )
    return tuple(claims)


def _only(data: dict[str, Any], allowed: set[str], where: str) -> None:
    if unknown := sorted(set(data) - allowed):
        raise IntakeError("json_value", where=f"{where}.{unknown[0]}"[:120].lstrip("."))


def _typed(value: object, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        raise IntakeError("json_value", where=where)
    return value


def _string(value: object, where: str, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise IntakeError("json_value", where=where)
    return value


def _optional(value: object, where: str) -> str | None:
    return None if value is None else _string(value, where, MAX_VALUE)


def _enum(value: object, kind: Any, where: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise IntakeError("json_value", where=where) from None
