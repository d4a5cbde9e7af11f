"""Upkeep of the broker: answers to inspectors that are gone, such as a Flower that was killed.

A worker's answer to `inspect` waits in a list of the inspector's own. kombu lets it expire where
the inspector's process writes it, but it is the worker's that does (seen in kombu 5.7): where the
inspector has ended, the list stays for ever. One instance was seen with hundreds of megabytes of
them (celery#6089).
"""

from __future__ import annotations

import redis

#: kombu's name of such a list is the inspector's id and this; of one with a priority, more behind.
REPLIES = "*.reply.celery.pidbox*"
#: Seconds that nobody touched a list before it counts as abandoned; an inspector waits for one.
IDLE = 300
#: Keys looked at in one round trip: the broker serves others meanwhile.
PAGE = 500


def drop_abandoned_replies(broker: redis.Redis, idle: int = IDLE) -> int:
    """Delete what no inspector fetches any more; answers how many lists.

    idle: seconds. Raises redis.RedisError.
    """
    dropped = 0
    cursor = 0
    while True:
        cursor, keys = broker.scan(cursor, match=REPLIES, count=PAGE)
        if keys:
            looks = broker.pipeline(transaction=False)
            for key in keys:
                looks.object("idletime", key)
            seen = looks.execute(raise_on_error=False)
            old = [key for key, age in zip(keys, seen, strict=True) if _idle(age) >= idle]
            if old:
                dropped += broker.unlink(*old)
        if not cursor:
            return dropped


def _idle(age: object) -> int:
    """None where the key went meanwhile, an error where the server keeps no idle times."""
    return age if isinstance(age, int) else 0
