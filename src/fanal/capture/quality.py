"""How good a picture is to read from, as measures with a value, a unit and, where it is bad, a problem.

A measure is taken where it matters: on the MRZ where there is one, otherwise on the document or the whole picture. A
problem is said only where it matters too: where the MRZ was read with all its check digits, a picture that is a little
dark is no officer's concern. `quality.toml` holds what to tell an officer, in four languages.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import cv2
import numpy as np

from fanal.capture.pictures import Pixels
from fanal.capture.reading import Measure, Polygon

# Below these (or above, for glare and brightness) a picture is a problem.
SMALLEST_LETTER: Final = 8.0  # px of a capital of the MRZ (docs/model-card-mrz.md)
LEAST_SHARPNESS: Final = 0.16
MOST_GLARE: Final = 0.04
DARKEST: Final = 45.0
BRIGHTEST: Final = 250.0
LEAST_CONTRAST: Final = 40.0
_CUT, _CUT_UNSEEN = 0.02, 0.15  # the share of a page that may be missing; what only follows from the MRZ is rough


def measures(
    gray: Pixels, zones: Sequence[tuple[Sequence[Polygon], float, bool]], page: Polygon | None, *, seen: bool
) -> tuple[Measure, ...]:
    """The measures of a picture. `zones`: of each MRZ the outlines of its lines, the height of its capitals in px, and
    whether it was read surely; `page`: the corners of the document, and whether they were `seen` or follow from
    the MRZ only."""
    sure = bool(zones) and all(accepted for _, _, accepted in zones)
    found = []
    area = _page_of(gray, page if seen else None)
    if zones:
        outlines, letter, _ = zones[0]
        strips = np.concatenate([_cut(gray, outline, letter) for outline in outlines], axis=1)
        low, high = (float(v) for v in np.percentile(strips, (4, 90)))
        contrast = high - low
        found.append(Measure("character_height", round(letter, 1), "px", _if(letter < SMALLEST_LETTER, "small", sure)))
        sharp = _sharpness(strips, contrast)
        found.append(Measure("sharpness", round(sharp, 2), "share", _if(sharp < LEAST_SHARPNESS, "blurred", sure)))
        glare = _glare_on(strips)
        found.append(Measure("glare", round(glare, 3), "share", _if(glare > MOST_GLARE, "glare", sure)))
        dim = contrast < LEAST_CONTRAST and high < 110
        found.append(Measure("contrast", round(contrast, 0), "gray values", _if(dim, "dark", sure)))
        missing = _missing(gray, page)
    else:
        glare = float((area >= 252).mean()) if seen and float(np.median(area)) < 235 else 0.0
        sharp = _sharpness(area, float(np.ptp(np.percentile(area, (5, 95)))))
        found.append(Measure("sharpness", round(sharp, 2), "share", _if(sharp < LEAST_SHARPNESS / 4, "blurred", sure)))
        found.append(Measure("glare", round(glare, 3), "share", _if(glare > 2 * MOST_GLARE, "glare", sure)))
        missing = _missing(gray, page)
    light = float(np.mean(area))
    problem = "dark" if light < DARKEST else "bright" if light > BRIGHTEST else None
    found.append(Measure("exposure", round(light, 0), "gray values", None if sure else problem))
    cut = missing > (_CUT if seen else _CUT_UNSEEN)
    found.append(Measure("completeness", round(1 - missing, 2), "share", "cut_off" if cut else None))
    return tuple(found)


def _if(bad: bool, problem: str, sure: bool) -> str | None:
    return problem if bad and not sure else None


def _page_of(gray: Pixels, page: Polygon | None) -> Any:
    if page is None:
        return gray
    xs, ys = [x for x, _ in page], [y for _, y in page]
    a, b = max(0, int(min(xs))), max(0, int(min(ys)))
    cut = gray[b : max(b + 8, int(max(ys))), a : max(a + 8, int(max(xs)))]
    return cut if cut.size >= 64 else gray


def _cut(gray: Pixels, outline: Polygon, letter: float) -> Any:
    """A line seen straight, in its own size, at a height of 24 px where it is larger."""
    (ax, ay), (bx, by) = outline[0], outline[1]
    high = max(8, min(24, round(letter)))
    wide = max(8, round(float(np.hypot(bx - ax, by - ay)) * high / max(letter, 1.0)))
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(outline, np.float32), target)
    cut = cv2.warpPerspective(gray, matrix, (wide, high), flags=cv2.INTER_LINEAR)
    return cut if high == 24 else cv2.resize(cut, (round(wide * 24 / high), 24), interpolation=cv2.INTER_LINEAR)


def _sharpness(gray: Any, contrast: float) -> float:
    """How steep the steepest edges are, as a share of the contrast that they cross in one px."""
    smooth = cv2.blur(np.asarray(gray, np.float32), (2, 2))
    steps = np.abs(np.diff(smooth, axis=1))
    return float(np.percentile(steps, 97)) / max(contrast, 8.0)


def _glare_on(strips: Any) -> float:
    """The share of print of an MRZ that is washed out: places whose own darkest values are bright."""
    width = 24
    count = strips.shape[1] // width
    if count < 4:
        return 0.0
    blocks = np.asarray(strips[:, : count * width], np.float32).reshape(strips.shape[0], count, width)
    dark = np.percentile(blocks, 8, axis=(0, 2))
    light = np.percentile(blocks, 90, axis=(0, 2))
    usual = float(np.median(light - dark))
    washed = (light - dark < 0.45 * usual) & (light > 235)
    return float(washed.mean())


def _missing(gray: Pixels, page: Polygon | None) -> float:
    """The share of a document that lies outside of the picture."""
    if page is None:
        return 0.0
    hull = cv2.convexHull(np.array(page, np.float32))
    h, w = gray.shape
    frame = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32).reshape(-1, 1, 2)
    whole = float(cv2.contourArea(hull))
    inside, _ = cv2.intersectConvexConvex(hull, frame)
    return float(np.clip(1 - inside / whole, 0.0, 1.0)) if whole > 1 else 0.0


@cache
def texts() -> dict[str, dict[str, str]]:
    """What to tell an officer of a problem, by problem and language. `{value}` is the measure's."""
    data = tomllib.loads(resources.files(__package__).joinpath("quality.toml").read_text(encoding="utf-8"))
    return {key: dict(words) for key, words in data.items()}


def tell(measure: Measure, lang: str) -> str | None:
    """What an officer is told of a measure, or None where there is nothing to tell."""
    if measure.problem is None:
        return None
    words = texts().get(measure.problem)
    return None if words is None else words[lang].replace("{value}", f"{measure.value:g}")
