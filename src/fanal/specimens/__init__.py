"""Specimens: documents of Utopia (UTO) that look and read like real ones, and forgeries of them.

For training officers, for tests and for benchmarks. Everything is invented and marked SPECIMEN; the same seed makes
the same bytes. The truth about each picture comes with it: what it says, and where.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from fanal.documents import mrz
from fanal.specimens.conditions import HARD, Camera, Conditions, Difficulty
from fanal.specimens.document import FORMATS, MADE_ON, SpecimenDocument, issue
from fanal.specimens.errors import SpecimenError
from fanal.specimens.forgeries import FORGERIES, Forgery, ForgeryKind, forge, kind_of
from fanal.specimens.make import MadePicture, MadeSpecimen, make, write
from fanal.specimens.pages import Item, ItemKind, Page, draw
from fanal.specimens.people import Traveller, invent_traveller
from fanal.specimens.pictures import PictureFormat, encode
from fanal.specimens.shipping import ShippedSpecimen, shipped, write_shipped

if TYPE_CHECKING:
    from fanal.specimens.cameras import Capture


def capture_page(page: Page, camera: Camera, seed: int | str, difficulty: Difficulty = HARD) -> Capture:
    """The page as `camera` sees it (`fanal.specimens.cameras`, which needs OpenCV and is loaded only here)."""
    from fanal.specimens import cameras

    return cameras.capture_page(page, camera, seed, difficulty)


def forgery_named(name: str, form: mrz.Format, seed: int) -> Forgery:
    """The kind of forgery with this name; for `any`, one by lot of those that exist in the format.

    Raises:
        SpecimenError: there is none.
    """
    if name == "any":
        rng = random.Random(f"fanal any forgery {form.value} {seed}")
        return rng.choice([kind.forgery for kind in FORGERIES if form in kind.formats])
    try:
        return Forgery(name)
    except ValueError:
        known = ", ".join(forgery.value for forgery in Forgery)
        raise SpecimenError(f"there is no forgery {name[:40]!r}; there are: any, {known}") from None


__all__ = [
    "FORGERIES",
    "FORMATS",
    "HARD",
    "MADE_ON",
    "Camera",
    "Capture",
    "Conditions",
    "Difficulty",
    "Forgery",
    "ForgeryKind",
    "Item",
    "ItemKind",
    "MadePicture",
    "MadeSpecimen",
    "Page",
    "PictureFormat",
    "ShippedSpecimen",
    "SpecimenDocument",
    "SpecimenError",
    "Traveller",
    "capture_page",
    "draw",
    "encode",
    "forge",
    "forgery_named",
    "invent_traveller",
    "issue",
    "kind_of",
    "make",
    "shipped",
    "write",
    "write_shipped",
]
