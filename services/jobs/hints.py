"""Hints in Redis: a doorbell for the dispatcher, and news of jobs for whoever waits on them.

Never the truth, and never needed for it: the dispatcher and every stream also look for themselves.
"""

from __future__ import annotations

from typing import Any

from kernel.redis import BestEffort

#: A list that holds at most one element: rung or not.
DOORBELL = "nutrition:doorbell"
#: A pub/sub channel that carries ids of jobs with a new event.
NEWS = "nutrition:jobs"
#: What a transaction announces to have the doorbell rung; every other announcement is a job's id.
RING = "ring"


class Hints:
    """Sends what a transaction announced, in one round trip, best effort."""

    def __init__(self, queue_redis: BestEffort) -> None:
        self._redis = queue_redis

    def send(self, news: frozenset[str]) -> None:
        """Ring and tell. Lost where Redis is away: within a second all look anyway."""

        def ask(connection: Any) -> None:
            pipe = connection.pipeline(transaction=False)
            if RING in news:
                pipe.rpush(DOORBELL, 1)
                pipe.ltrim(DOORBELL, -1, -1)
            for job_id in news - {RING}:
                pipe.publish(NEWS, job_id)
            pipe.execute()

        self._redis.call(ask)
