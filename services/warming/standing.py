"""Standing: how the cache does, and when it was last warmed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import redis
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.cache import Status, names
from services.warming.tally import HOUR, counts_key
from services.warming.wanted import BACK

#: Entries of a region that are counted; more are told as "at least".
MOST = 200_000
#: Entries whose size is measured; the others are taken to be like them.
MEASURED = 50

_RUNS = text("SELECT kind, job_id, finished_at, seconds, report FROM warming_runs ORDER BY kind")


def last_runs(session: Session) -> list[dict[str, Any]]:
    """The last run of each kind of warming."""
    return [dict(row) for row in session.execute(_RUNS).mappings()]


def look(connection: redis.Redis, regions: Iterable[str], now: float) -> dict[str, Any]:
    """What is kept, and how the last day's look-ups went. now: seconds since 1970.

    connection: one that has more time than a request. Raises redis.RedisError.
    """
    told: Any = connection.info("memory")
    memory = {
        "used_bytes": told["used_memory"],
        "limit_bytes": told["maxmemory"],
        "policy": told["maxmemory_policy"],
    }
    counts = _counts(connection, now)
    found = [_region(connection, region, counts) for region in sorted(regions)]
    return {"memory": memory, "regions": found}


def _counts(connection: redis.Redis, now: float) -> dict[tuple[str, str], int]:
    this = int(now // HOUR)
    with connection.pipeline(transaction=False) as pipe:
        for hour in range(this - BACK + 1, this + 1):
            pipe.hgetall(counts_key(hour))
        told = pipe.execute()
    counts: dict[tuple[str, str], int] = {}
    for name, number in itertools.chain.from_iterable(hour.items() for hour in told):
        region, _, outcome = name.decode().rpartition(":")
        counts[region, outcome] = counts.get((region, outcome), 0) + int(number)
    return counts


def _region(
    connection: redis.Redis, region: str, counts: dict[tuple[str, str], int]
) -> dict[str, Any]:
    kept = list(itertools.islice(names(connection, region), MOST))
    with connection.pipeline(transaction=False) as pipe:
        for name in kept[:MEASURED]:
            pipe.memory_usage(name)
        sizes = [size for size in pipe.execute() if size]  # gone meanwhile: None
    by_outcome = {status: counts.get((region, status), 0) for status in Status}
    asked = sum(by_outcome.values())
    spared = asked - by_outcome[Status.MISS] - by_outcome[Status.BYPASS]
    return {
        "region": region,
        "hits": by_outcome[Status.HIT],
        "stale": by_outcome[Status.STALE],
        "collapsed": by_outcome[Status.COLLAPSED],
        "misses": by_outcome[Status.MISS],
        "bypassed": by_outcome[Status.BYPASS],
        "hit_rate": round(spared / asked, 4) if asked else None,
        "entries": len(kept),
        "more": len(kept) == MOST,
        "bytes": round(sum(sizes) / len(sizes) * len(kept)) if sizes else 0,
    }
