"""The line recogniser: which characters of a machine readable zone stand in a strip of a picture, and how sure.

It reads OCR-B lines (ICAO Doc 9303-3, 4.2) with a small convolutional network of our own, trained on made lines
only (`training/`, `docs/model-card-mrz.md`). It knows nothing of formats, check digits or fields: that is grammar, and
belongs to whoever reads the answer.

>>> from fanal.capture.mrz_model import LineRecogniser
>>> logits, = LineRecogniser().recognise([strip])                           # doctest: +SKIP
>>> logits.greedy().text                                                    # doctest: +SKIP
'L898902C36UTO7408122F1204159ZE184226B<<<<<10'

**A strip** is one line of text cut out of a picture, as gray `uint8` [height, width], dark letters on light ground,
upright, reading from left to right. The network was trained for strips of this geometry, in pixels at height 32:

| what | nominal | tolerated |
| --- | --- | --- |
| height of the strip | 32 | any from 8 to 512; it is brought to 32 with its aspect |
| height of a capital | 21 | 17 to 25 (±18 %) |
| pitch, from one character to the next | 22 | 16 to 28 |
| middle of the capitals above the bottom | 16 | ±4 |
| residual rotation of the line | 0° | letters ±2.5° and slanted ±6°; the line may wander ±3 px along the strip |
| ground to the left and right of the text | any | none to all of the strip; characters cut by an edge are not said |
| neighbouring lines, frames, rules | none | parts at the top and bottom |
| original height of a capital, before enlarging | 12 and more | 8, with more errors (see the model card) |

So a strip is about 1.5 times as high as its capitals, centred on them: for capitals of h px, cut 0.76 h above and below
the middle of the line. A strip may hold several lines' worth of width; it is read whole up to `MAX_WIDTH`.
"""

from fanal.capture.mrz_model.errors import MrzModelError
from fanal.capture.mrz_model.recogniser import (
    ALPHABET,
    BLANK,
    MAX_STRIPS,
    MAX_WIDTH,
    STRIP_HEIGHT,
    GreedyLine,
    LineLogits,
    LineRecogniser,
)

__all__ = [
    "ALPHABET",
    "BLANK",
    "MAX_STRIPS",
    "MAX_WIDTH",
    "STRIP_HEIGHT",
    "GreedyLine",
    "LineLogits",
    "LineRecogniser",
    "MrzModelError",
]
