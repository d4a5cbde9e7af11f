"""Deliveries as their owner sees them: what was to be told, how it stands, every attempt."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.addresses import target_of
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from services.jobs.enqueue import Order, enqueue
from services.webhooks.jobs import DeliverWebhook

STATES = ("pending", "delivered", "failed", "skipped")
_AFTER_ALL = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call. status: None where no answer came. seconds: how long it took."""

    number: int
    at: datetime
    seconds: float
    status: int | None
    error: str | None
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint. next_at: when it is tried next, where it waits for that.

    log: its attempts, oldest first; only where one delivery was asked for.
    """

    id: uuid.UUID
    endpoint_id: uuid.UUID
    type: str
    body: str
    job_id: uuid.UUID
    state: str
    attempts: int
    created_at: datetime
    ended_at: datetime | None
    next_at: datetime | None
    log: list[Attempt] = field(default_factory=list)


_FIELDS = """
    d.id, d.endpoint_id, d.type, d.body, d.job_id, d.state, d.attempts, d.created_at, d.ended_at,
    job.next_at
    FROM webhook_deliveries d LEFT JOIN jobs job ON job.id = d.job_id AND job.state = 'queued'
    WHERE d.owner_id = :owner AND d.endpoint_id = :endpoint
"""
_FIND = text(f"SELECT {_FIELDS} AND d.id = :id")
_KEYED = text(f"SELECT {_FIELDS} AND d.key = :key")
_LIST = text(f"""
    SELECT {_FIELDS} AND d.id < :before AND d.state = coalesce(:state, d.state)
    ORDER BY d.id DESC LIMIT :limit
""")
_LOG = text("""
    SELECT number, at, seconds, status, error, excerpt FROM webhook_attempts
    WHERE delivery_id = :id ORDER BY number
""")
_AGAIN = text("""
    UPDATE webhook_deliveries d SET state = 'pending', job_id = :job, ended_at = NULL
    FROM webhook_endpoints e
    WHERE d.id = :id AND d.endpoint_id = :endpoint AND d.owner_id = :owner AND e.id = d.endpoint_id
        AND d.state <> 'pending' AND e.enabled
    RETURNING e.url
""")
_CLOSE = text("""
    UPDATE webhook_deliveries SET state = 'failed', ended_at = now()
    WHERE job_id = ANY(:jobs) AND state = 'pending'
""")
# By the owner's few endpoints: deliveries are unique by endpoint and key, and found so.
_WITHDRAW = text("""
    UPDATE webhook_deliveries d SET state = 'skipped', ended_at = now()
    FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[])) AS named (owner_id, key)
        JOIN webhook_endpoints e USING (owner_id)
    WHERE d.endpoint_id = e.id AND d.key = named.key AND d.state = 'pending'
""")
_STANDING = text("""
    SELECT named.key, array_agg(d.state) FILTER (WHERE d.id IS NOT NULL) AS states
    FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[])) AS named (owner_id, key)
        LEFT JOIN webhook_endpoints e USING (owner_id)
        LEFT JOIN webhook_deliveries d ON d.endpoint_id = e.id AND d.key = named.key
    GROUP BY named.key
""")
_KEYS_OF = text("""
    SELECT key FROM webhook_deliveries
    WHERE job_id = ANY(CAST(:jobs AS uuid[])) AND key LIKE 'notification:%'
""")
_DELETE_EXPIRED = text("""
    WITH gone AS (
        DELETE FROM webhook_deliveries WHERE id IN (
            SELECT id FROM webhook_deliveries
            WHERE id < uuid7_floor(now() - :keep) AND state <> 'pending' ORDER BY id LIMIT :limit
        ) RETURNING 1
    )
    SELECT count(*) FROM gone
""")


def listing(
    session: Session,
    owner: uuid.UUID,
    endpoint_id: uuid.UUID,
    *,
    state: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """The endpoint's deliveries, newest first: those older than *before*, at most *limit*."""
    rows = session.execute(
        _LIST,
        {
            "owner": owner,
            "endpoint": endpoint_id,
            "state": state,
            "before": before or _AFTER_ALL,
            "limit": limit,
        },
    ).mappings()
    return [Delivery(**row) for row in rows]


def find(
    session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
) -> Delivery:
    """The delivery with its attempts. Raises NotFound."""
    key = {"owner": owner, "endpoint": endpoint_id, "id": delivery_id}
    row = session.execute(_FIND, key).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id} to the endpoint {endpoint_id}.")
    return _with_log(session, row)


def keyed(session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID, key: str) -> Delivery:
    """The delivery that was made under *key*, which there is."""
    named = {"owner": owner, "endpoint": endpoint_id, "key": key}
    return _with_log(session, session.execute(_KEYED, named).mappings().one())


def redeliver(
    session: Session, owner: uuid.UUID, endpoint_id: uuid.UUID, delivery_id: uuid.UUID
) -> Delivery:
    """Deliver again what has ended, however: the same body under the same `webhook-id`.

    Raises NotFound, or Conflict where it is still being tried or its endpoint is disabled.
    """
    order_id = new_id()
    named = {"owner": owner, "endpoint": endpoint_id, "id": delivery_id}
    url = session.scalar(_AGAIN, named | {"job": order_id})
    if url is None:
        found = find(session, owner, endpoint_id, delivery_id)
        raise Conflict(
            "It is still being tried."
            if found.state == "pending"
            else "Its endpoint is disabled: enable that first."
        )
    enqueue(
        session,
        Order(
            id=order_id,
            payload=DeliverWebhook(delivery_id=delivery_id),
            owner=owner,
            actor="webhooks",
            limit_key=target_of(url, loopback=True).host,
        ),
    )
    return find(session, owner, endpoint_id, delivery_id)


def close(session: Session, jobs: Sequence[uuid.UUID]) -> None:
    """The jobs of these deliveries have ended without delivering them."""
    if jobs:
        session.execute(_CLOSE, {"jobs": list(jobs)})


def withdraw(session: Session, named: Sequence[tuple[uuid.UUID, str]]) -> None:
    """Skip what was announced under these (owner, key) and has not been delivered yet."""
    if named:
        session.execute(_WITHDRAW, _columns(named))


def standing(session: Session, named: Sequence[tuple[uuid.UUID, str]]) -> dict[str, list[str]]:
    """By key, the states of what was announced under each (owner, key), one for each endpoint."""
    rows = session.execute(_STANDING, _columns(named))
    return {row.key: row.states or [] for row in rows}


def notifications_of(session: Session, jobs: Sequence[uuid.UUID]) -> list[str]:
    """The keys of deliveries by these jobs that carry notifications (`notification:…`)."""
    return list(session.scalars(_KEYS_OF, {"jobs": list(jobs)}))


def _columns(named: Sequence[tuple[uuid.UUID, str]]) -> dict[str, list[Any]]:
    return {"owners": [owner for owner, _ in named], "keys": [key for _, key in named]}


def delete_expired(session: Session, keep: timedelta, limit: int = 1_000) -> int:
    """Delete up to *limit* deliveries that were made longer than *keep* ago; answers how many."""
    return int(session.scalars(_DELETE_EXPIRED, {"keep": keep, "limit": limit}).one())


def unknown_endpoint(endpoint_id: uuid.UUID) -> NotFound:
    return NotFound(f"There is no webhook endpoint {endpoint_id}.")


def _with_log(session: Session, row: Mapping[Any, Any]) -> Delivery:
    attempts = session.execute(_LOG, {"id": row["id"]}).mappings()
    return Delivery(**row, log=[Attempt(**attempt) for attempt in attempts])
