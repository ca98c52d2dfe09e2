"""Measure the released model on made documents that it has not seen: `python -m training.mrz.evaluate`.

All lines of documents of six formats, by a seed of their own: one degradation at a time at three levels, by the height
of a capital on the sensor, and all together as in training. Each cell holds what the model reads by itself and what
`fanal.capture.mrz_decode` makes of it. Prints Markdown tables for docs/model-card-mrz.md. Needs no torch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np

from fanal.capture.mrz_decode import decode
from fanal.capture.mrz_model import LineRecogniser
from training.mrz.strips import Recipe, StripMaker, training_recipe
from training.mrz.text import Random, document

SEED = 20261124
_BASE = Recipe(geometry=0.5, capital=18.0)
_SCANNED = replace(_BASE, blur=0.25, noise=0.25, jpeg=0.4, contrast=0.4, ground=0.3)


class Score(NamedTuple):
    """Of `documents`: how many lines the model reads exactly; how many documents are exact in every line under the
    grammar, how many are accepted, and how many are accepted with a wrong character."""

    lines: int = 0
    lines_exact: int = 0
    characters: int = 0
    edits: int = 0
    documents: int = 0
    exact: int = 0
    accepted: int = 0
    accepted_wrong: int = 0

    def __str__(self) -> str:
        shares = (self.lines_exact / self.lines, self.exact / self.documents, self.accepted / self.documents)
        return " | ".join(f"{100 * share:.1f}" for share in shares) + f" | {self.accepted_wrong}"

    def __add__(self, other: object) -> Score:
        assert isinstance(other, Score)
        return Score(*(a + b for a, b in zip(self, other, strict=True)))


def edits(said: str, true: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(true) + 1))
    for n, a in enumerate(said, 1):
        last, row[0] = row[0], n
        for m, b in enumerate(true, 1):
            last, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, last + (a != b))
    return row[-1]


def measure(
    model: LineRecogniser, maker: StripMaker, documents: int, seed: int, recipe: Callable[[Random], Recipe]
) -> Score:
    total = Score()
    for n in range(documents):
        rng = np.random.default_rng([SEED, seed, n])
        true, how = document(rng), recipe(rng)
        # Wide enough for the widest pitch and margins of up to three characters on each side.
        widths = [round((len(line) + float(rng.uniform(2, 6))) * 27 / 4) * 4 for line in true]
        made = [maker.strip(rng, width, how, line) for width, line in zip(widths, true, strict=True)]
        logits = model.recognise([strip.pixels for strip in made])
        said = [line.greedy().text for line in logits]
        decoded = decode(logits)
        exact = decoded.text == true
        total += Score(
            len(true),
            sum(a == b for a, b in zip(said, true, strict=True)),
            sum(map(len, true)),
            sum(edits(a, b) for a, b in zip(said, true, strict=True) if a != b),
            1,
            exact,
            decoded.accepted,
            decoded.accepted and not exact,
        )
    return total


def _by_lot(low: float, high: float) -> Callable[[Random], Recipe]:
    return lambda rng: replace(training_recipe(rng), capital=float(rng.uniform(low, high)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=200, help="in each cell; five times as many in the last table")
    parser.add_argument("--mixed", action="store_true", help="the last table alone")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    model, maker = LineRecogniser(), StripMaker(SEED)

    def score(seed: int, recipe: Recipe | Callable[[Random], Recipe], documents: int = options.documents) -> Score:
        return measure(model, maker, documents, seed, recipe if callable(recipe) else lambda _: recipe)

    print(f"{options.documents} documents a cell, seed {SEED}, model {model.metadata['version']}.")
    print("Four figures: lines exact by the model alone, %; documents exact in every line under the grammar, %;")
    print("documents accepted, %; documents accepted with a wrong character.\n")
    if not options.mixed:
        print("| degradation | level 0.3 | | | | level 0.6 | | | | level 1 | | | |\n|" + "---|" * 13)
        print(f"| none | {score(0, _BASE)} |" + " |" * 8)
        for at, name in enumerate(Recipe.names(), 1):
            changes: list[dict[str, Any]] = [{name: level} for level in (0.3, 0.6, 1.0)]
            cells = [score(10 * at, replace(_BASE, **change)) for change in changes]
            print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)
        print("\n| capital on the sensor | clean | | | | blur, noise, JPEG, print behind | | | |\n|" + "---|" * 9)
        for capital in (6, 7, 8, 9, 10, 12, 14, 18, 24, 32):
            clean, scanned = replace(_BASE, capital=capital), replace(_SCANNED, capital=capital)
            print(f"| {capital} px | {score(1000 + capital, clean)} | {score(1000 + capital, scanned)} |", flush=True)
        print()
    print("| all degradations by lot, as in training | | | | | characters wrong |\n|" + "---|" * 6)
    for low, high in ((8, 10), (10, 14), (14, 20), (20, 36)):
        mixed = score(2000 + low, _by_lot(low, high), 5 * options.documents)
        wrong = f"{100 * mixed.edits / mixed.characters:.3f} %"
        print(f"| {low} to {high} px | {mixed} | {wrong} |", flush=True)
    strip = np.random.default_rng(0).integers(0, 255, (32, 1024), np.uint8)
    model.recognise([strip])
    begin = time.process_time()
    for _ in range(50):
        model.recognise([strip, strip])
    print(f"\n{(time.process_time() - begin) * 10:.2f} ms a strip of 1024 px, two at a time, one thread")


if __name__ == "__main__":
    main()
