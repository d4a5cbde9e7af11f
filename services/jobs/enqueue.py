"""Accept: a job's row in the caller's transaction. The caller's commit is the acceptance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kernel.database import announce_after_commit
from kernel.errors import Invalid
from kernel.ids import new_id
from services.jobs import edges, unique
from services.jobs.hints import RING
from services.jobs.kinds import kind_of
from services.jobs.models import jobs

#: How long a dedupe key holds by default.
DEDUPE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be: a payload, and for whom.

    owner: the account. actor: who acted for it (`key:<id>`, `beat`). priority: higher goes first
    among the owner's own jobs. run_at: not before. expires_at: not worth starting after.
    deadline: to have ended by then, and its children too.
    dedupe: at most one job of the owner with this key, for dedupe_for from now (None: until the
    job ends). limit_key: what it uses, such as a host; the kind lets `per_key` use it at once.
    parent: the job that waits for this one's end, however it ends; pending: how many such children
    this one has. after: jobs that must succeed first; where one does not, this one fails.
    then: the payload of a follow-up, enqueued where this job succeeds; on_end: however it ends.
    """

    payload: object
    owner: uuid.UUID
    actor: str
    id: uuid.UUID = field(default_factory=new_id)
    priority: int = 0
    run_at: datetime | None = None
    expires_at: datetime | None = None
    deadline: datetime | None = None
    dedupe: str | None = None
    dedupe_for: timedelta | None = DEDUPE
    limit_key: str = ""
    parent: uuid.UUID | None = None
    pending: int = 0
    after: Sequence[uuid.UUID] = ()
    then: object | None = None
    on_end: object | None = None
    progress_total: int | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def enqueue(session: Session, order: Order) -> uuid.UUID:
    """Insert one job; answers its id, or that of the job which holds the order's dedupe key."""
    return enqueue_many(session, [order])[0]


def enqueue_many(session: Session, orders: Sequence[Order]) -> list[uuid.UUID]:
    """Insert many jobs in few statements; answers an id for each order, as `enqueue` does.

    Raises Invalid where an order waits for a job that does not exist.
    """
    _refuse_circles(orders)
    held = unique.take(session, [order for order in orders if order.dedupe is not None])
    fresh = _within_deadlines([order for order in orders if order.id not in held])
    if fresh:
        # Those without a time of their own are given the database's: another statement.
        for timed in (False, True):
            rows = [row_of(order) for order in fresh if (order.run_at is not None) == timed]
            if rows:
                session.execute(insert(jobs), rows)
        edges.wait(session, {order.id: set(order.after) for order in fresh if order.after})
        announce_after_commit(session, RING)
    return [held.get(order.id, order.id) for order in orders]


def _refuse_circles(orders: Sequence[Order]) -> None:
    """Raise Invalid where an order waits for itself, or for one that stands behind it."""
    to_come = {order.id for order in orders}
    for order in orders:
        if to_come & set(order.after):
            raise Invalid(
                f"The job {order.id} is to wait for itself, or for one that is ordered after it; "
                "order what is waited for first."
            )
        to_come.discard(order.id)


def _within_deadlines(orders: list[Order]) -> list[Order]:
    """The orders, those of a parent among them with its deadline where theirs is later or none."""
    deadlines = {order.id: order.deadline for order in orders if order.deadline is not None}
    if not deadlines:
        return orders
    return [
        order
        if order.parent not in deadlines
        else replace(order, deadline=earlier(order.deadline, deadlines[order.parent]))
        for order in orders
    ]


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, of which either may be none."""
    return min((moment for moment in (one, other) if moment is not None), default=None)


def row_of(order: Order) -> dict[str, Any]:
    """The row that accepts *order*: values by column, those that the database sets left out."""
    kind = kind_of(order.payload)
    context = structlog.contextvars.get_contextvars()
    pending = order.pending + len(set(order.after))
    row: dict[str, Any] = {
        "id": order.id,
        **kind.written(order.payload),
        "owner_id": order.owner,
        "actor": order.actor,
        "priority": order.priority,
        "state": "waiting" if pending else "queued",
        # What is planned for later is made due by the dispatcher, when its time has come.
        "due": order.run_at is None,
        "expires_at": order.expires_at,
        "deadline_at": order.deadline,
        "dedupe_key": order.dedupe,
        "limit_key": order.limit_key,
        "correlation_id": context.get("request_id"),
        "traceparent": context.get("traceparent"),
        "progress_done": None if order.progress_total is None else 0,
        "progress_total": order.progress_total,
        "parent_id": order.parent,
        "pending": pending,
        "metadata": order.metadata,
        "follow_up": _follow_up(order.then),
        "on_end": _follow_up(order.on_end),
    }
    if order.run_at is not None:
        row["next_at"] = order.run_at
    return row


def _follow_up(payload: object | None) -> dict[str, Any] | None:
    return None if payload is None else kind_of(payload).written(payload)
