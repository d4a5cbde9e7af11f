"""Pace: how many messages a queue needs in the broker so that its workers never wait.

A few for each slot are enough where jobs take longer than the dispatcher's rest. Where they are
shorter, it is what the workers finish between two of its turns.
"""

from __future__ import annotations

#: Seconds between two turns while there is a backlog. One turn for every job that ends cost
#: 1.7 ms a job; one each 25 ms, a tenth.
REST = 0.025
#: How many rests' worth of work lies ready.
AHEAD = 3
#: The share of the newest observation.
WEIGHT = 0.3


class Pace:
    """What one queue's workers get done, by what was seen from turn to turn."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._at: float | None = None
        self._held = 0

    def window(self, size: int, in_flight: int, now: float) -> int:
        """Messages that the queue may have. size: by its slots. now: monotonic seconds."""
        if self._at is not None and now > self._at:
            done = max(0, self._held - in_flight)
            self._rate += WEIGHT * (done / (now - self._at) - self._rate)
        self._at, self._held = now, in_flight
        return max(size, int(self._rate * AHEAD * REST))

    def sent(self, messages: int) -> None:
        """So many messages were added since."""
        self._held += messages
