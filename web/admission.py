"""Admission: how many requests of this process work at once; the others stand in line, asleep.

Threads that all compute hold one another up: Python runs one of them at a time, and each needs a
connection besides. So a thousand requests at once are a line, first come, first served, before a
few places. Whoever sleeps, waiting for news of a job or for a slow body, steps aside meanwhile;
a short body, which most are, is waited for before the line, and needs to stand there but once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from flask import request

from kernel.errors import Unavailable

#: Seconds in line after which a request is refused: the stores must have come to a halt.
PATIENCE = 15.0
#: Probes pass by: a full line is no reason to restart the process.
_FREE = frozenset({"/livez"})

#: Bytes of a body that is read before the line. Small: each connection may have one in memory.
SHORT = 16 << 10

_LINE = "nutrition.line"
_HAS_PLACE = "nutrition.has_place"
_HAS_BODY = "nutrition.has_body"
#: When a request came to the line (time.perf_counter), and for how many seconds it stood aside.
CAME, ASIDE = "nutrition.came", "nutrition.aside"

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Line:
    """Places, and a line before them. A place that is left is handed to the first in line."""

    def __init__(self, places: int, patience: float = PATIENCE) -> None:
        self._free = places
        self._patience = patience
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return len(self._waiting)

    def enter(self) -> bool:
        """Take a place, in turn; False where none came within the line's patience."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=self._patience):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # handed over at the last moment

    def leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def before(self, application: Application) -> Application:
        """*application*, with this line before it. What streams has left its place by then."""

        def admitted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if environ.get("PATH_INFO") in _FREE:
                return application(environ, start_response)
            _read_short_body(environ)
            environ[CAME] = time.perf_counter()
            environ[_LINE] = self
            environ[_HAS_PLACE] = self.enter()
            try:
                return application(environ, start_response)
            finally:
                if environ[_HAS_PLACE]:
                    self.leave()

        return admitted


def _read_short_body(environ: dict[str, Any]) -> None:
    announced = environ.get("CONTENT_LENGTH", "")
    if announced.isdecimal() and 0 < int(announced) <= SHORT:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(announced)))
        environ[_HAS_BODY] = True


def has_body() -> bool:
    """Whether this request's body lies in memory: reading it takes no time."""
    return _HAS_BODY in request.environ


def refuse_unadmitted() -> None:
    """Raise Unavailable where this request stood in line in vain."""
    if request.environ.get(_HAS_PLACE) is False:
        raise Unavailable("This server is overloaded at the moment.", retry_after=5)


@contextmanager
def aside() -> Iterator[None]:
    """Leave this request's place to others while the block sleeps, then stand in line again.

    One that stands there in vain goes on without a place: its work is half done.
    """
    environ = request.environ
    if not environ.get(_HAS_PLACE):
        yield
        return
    line: Line = environ[_LINE]
    environ[_HAS_PLACE] = False
    line.leave()
    left = time.perf_counter()
    try:
        yield
    finally:
        environ[ASIDE] = environ.get(ASIDE, 0.0) + time.perf_counter() - left
        environ[_HAS_PLACE] = line.enter()
