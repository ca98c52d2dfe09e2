"""Printed text of the visual zone, by rapidocr (PP-OCR models, Apache-2.0): the one thing here that others trained."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fanal.capture.pictures import Pixels
from fanal.capture.reading import Polygon

MAX_SIDE = 2000  # px: what it is given is brought down to this


class TextLine(NamedTuple):
    """One piece of printed text, how sure the reader is (0 to 1), and its four corners."""

    text: str
    confidence: float
    polygon: Polygon


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            # Pages come in a size that is good to read: none is enlarged to look for text in it.
            "Det.limit_type": "max",
            "Det.limit_side_len": 1280,
            "Rec.rec_batch_num": 1,  # one core gains nothing by filling lines up to the length of the longest
        }
    )


def read_text(rgb: Pixels, *, upright: bool) -> tuple[TextLine, ...]:
    """The printed text in a picture, from top to bottom. `upright`: it is known not to stand on its head."""
    found = _engine()(np.ascontiguousarray(rgb[..., ::-1]), use_cls=not upright)
    if found.boxes is None or found.txts is None or found.scores is None:
        return ()
    return tuple(
        TextLine(str(text), float(score), tuple((float(x), float(y)) for x, y in box))
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    )
