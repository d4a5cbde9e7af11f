"""Batches as rows: submitted whole, read by their owner, deleted when their time is up."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, func, insert, text
from sqlalchemy.orm import Session

from kernel.ids import new_id
from services.batches.jobs import AnalyzeChunk, ConcludeBatch
from services.batches.models import BatchRow, ChunkRow
from services.batches.upload import Upload
from services.jobs.enqueue import Order, enqueue_many

#: Days that a batch is kept, where no setting says otherwise.
KEEP_DAYS = 30
_AFTER_ALL = uuid.UUID(int=2**128 - 1)

_BATCHES = cast(Table, BatchRow.__table__)
_CHUNKS = cast(Table, ChunkRow.__table__)


def submit(
    session: Session,
    upload: Upload,
    *,
    owner: uuid.UUID,
    actor: str,
    metadata: dict[str, str] | None = None,
    keep_days: int = KEEP_DAYS,
) -> uuid.UUID:
    """Make a batch of what was uploaded; answers its id, which is also its job's.

    The batch, its chunks and all their jobs stand together, with the caller's commit, or not at
    all. The batch's own job waits until every chunk has ended.
    """
    session.execute(
        insert(_BATCHES).values(
            id=upload.id,
            owner_id=owner,
            total=upload.recipes,
            expires_at=func.now() + func.make_interval(0, 0, 0, keep_days),
        )
    )
    orders = [
        Order(
            payload=AnalyzeChunk(batch_id=upload.id, number=number),
            id=new_id(),
            owner=owner,
            actor=actor,
            parent=upload.id,
        )
        for number in range(len(upload.slices))
    ]
    session.execute(
        insert(_CHUNKS),
        [
            {
                "batch_id": upload.id,
                "number": number,
                "first": part.first,
                "recipes": part.recipes,
                "byte_start": part.start,
                "byte_length": part.length,
                "job_id": order.id,
            }
            for number, (part, order) in enumerate(zip(upload.slices, orders, strict=True))
        ],
    )
    parent = Order(
        payload=ConcludeBatch(batch_id=upload.id),
        id=upload.id,
        owner=owner,
        actor=actor,
        pending=len(orders),
        progress_total=upload.recipes,
        metadata=metadata or {},
    )
    enqueue_many(session, [parent, *orders])
    return upload.id


# The state is the job's, live or archived; where even the archive has let go of it, what the batch
# itself remembers. Clients see `dispatched` as `queued`.
_FIELDS = """
    batches.*, job.metadata, job.error, job.started_at,
    coalesce(CASE job.state WHEN 'dispatched' THEN 'queued' ELSE job.state END,
        CASE WHEN batches.finished_at IS NULL THEN 'cancelled' ELSE 'succeeded' END) AS state,
    coalesce(batches.finished_at, job.finished_at) AS ended_at
    FROM batches LEFT JOIN LATERAL (
        SELECT state, metadata, error, started_at, NULL::timestamptz AS finished_at
        FROM jobs WHERE id = batches.id
        UNION ALL
        SELECT state, metadata, error, started_at, finished_at
        FROM jobs_archive WHERE id = batches.id
    ) AS job ON true
"""
_FIND = text(f"SELECT {_FIELDS} WHERE batches.id = :id AND batches.owner_id = :owner")
_LIST = text(f"""
    SELECT {_FIELDS} WHERE batches.owner_id = :owner AND batches.id < :before
    ORDER BY batches.id DESC LIMIT :limit
""")


def find(session: Session, batch_id: uuid.UUID, owner: uuid.UUID) -> dict[str, Any] | None:
    """The owner's batch as a document; None where there is none, or it is somebody else's."""
    row = session.execute(_FIND, {"id": batch_id, "owner": owner}).mappings().one_or_none()
    return None if row is None else _document(row)


def listing(
    session: Session, owner: uuid.UUID, *, before: uuid.UUID | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The owner's batches, newest first: those older than *before*, at most *limit*."""
    rows = session.execute(
        _LIST, {"owner": owner, "before": before or _AFTER_ALL, "limit": limit}
    ).mappings()
    return [_document(row) for row in rows]


def _document(row: Mapping[Any, Any]) -> dict[str, Any]:
    done = row["succeeded"] + row["failed"]
    return {
        "id": row["id"],
        "state": row["state"],
        "progress": {"done": done, "total": row["total"]},
        "counts": {
            "total": row["total"],
            "succeeded": row["succeeded"],
            "failed": row["failed"],
            # Not analysed yet, or never where the batch was cancelled.
            "remaining": row["total"] - done,
        },
        "lines": {"total": row["lines"], "resolved": row["lines_resolved"]},
        "created_at": row["created_at"],
        "started_at": row["started_at"],
        "finished_at": row["ended_at"],
        "expires_at": row["expires_at"],
        "error": row["error"],
        "metadata": row["metadata"] or {},
    }
