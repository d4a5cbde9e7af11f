"""Read: jobs as their owners see them, live or archived alike."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Live states that clients need not tell apart.
_SEEN_AS = {"dispatched": "queued"}
FINAL = frozenset({"succeeded", "failed", "dead", "cancelled"})
STATES = ("queued", "running", "waiting", "succeeded", "failed", "dead", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as its owner sees it."""

    id: uuid.UUID
    kind: str
    state: str
    owner_id: uuid.UUID
    actor: str
    attempt: int
    failures: int
    progress: dict[str, int] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    run_at: datetime | None
    cancelling: bool
    parent_id: uuid.UUID | None
    correlation_id: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    history: list[dict[str, Any]]
    metadata: dict[str, str]
    event_seq: int

    @property
    def ended(self) -> bool:
        return self.state in FINAL


_FIELDS = """
    id, kind, state, owner_id, actor, attempts, failures, progress_done, progress_total, created_at,
    started_at, next_at, cancel_at, parent_id, correlation_id, result, error, history,
    metadata, event_seq"""

# Both tables in one statement and so in one snapshot: a job that ends meanwhile is seen once.
_FIND = text(f"""
    SELECT {_FIELDS}, NULL::timestamptz AS finished_at FROM jobs WHERE id = :id
    UNION ALL
    SELECT {_FIELDS}, finished_at FROM jobs_archive WHERE id = :id
""")

_LIST = """
    SELECT * FROM (
        (SELECT {fields}, NULL::timestamptz AS finished_at FROM jobs
         WHERE owner_id = :owner AND parent_id IS NULL AND id < :before {live}
         ORDER BY id DESC LIMIT :limit)
        UNION ALL
        (SELECT {fields}, finished_at FROM jobs_archive
         WHERE owner_id = :owner AND parent_id IS NULL AND id < :before {ended}
         ORDER BY id DESC LIMIT :limit)
    ) AS both_tables ORDER BY id DESC LIMIT :limit
"""
_AFTER_ALL = uuid.UUID(int=2**128 - 1)


def find(session: Session, job_id: uuid.UUID, owner: uuid.UUID | None) -> JobView | None:
    """The job, or None where there is none or it is not *owner*'s (None: whoever's)."""
    row = session.execute(_FIND, {"id": job_id}).mappings().one_or_none()
    if row is None or (owner is not None and row["owner_id"] != owner):
        return None
    return _view(row)


def listing(
    session: Session,
    owner: uuid.UUID,
    *,
    before: uuid.UUID | None = None,
    limit: int = 50,
    state: str | None = None,
    kind: str | None = None,
) -> list[JobView]:
    """The owner's jobs, newest first: those older than *before*, at most *limit*.

    A job that another waits for, such as a batch's chunk, is that one's business and not listed.
    """
    live, ended = [], []
    args: dict[str, Any] = {"owner": owner, "before": before or _AFTER_ALL, "limit": limit}
    if kind is not None:
        live.append("AND kind = :kind")
        ended.append("AND kind = :kind")
        args["kind"] = kind
    if state is not None:
        live.append("AND (CASE state WHEN 'dispatched' THEN 'queued' ELSE state END) = :state")
        ended.append("AND state = :state")
        args["state"] = state
    statement = _LIST.format(fields=_FIELDS, live=" ".join(live), ended=" ".join(ended))
    return [_view(row) for row in session.execute(text(statement), args).mappings()]


def _view(row: Mapping[Any, Any]) -> JobView:
    state = _SEEN_AS.get(row["state"], row["state"])
    total = row["progress_total"]
    return JobView(
        id=row["id"],
        kind=row["kind"],
        state=state,
        owner_id=row["owner_id"],
        actor=row["actor"],
        attempt=row["attempts"],
        failures=row["failures"],
        progress=None if total is None else {"done": row["progress_done"] or 0, "total": total},
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        run_at=row["next_at"] if row["state"] == "queued" else None,
        cancelling=row["cancel_at"] is not None and row["finished_at"] is None,
        parent_id=row["parent_id"],
        correlation_id=row["correlation_id"],
        result=row["result"],
        error=row["error"],
        history=row["history"],
        metadata=row["metadata"],
        event_seq=row["event_seq"],
    )
