"""The station's log holds ids and kinds of events; never a name, a number or an image.

The message of an exception may hold any of them (PostgreSQL's name the values of a broken key), so of an exception the
log keeps its kinds and where in the code it came from.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType


class Formatter(logging.Formatter):
    """Lines without the messages of exceptions."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        return where(ei[1]) if ei[1] is not None else ""


def where(error: BaseException) -> str:
    """The kinds of an exception and its causes, each with the frames it passed, innermost last."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 5:
        frames = traceback.extract_tb(current.__traceback__)[-12:]
        path = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
        lines.append(f"{type(current).__name__} at {path}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "; from ".join(lines)
