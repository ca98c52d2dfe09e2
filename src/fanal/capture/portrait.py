"""Where the portrait is on a page seen straight (Doc 9303-3, 3.4: zone V, at the left, above the MRZ)."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from fanal.capture.pictures import Pixels

_SMALL: Final = 320  # px: the width at which it is looked for
_RIGHT: Final = 0.48  # of the width: it stands left of this
_ZONE: Final = 0.30  # of the height: what the MRZ takes at the bottom


def find_portrait(rgb: Pixels, *, any_mrz: bool) -> tuple[float, float, float, float] | None:
    """The box of the portrait (left, top, right, bottom; px of the page), or None where there is none.

    A portrait is the largest compact stretch that is darker than the page's ground, not fine print but filled.
    """
    scale = rgb.shape[1] / _SMALL
    small = cv2.resize(rgb, (_SMALL, max(8, round(rgb.shape[0] / scale))), interpolation=cv2.INTER_AREA)
    high = small.shape[0]
    bottom = int(high * (1 - _ZONE)) if any_mrz else int(high * 0.97)
    right = int(_SMALL * _RIGHT)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    # What the ground of the page looks like: its most usual colour.
    inside = lab[int(0.15 * high) : bottom, int(0.05 * _SMALL) : int(0.95 * _SMALL)].reshape(-1, 3)
    bright = inside[inside[:, 0] >= np.percentile(inside[:, 0], 50)]
    ground = np.median(bright, axis=0)
    far = np.sqrt((((lab - ground) * np.array([0.7, 1.2, 1.2], np.float32)) ** 2).sum(axis=2))
    # Print is thin: an opening larger than its strokes takes it away and leaves hair, clothes and faces.
    mask = (far > 26).astype(np.uint8)
    mask[bottom:] = 0
    mask[:, right:] = 0
    mask[: int(0.1 * high)] = 0
    mask[:, : int(0.015 * _SMALL)] = 0
    core = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    core = cv2.morphologyEx(core, cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(core)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    x, y, w, h, area = (int(v) for v in stats[best])
    if h < 0.2 * high or w < 0.08 * _SMALL or not 0.4 < w / h < 1.25 or area < 0.35 * w * h:
        return None
    left, top, right_, low = _frame(far, x, y, x + w, y + h)
    return left * scale, top * scale, right_ * scale, low * scale


def _frame(far: np.ndarray, left: int, top: int, right: int, bottom: int) -> tuple[float, float, float, float]:
    """The box widened to the edges of the picture's own ground, where these show near."""
    columns = np.abs(np.diff(cv2.blur(far, (1, 5))[top:bottom].mean(axis=0)))
    rows = np.abs(np.diff(cv2.blur(far, (5, 1))[:, left:right].mean(axis=1)))

    def near(steps: np.ndarray, at: int, toward: int, reach: int) -> float:
        places = np.arange(at, at + toward * reach, toward)
        places = places[(places >= 0) & (places < len(steps))]
        if not len(places):
            return float(at)
        strongest = places[int(np.argmax(steps[places]))]
        return float(strongest + (toward < 0)) if steps[strongest] > 2.5 else float(at)

    reach = max(4, (right - left) // 4)
    return (
        near(columns, left, -1, reach),
        near(rows, top, -1, reach),
        near(columns, right - 1, 1, reach) + 1,
        near(rows, bottom - 1, 1, reach) + 1,
    )
