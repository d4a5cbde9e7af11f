"""Ingest: an accepted batch becomes events, each once, in the transaction that ends its job.

The batch's row is deleted, its new ids are noted, its new events copied into the partitions of
their days, and the hours that they touch marked to be counted anew: all of it or nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.ids import PLATFORM
from services.analytics.jobs import IngestEvents, RollUp
from services.jobs.enqueue import Order, enqueue, enqueue_many

log = structlog.get_logger()

ACTOR = "analytics"
#: New events are counted so much later, together with those that follow them: an hour is counted
#: whole each time.
SOON = timedelta(seconds=5)
#: A batch that waits for so long, and has no job any more, is given another.
LEFT_BEHIND = timedelta(minutes=10)

# A mark that is there already has a rollup coming.
_TAKE = text("""
    DELETE FROM event_batches WHERE id = :id
    RETURNING owner_id, events, received_at, now() AS now,
        EXISTS (SELECT 1 FROM event_marks) AS marked
""")
# Events whose day was dropped meanwhile come too late: their batch lay for weeks.
# In order, so that two ingests of the same ids wait for one another, and do not deadlock.
_NOTE = text("""
    INSERT INTO event_ids (owner_id, id, day)
    SELECT :owner, id, day FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS one (id, day)
    WHERE NOT EXISTS (
        SELECT 1 FROM watermarks
        WHERE name = 'dropped' AND day < (complete_until AT TIME ZONE 'UTC')::date)
    ORDER BY id
    ON CONFLICT DO NOTHING RETURNING id
""")
_COPY = "COPY events (time, owner_id, id, name, properties, received_at) FROM STDIN"
_MARK = text("""
    INSERT INTO event_marks (hour, batch_id) SELECT unnest(CAST(:hours AS timestamptz[])), :batch
""")
_LEFT_BEHIND = text("""
    SELECT id, owner_id FROM event_batches
    WHERE received_at < now() - CAST(:age AS interval)
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = event_batches.job_id)
    ORDER BY received_at LIMIT :limit
""")


def ingest(session: Session, batch_id: uuid.UUID) -> None:
    """Bring a batch among the events, and have its hours counted.

    A batch that is there already, by an earlier job, is left as it is.
    """
    batch = session.execute(_TAKE, {"id": batch_id}).one_or_none()
    if batch is None:
        return
    events = [
        (uuid.UUID(event_id), name, datetime.fromisoformat(time), properties)
        for event_id, name, time, properties in batch.events
    ]
    fresh = _note(session, batch.owner_id, events)
    new = [event for event in events if event[0] in fresh]
    if new:
        _copy(session, batch.owner_id, new, batch.received_at)
        hours = {event[2].replace(minute=0, second=0, microsecond=0) for event in new}
        session.execute(_MARK, {"hours": sorted(hours), "batch": batch_id})
        if not batch.marked:
            enqueue(session, _roll_up_after(batch.now + SOON))
    log.info("events_ingested", new=len(new), repeated=len(events) - len(new))


def find_left_behind(session: Session, limit: int = 1_000) -> None:
    """Give a job to each batch that has lost its own (dead, or cancelled)."""
    found = session.execute(_LEFT_BEHIND, {"age": LEFT_BEHIND, "limit": limit}).all()
    enqueue_many(
        session,
        [
            Order(
                payload=IngestEvents(batch_id=row.id),
                owner=row.owner_id,
                actor=ACTOR,
                dedupe=f"analytics.ingest:{row.id}",
                dedupe_for=None,
            )
            for row in found
        ],
    )
    if found:
        log.warning("batches_left_behind", count=len(found))


def _roll_up_after(moment: datetime) -> Order:
    """A rollup, unless one waits or runs: what comes while it runs is counted by beat's."""
    return Order(
        payload=RollUp(),
        owner=PLATFORM,
        actor=ACTOR,
        run_at=moment,
        dedupe="analytics.rollup",
        dedupe_for=None,
    )


def _note(
    session: Session, owner: uuid.UUID, events: Sequence[tuple[uuid.UUID, str, datetime, Any]]
) -> set[uuid.UUID]:
    """Note the ids; answers those that are new."""
    arguments = {
        "owner": owner,
        "ids": [event[0] for event in events],
        "days": [event[2].astimezone(UTC).date() for event in events],
    }
    return set(session.scalars(_NOTE, arguments))


def _copy(
    session: Session,
    owner: uuid.UUID,
    events: Sequence[tuple[uuid.UUID, str, datetime, Any]],
    received_at: datetime,
) -> None:
    connection = cast(psycopg.Connection, session.connection().connection.driver_connection)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for event_id, name, time, properties in events:
            written = codec.dumps(properties).decode()
            copy.write_row((time, owner, event_id, name, written, received_at))
