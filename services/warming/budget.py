"""Budget: how much warming may do, and for whom it steps aside."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.jobs.kinds import INTERACTIVE

#: Seconds between two looks at the queue where people wait.
LOOK = 0.25

# A job of a person's that is not at work yet, here or in the broker.
_WAITS = text("""
    SELECT EXISTS (SELECT 1 FROM jobs WHERE queue = :queue AND state = 'queued' AND due)
        OR EXISTS (SELECT 1 FROM jobs WHERE queue = :queue AND state = 'dispatched')
""")


def somebody_waits(session: Session) -> bool:
    """Whether a job that a person waits for has not been begun."""
    return bool(session.scalar(_WAITS, {"queue": INTERACTIVE}))


class Budget:
    """Some seconds and some entries, spent only while nobody waits.

    waits: asked every LOOK seconds at most; while it says yes, `allows` sleeps, on the budget.
    clock: seconds that only rise.
    """

    def __init__(
        self,
        seconds: float,
        entries: int,
        waits: Callable[[], bool],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.made = 0
        self.stood_aside = 0.0
        self._entries = entries
        self._waits, self._clock, self._sleep = waits, clock, sleep
        self._began = clock()
        self._looked = float("-inf")
        self._end = self._began + seconds

    def allows(self) -> bool:
        """Whether another entry may be made; counts it where it may."""
        while self._clock() < self._end and self.made < self._entries:
            if self._clock() - self._looked < LOOK:
                self.made += 1
                return True
            busy = self._waits()
            self._looked = self._clock()
            if busy:
                self._sleep(LOOK)
                self.stood_aside += LOOK
                self._looked -= LOOK  # ask again before going on
        return False

    @property
    def seconds(self) -> float:
        """Spent so far."""
        return self._clock() - self._began

    @property
    def ended_by(self) -> str:
        """What ran out, `seconds` or `entries`; `` where something is left of both."""
        if self._clock() >= self._end:
            return "seconds"
        return "entries" if self.made >= self._entries else ""
