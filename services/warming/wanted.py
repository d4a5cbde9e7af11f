"""Wanted: what was asked for most in the last day, of what each process told (`tally.py`).

PostgreSQL keeps the head of each hour's list, so that a Redis which lost everything finds out
what it should hold.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.redis import BestEffort
from services.warming.tally import HOUR, wanted_key

#: Hours that are looked back.
BACK = 24
#: Things of one region and hour that PostgreSQL keeps.
HEAD = 2_000

# An hour's numbers only grow in Redis; where it lost them, what was noted before stands.
_NOTE = text("""
    INSERT INTO warming_wanted (region, hour, key, hits)
    SELECT region, hour, key, hits FROM unnest(CAST(:regions AS text[]),
        CAST(:hours AS timestamptz[]), CAST(:keys AS text[]), CAST(:hits AS bigint[]))
        AS told (region, hour, key, hits)
    ORDER BY region, hour, key
    ON CONFLICT (region, hour, key) DO UPDATE SET hits = excluded.hits
        WHERE warming_wanted.hits < excluded.hits
""")
_FORGET = text("DELETE FROM warming_wanted WHERE hour < now() - make_interval(hours => :back)")
_MOST = text("""
    SELECT key FROM warming_wanted
    WHERE region = :region AND hour > now() - make_interval(hours => :back)
    GROUP BY key ORDER BY sum(hits) DESC, key LIMIT :most
""")


def note(session: Session, redis: BestEffort, regions: list[str], now: float) -> int:
    """Write down what Redis was told of this hour and the one before; answers how many things.

    now: seconds since 1970. Where Redis is away nothing is noted, and what was noted stands.
    """
    this = int(now // HOUR)
    asked = [(region, hour) for region in regions for hour in (this - 1, this)]

    def ask(connection: Any) -> list[list[tuple[bytes, float]]]:
        with connection.pipeline(transaction=False) as pipe:
            for region, hour in asked:
                pipe.zrevrange(wanted_key(region, hour), 0, HEAD - 1, withscores=True)
            return list(pipe.execute())

    rows = [
        (region, datetime.fromtimestamp(hour * HOUR, UTC), key, int(hits))
        for (region, hour), told in zip(asked, redis.call(ask) or [], strict=False)
        for raw, hits in told
        if "\0" not in (key := raw.decode(errors="replace"))
    ]
    if rows:
        columns = ("regions", "hours", "keys", "hits")
        session.execute(_NOTE, dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)))
    session.execute(_FORGET, {"back": BACK + 1})
    return len(rows)


def most_wanted(session: Session, region: str, most: int) -> list[str]:
    """Of one region, the things that were asked for most in the last day, the most wanted first."""
    args = {"region": region, "back": BACK, "most": most}
    return list(session.scalars(_MOST, args))
