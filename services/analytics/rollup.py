"""Rollup: an hour's counts are made anew from its events, and its day's from its hours.

What changed is known by its marks: an ingest adds them in its own transaction, so whoever sees a
mark sees its events. Counting an hour deletes the marks and the counts it saw and writes the counts
anew, in one transaction: it may be done again for any hour, at any time, and stays exact.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import Invalid
from kernel.ids import PLATFORM, new_id
from services.analytics.jobs import RollUp
from services.audit import log as audit
from services.jobs.enqueue import Order, enqueue

#: Hours counted in one transaction.
HOURS = 24
#: Hours that one order may have counted anew.
AGAIN = timedelta(days=366)

# One rollup at a time: two would delete and write the same rows.
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('analytics.rollup'))")
# Whatever was accepted before `foods` is committed: no transaction of ours is older. Before
# `events`, nothing of it waits to be ingested any more.
_COMPLETE = text("""
    WITH settled AS (
        SELECT coalesce(min(xact_start), now()) AS until FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
            -- These read for as long as a backup takes, and accept nothing.
            AND application_name NOT IN ('pg_dump', 'nutrition-backup')
    )
    SELECT until AS foods, least(until, (SELECT min(received_at) FROM event_batches)) AS events
    FROM settled
""")
_TAKE = text("""
    DELETE FROM event_marks WHERE hour IN (
        SELECT DISTINCT hour FROM event_marks ORDER BY hour DESC LIMIT :hours
    ) RETURNING hour
""")
_MARKED = text("SELECT EXISTS (SELECT 1 FROM event_marks)")
_COUNT = (
    text("DELETE FROM event_counts WHERE grain = 'hour' AND start = ANY(:hours)"),
    # Hour by hour: so only the partition of each is read.
    text("""
        INSERT INTO event_counts (owner_id, grain, start, name, count)
        SELECT owner_id, 'hour', hour, name, events
        FROM unnest(CAST(:hours AS timestamptz[])) AS hour, LATERAL (
            SELECT owner_id, name, count(*) AS events FROM events
            WHERE time >= hour AND time < hour + interval '1 hour' GROUP BY owner_id, name
        ) AS counted
    """),
    text("DELETE FROM event_counts WHERE grain = 'day' AND start = ANY(:days)"),
    text("""
        INSERT INTO event_counts (owner_id, grain, start, name, count)
        SELECT owner_id, 'day', day, name, events
        FROM unnest(CAST(:days AS timestamptz[])) AS day, LATERAL (
            SELECT owner_id, name, sum(count) AS events FROM event_counts
            WHERE grain = 'hour' AND start >= day AND start < day + interval '24 hours'
            GROUP BY owner_id, name
        ) AS counted
    """),
    text("""
        DELETE FROM people_counts
        WHERE grain = 'hour' AND start = ANY(:hours) OR grain = 'day' AND start = ANY(:days)
    """),
    # An account has events in an hour if it has counts there.
    text("""
        INSERT INTO people_counts (grain, start, people)
        SELECT grain, start, count(DISTINCT owner_id) FROM event_counts
        WHERE grain = 'hour' AND start = ANY(:hours) OR grain = 'day' AND start = ANY(:days)
        GROUP BY grain, start
    """),
)
_FOODS = (
    text("DELETE FROM food_counts WHERE start >= :since"),
    text("""
        INSERT INTO food_counts (owner_id, start, food_id, count)
        SELECT owner_id, date_bin('1 hour', at, 'epoch'), food_id, sum(used)
        FROM food_uses, unnest(foods, counts) AS one (food_id, used)
        WHERE at >= :since GROUP BY 1, 2, 3
    """),
)
_WATERMARK = text("SELECT complete_until FROM watermarks WHERE name = :name")
_ADVANCE = text("""
    INSERT INTO watermarks (name, complete_until) VALUES (:name, :until)
    ON CONFLICT (name) DO UPDATE SET complete_until = excluded.complete_until
    WHERE watermarks.complete_until < excluded.complete_until
""")
_AGAIN = text("""
    INSERT INTO event_marks (hour, batch_id)
    SELECT hour, :id FROM generate_series(CAST(:since AS timestamptz),
        CAST(:until AS timestamptz), interval '1 hour') AS hour
    WHERE NOT EXISTS (SELECT 1 FROM watermarks WHERE name = 'dropped' AND hour < complete_until)
""")


class Busy(Exception):
    """Another rollup is at work."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """What one pass did. hours: that were counted. left: whether more are to be."""

    hours: int
    left: bool


def roll_up(session: Session) -> Rolled:
    """Count the latest marked hours, a day's worth at most, and their days. Raises Busy.

    The latest first: what somebody brings for last month does not keep the present waiting.
    """
    if not session.scalar(_LOCK):
        raise Busy
    complete = session.execute(_COMPLETE).one()
    hours = sorted(set(session.scalars(_TAKE, {"hours": HOURS})))
    if hours:
        days = sorted({hour.astimezone(UTC).replace(hour=0) for hour in hours})
        for statement in _COUNT:
            session.execute(statement, {"hours": hours, "days": days})
    left = bool(session.scalar(_MARKED))
    if not left:
        _count_foods(session, complete.foods)
        session.execute(_ADVANCE, {"name": "events", "until": complete.events})
    return Rolled(len(hours), left)


def order_again(session: Session, actor: str, since: datetime, until: datetime) -> uuid.UUID:
    """Mark each hour from *since* to before *until*; answers the job that counts them anew.

    As far back as events are kept. Raises Invalid for a span above 366 days.
    """
    _check(since, until)
    hour = since.replace(minute=0, second=0, microsecond=0)
    last = until - timedelta(microseconds=1)
    session.execute(_AGAIN, {"id": new_id(), "since": hour, "until": last})
    details = {"since": since.isoformat(), "until": until.isoformat()}
    audit.record(
        session, actor=actor, action="analytics.recounted", target="analytics", details=details
    )
    return enqueue(session, Order(payload=RollUp(), owner=PLATFORM, actor=actor))


def _check(since: datetime, until: datetime) -> None:
    if not timedelta(0) < until - since <= AGAIN:
        raise Invalid(
            f"From {since} to {until} is not a span of up to {AGAIN.days} days.",
            {"until": [f"Must come after `since`, by at most {AGAIN.days} days."]},
        )


def _count_foods(session: Session, complete: datetime) -> None:
    """Count the uses of foods since the hour that was last complete."""
    last = session.scalar(_WATERMARK, {"name": "foods"})
    since = (last or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
    since = since.replace(minute=0, second=0, microsecond=0)
    for statement in _FOODS:
        session.execute(statement, {"since": since})
    session.execute(_ADVANCE, {"name": "foods", "until": complete})
