"""Draw a specimen as a page at 300 dots an inch, and say where everything that was drawn stands.

The design is Utopia's own and imitates no State. Where zones lie follows Doc 9303-3, -4, -5, -6 and -7: the issuing
State and the kind of document above, the portrait to the left, the MRZ in the 23.2 mm at the bottom, OCR-B at ten
characters an inch. All that can be drawn with whole numbers is, so that a page is the same on every machine.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from fanal.documents import Field, mrz
from fanal.specimens.document import SpecimenDocument
from fanal.specimens.portrait import draw_portrait

DPI = 300
_MM = DPI / 25.4
_PITCH = 30  # OCR-B in an MRZ: ten characters an inch (Doc 9303-3, 4.1; ISO 1073-2, size 1)
_MRZ_EM = _PITCH / 0.723  # the font's advance is 0.723 em
_MRZ_HEIGHT = 23.2  # mm, at the bottom of every format
_LINE_PITCH = 6.35  # mm

Point = tuple[float, float]
Colour = tuple[int, int, int]


class ItemKind(StrEnum):
    """What was drawn."""

    PAGE = "page"
    PORTRAIT = "portrait"
    MRZ_LINE = "mrz_line"
    MRZ_CHARACTER = "mrz_character"
    LABEL = "label"
    VALUE = "value"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Item:
    """One drawn thing and where it stands: `polygon` in pixels, corners from the reading top left, clockwise.

    `line` and `column` count from 1, as Doc 9303 counts MRZ positions. The box of an MRZ character is its cell: the
    full pitch, from the top of the digits to the baseline.
    """

    kind: ItemKind
    polygon: tuple[Point, ...]
    text: str = ""
    field: Field | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One side of a document as a picture with what stands where. `corner` is the radius of its corners in pixels."""

    side: str  # "page", "front" or "back"
    picture: Image.Image
    items: tuple[Item, ...]
    corner: int = 0

    def find_all(self, kind: ItemKind) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.kind is kind)


@dataclass(frozen=True, slots=True)
class _Palette:
    ground: tuple[Colour, Colour, Colour]  # left, middle, right
    line: Colour
    second: Colour
    ink: Colour


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where one field stands: the label's baseline begins at (x, y), the value under it. Millimetres."""

    field: Field
    label: str
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    slots: tuple[_Slot, ...]
    portrait: tuple[float, float, float, float] | None = None  # left, top, width, height
    signature: tuple[float, float, float, float] | None = None
    mrz: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Design:
    width: float
    height: float
    title: tuple[str, str]
    palette: _Palette
    sides: tuple[_Side, ...]
    corner: float = 0.0


_TEAL = _Palette(((214, 236, 232), (244, 238, 222), (236, 220, 228)), (70, 140, 138), (196, 140, 150), (22, 62, 78))
_AMBER = _Palette(((246, 234, 208), (234, 240, 226), (212, 230, 238)), (188, 146, 72), (96, 148, 172), (74, 52, 24))
_ROSE = _Palette(((240, 222, 230), (240, 236, 240), (220, 226, 244)), (170, 106, 140), (112, 124, 188), (72, 28, 62))

_F = Field
_SURNAME, _GIVEN = "Surname / Nom", "Given names / Prénoms"
_BIRTH, _EXPIRY = "Date of birth / Date de naissance", "Date of expiry / Date d'expiration"


