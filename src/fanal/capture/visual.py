"""The visual inspection zone: which printed text is a label, which value belongs to it, and where the portrait is.

The text is read by `lettering`. Labels are those of `visual.toml`; the value of a label stands below it, or to its
right (Doc 9303-3, 3.3 to 3.5: labels in the language of the State and in English, French or Spanish).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

import cv2
import numpy as np

from fanal.capture import outline
from fanal.capture.lettering import TextLine, read_text
from fanal.capture.pictures import Picture, Pixels
from fanal.capture.portrait import find_portrait
from fanal.documents import Claim, Field, Region, Source
from fanal.documents.dates import Century, DateError, read_date
from fanal.documents.mrz import Format
from fanal.documents.mrz.formats import LAYOUTS
from fanal.documents.states import find_state

_PX_PER_MM: Final = 7.0  # of the page that is read
_WIDEST: Final = 1400  # px
_ABOVE_MRZ: Final = 0.8  # mm above the letters of an MRZ at which the visual zone ends
_ROUGHLY: Final = 6.0  # mm that the edges of a page may lie off which were not seen
_LEAST: Final = 0.6  # confidence below which a text says nothing

_DATES: Final = {
    Field.DATE_OF_BIRTH: Century.PAST,
    Field.DATE_OF_ISSUE: Century.PAST,
    Field.DATE_OF_EXPIRY: Century.NEAR,
    Field.VALID_FROM: Century.PAST,
}
_STATES: Final = (Field.ISSUING_STATE, Field.NATIONALITY)
_NUMBERS: Final = (Field.DOCUMENT_NUMBER, Field.PERSONAL_NUMBER, Field.PASSPORT_NUMBER)
_SEXES: Final = {"F": "F", "M": "M", "X": "X", "FEMALE": "F", "MALE": "M", "FEMENINO": "F", "MASCULINO": "M"}
_SEXES.update({"FEMININ": "F", "MASCULIN": "M", "W": "F", "K": "F", "FI": "F", "H": "M"})


class _Word(NamedTuple):
    """A word and its box in the straight page: left, top, right, bottom."""

    text: str
    bare: str
    box: tuple[float, float, float, float]
    confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class _Label:
    field: Field
    box: tuple[float, float, float, float]
    words: frozenset[int]


def read_visual(
    picture: Picture, page: outline.Page | None, evidence: str, on: date, form: Format | None
) -> tuple[tuple[Claim, ...], Region | None]:
    """The claims of the visual zone, and the place of the portrait. `form`: of the MRZ, where one was read."""
    if page is None:
        size = float(picture.gray.shape[1]), float(picture.gray.shape[0])
        scale = min(1.0, _WIDEST / max(size))
        page = outline.Page(size, np.eye(3), seen=False)
    else:
        scale = _PX_PER_MM
    straight = outline.straight(picture.rgb, page, scale)

    def region(page: outline.Page, box: tuple[float, float, float, float], part: str) -> Region:
        left, top, right, bottom = (value / scale for value in box)
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
        points = outline.to_picture(page.matrix, corners) * picture.scale
        return Region(evidence, tuple((round(float(x), 1), round(float(y), 1)) for x, y in points), part=part)

    box = find_portrait(straight, any_mrz=form is not None)
    portrait = None if box is None else region(page, box, "portrait")
    if form is not None:
        beside = 0.0
        if not page.seen:  # where its edges are follows from the MRZ, and that only roughly
            beside = _ROUGHLY
            page = outline.widened(page, beside)
            straight = outline.straight(picture.rgb, page, scale)
        # The lines of the MRZ would take as long as ten others.
        free = outline.mrz_height(len(LAYOUTS[form].lengths)) + _ABOVE_MRZ + beside
        straight = straight[: max(1, straight.shape[0] - round(free * scale))]
    words = _words(read_text(straight, upright=form is not None), straight)
    claims = []
    for label, value in _values(words):
        text = " ".join(word.text for word in value)
        field = label.field
        if field is Field.PASSPORT_NUMBER and form not in (Format.MRV_A, Format.MRV_B):
            field = Field.DOCUMENT_NUMBER
        made = _claimed(field, text, on)
        if made is None:
            continue
        place = (
            min(word.box[0] for word in value), min(word.box[1] for word in value),
            max(word.box[2] for word in value), max(word.box[3] for word in value),
        )  # fmt: skip
        confidence = round(min(word.confidence for word in value), 3)
        raw = text if text != made else None
        claims.append(Claim(field, made, Source.VIZ, confidence, region(page, place, "viz"), raw))
    return tuple({claim.field: claim for claim in reversed(claims)}.values()), portrait


def _words(lines: Sequence[TextLine], straight: Pixels) -> list[_Word]:
    """The words of the lines. A line's words share its width by their letters; wide gaps part it into columns first."""
    gray = np.asarray(cv2.cvtColor(straight, cv2.COLOR_RGB2GRAY), np.uint8)
    found = []
    for number, line in enumerate(lines):
        if line.confidence < _LEAST or not line.text:
            continue
        xs, ys = [x for x, _ in line.polygon], [y for _, y in line.polygon]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        for text, begin, end in _columns(line.text, gray, (left, top, right, bottom)):
            step = (end - begin) / len(text)
            for match in re.finditer(r"[^\s/]+|/", text):
                box = (begin + match.start() * step, top, begin + match.end() * step, bottom)
                found.append(_Word(match[0], _bare(match[0]), box, line.confidence, number))
    return found


