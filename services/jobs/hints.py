"""Hints in Redis: a doorbell for the dispatcher, and news of jobs for whoever waits on them.

Never the truth, and never needed for it: the dispatcher and every stream also look for themselves.
So nobody waits for Redis to answer either. Hints go out on a connection of their own that is told
to answer nothing (`CLIENT REPLY OFF`), which costs a tenth of a round trip.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import redis
import structlog

from kernel.redis import BestEffort

log = structlog.get_logger()

#: A list that holds at most one element: rung or not.
DOORBELL = "nutrition:doorbell"
#: A pub/sub channel that carries ids of jobs with a new event.
NEWS = "nutrition:jobs"
#: What a transaction announces to have the doorbell rung; every other announcement is a job's id.
RING = "ring"
#: Seconds after a failure in which nothing is sent.
REST = 1.0


class Hints:
    """Sends what a transaction announced, best effort. Safe between threads.

    To be used after a fork only: the connection is made at the first hint.
    clock: seconds that only rise.
    """

    def __init__(
        self, queue_redis: BestEffort, clock: Callable[[], float] = time.monotonic
    ) -> None:
        pool = queue_redis.redis.connection_pool
        self._connection: Any = pool.connection_class(**pool.connection_kwargs)
        self._open = False
        self._clock = clock
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def send(self, news: frozenset[str]) -> None:
        """Ring and tell. Lost where Redis is away: within a second all look anyway."""
        commands: list[tuple[str | int, ...]] = [
            ("PUBLISH", NEWS, job_id) for job_id in news if job_id != RING
        ]
        if RING in news:
            commands += [("RPUSH", DOORBELL, 1), ("LTRIM", DOORBELL, -1, -1)]
        with self._lock:
            if self._clock() < self._rests_until:
                return
            try:
                self._connect()
                packed = self._connection.pack_commands(commands)
                self._connection.send_packed_command(packed, check_health=False)
            except (redis.RedisError, OSError) as error:
                log.warning("hints_unsent", error=type(error).__name__)
                self._rests_until = self._clock() + REST
                self._disconnect()

    def _connect(self) -> None:
        """Connect where that is to be done: at first, and where Redis closed the connection."""
        if self._open:
            try:
                # That it was closed is all that Redis could ever say on it.
                if not self._connection.can_read(timeout=0):
                    return
            except (redis.RedisError, OSError):
                pass
            self._disconnect()
        self._connection.connect()
        self._connection.send_command("CLIENT", "REPLY", "OFF", check_health=False)
        self._open = True

    def _disconnect(self) -> None:
        self._open = False
        self._connection.disconnect()