def _td2_slots() -> tuple[_Slot, ...]:
    return (
        _Slot(_F.DOCUMENT_CODE, "Type", 36, 14.6, 8),
        _Slot(_F.ISSUING_STATE, "Code", 46, 14.6, 10),
        _Slot(_F.DOCUMENT_NUMBER, "Card No. / N° de carte", 64, 14.6, 36),
        _Slot(_F.PRIMARY_IDENTIFIER, _SURNAME, 36, 20.9, 64),
        _Slot(_F.SECONDARY_IDENTIFIER, _GIVEN, 36, 27.2, 64),
        _Slot(_F.NATIONALITY, "Nationality / Nationalité", 36, 33.5, 26),
        _Slot(_F.SEX, "Sex / Sexe", 64, 33.5, 10),
        _Slot(_F.PLACE_OF_BIRTH, "Place of birth / Lieu de naissance", 76, 33.5, 26),
        _Slot(_F.DATE_OF_BIRTH, _BIRTH, 36, 39.8, 27),
        _Slot(_F.ISSUING_AUTHORITY, "Authority / Autorité", 64, 39.8, 38),
        _Slot(_F.DATE_OF_ISSUE, "Date of issue / Date de délivrance", 36, 46.1, 27),
        _Slot(_F.DATE_OF_EXPIRY, _EXPIRY, 64, 46.1, 27),
    )


def _visa_slots(x: float, right: float, top: float, step: float) -> tuple[_Slot, ...]:
    third = (right - x) / 3
    return (
        _Slot(_F.ISSUING_AUTHORITY, "1 Place of issue / Lieu de délivrance", x, top, 2 * third - 2),
        _Slot(_F.DOCUMENT_NUMBER, "2 Visa No. / N° de visa", x + 2 * third, top, third),
        _Slot(_F.VALID_FROM, "3 Valid from / Valable du", x, top + step, third - 2),
        _Slot(_F.DATE_OF_EXPIRY, "4 Until / Au", x + third, top + step, third - 2),
        _Slot(_F.NUMBER_OF_ENTRIES, "5 Entries / Entrées", x + 2 * third, top + step, third),
        _Slot(_F.PRIMARY_IDENTIFIER, "6 " + _SURNAME, x, top + 2 * step, right - x),
        _Slot(_F.SECONDARY_IDENTIFIER, "7 " + _GIVEN, x, top + 3 * step, right - x),
        _Slot(_F.PASSPORT_NUMBER, "8 Passport No. / N° de passeport", x, top + 4 * step, third - 2),
        _Slot(_F.NATIONALITY, "9 Nationality / Nationalité", x + third, top + 4 * step, third - 2),
        _Slot(_F.DATE_OF_BIRTH, "10 " + _BIRTH, x + 2 * third, top + 4 * step, third),
        _Slot(_F.DATE_OF_ISSUE, "11 Date of issue / Délivré le", x, top + 5 * step, third - 2),
        _Slot(_F.SEX, "12 Sex / Sexe", x + third, top + 5 * step, third - 2),
        _Slot(_F.DOCUMENT_CODE, "13 Type", x + 2 * third, top + 5 * step, third / 2 - 1),
        _Slot(_F.ISSUING_STATE, "14 Code", x + 2.5 * third, top + 5 * step, third / 2),
    )


