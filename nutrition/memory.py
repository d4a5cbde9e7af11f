"""Memory: what was worked out a moment ago, so many things of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """At most *size* values by a text; the one unused for longest goes first. Threads may share it.

    A fork inherits what is in it. No lock is held while a value is worked out: two threads that
    want the same one at once both do, and either answer is right.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[str, V] = OrderedDict()

    def get(self, text: str) -> V | None:
        with self._lock:
            value = self._values.get(text)
            if value is not None:
                self._values.move_to_end(text)
            return value

    def put(self, text: str, value: V) -> None:
        with self._lock:
            self._values[text] = value
            self._values.move_to_end(text)
            if len(self._values) > self._size:
                self._values.popitem(last=False)
