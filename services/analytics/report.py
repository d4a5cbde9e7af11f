"""Report: what was counted, by the hour or the day (UTC), of one account or of all.

Answers come from the rollups alone. `complete_until` says how fresh they are: every event that was
accepted before it is counted, whenever it happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import now
from kernel.errors import Invalid

Grain = Literal["hour", "day"]
STEP = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
#: Buckets of one answer, and those of an answer that was asked for no span.
BUCKETS = 2_000
USUAL: dict[str, int] = {"hour": 7 * 24, "day": 30}
#: Fewer people than this are not counted aloud: whoever knows some of them would learn of the rest.
FEWEST = 5

_WATERMARK = text("SELECT complete_until FROM watermarks WHERE name = :name")
_EVENTS = text("""
    SELECT bucket AS start, coalesce(sum(count), 0)::bigint AS total
    FROM generate_series(CAST(:since AS timestamptz), CAST(:last AS timestamptz),
        CAST(:step AS interval)) AS bucket
    LEFT JOIN event_counts ON grain = :grain AND start = bucket
        AND (CAST(:owner AS uuid) IS NULL OR owner_id = :owner)
        AND (CAST(:name AS text) IS NULL OR name = :name)
    GROUP BY bucket ORDER BY bucket
""")
_PEOPLE = text("""
    SELECT bucket AS start, CASE WHEN people >= :fewest THEN people END AS total
    FROM generate_series(CAST(:since AS timestamptz), CAST(:last AS timestamptz),
        CAST(:step AS interval)) AS bucket
    LEFT JOIN people_counts ON grain = :grain AND start = bucket
    ORDER BY bucket
""")
# Of everybody's, those of people who have not consented are left out.
_FOODS = text("""
    SELECT counted.food_id AS id, foods.name, counted.analyses FROM (
        SELECT food_id, sum(count)::bigint AS analyses FROM food_counts
        WHERE start >= :since AND start < :until
            AND CASE WHEN CAST(:owner AS uuid) IS NULL THEN NOT EXISTS (
                    SELECT 1 FROM people
                    WHERE people.account_id = owner_id AND NOT analytics_consent)
                ELSE owner_id = :owner END
        GROUP BY food_id ORDER BY analyses DESC, food_id LIMIT :limit
    ) AS counted LEFT JOIN foods ON foods.id = counted.food_id
    ORDER BY counted.analyses DESC, counted.food_id
""")


@dataclass(frozen=True, slots=True)
class Span:
    """Whole buckets from *since* to before *until*, both UTC."""

    since: datetime
    until: datetime
    grain: Grain


@dataclass(frozen=True, slots=True)
class Bucket:
    """An hour or a day. count: None where it is withheld."""

    start: datetime
    count: int | None


@dataclass(frozen=True, slots=True)
class FoodUsed:
    """A food, and how many analyses used it. name: None where the catalogue has it no more."""

    id: uuid.UUID
    name: str | None
    count: int


def span(
    session: Session, since: datetime | None, until: datetime | None, grain: Grain, limit: int
) -> Span:
    """The whole buckets that *since* and *until* touch; where not given, the usual ones until now.

    limit: of buckets. Raises Invalid where they make no span, or one with more.
    """
    step = STEP[grain]
    try:
        until = _ceiling(until or now(session), grain)
        since = until - USUAL[grain] * step if since is None else _floor(since, grain)
    except OverflowError:
        since = until = datetime.fromtimestamp(0, UTC)
    if since >= until:
        raise Invalid("from: Must come before to.", {"from": ["Must come before to."]})
    if (until - since) // step > limit:
        reason = f"Must be at most {limit:,} buckets before to; ask for less, or by the day."
        raise Invalid(f"from: {reason}", {"from": [reason]})
    return Span(since, until, grain)


def complete_until(session: Session, what: Literal["events", "foods"]) -> datetime | None:
    """Until when all is counted. Asked before the counts, which are then no older."""
    found: datetime | None = session.scalar(_WATERMARK, {"name": what})
    return found


def events(
    session: Session, within: Span, owner: uuid.UUID | None, name: str | None
) -> list[Bucket]:
    """How many events of *name* (all where None) *owner* (all where None) had in each bucket."""
    rows = session.execute(_EVENTS, _parameters(within) | {"owner": owner, "name": name})
    return [Bucket(row.start.astimezone(UTC), row.total) for row in rows]


def active_users(session: Session, within: Span, owner: uuid.UUID | None) -> list[Bucket]:
    """How many accounts had events in each bucket, where they are FEWEST at least.

    Of one owner's alone that is never so.
    """
    rows = session.execute(_PEOPLE, _parameters(within) | {"fewest": FEWEST})
    return [Bucket(row.start.astimezone(UTC), row.total if owner is None else None) for row in rows]


def foods(
    session: Session, within: Span, owner: uuid.UUID | None, limit: int
) -> Sequence[FoodUsed]:
    """The foods that most analyses used, most first."""
    rows = session.execute(
        _FOODS, {"since": within.since, "until": within.until, "owner": owner, "limit": limit}
    )
    return [FoodUsed(row.id, row.name, row.analyses) for row in rows]


def _parameters(within: Span) -> dict[str, object]:
    step = STEP[within.grain]
    return {
        "since": within.since,
        "last": within.until - step,
        "step": step,
        "grain": within.grain,
    }


def _floor(moment: datetime, grain: Grain) -> datetime:
    moment = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return moment.replace(hour=0) if grain == "day" else moment


def _ceiling(moment: datetime, grain: Grain) -> datetime:
    below = _floor(moment, grain)
    return below if below == moment else below + STEP[grain]