_DESIGNS: dict[mrz.Format, _Design] = {
    mrz.Format.TD3: _Design(
        125,
        88,
        ("PASSPORT", "PASSEPORT"),
        _TEAL,
        (
            _Side(
                "page",
                (
                    _Slot(_F.DOCUMENT_CODE, "Type / Type", 45, 16.2, 14),
                    _Slot(_F.ISSUING_STATE, "Code / Code", 62, 16.2, 14),
                    _Slot(_F.DOCUMENT_NUMBER, "Passport No. / N° de passeport", 82, 16.2, 38),
                    _Slot(_F.PRIMARY_IDENTIFIER, "1 " + _SURNAME, 45, 23.4, 75),
                    _Slot(_F.SECONDARY_IDENTIFIER, "2 " + _GIVEN, 45, 30.6, 75),
                    _Slot(_F.NATIONALITY, "3 Nationality / Nationalité", 45, 37.8, 34),
                    _Slot(_F.PERSONAL_NUMBER, "5 Personal No. / N° personnel", 82, 37.8, 38),
                    _Slot(_F.DATE_OF_BIRTH, "4 " + _BIRTH, 45, 45.0, 36),
                    _Slot(_F.SEX, "6 Sex / Sexe", 82, 45.0, 14),
                    _Slot(_F.PLACE_OF_BIRTH, "7 Place of birth / Lieu de naissance", 94, 45.0, 27),
                    _Slot(_F.DATE_OF_ISSUE, "8 Date of issue / Date de délivrance", 45, 52.2, 36),
                    _Slot(_F.ISSUING_AUTHORITY, "9 Authority / Autorité", 82, 52.2, 39),
                    _Slot(_F.DATE_OF_EXPIRY, "10 " + _EXPIRY, 45, 59.4, 36),
                ),
                portrait=(6, 15.5, 34, 43.5),
                signature=(82, 57.6, 36, 6),
            ),
        ),
    ),
    mrz.Format.TD2: _Design(
        105,
        74,
        ("IDENTITY CARD", "CARTE D'IDENTITÉ"),
        _AMBER,
        (_Side("page", _td2_slots(), portrait=(4.5, 13.2, 27, 34)),),
        corner=3.0,
    ),
    mrz.Format.TD1: _Design(
        85.6,
        54,
        ("IDENTITY CARD", "CARTE D'IDENTITÉ"),
        _AMBER,
        (
            _Side(
                "front",
                (
                    _Slot(_F.DOCUMENT_NUMBER, "Card No. / N° de carte", 32, 13.4, 34),
                    _Slot(_F.ISSUING_STATE, "Code", 70, 13.4, 12),
                    _Slot(_F.PRIMARY_IDENTIFIER, _SURNAME, 32, 19.8, 50),
                    _Slot(_F.SECONDARY_IDENTIFIER, _GIVEN, 32, 26.2, 50),
                    _Slot(_F.NATIONALITY, "Nationality / Nationalité", 32, 32.6, 24),
                    _Slot(_F.SEX, "Sex / Sexe", 58, 32.6, 10),
                    _Slot(_F.DOCUMENT_CODE, "Type", 70, 32.6, 10),
                    _Slot(_F.DATE_OF_BIRTH, _BIRTH, 32, 39.0, 25),
                    _Slot(_F.DATE_OF_EXPIRY, _EXPIRY, 58, 39.0, 25),
                ),
                portrait=(4, 12, 24.5, 31),
                signature=(33, 44.6, 34, 6),
                mrz=False,
            ),
            _Side(
                "back",
                (
                    _Slot(_F.PLACE_OF_BIRTH, "Place of birth / Lieu de naissance", 5, 13.6, 38),
                    _Slot(_F.DATE_OF_ISSUE, "Date of issue / Date de délivrance", 46, 13.6, 34),
                    _Slot(_F.ISSUING_AUTHORITY, "Authority / Autorité", 5, 20.4, 55),
                ),
                note="This card remains the property of Utopia / Cette carte reste la propriété de l'Utopie",
            ),
        ),
        corner=3.18,
    ),
    mrz.Format.MRV_A: _Design(
        120,
        80,
        ("VISA", "VISA"),
        _ROSE,
        (_Side("page", _visa_slots(38, 115, 14.8, 7.0), portrait=(5, 13.6, 29, 37)),),
    ),
    mrz.Format.MRV_B: _Design(
        105,
        74,
        ("VISA", "VISA"),
        _ROSE,
        (_Side("page", _visa_slots(33, 101, 13.6, 6.3), portrait=(4, 12.6, 26, 33)),),
    ),
}

_MONTHS_EN = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS_FR = ("JAN", "FÉV", "MARS", "AVR", "MAI", "JUIN", "JUIL", "AOÛT", "SEPT", "OCT", "NOV", "DÉC")


def print_date(day: date) -> str:
    """A date as the visual zone prints it: the month in English and French (Doc 9303-3, 3.8)."""
    english, french = _MONTHS_EN[day.month - 1], _MONTHS_FR[day.month - 1]
    month = english if english == french else f"{english}/{french}"
    return f"{day.day:02} {month} {day.year}"


_DATES = (_F.DATE_OF_BIRTH, _F.DATE_OF_EXPIRY, _F.DATE_OF_ISSUE, _F.VALID_FROM)