def _columns(text: str, gray: Pixels, box: tuple[float, float, float, float]) -> list[tuple[str, float, float]]:
    """A line of text parted where its print has wide gaps, which the text reader closes: each text with its ends."""
    left, top, right, bottom = box
    high = bottom - top
    cut = gray[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    if high < 6 or right - left < 4 * high or not cut.size:
        return [(text, left, right)]
    ink = cv2.morphologyEx(cut, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    inked = ink.max(axis=0) > max(24.0, 0.4 * float(np.percentile(ink.max(axis=0), 90)))
    closed = cv2.morphologyEx(
        inked.astype(np.uint8)[None], cv2.MORPH_CLOSE, np.ones((1, max(3, round(0.75 * high))), np.uint8)
    )[0]
    runs = np.flatnonzero(np.diff(np.concatenate([[0], closed, [0]]))).reshape(-1, 2)
    runs = runs[runs[:, 1] - runs[:, 0] > 0.2 * high]
    if len(runs) < 2:
        return [(text, left, right)]
    shares = np.cumsum(runs[:, 1] - runs[:, 0]) / float((runs[:, 1] - runs[:, 0]).sum())
    found, start = [], 0
    for (a, b), share in zip(runs, shares, strict=True):
        # The text ends where its share of the letters does: at a space near there, if there is one.
        end = round(float(share) * len(text))
        spaces = [n for n in range(max(start + 1, end - 4), min(len(text), end + 5)) if text[n].isspace()]
        end = min(spaces, key=lambda n: abs(n - end)) if spaces and share < 1 else end
        if text[start:end].strip():
            found.append((text[start:end].strip(), left + float(a), left + float(b)))
        start = end
    return found or [(text, left, right)]


def _bare(text: str) -> str:
    lower = text.lower()
    if re.fullmatch(r"n[°ºo*]?[.:]?", lower):
        return "no"  # number, however it is printed and read
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if c.isalnum())


@cache
def _phrases() -> tuple[tuple[tuple[str, ...], Field], ...]:
    """The labels, longest first, as words without accents."""
    data = tomllib.loads(resources.files(__package__).joinpath("visual.toml").read_text(encoding="utf-8"))
    found = [
        (tuple(bare for word in re.findall(r"[^\s/]+", label) if (bare := _bare(word))), Field(field))
        for field, labels in data.items()
        for label in labels
    ]
    return tuple(sorted(found, key=lambda phrase: -sum(map(len, phrase[0]))))


def _like(read: str, label: str) -> bool:
    """Whether a word read is that of a label: the same, or one letter in five otherwise."""
    if read == label:
        return True
    if len(label) < 5 or abs(len(read) - len(label)) > 1:
        return False
    wrong = sum(a != b for a, b in zip(read, label, strict=False)) + abs(len(read) - len(label))
    return wrong <= len(label) // 5


def _labels(words: Sequence[_Word]) -> list[_Label]:
    """The labels among the words. A label in two languages is one, and so are two that say the same side by side."""
    found: list[_Label] = []
    taken: set[int] = set()
    for phrase, field in _phrases():
        for start in range(len(words) - len(phrase) + 1):
            run = range(start, start + len(phrase))
            if taken.intersection(run) or words[start].line != words[run[-1]].line:
                continue
            if all(_like(words[n].bare, label) for n, label in zip(run, phrase, strict=True)):
                taken.update(run)
                numbered = start and words[start - 1].line == words[start].line and words[start - 1].bare.isdigit()
                run = range(start - 1, run.stop) if numbered else run  # the number of the field stands before it
                found.append(_Label(field, _around(words[n] for n in run), frozenset(run)))
    # A word of a label is only one where its line is labels for the most part: "M" and "P" are values elsewhere.
    by_line: dict[int, list[int]] = {}
    for n, word in enumerate(words):
        if word.bare and not word.bare.isdigit():
            by_line.setdefault(word.line, []).append(n)
    kept = []
    for label in found:
        line = by_line[words[min(label.words)].line]
        if sum(len(words[n].bare) for n in line if n in taken) >= 0.6 * sum(len(words[n].bare) for n in line):
            kept.append(label)
    kept.sort(key=lambda label: (round(label.box[1]), label.box[0]))
    merged: list[_Label] = []
    for label in kept:
        last = merged[-1] if merged else None
        if last is not None and last.field is label.field and abs(last.box[1] - label.box[1]) < 4:
            box = (last.box[0], min(last.box[1], label.box[1]), label.box[2], max(last.box[3], label.box[3]))
            merged[-1] = _Label(label.field, box, last.words | label.words)
        else:
            merged.append(label)
    return merged


def _around(words: Iterable[_Word]) -> tuple[float, float, float, float]:
    boxes = [word.box for word in words]
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def _values(words: Sequence[_Word]) -> list[tuple[_Label, list[_Word]]]:
    """Each label with the words of its value."""
    labels = _labels(words)
    of_labels = {words[n].line for label in labels for n in label.words}
    values = [word for word in words if word.line not in of_labels]
    found = []
    for label in labels:
        left, top, _, bottom = label.box
        high = bottom - top
        beside = [
            other.box[0] for other in labels
            if other is not label and abs(other.box[1] - top) < high and other.box[0] > left + high
        ]  # fmt: skip
        right = min(beside, default=float("inf"))
        below = [
            word
            for word in values
            if left - 1.5 * high < word.box[0] < right - 0.6 * high
            and _middle(word) > bottom
            and word.box[1] - bottom < 1.3 * high
        ]
        row = _row(below)
        if not row:
            row = _row([w for w in values if abs(_middle(w) - (top + bottom) / 2) < 0.7 * high and w.box[0] > left])
        if row:
            found.append((label, row))
    return found


def _middle(word: _Word) -> float:
    return (word.box[1] + word.box[3]) / 2


def _row(words: list[_Word]) -> list[_Word]:
    """The uppermost row of the words, up to the first wide gap."""
    if not words:
        return []
    first = min(words, key=_middle)
    high = first.box[3] - first.box[1]
    row = sorted((w for w in words if _middle(w) - _middle(first) < 0.6 * high), key=lambda w: w.box[0])
    kept = row[:1]
    for word in row[1:]:
        if word.box[0] - kept[-1].box[2] > 2.5 * high:
            break
        kept.append(word)
    return kept


def _claimed(field: Field, text: str, on: date) -> str | None:
    """A value in the normal form of `fanal.documents.claims`, or None where the text is no such value."""
    text = re.sub(r"\s*/\s*", "/", text).strip(" .:;,|")
    if not text or not any(c.isalnum() for c in text):
        return None
    if field in _DATES:
        try:
            return str(read_date(text, on=on, century=_DATES[field]).date)
        except DateError:
            return None
    if field is Field.SEX:
        sexes = {_SEXES[part] for part in re.split(r"[^A-Z]+", _plain(text)) if part in _SEXES}
        return sexes.pop() if len(sexes) == 1 else None
    if field in _STATES:
        code = _plain(text)
        return code if len(code) <= 3 and find_state(code) is not None else text.upper()
    if field is Field.DOCUMENT_CODE:
        code = _plain(text).replace("<", "")
        return code if 1 <= len(code) <= 2 and code.isalpha() else None
    if field in _NUMBERS:
        return text.replace(" ", "").upper() if any(c.isdigit() for c in text) else None
    return text


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.upper())
    return "".join(c for c in apart if not unicodedata.combining(c)).strip()
