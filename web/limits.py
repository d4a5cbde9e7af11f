"""Limits: how many requests a key and an address have in a minute, and the headers that say so.

Counted in the Redis that evicts nothing, so for all web processes together. Where Redis is out of
reach, each process counts for itself: slower counting, never an open door.
Headers: draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limits.storage import MemoryStorage, RedisStorage, Storage

from kernel.errors import PlatformError
from kernel.redis import BestEffort

#: Seconds of one window. Windows are the clock's own minutes, equal in all processes.
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """A policy's name and the requests that it grants in a window."""

    name: str
    quota: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one limit after a request. reset: seconds to the window's end."""

    limit: Limit
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit.quota - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit.quota


class QuotaExceeded(PlatformError):
    """The caller has used up a limit."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(
            f"More than {standing.limit.quota} requests in {WINDOW} s for this "
            f"{standing.limit.name}; the next window begins in {standing.reset} s."
        )
        self.standing = standing


class Limiter:
    """Counts requests. clock: seconds since the epoch."""

    def __init__(
        self, redis: BestEffort, key: Limit, address: Limit, clock: Callable[[], float] = time.time
    ) -> None:
        self.key = key
        self.address = address
        self._redis = redis
        self._clock = clock
        pool = redis.redis.connection_pool
        self._shared: Storage = RedisStorage("redis://", connection_pool=pool)
        self._own: Storage = MemoryStorage()

    def count(self, limit: Limit, who: str) -> Standing:
        """Count one request. Raises QuotaExceeded where it is one too many."""
        now = self._clock()
        window, passed = divmod(now, WINDOW)
        counter = f"{limit.name}:{who}:{int(window)}"
        used = self._redis.call(lambda _: self._shared.incr(counter, WINDOW))
        if used is None:
            used = self._own.incr(counter, WINDOW)
        standing = Standing(limit, used, math.ceil(WINDOW - passed))
        if standing.exceeded:
            raise QuotaExceeded(standing)
        return standing


def network_of(address: str) -> str:
    """What an address is counted as: itself, or the /64 that one IPv6 subscriber has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


def headers(standings: Sequence[Standing]) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit`, a list of the limits that were counted."""
    if not standings:
        return {}
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.limit.name}";q={one.limit.quota};w={WINDOW}' for one in standings
        ),
        "RateLimit": ", ".join(
            f'"{one.limit.name}";r={one.remaining};t={one.reset}' for one in standings
        ),
    }