def print_value(field: Field, value: str) -> str:
    """A value in normal form as the visual zone prints it."""
    return print_date(date.fromisoformat(value)) if field in _DATES else value


# -- drawing ----------------------------------------------------------------------------------------------------------

_FONTS = Path(__file__).parent / "fonts"


@lru_cache(maxsize=128)
def _font(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    # The basic layout engine: another one may not be there on every machine, and would place glyphs differently.
    return ImageFont.truetype(str(_FONTS / name), pixels, layout_engine=ImageFont.Layout.BASIC)


_OCRB, _SANS, _BOLD, _SERIF = (
    "OCRB.otf",
    "DejaVuSansCondensed.ttf",
    "DejaVuSansCondensed-Bold.ttf",
    "DejaVuSerif-Bold.ttf",
)


def lettering(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    """One of the shipped fonts: `ocrb`, `sans`, `bold` or `serif`, with an em of so many pixels."""
    return _font({"ocrb": _OCRB, "sans": _SANS, "bold": _BOLD, "serif": _SERIF}[name], pixels)


def _px(millimetres: float) -> int:
    return round(millimetres * _MM)


def _box(left: float, top: float, right: float, bottom: float) -> tuple[Point, ...]:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _curve(draw: ImageDraw.ImageDraw, point: Callable[[float], Point], steps: int, turns: float, width: int) -> None:
    points = [point(turns * 2 * math.pi * step / steps) for step in range(steps + 1)]
    draw.line([(round(x), round(y)) for x, y in points], fill=255, width=width)


def _waves(size: tuple[int, int], count: int, amplitude: float, periods: float, phase: float) -> Image.Image:
    """Interwoven bands of fine lines over the whole page: the ground against which a change of ink shows."""
    over = 2
    width, height = size[0] * over, size[1] * over
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    step = width // 180
    for band in range(count):
        middle = height * (band + 0.5) / count
        shift = phase + band * 0.55
        line = [
            (
                x,
                round(
                    middle
                    + amplitude * over * math.sin(2 * math.pi * periods * x / width + shift)
                    + amplitude * over * 0.4 * math.sin(2 * math.pi * 3.1 * periods * x / width - shift)
                ),
            )
            for x in range(-step, width + 2 * step, step)
        ]
        draw.line(line, fill=255, width=over)
    return mask.reduce(over)


def _rosette(size: tuple[int, int], centre: Point, radius: float, lobes: int) -> Image.Image:
    over = 2
    mask = Image.new("L", (size[0] * over, size[1] * over))
    draw = ImageDraw.Draw(mask)
    for ring in range(7):
        inner, outer = radius * (0.30 + 0.07 * ring), radius * (0.16 + 0.03 * ring)

        def point(angle: float, inner: float = inner, outer: float = outer, ring: int = ring) -> Point:
            reach = inner + outer * math.sin(lobes * angle + ring * 0.45)
            return (centre[0] + reach * math.cos(angle)) * over, (centre[1] + reach * math.sin(angle)) * over

        _curve(draw, point, 720, 1, over)
    return mask.reduce(over)


def _tint(picture: Image.Image, mask: Image.Image, colour: Colour, percent: int) -> None:
    picture.paste(colour, (0, 0), mask.point([value * percent // 100 for value in range(256)]))


@lru_cache(maxsize=16)
def _background(form: mrz.Format, with_mrz: bool) -> Image.Image:
    """The ground of a format: tint, guilloches, rosettes, and a calm band for the MRZ."""
    design = _DESIGNS[form]
    size = _px(design.width), _px(design.height)
    left, middle, right = design.palette.ground
    row = Image.new("RGB", (size[0], 1))
    for x in range(size[0]):
        place = 2 * x * 256 // size[0]
        a, b, share = (left, middle, place) if place < 256 else (middle, right, place - 256)
        row.putpixel((x, 0), tuple((a[i] * (256 - share) + b[i] * share) // 256 for i in range(3)))
    picture = row.resize(size, Image.Resampling.NEAREST)
    _tint(picture, _waves(size, 64, 26, 2.6, 0.0), design.palette.line, 38)
    _tint(picture, _waves(size, 52, 34, 1.7, 1.9), design.palette.second, 30)
    for across, down, radius, lobes in ((0.72, 0.36, 0.30, 12), (0.16, 0.42, 0.26, 9), (0.95, 0.04, 0.20, 16)):
        _tint(
            picture,
            _rosette(size, (size[0] * across, size[1] * down), size[1] * radius, lobes),
            design.palette.line,
            34,
        )
    if not with_mrz:
        return picture
    # The MRZ needs contrast: its band is washed out (Doc 9303-3, 4.1, asks for a ground that readers do not see).
    top = size[1] - _px(_MRZ_HEIGHT)
    band = picture.crop((0, top, *size))
    picture.paste(Image.blend(band, Image.new("RGB", band.size, (250, 250, 246)), 0.62), (0, top))
    return picture


def _emblem(draw: ImageDraw.ImageDraw, x: int, y: int, radius: int, ink: Colour) -> None:
    """Utopia's mark: a lighthouse between two waves, in a ring."""
    line = max(2, radius // 14)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=ink, width=line)
    inner = radius * 86 // 100
    draw.ellipse((x - inner, y - inner, x + inner, y + inner), outline=ink, width=max(1, line // 2))
    r = radius / 100

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round(x + dx * r), round(y + dy * r)

    draw.polygon([at(-10, -24), at(10, -24), at(18, 40), at(-18, 40)], fill=ink)
    draw.rectangle((at(-13, -44), at(13, -30)), fill=ink)
    draw.polygon([at(-13, -48), at(13, -48), at(0, -62)], fill=ink)
    for side in (-1, 1):
        for rise in (-46, -36, -26):
            draw.line([at(side * 20, -36), at(side * 58, rise - 4)], fill=ink, width=line)
    for low in (46, 60):
        draw.line([at(-52 + 4 * i, low + 5 * math.sin(i * 0.9)) for i in range(27)], fill=ink, width=line)


class _Sheet:
    """A page being drawn, with the record of what stands where."""

    def __init__(self, picture: Image.Image) -> None:
        self.picture = picture
        self.draw = ImageDraw.Draw(picture)
        self.items: list[Item] = [Item(ItemKind.PAGE, _box(0, 0, *picture.size))]

    def text(
        self, x: int, y: int, text: str, font: str, em: float, ink: Colour, width: int | None = None
    ) -> Item | None:
        """Draw at a baseline, no wider than `width`; returns the box of the ink, as an item still without a kind."""
        size: float = round(em * _MM, 1)
        if width is not None:
            length = _font(font, size).getlength(text)
            if length > width:
                size = math.floor(size * width / length * 10) / 10
        chosen = _font(font, max(size, 4.0))
        self.draw.text((x, y), text, fill=ink, font=chosen, anchor="ls")
        box = self.draw.textbbox((x, y), text, font=chosen, anchor="ls")
        return Item(ItemKind.LABEL, _box(*box), text)

    def add(self, kind: ItemKind, drawn: Item | None, field: Field | None = None) -> None:
        if drawn is not None and drawn.text:
            self.items.append(Item(kind, drawn.polygon, drawn.text, field))


def _draw_header(sheet: _Sheet, document: SpecimenDocument, design: _Design) -> None:
    ink = design.palette.ink
    small = design.width < 100
    baseline, radius = (_px(7.4), _px(3.9)) if not small else (_px(6.6), _px(3.4))
    left = _px(5.6 if not small else 4)
    _emblem(sheet.draw, left + radius, _px(5.6 if not small else 5), radius, ink)
    em = 4.6 if not small else 3.4
    # The State's name takes at most two fifths of the width, the title what is left.
    begin, end = left + 2 * radius + _px(2), _px(design.width) - left
    name = " / ".join(dict.fromkeys(document.printing.state_names))
    sheet.text(begin, baseline, name, _SERIF, em, ink, (end - begin) * 42 // 100)
    title = " / ".join(dict.fromkeys(design.title))
    size = round(em * 0.72 * _MM, 1)
    size = min(size, math.floor(size * (end - begin) * 0.54 / _font(_BOLD, size).getlength(title) * 10) / 10)
    sheet.draw.text((end, baseline), title, fill=ink, font=_font(_BOLD, size), anchor="rs")
    rule = _px(10.2 if not small else 9)
    sheet.draw.line([(left, rule), (_px(design.width) - left, rule)], fill=ink, width=3)


def _draw_portrait(sheet: _Sheet, document: SpecimenDocument, area: tuple[float, float, float, float]) -> None:
    printing = document.printing
    left, top = _px(area[0] + printing.portrait_shift[0]), _px(area[1] + printing.portrait_shift[1])
    width, height = _px(area[2]), _px(area[3])
    face = draw_portrait(printing.portrait_seed, (width, height))
    mask = Image.new("L", face.size, 255)
    if printing.portrait_pasted:
        # A photograph glued over the page: paper white round it, and a shadow at two sides.
        edge = _px(0.7)
        framed = Image.new("RGB", (width + 2 * edge, height + 2 * edge), (252, 252, 250))
        framed.paste(face, (edge, edge))
        face, mask = framed, Image.new("L", framed.size, 255)
        left, top = left - edge, top - edge
    turn = printing.portrait_turn
    centre = left + face.size[0] / 2, top + face.size[1] / 2
    corners = [(x - centre[0], y - centre[1]) for x, y in _box(left, top, left + face.size[0], top + face.size[1])]
    if turn:
        face = face.rotate(turn, Image.Resampling.BICUBIC, expand=True)
        mask = mask.rotate(turn, Image.Resampling.BICUBIC, expand=True)
        left, top = round(centre[0] - face.size[0] / 2), round(centre[1] - face.size[1] / 2)
    if printing.portrait_pasted:
        shadow = Image.new("L", sheet.picture.size)
        shadow.paste(mask, (left + 5, top + 6))
        _tint(sheet.picture, shadow.filter(ImageFilter.BoxBlur(4)), (40, 40, 40), 55)
    sheet.picture.paste(face, (left, top), mask)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    sheet.items.append(
        Item(
            ItemKind.PORTRAIT,
            tuple(
                (round(centre[0] + x * cos + y * sin, 1), round(centre[1] - x * sin + y * cos, 1)) for x, y in corners
            ),
        )
    )


def _draw_signature(sheet: _Sheet, seed: int, area: tuple[float, float, float, float], ink: Colour) -> None:
    rng = random.Random(f"fanal signature {seed}")
    over = 3
    left, top, width, height = (_px(value) for value in area)
    mask = Image.new("L", (width * over, height * over))
    draw = ImageDraw.Draw(mask)
    points: list[tuple[int, int]] = []
    x, loops = 0.04, rng.randint(9, 14)
    for loop in range(loops):
        tall = 0.40 if rng.random() < 0.3 or loop == 0 else 0.16
        step = 0.86 / loops
        for part in range(16):
            angle = 2 * math.pi * part / 16
            points.append(
                (
                    round((x + step * part / 16 + 0.022 * math.sin(angle)) * width * over),
                    round((0.58 - tall * math.sin(angle) * (1 if loop % 2 else 0.8)) * height * over),
                )
            )
        x += step
    draw.line(points, fill=255, width=2 * over, joint="curve")
    small = mask.reduce(over)
    sheet.picture.paste(ink, (left, top), small)
    sheet.items.append(Item(ItemKind.SIGNATURE, _box(left, top, left + width, top + height)))


def _overprint(picture: Image.Image, bottom: int) -> None:
    """SPECIMEN across the page, never into the MRZ."""
    word, width = "SPECIMEN", picture.size[0]
    font = _font(_SERIF, round(width * 0.155, 1))
    box = font.getbbox(word, anchor="ls")
    mask = Image.new("L", (round(box[2] - box[0]) + 40, round(box[3] - box[1]) + 40))
    ImageDraw.Draw(mask).text((20 - box[0], 20 - box[1]), word, fill=255, font=font, anchor="ls")
    mask = mask.rotate(17, Image.Resampling.BICUBIC, expand=True)
    # Fit the height that there is above the MRZ.
    room = round(bottom * 0.94)
    if mask.size[1] > room:
        mask = mask.resize((mask.size[0] * room // mask.size[1], room), Image.Resampling.BICUBIC)
    whole = Image.new("L", picture.size)
    whole.paste(mask, ((width - mask.size[0]) // 2, max(0, (bottom - mask.size[1]) // 2)))
    _tint(picture, whole, (206, 30, 44), 21)


def _draw_mrz(sheet: _Sheet, document: SpecimenDocument) -> None:
    font = _font(_OCRB, round(_MRZ_EM, 2))
    width, height = sheet.picture.size
    lines = document.lines
    rise = round(_MRZ_EM * 0.79)  # the digits of the font are 0.79 em high
    # The lines stand in the middle of the zone.
    block = (len(lines) - 1) * _LINE_PITCH + 2.8
    last = height - _px((_MRZ_HEIGHT - block) / 2)
    for number, line in enumerate(lines, start=1):
        shift = document.printing.mrz_shifts[number - 1] if document.printing.mrz_shifts else (0.0, 0.0)
        left = (width - len(line) * _PITCH) // 2 + _px(shift[0])
        base = last - _px((len(lines) - number) * _LINE_PITCH) + _px(shift[1])
        top = base - rise
        for column, character in enumerate(line, start=1):
            x = left + (column - 1) * _PITCH
            sheet.draw.text((x, base), character, fill=(18, 18, 20), font=font, anchor="ls")
            cell = _box(x, top, x + _PITCH, base)
            sheet.items.append(Item(ItemKind.MRZ_CHARACTER, cell, character, None, number, column))
        whole = _box(left, top, left + len(line) * _PITCH, base)
        sheet.items.append(Item(ItemKind.MRZ_LINE, whole, line, None, number))


def _draw_side(document: SpecimenDocument, design: _Design, side: _Side) -> Page:
    sheet = _Sheet(_background(document.format, side.mrz).copy())
    ink = design.palette.ink
    _draw_header(sheet, document, design)
    if side.portrait:
        _draw_portrait(sheet, document, side.portrait)
    small = design.width < 110
    label_em, value_em, drop = (1.55, 2.75, 3.1) if small else (1.75, 3.1, 3.6)
    for slot in side.slots:
        if slot.field not in document.viz:
            continue
        x, y, room = _px(slot.x), _px(slot.y), _px(slot.width)
        sheet.add(ItemKind.LABEL, sheet.text(x, y, slot.label, _SANS, label_em, ink, room), slot.field)
        value = print_value(slot.field, document.viz[slot.field])
        drawn = sheet.text(x, _px(slot.y + drop), value, _BOLD, value_em, (20, 20, 24), room)
        sheet.add(ItemKind.VALUE, drawn, slot.field)
    if side.signature:
        _draw_signature(sheet, document.printing.portrait_seed, side.signature, (28, 30, 70))
    if side.note:
        sheet.text(_px(5), _px(28.4), side.note, _SANS, 1.55, ink, _px(design.width - 10))
    bottom = sheet.picture.size[1] - (_px(_MRZ_HEIGHT) if side.mrz else 0)
    _overprint(sheet.picture, bottom)
    if side.mrz:
        _draw_mrz(sheet, document)
    return Page(side.name, sheet.picture, tuple(sheet.items), _px(design.corner))


def draw(document: SpecimenDocument) -> tuple[Page, ...]:
    """Every side of the document, in the order in which an officer turns it (a TD1 card: front, back)."""
    design = _DESIGNS[document.format]
    return tuple(_draw_side(document, design, side) for side in design.sides)


def mrz_lines(pages: Sequence[Page]) -> tuple[str, ...]:
    """The MRZ lines that stand on the pages."""
    return tuple(item.text for page in pages for item in page.find_all(ItemKind.MRZ_LINE))
