"""The specimens that Fanal ships: genuine ones of several formats and forgeries, for `fanal demo`, training and tests.

`write_shipped` makes them; a test holds the shipped files to what it makes, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fanal.documents import mrz
from fanal.specimens.forgeries import Forgery
from fanal.specimens.make import MadeSpecimen, make, write
from fanal.specimens.pictures import PictureFormat

FOLDER = Path(__file__).parent / "shipped"
_MANIFEST = "manifest.json"

# Chosen so that the genuine ones stay valid until 2031 or later (visas: two years).
SHIPPED: tuple[tuple[mrz.Format, int, Forgery | None], ...] = (
    (mrz.Format.TD3, 10, None),
    (mrz.Format.TD3, 19, None),  # a name that is shortened in the MRZ
    (mrz.Format.TD1, 21, None),  # a document number of more than nine characters
    (mrz.Format.TD2, 17, None),  # letters that the MRZ writes otherwise; sex unspecified
    (mrz.Format.MRV_A, 7, None),
    (mrz.Format.TD3, 21, Forgery.NUMBER_DIGIT),
    (mrz.Format.TD3, 22, Forgery.EXPIRY_VIZ),
    (mrz.Format.TD3, 27, Forgery.NAME_VIZ),
    (mrz.Format.TD3, 28, Forgery.COMPOSITE),
    (mrz.Format.TD3, 39, Forgery.LINE_SHIFTED),
    (mrz.Format.TD1, 22, Forgery.BIRTH_RECOMPUTED),
    (mrz.Format.TD2, 38, Forgery.STATE_CODE),
)


@dataclass(frozen=True, slots=True)
class ShippedSpecimen:
    """One specimen in the package: its pictures, and its truth (docs/specimens.md)."""

    name: str
    pictures: tuple[Path, ...]
    truth: Mapping[str, Any]


def make_shipped() -> tuple[MadeSpecimen, ...]:
    """Make every shipped specimen anew."""
    return tuple(
        make(form, seed, forgery=forgery, picture_format=PictureFormat.JPEG) for form, seed, forgery in SHIPPED
    )


def write_shipped(folder: Path) -> tuple[Path, ...]:
    """Make every shipped specimen anew, with the manifest, into the folder."""
    made = make_shipped()
    paths = [path for specimen in made for path in write(specimen, folder)]
    manifest = {
        "schema": "fanal.specimens/1",
        "specimens": [
            {"name": specimen.name, "files": [picture.name for picture in specimen.pictures]} for specimen in made
        ],
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return (*paths, folder / _MANIFEST)


@cache
def shipped() -> tuple[ShippedSpecimen, ...]:
    """The specimens in the package, in the order of the manifest: genuine ones first."""
    manifest = json.loads((FOLDER / _MANIFEST).read_text())
    return tuple(
        ShippedSpecimen(
            entry["name"],
            tuple(FOLDER / file for file in entry["files"]),
            json.loads((FOLDER / f"{entry['name']}.json").read_text()),
        )
        for entry in manifest["specimens"]
    )
