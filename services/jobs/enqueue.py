"""Accept: a job's row in the caller's transaction. The caller's commit is the acceptance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import func, insert, text
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from kernel.ids import new_id
from services.jobs.hints import RING
from services.jobs.kinds import kind_of
from services.jobs.models import jobs

#: How long a dedupe key holds by default.
DEDUPE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be: a payload, and for whom.

    owner: the account. actor: who acted for it (`key:<id>`, `beat`). priority: higher goes first
    among the owner's own jobs. run_at: not before. dedupe: at most one job of the owner with this
    key. parent: the job that waits for this one. pending: how many jobs this one waits for.
    then: the payload of a follow-up, enqueued where this job succeeds.
    """

    payload: object
    owner: uuid.UUID
    actor: str
    id: uuid.UUID = field(default_factory=new_id)
    priority: int = 0
    run_at: datetime | None = None
    expires_at: datetime | None = None
    dedupe: str | None = None
    dedupe_for: timedelta = DEDUPE
    parent: uuid.UUID | None = None
    pending: int = 0
    then: object | None = None
    progress_total: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def enqueue(session: Session, order: Order) -> uuid.UUID:
    """Insert one job; answers its id, or that of the job which holds the order's dedupe key."""
    if order.dedupe is not None:
        holder = _take_key(session, order)
        if holder is not None:
            return holder
    enqueue_many(session, [order])
    return order.id


def enqueue_many(session: Session, orders: Sequence[Order]) -> None:
    """Insert many jobs without dedupe keys of their own, in few statements."""
    session.execute(insert(jobs), [_row(order) for order in orders])
    announce_after_commit(session, RING)


def _row(order: Order) -> dict[str, Any]:
    kind = kind_of(order.payload)
    context = structlog.contextvars.get_contextvars()
    row: dict[str, Any] = {
        "id": order.id,
        "kind": kind.name,
        "version": kind.version,
        "queue": kind.queue,
        "payload": msgspec.to_builtins(order.payload),
        "owner_id": order.owner,
        "actor": order.actor,
        "priority": order.priority,
        "state": "waiting" if order.pending else "queued",
        "next_at": order.run_at or func.now(),
        "expires_at": order.expires_at,
        "dedupe_key": order.dedupe,
        "correlation_id": context.get("request_id"),
        "traceparent": context.get("traceparent"),
        "progress_done": None if order.progress_total is None else 0,
        "progress_total": order.progress_total,
        "parent_id": order.parent,
        "pending": order.pending,
        "metadata": order.metadata,
        "follow_up": None,
    }
    if order.then is not None:
        follow = kind_of(order.then)
        row["follow_up"] = {
            "kind": follow.name,
            "version": follow.version,
            "payload": msgspec.to_builtins(order.then),
        }
    if order.run_at is None:
        del row["next_at"]
    return row


_TAKE_KEY = text("""
    INSERT INTO job_keys (owner_id, key, job_id, expires_at)
    VALUES (:owner, :key, :job, now() + :life)
    ON CONFLICT (owner_id, key) DO UPDATE
        SET job_id = excluded.job_id, expires_at = excluded.expires_at
        WHERE job_keys.expires_at < now()
    RETURNING job_id
""")
_HOLDER = text("SELECT job_id FROM job_keys WHERE owner_id = :owner AND key = :key")


def _take_key(session: Session, order: Order) -> uuid.UUID | None:
    """None where the key is ours now, else the id of the job that holds it."""
    key = {"owner": order.owner, "key": order.dedupe}
    taken = session.scalar(_TAKE_KEY, {**key, "job": order.id, "life": order.dedupe_for})
    if taken is not None:
        return None
    holder: uuid.UUID = session.scalars(_HOLDER, key).one()
    return holder
