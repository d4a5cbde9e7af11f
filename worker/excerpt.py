"""Excerpt: the last lines that an attempt logged, kept for the job's history if it fails."""

from __future__ import annotations

import traceback
from collections import deque
from contextvars import ContextVar
from typing import Any

from structlog.typing import EventDict, WrappedLogger

from kernel.redaction import redact
from services.jobs.settle import storable

#: Lines kept of one attempt, and characters of each.
LINES, WIDTH = 20, 300
#: Frames kept of an error's traceback: the innermost.
FRAMES = 6

_lines: ContextVar[deque[str] | None] = ContextVar("lines", default=None)
_BOUND = frozenset(
    {"event", "level", "timestamp", "job_id", "claim", "kind", "owner_id", "request_id"}
    | {"traceparent", "exc_info", "_record", "_from_structlog"}
)


def begin() -> None:
    """Forget what was kept: another attempt begins in this thread."""
    _lines.set(deque(maxlen=LINES))


def capture(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor that keeps each line of the attempt, and passes it on."""
    lines = _lines.get()
    if lines is not None:
        told = " ".join(f"{name}={value}" for name, value in event.items() if name not in _BOUND)
        line = f"{event.get('level', '')} {event.get('event', '')} {told}".strip()
        lines.append(redact(line)[:WIDTH])
    return event


def of(error: BaseException) -> list[str]:
    """What the attempt logged, and where *error* was raised."""
    frames: list[Any] = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return [storable(line) for line in (*(_lines.get() or ()), *where)]
