"""Flight: of all who want the same answer at once, one makes it; the others wait for it.

A seat is the mutex that dogpile's lock takes: a lock of this process first, and for the one who has
that, a key in Redis, so that one process of all makes the answer. Where Redis is away the lock of
the process remains.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kernel.redis import BestEffort

#: Seconds that one waits for another to make an answer, before making it oneself.
PATIENCE = 5.0
#: Seconds after which the key of a maker that died is gone. Longer than an answer takes to make.
LEASE = 15.0
#: Seconds between two looks at another process's work: the first, and at most.
FIRST_LOOK, LAST_LOOK = 0.002, 0.05

# Delete the key if it is still ours: after LEASE it may be another's.
_LEAVE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class Flight:
    """What the callers of one key in one process share while there are any.

    made: the answer that one of them made, and when (seconds since 1970).
    """

    __slots__ = ("callers", "lock", "made")

    def __init__(self) -> None:
        self.callers = 0
        self.lock = threading.Lock()
        self.made: tuple[bytes, float] | None = None


class Flights:
    """The flights of one process, by key. One goes with its last caller."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, Flight] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[Flight]:
        """The flight of *name*, while the block lasts."""
        with self._lock:
            flight = self._flights.setdefault(name, Flight())
            flight.callers += 1
        try:
            yield flight
        finally:
            with self._lock:
                flight.callers -= 1
                if not flight.callers:
                    del self._flights[name]


class Seat:
    """One caller's claim to make the answer *name*. Any thread may release it."""

    def __init__(self, flight: Flight, redis: BestEffort, name: str) -> None:
        self._flight, self._redis, self._name = flight, redis, name
        self._key = f"{name}:making"
        self._token = ""
        self._local = False

    def acquire(self, wait: bool = True) -> bool:
        """Take the seat. With *wait* this returns when it is had, when the answer is there, or when
        PATIENCE is over: dogpile looks for the answer then, and makes it where there is none.
        """
        end = time.monotonic() + PATIENCE
        self._local = self._flight.lock.acquire(timeout=PATIENCE if wait else 0)
        if not wait and not self._local:
            return False
        if not self._local or self._flight.made is not None:
            return True
        pause = FIRST_LOOK
        while (taken := self._take()) is False:
            if not wait:
                self.release()
                return False
            if self._answered() or time.monotonic() + pause > end:
                break
            time.sleep(pause)
            pause = min(2 * pause, LAST_LOOK)
        return taken is not False or wait

    def release(self) -> None:
        if self._token:
            token, self._token = self._token, ""
            self._redis.call(lambda redis: redis.eval(_LEAVE, 1, self._key, token) or 0)
        if self._local:
            self._local = False
            self._flight.lock.release()

    def _take(self) -> bool | None:
        """Whether the key is ours now; None where Redis is away."""
        token = secrets.token_hex(8)

        def ask(redis: Any) -> bool:
            return bool(redis.set(self._key, token, nx=True, px=int(LEASE * 1000)))

        taken = self._redis.call(ask)
        if taken:
            self._token = token
        return taken

    def _answered(self) -> bool:
        return bool(self._redis.call(lambda redis: redis.exists(self._name)))
