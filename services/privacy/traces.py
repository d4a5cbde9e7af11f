"""Traces in Redis: what of an account lies there under its ids.

What is keyed by an id and lives longer than a minute or two must be found: limits, tickets and
cached answers all carry the id of the account, the key or the session in their key.
"""

from __future__ import annotations

from collections.abc import Sequence

import redis

from kernel.errors import Unavailable

#: Keys looked at in one call.
AT_ONCE = 2_000


def forget(cache: redis.Redis, names: Sequence[str]) -> int:
    """Delete every key of *cache* with one of *names* in it; answers how many.

    Walks the whole of it without stopping it. Raises Unavailable where it is out of reach.
    """
    try:
        return _forget(cache, names)
    except redis.RedisError as error:
        raise Unavailable("Redis cannot be searched for traces at the moment.") from error


def _forget(cache: redis.Redis, names: Sequence[str]) -> int:
    wanted = [name.encode() for name in names]
    gone, found = 0, []
    for key in cache.scan_iter(count=AT_ONCE):
        if any(name in key for name in wanted):
            found.append(key)
        if len(found) >= AT_ONCE:
            gone += int(cache.unlink(*found))
            found = []
    return gone + (int(cache.unlink(*found)) if found else 0)
