"""Where the characters of a line of a known length stand, among the steps of the model.

The pitch of a line is constant (Doc 9303-3, 4.2: ten characters an inch), but for perspective. So the places are the
best chain of `length` steps at about equal distances: a speck beside the line makes no character, and a character that
the model hardly saw has its place, with what was seen there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fanal.capture.mrz_model import BLANK, LineLogits

Floats = npt.NDArray[Any]

_SURE = 7.0  # odds count no more than e^7 for or against a character: one step never outweighs the whole chain
_STIFFNESS = 12.0  # price of a distance that is not the pitch
_SPACE = 0.6, 1.55  # the least and the greatest distance, in pitches
_ALTERNATIVES = 6


class Peak(NamedTuple):
    """A character as the model by itself says it."""

    step: float
    label: int
    probability: float


class Seen(NamedTuple):
    """What the model says of a strip, ready to be aligned."""

    logits: LineLogits
    probabilities: Floats  # [steps, 38]
    peaks: tuple[Peak, ...]
    pitch: float  # steps from one character to the next; 0 where there are too few to tell


class Alignment(NamedTuple):
    """A line of a certain length: for each character the step, the probabilities of the 37 characters there (adding up
    to 1, whether or not there is a character), and the probability that there is one."""

    score: float
    steps: Floats  # [length]
    characters: Floats  # [length, 37]
    seen: Floats  # [length]
    extra: tuple[Peak, ...]  # what the model said and the chain passed over


def look(logits: LineLogits) -> Seen:
    probabilities = np.exp(logits.log_probs.astype(np.float64))
    best = probabilities.argmax(axis=1)
    edges = np.flatnonzero(np.diff(best)) + 1
    peaks = []
    for first, last in zip(np.r_[0, edges], np.r_[edges, len(best)], strict=True):
        label = int(best[first])
        if label != BLANK:
            weights = probabilities[first:last, label]
            steps = np.arange(first, last)
            peaks.append(Peak(float((weights * steps).sum() / weights.sum()), label, float(weights.max())))
    gaps = np.diff([peak.step for peak in peaks])
    return Seen(logits, probabilities, tuple(peaks), float(np.median(gaps)) if len(gaps) > 2 else 0.0)


def align(seen: Seen, length: int) -> list[Alignment]:
    """The best chains of `length` characters, likeliest first; none where the strip cannot hold one."""
    probabilities, pitch = seen.probabilities, seen.pitch
    least, most = max(2, int(pitch * _SPACE[0])), int(np.ceil(pitch * _SPACE[1]))
    if pitch < 2 or len(probabilities) < least * (length - 1) + 1:
        return []
    there = 1 - probabilities[:, BLANK]
    odds = np.clip(np.log(there + 1e-6) - np.log(probabilities[:, BLANK] + 1e-6), -_SURE, _SURE)
    distances = np.arange(least, most + 1)
    price = _STIFFNESS * ((distances - pitch) / pitch) ** 2

    # score[t]: the best chain of k characters whose last one stands at step t.
    steps = len(odds)
    source = np.arange(steps)[:, None] - distances[None, :]
    outside = source < 0
    source[outside] = 0
    barred = np.where(outside, -1e9, 0.0) - price[None, :]
    rows = np.arange(steps)
    score, back = odds, np.zeros((length, steps), np.int64)
    for k in range(1, length):
        candidates = score[source] + barred
        choice = candidates.argmax(axis=1)
        back[k] = source[rows, choice]
        score = odds + candidates[rows, choice]

    found: list[Alignment] = []
    open_ends = score.copy()
    for _ in range(_ALTERNATIVES):
        end = int(open_ends.argmax())
        if open_ends[end] < -1e8 or (found and open_ends[end] < found[0].score - 2 * _SURE):
            break
        found.append(_chain(seen, there, back, end, float(score[end])))
        # Where the model saw just what the line holds there is nothing to choose.
        if not found[0].extra and found[0].seen.min() > 0.5:
            break
        near = max(1, round(pitch * 0.6))
        open_ends[max(0, end - near) : end + near + 1] = -1e9
    return found


def joined(chains: list[Alignment], again: Sequence[list[Alignment]]) -> list[Alignment]:
    """The chains with what other cuts of the same strip say of the same characters: the mean of their logarithms.

    All cuts show the same pixels, so that they do not count as so many witnesses; but what one cut says by chance of
    where its pixels fall, the others do not say. Places and what is beside the line are those of the first cut.
    """
    others = [alignments[0] for alignments in again if alignments]
    if len(chains) != 1 or not others:
        return chains
    (first,) = chains
    logs = np.mean([np.log(one.characters + 1e-9) for one in (first, *others)], axis=0)
    characters = np.exp(logs - logs.max(axis=1, keepdims=True))
    characters /= characters.sum(axis=1, keepdims=True)
    seen = np.mean([one.seen for one in (first, *others)], axis=0)
    return [first._replace(characters=characters, seen=seen)]


def _chain(seen: Seen, there: Floats, back: npt.NDArray[np.int64], end: int, score: float) -> Alignment:
    length = len(back)
    path = np.zeros(length, np.int64)
    path[-1] = end
    for k in range(length - 1, 0, -1):
        path[k - 1] = back[k, path[k]]
    # A character may fill three steps: what all of them say counts, by how surely something is there.
    around = np.clip(path[:, None] + np.array([-1, 0, 1]), 0, len(there) - 1)
    weight = np.where(there[around] >= 0.3 * there[path][:, None], there[around], 0.0)
    said = (seen.probabilities[around, 1:] * (weight / (there[around] + 1e-12))[:, :, None]).sum(axis=1)
    said /= said.sum(axis=1, keepdims=True) + 1e-12
    places = (around * weight).sum(axis=1) / (weight.sum(axis=1) + 1e-12)
    half = max(1.0, seen.pitch * 0.5)
    extra = tuple(peak for peak in seen.peaks if np.abs(places - peak.step).min() > half)
    return Alignment(score, places, said, there[around].max(axis=1), extra)
