"""Limits: how many requests a key and an address have in a minute, and the headers that say so.

Counted in the Redis that evicts nothing, so for all web processes together. A process takes
requests from the shared counter in leases, a small share of what is left at a time, so that few
requests ask Redis and yet no limit is ever exceeded; what it has taken and not granted counts as
used to the others. Where Redis is out of reach, each process counts for itself: slower counting,
never an open door.
Headers: draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import functools
import ipaddress
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limits.storage import MemoryStorage, RedisStorage, Storage

from kernel.errors import PlatformError
from kernel.redis import BestEffort

#: Seconds of one window. Windows are the clock's own minutes, equal in all processes.
WINDOW = 60
#: A lease is at most this part of what is left of a quota. So it grows small towards the end, where
#: a request that another process holds in vain would be missed.
SHARE = 64


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


@dataclass(slots=True)
class _Lease:
    """taken: of the shared counter, by all processes, as last heard. left: ours to grant yet."""

    taken: int = 0
    left: int = 0
    size: int = 0


#: Registrations and sign-ins from one address, where settings say nothing else.
SIGN_IN = Limit("sign-in-address", 60)


class Limiter:
    """Counts requests. clock: seconds since the epoch."""

    def __init__(
        self,
        redis: BestEffort,
        key: Limit,
        address: Limit,
        sign_in: Limit = SIGN_IN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self.address = address
        self.sign_in = sign_in
        self._redis = redis
        self._clock = clock
        pool = redis.redis.connection_pool
        self._shared: Storage = RedisStorage("redis://", connection_pool=pool)
        self._own: Storage = MemoryStorage()
        self._lock = threading.Lock()
        self._window = 0
        self._leases: dict[tuple[str, str], _Lease] = {}

    def count(self, limit: Limit, who: str, cost: int = 1) -> Standing:
        """Count a request as *cost* of them. Raises QuotaExceeded where so much is not left.

        What is left stays for cheaper requests.
        """
        now = self._clock()
        window = int(now // WINDOW)
        used = self._leased(limit, who, window, cost) or self._asked(limit, who, window, cost)
        standing = Standing(limit, used, math.ceil(WINDOW - now % WINDOW))
        if standing.exceeded:
            raise QuotaExceeded(standing)
        return standing

    def _leased(self, limit: Limit, who: str, window: int, cost: int) -> int:
        """How many requests are used with this one, where no Redis need be asked; else 0."""
        with self._lock:
            if window != self._window:
                self._window = window
                self._leases.clear()
            lease = self._leases.get((limit.name, who))
            if lease is None or not (lease.left >= cost or lease.taken >= limit.quota):
                return 0
            return _grant(lease, limit, cost)

    def _asked(self, limit: Limit, who: str, window: int, cost: int) -> int:
        """The same, of Redis, with a lease of as many more as are due; or of this process alone."""
        with self._lock:
            lease = self._leases.setdefault((limit.name, who), _Lease())
            # Twice the last: who asks little, takes little from the other processes.
            size = max(cost, min(2 * lease.size, (limit.quota - lease.taken) // SHARE))
        counter = f"{limit.name}:{who}:{window}"
        taken = self._redis.call(lambda _: self._shared.incr(counter, WINDOW, size))
        if taken is None:
            return self._own.incr(counter, WINDOW, cost)
        with self._lock:
            lease.size = size
            lease.left += max(0, min(size, limit.quota - (taken - size)))
            lease.taken = max(lease.taken, min(taken, limit.quota))
            return _grant(lease, limit, cost)


def _grant(lease: _Lease, limit: Limit, cost: int) -> int:
    """Take *cost* from a lease: what is used of the quota then; above it where refused."""
    if lease.left < cost:
        return limit.quota + 1
    lease.left -= cost
    return lease.taken - lease.left


@functools.lru_cache(maxsize=4096)
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
