"""Tally: what this process was asked for and how the cache did, told to Redis every few seconds.

Counting costs a request some microseconds: a number rises in memory, and a thread that lives for a
moment adds the numbers up in Redis. What a killed process had not told yet is lost, and nobody
misses it.

Searches and ingredient lines are people's own words, so a text leaves the process only when several
accounts asked it. Who asked is kept as a HyperLogLog under a hash of the text: it counts accounts,
and holds neither the text nor any of them.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog

from kernel.cache import Status
from kernel.redis import BestEffort

log = structlog.get_logger()

#: Seconds between two tellings.
EVERY = 5.0
#: Things, and accounts of one thing, remembered between two tellings; what comes after is dropped.
MOST, MOST_ACCOUNTS = 2_000, 8
#: Characters of a text that is worth remembering.
LONGEST = 120
#: Things kept of one region and hour: the most wanted of them.
KEPT = 2_000
HOUR = 3_600
#: Seconds for which an hour's numbers are kept, and who asked for a text.
LIFE, LIFE_OF_ASKERS = 26 * HOUR, 24 * HOUR


def wanted_key(region: str, hour: int) -> str:
    """hour: hours since 1970."""
    return f"warming:wanted:{region}:{hour}"


def counts_key(hour: int) -> str:
    return f"warming:counts:{hour}"


class Tally:
    """Counts of one process. Safe between threads; begins its thread after a fork, if at all.

    accounts: how many different ones must have asked a text before it is remembered.
    clock: seconds since 1970.
    """

    def __init__(
        self,
        redis: BestEffort,
        *,
        accounts: int,
        every: float = EVERY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._redis = redis
        self._accounts = accounts
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._public: Counter[tuple[str, str]] = Counter()
        self._texts: Counter[tuple[str, str]] = Counter()
        self._askers: dict[tuple[str, str], set[UUID]] = {}

    def wanted(self, region: str, key: str) -> None:
        """Something that is nobody's own was asked for: a food's id."""
        with self._lock:
            if (region, key) in self._public or len(self._public) < MOST:
                self._public[region, key] += 1
            self._arm()

    def wanted_text(self, region: str, key: str, account: UUID) -> None:
        """Words of somebody's were asked for: a search, a line."""
        if len(key) > LONGEST:
            return
        with self._lock:
            askers = self._askers.get((region, key))
            if askers is None:
                if len(self._askers) >= MOST:
                    return
                askers = self._askers[region, key] = set()
            if len(askers) < MOST_ACCOUNTS:
                askers.add(account)
            self._texts[region, key] += 1
            self._arm()

    def looked_up(self, region: str, status: Status, number: int) -> None:
        """How the cache did: a `kernel.cache.Listener`."""
        with self._lock:
            self._outcomes[region, str(status)] += number
            self._arm()

    def tell(self) -> None:
        """Add what was counted to Redis. Where it is away, the counts are dropped."""
        with self._lock:
            outcomes, public, texts = self._outcomes, self._public, self._texts
            askers = self._askers
            self._outcomes, self._public, self._texts = Counter(), Counter(), Counter()
            self._askers, self._timer = {}, None
        hour = int(self._clock() // HOUR)
        shared = self._redis.call(lambda redis: self._shared(redis, askers))
        public.update({one: texts[one] for one in shared or ()})
        self._redis.call(lambda redis: _add(redis, hour, outcomes, public))

    def close(self) -> None:
        """Tell the rest."""
        if self._timer is not None:
            self._timer.cancel()
            self.tell()

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._every, self.tell)
            self._timer.daemon = True
            self._timer.start()

    def _shared(
        self, redis: Any, askers: dict[tuple[str, str], set[UUID]]
    ) -> list[tuple[str, str]]:
        """Of the texts, those that enough accounts asked within a day."""
        if not askers or self._accounts <= 1:
            return list(askers)
        with redis.pipeline(transaction=False) as pipe:
            for (region, text), accounts in askers.items():
                digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
                key = f"warming:askers:{region}:{digest}"
                pipe.pfadd(key, *(account.bytes for account in accounts))
                # Counted from the first: nobody's asking is remembered for longer than a day.
                pipe.expire(key, LIFE_OF_ASKERS, nx=True)
                pipe.pfcount(key)
            counts = pipe.execute()[2::3]
        return [text for text, count in zip(askers, counts, strict=True) if count >= self._accounts]


def _add(
    redis: Any,
    hour: int,
    outcomes: Counter[tuple[str, str]],
    wanted: Counter[tuple[str, str]],
) -> None:
    with redis.pipeline(transaction=False) as pipe:
        for (region, outcome), number in outcomes.items():
            pipe.hincrby(counts_key(hour), f"{region}:{outcome}", number)
        pipe.expire(counts_key(hour), LIFE)
        for (region, thing), number in wanted.items():
            pipe.zincrby(wanted_key(region, hour), number, thing)
        for region in {region for region, _ in wanted}:
            # The least wanted go. One that is wanted again begins anew, and may stay below what it
            # was asked: the head of the list, which is what is warmed, is hardly touched by it.
            pipe.zremrangebyrank(wanted_key(region, hour), 0, -KEPT - 1)
            pipe.expire(wanted_key(region, hour), LIFE)
        pipe.execute()
