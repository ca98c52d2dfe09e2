"""Measure the released model on made lines that it has not seen: `python -m training.mrz.evaluate [--lines N]`.

Whole lines of documents, by a seed of their own: one degradation at a time at three levels, by the height of a capital
on the sensor, and all together as in training. Prints Markdown tables for docs/model-card-mrz.md. Needs no torch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np

from fanal.capture.mrz_model import ALPHABET, LineRecogniser
from training.mrz.strips import Recipe, Strip, StripMaker, training_recipe
from training.mrz.text import Random, line

SEED = 20261124
_BASE = Recipe(geometry=0.5, capital=18.0)
_SCANNED = replace(_BASE, blur=0.25, noise=0.25, jpeg=0.4, contrast=0.4, ground=0.3)


class Score(NamedTuple):
    """Of `lines`, how many were read exactly; characters and the least edits to put them right."""

    lines: int
    exact: int
    characters: int
    edits: int

    def __str__(self) -> str:
        return f"{100 * self.exact / self.lines:.1f} % | {100 * self.edits / self.characters:.3f} %"


def edits(said: str, true: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(true) + 1))
    for n, a in enumerate(said, 1):
        last, row[0] = row[0], n
        for m, b in enumerate(true, 1):
            last, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, last + (a != b))
    return row[-1]


def measure(
    model: LineRecogniser, maker: StripMaker, lines: int, seed: int, recipe: Callable[[Random], Recipe]
) -> Score:
    exact = characters = wrong = 0
    for start in range(0, lines, 50):
        made: list[Strip] = []
        for n in range(start, min(start + 50, lines)):
            rng = np.random.default_rng([SEED, seed, n])
            text, how = line(rng), recipe(rng)
            # Wide enough for the widest pitch and margins of up to three characters on each side.
            made.append(maker.strip(rng, round((len(text) + float(rng.uniform(2, 6))) * 27 / 4) * 4, how, text))
        for strip, logits in zip(made, model.recognise([strip.pixels for strip in made]), strict=True):
            true = "".join(ALPHABET[c] for c in strip.characters)
            said = logits.greedy().text
            exact += said == true
            characters += len(true)
            wrong += edits(said, true) if said != true else 0
    return Score(lines, exact, characters, wrong)


def _by_lot(low: float, high: float) -> Callable[[Random], Recipe]:
    return lambda rng: replace(training_recipe(rng), capital=float(rng.uniform(low, high)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=400)
    parser.add_argument("--mixed", action="store_true", help="the last table alone")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    model, maker = LineRecogniser(), StripMaker(SEED)

    def score(seed: int, recipe: Recipe | Callable[[Random], Recipe], lines: int = options.lines) -> Score:
        return measure(model, maker, lines, seed, recipe if callable(recipe) else lambda _: recipe)

    print(f"{options.lines} lines a cell, seed {SEED}, model {model.metadata['version']}.")
    print("Lines read exactly | characters wrong (edits for each character)\n")
    if not options.mixed:
        print("| degradation | level 0.3 | | level 0.6 | | level 1 | |\n|---|---|---|---|---|---|---|")
        print(f"| none | {score(0, _BASE)} | | | | |")
        for at, name in enumerate(Recipe.names(), 1):
            changes: list[dict[str, Any]] = [{name: level} for level in (0.3, 0.6, 1.0)]
            cells = [score(10 * at, replace(_BASE, **change)) for change in changes]
            print(f"| {name} | " + " | ".join(map(str, cells)) + " |", flush=True)
        print("\n| capital on the sensor | clean | | blur, noise, JPEG, print behind | |\n|---|---|---|---|---|")
        for capital in (6, 7, 8, 9, 10, 12, 14, 18, 24, 32):
            clean, scanned = replace(_BASE, capital=capital), replace(_SCANNED, capital=capital)
            print(f"| {capital} px | {score(1000 + capital, clean)} | {score(1000 + capital, scanned)} |", flush=True)
        print()
    print("| all degradations by lot, as in training | lines exact | characters wrong |\n|---|---|---|")
    for low, high in ((8, 10), (10, 14), (14, 20), (20, 36)):
        mixed = score(2000 + low, _by_lot(low, high), 3 * options.lines)
        print(f"| {low} to {high} px | {mixed} |", flush=True)
    strip = np.random.default_rng(0).integers(0, 255, (32, 1024), np.uint8)
    model.recognise([strip])
    begin = time.perf_counter()
    for _ in range(50):
        model.recognise([strip, strip])
    print(f"\n{(time.perf_counter() - begin) * 10:.2f} ms a strip of 1024 px, two at a time, one thread")


if __name__ == "__main__":
    main()
