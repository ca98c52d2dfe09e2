"""Make a specimen as files: its pictures and the truth about them as JSON. The same arguments make the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fanal.documents import mrz
from fanal.specimens.conditions import HARD, Camera, Difficulty
from fanal.specimens.document import MADE_ON, SpecimenDocument, issue
from fanal.specimens.forgeries import Forgery, forge, kind_of
from fanal.specimens.pages import Item, draw
from fanal.specimens.pictures import PictureFormat, encode

SCHEMA = "fanal.specimen/1"


@dataclass(frozen=True, slots=True)
class MadePicture:
    """One picture of a specimen: `name` is its file name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MadeSpecimen:
    """A specimen as files. `truth` is what `truth_json` holds; docs/specimens.md describes it."""

    name: str
    document: SpecimenDocument
    pictures: tuple[MadePicture, ...]
    truth: Mapping[str, Any]

    @property
    def truth_json(self) -> bytes:
        return _dump(self.truth)


def _item_truth(item: Item) -> dict[str, Any]:
    """What is true about one drawn thing; polygons are in pixels of the picture as shown (EXIF orientation applied)."""
    truth: dict[str, Any] = {"kind": item.kind.value}
    if item.field is not None:
        truth["field"] = item.field.value
    if item.line is not None:
        truth["line"] = item.line
    if item.column is not None:
        truth["column"] = item.column
    if item.text:
        truth["text"] = item.text
    truth["polygon"] = [[round(x, 1), round(y, 1)] for x, y in item.polygon]
    return truth


def document_truth(document: SpecimenDocument) -> dict[str, Any]:
    """What is true about a specimen, whatever picture is taken of it."""
    printed = mrz.claims(mrz.parse(document.lines), on=document.on)
    claims = [{"field": field.value, "value": value, "source": "viz"} for field, value in document.viz.items()]
    claims += [{"field": claim.field.value, "value": claim.value, "source": "mrz"} for claim in printed]
    truth: dict[str, Any] = {
        "schema": SCHEMA,
        "format": document.format.value,
        "seed": document.seed,
        "on": document.on.isoformat(),
        "lines": list(document.lines),
        "claims": claims,
        "forgery": None,
    }
    if document.forgery is not None:
        kind = kind_of(Forgery(document.forgery))
        truth["forgery"] = {
            "kind": kind.forgery.value,
            "fraud": kind.fraud,
            "noticed_by": list(kind.noticed_by),
            "about": kind.about,
        }
    return truth


def make(
    form: mrz.Format,
    seed: int,
    *,
    on: date = MADE_ON,
    forgery: Forgery | None = None,
    capture: Camera | None = None,
    difficulty: Difficulty = HARD,
    picture_format: PictureFormat = PictureFormat.PNG,
) -> MadeSpecimen:
    """A specimen, genuine or forged, drawn flat at 300 dots an inch or as `capture` sees it.

    Raises:
        SpecimenError: the forgery does not exist in this format, or Utopia does not issue in it.
    """
    document = issue(form, seed, on)
    if forgery is not None:
        document = forge(document, forgery)
    name = f"{form.value}-{seed:06}" + "".join(f"-{part.value}" for part in (forgery, capture) if part is not None)
    pages = draw(document)
    pictures, truths = [], []
    for page in pages:
        file = f"{name}{f'-{page.side}' if len(pages) > 1 else ''}.{picture_format.value}"
        if capture is None:
            content, size, items, conditions = encode(page.picture, picture_format), page.picture.size, page.items, None
        else:
            from fanal.specimens.cameras import capture_page  # OpenCV: only where it is needed

            seen = capture_page(page, capture, f"{form.value} {seed}", difficulty)
            content, items, conditions = seen.encode(picture_format), seen.items, seen.truth()
            size = seen.pixels.shape[1], seen.pixels.shape[0]
        pictures.append(MadePicture(file, content))
        truths.append(
            {
                "file": file,
                "sha256": hashlib.sha256(content).hexdigest(),
                "side": page.side,
                "width": size[0],
                "height": size[1],
                "conditions": conditions,
                "items": [_item_truth(item) for item in items],
            }
        )
    return MadeSpecimen(name, document, tuple(pictures), {**document_truth(document), "pictures": truths})


def write(made: MadeSpecimen, folder: Path) -> tuple[Path, ...]:
    """Write the pictures and the truth (`<name>.json`) into the folder; returns their paths."""
    files = [(picture.name, picture.content) for picture in made.pictures] + [(f"{made.name}.json", made.truth_json)]
    for name, content in files:
        (folder / name).write_bytes(content)
    return tuple(folder / name for name, _ in files)


def _dump(truth: Mapping[str, Any]) -> bytes:
    """JSON that people can read too: one claim or drawn item a line."""

    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def rows(values: Sequence[object], indent: str) -> str:
        return "[" + ",".join(f"\n{indent} {compact(value)}" for value in values) + f"\n{indent}]"

    parts = []
    for key, value in truth.items():
        if key == "claims":
            parts.append(f' "{key}": {rows(value, " ")}')
        elif key == "pictures":
            pictures = [
                "  {"
                + ", ".join(f'"{k}": {rows(v, "   ") if k == "items" else compact(v)}' for k, v in picture.items())
                + "}"
                for picture in value
            ]
            parts.append(' "pictures": [\n' + ",\n".join(pictures) + "\n ]")
        else:
            parts.append(f' "{key}": {compact(value)}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()
