"""From strips to log probabilities, and the plainest way to read those."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from fanal.capture.mrz_model.errors import MrzModelError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
"""The characters of an MRZ (Doc 9303-3, 4.3); the character of class c of the model is ALPHABET[c - 1]."""

BLANK: Final = 0
"""The class that says: no character here, or still the one before."""

STRIP_HEIGHT: Final = 32
"""What every strip is brought to, px."""

MAX_WIDTH: Final = 4096
"""The widest strip that is read, px at STRIP_HEIGHT."""

MAX_STRIPS: Final = 256
"""The most strips in one call."""

_MIN_HEIGHT, _MAX_HEIGHT = 8, 512
_STEP = 4  # px of the strip at STRIP_HEIGHT for each step of the model
_ROUND = 64  # strips are filled up to a multiple of this, so that like widths run in one batch
_PIXELS_A_RUN = STRIP_HEIGHT * 16384  # bounds the memory of one run of the network

Gray = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


class GreedyLine(NamedTuple):
    """The best class of each step, with repeats and blanks taken out."""

    text: str
    confidences: tuple[float, ...]  # probability of each character at its surest step, 0 to 1
    positions: tuple[float, ...]  # x of the middle of each character, px of the strip as it was given


@dataclass(frozen=True, slots=True, eq=False)
class LineLogits:
    """What the model says of one strip.

    `log_probs` [steps, 38]: natural logarithms of the probabilities of BLANK and of the characters of ALPHABET; the
    rows add up to 1. One character fills one to three steps next to each other, and at least one step of blank parts it
    from the next, so that it can be read as the output of connectionist temporal classification (CTC).
    `stride`: px of the strip as it was given for each step; step t stands at x = (t + 0.5) * stride.
    """

    log_probs: Floats
    stride: float

    def greedy(self) -> GreedyLine:
        """The likeliest characters, without any grammar."""
        best = self.log_probs.argmax(axis=1)
        text, confidences, positions = [], [], []
        for label, run in groupby(range(len(best)), key=lambda t: int(best[t])):
            if label == BLANK:
                continue
            steps = list(run)
            probabilities = np.exp(self.log_probs[steps, label].astype(np.float64))
            text.append(ALPHABET[label - 1])
            confidences.append(min(float(probabilities.max()), 1.0))
            middle = float((probabilities * np.asarray(steps)).sum() / probabilities.sum())
            positions.append((middle + 0.5) * self.stride)
        return GreedyLine("".join(text), tuple(confidences), tuple(positions))


class LineRecogniser:
    """The released model, loaded. One may be used from several threads at a time.

    Raises MrzModelError (`model_missing`, `model_changed`) when the model's file is not the one that its metadata
    describe.
    """

    def __init__(self, threads: int = 1) -> None:
        files = resources.files("fanal.capture.mrz_model")
        try:
            metadata: object = json.loads(files.joinpath("mrz.json").read_text("utf-8"))
            model = files.joinpath("mrz.onnx").read_bytes()
        except (OSError, ValueError) as error:
            raise MrzModelError("model_missing", type(error).__name__) from error
        if not isinstance(metadata, dict):
            raise MrzModelError("model_missing", "mrz.json holds no metadata")
        self.metadata: dict[str, Any] = metadata
        if hashlib.sha256(model).hexdigest() != self.metadata.get("sha256"):
            raise MrzModelError("model_changed", "mrz.onnx is not the file that mrz.json describes")
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        # A desk has other work for its cores than to wait for the next strip.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def recognise(self, strips: Sequence[Gray]) -> list[LineLogits]:
        """What stands in each strip, in the order given. The geometry of a strip is this package's docstring's.

        Raises MrzModelError for an array that is no strip (see its codes), before anything is read.
        """
        if len(strips) > MAX_STRIPS:
            raise MrzModelError("too_many", f"{len(strips)} strips, {MAX_STRIPS} at most")
        for strip in strips:
            _check(strip)
        ready = [_at_height(strip) for strip in strips]
        answers: list[LineLogits | None] = [None] * len(strips)
        widths = [-(-strip.shape[1] // _ROUND) * _ROUND for strip in ready]
        order = sorted(range(len(strips)), key=lambda n: widths[n])
        for width, group in groupby(order, key=lambda n: widths[n]):
            members, most = list(group), max(1, _PIXELS_A_RUN // (STRIP_HEIGHT * width))
            for start in range(0, len(members), most):
                batch = members[start : start + most]
                log_probs = self._run(np.stack([_normal(ready[n], width) for n in batch]))
                for n, rows in zip(batch, log_probs, strict=True):
                    own = ready[n].shape[1]
                    stride = _STEP * strips[n].shape[1] / own
                    answers[n] = LineLogits(rows[: max(1, -(-own // _STEP))], stride)
        return [answer for answer in answers if answer is not None]

    def _run(self, batch: Floats) -> Floats:
        try:
            (log_probs,) = self._session.run(None, {"strips": batch[:, None]})
        except Exception as error:  # onnxruntime's own errors share no base but this
            raise MrzModelError("model_failed", type(error).__name__) from error
        return np.asarray(log_probs, np.float32)


def _check(strip: object) -> None:
    if not isinstance(strip, np.ndarray) or strip.ndim != 2 or strip.dtype != np.uint8:
        raise MrzModelError("not_gray", "a strip is a two-dimensional array of uint8")
    height, width = strip.shape
    if width < 1 or height < _MIN_HEIGHT:
        raise MrzModelError("empty", f"{width} x {height} px; {_MIN_HEIGHT} px is the least height")
    if height > _MAX_HEIGHT:
        raise MrzModelError("too_high", f"{height} px; {_MAX_HEIGHT} at most")
    if width * STRIP_HEIGHT > MAX_WIDTH * height:
        raise MrzModelError("too_wide", f"{width} px at a height of {height}; {MAX_WIDTH} at {STRIP_HEIGHT} at most")


def _at_height(strip: Gray) -> Gray:
    height, width = strip.shape
    if height == STRIP_HEIGHT:
        return strip
    size = (max(1, round(width * STRIP_HEIGHT / height)), STRIP_HEIGHT)
    how = cv2.INTER_AREA if height > STRIP_HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(strip, size, interpolation=how), np.uint8)


def _normal(strip: Gray, width: int) -> Floats:
    """Mean 0 and deviation 1, then filled up to `width` with its own last column."""
    values = strip.astype(np.float32)
    values = (values - values.mean()) / (values.std() + 4.0)
    return np.pad(values, ((0, 0), (0, width - strip.shape[1])), mode="edge")
