"""Redis clients: what a request may wait for them, and when it stops asking.

Redis is never the truth about anything. From a request a call has 50 ms; after a few failures a
breaker opens for seconds, and the answer does without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pybreaker
import redis
import structlog

log = structlog.get_logger()
T = TypeVar("T")


def client(url: str, *, timeout: float = 0.05, connections: int = 64) -> redis.Redis:
    """A pooled client. timeout: seconds for connecting and for each answer."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        socket_keepalive=True,
        max_connections=connections,
        # The breaker decides about trying again; a retry here would double the request's wait.
        retry=None,
    )


class BestEffort:
    """Calls to one Redis that may fail without anybody being harmed."""

    def __init__(
        self, connection: redis.Redis, *, failures: int = 3, open_seconds: float = 5
    ) -> None:
        self.redis = connection
        self._breaker = pybreaker.CircuitBreaker(fail_max=failures, reset_timeout=open_seconds)

    def call(self, ask: Callable[[redis.Redis], T]) -> T | None:
        """What *ask* answers, or None where Redis did not answer in time."""
        try:
            if self._breaker.current_state != pybreaker.STATE_CLOSED:
                return self._breaker.call(ask, self.redis)
            return self._freely(ask)
        except pybreaker.CircuitBreakerError:
            return None
        except (redis.RedisError, OSError) as error:
            log.warning("redis_unreachable", error=type(error).__name__)
            return None

    def _freely(self, ask: Callable[[redis.Redis], T]) -> T:
        """Ask, and tell the breaker afterwards: it lets one call through at a time, and while Redis
        is well, threads need not wait for each other.
        """
        try:
            answer = ask(self.redis)
        except (redis.RedisError, OSError) as error:
            self._breaker.call(_fail, error)
            raise
        if self._breaker.fail_counter:
            self._breaker.call(bool)  # an answer: earlier failures count no more
        return answer


def _fail(error: Exception) -> None:
    raise error
