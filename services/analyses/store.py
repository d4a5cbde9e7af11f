"""Analyses as rows: asked for, stored once, read by their owner, deleted when their time is up."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from services.analyses.jobs import Analyze
from services.jobs.enqueue import Order, enqueue

#: Lies behind every id.
_AFTER_ALL = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A finished analysis. document: as kept, see `nutrition.documents`."""

    id: uuid.UUID
    document: dict[str, Any]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A finished analysis as a list shows it. summary: see `compute.summary`."""

    id: uuid.UUID
    summary: dict[str, Any]
    created_at: datetime
    expires_at: datetime


def order(
    *, owner: uuid.UUID, actor: str, request: Analyze, metadata: dict[str, str] | None = None
) -> Order:
    """What asks for an analysis once it is accepted; the job's id is the analysis's."""
    return Order(payload=request, owner=owner, actor=actor, metadata=metadata or {})


def submit(
    session: Session,
    *,
    owner: uuid.UUID,
    actor: str,
    request: Analyze,
    metadata: dict[str, str] | None = None,
) -> uuid.UUID:
    """Ask for an analysis; answers its id. The commit accepts it."""
    return enqueue(session, order(owner=owner, actor=actor, request=request, metadata=metadata))


_STORE = text("""
    WITH used AS (
        INSERT INTO food_uses (id, owner_id, foods, counts)
        SELECT :id, :owner, CAST(:foods AS uuid[]),
            array_fill(1, ARRAY[cardinality(CAST(:foods AS uuid[]))])
        WHERE cardinality(CAST(:foods AS uuid[])) > 0
    )
    INSERT INTO analyses (id, owner_id, summary, document, expires_at)
    VALUES (:id, :owner, CAST(:summary AS jsonb), CAST(:document AS jsonb),
        now() + make_interval(days => :days))
""")
_FIND = text("""
    SELECT id, document, created_at, expires_at FROM analyses WHERE id = :id AND owner_id = :owner
""")
_LIST = text("""
    SELECT id, summary, created_at, expires_at FROM analyses
    WHERE owner_id = :owner AND id < :before ORDER BY id DESC LIMIT :limit
""")
_DELETE_EXPIRED = text("""
    WITH gone AS (
        DELETE FROM analyses WHERE id IN (
            SELECT id FROM analyses WHERE expires_at < now() ORDER BY expires_at LIMIT :limit
        ) RETURNING 1
    )
    SELECT count(*) FROM gone
""")


def keep(
    session: Session,
    analysis_id: uuid.UUID,
    owner: uuid.UUID,
    document: Mapping[str, Any],
    summary: Mapping[str, Any],
    keep_days: int,
) -> None:
    """Keep a finished analysis, and which foods it used, in the transaction that ends its job."""
    session.execute(
        _STORE,
        {
            "id": analysis_id,
            "owner": owner,
            "foods": foods_of(document),
            "summary": codec.dumps(summary).decode(),
            "document": codec.dumps(document).decode(),
            "days": keep_days,
        },
    )


def foods_of(document: Mapping[str, Any]) -> list[str]:
    """The ids of the foods that an analysis used, each once. document: as kept, or as shown."""
    return sorted({line["food"]["id"] for line in document["lines"] if line["status"] == "ok"})


def find(session: Session, analysis_id: uuid.UUID, owner: uuid.UUID) -> Stored | None:
    """The owner's finished analysis; None where there is none (yet, any more, or of theirs)."""
    row = session.execute(_FIND, {"id": analysis_id, "owner": owner}).mappings().one_or_none()
    return None if row is None else Stored(**row)


def listing(
    session: Session, owner: uuid.UUID, *, before: uuid.UUID | None = None, limit: int = 50
) -> list[Listed]:
    """The owner's finished analyses, newest first: those older than *before*, at most *limit*."""
    rows = session.execute(
        _LIST, {"owner": owner, "before": before or _AFTER_ALL, "limit": limit}
    ).mappings()
    return [Listed(**row) for row in rows]


def delete_expired(session: Session, limit: int = 1_000) -> int:
    """Delete up to *limit* of the analyses whose time is up; answers how many."""
    return int(session.scalars(_DELETE_EXPIRED, {"limit": limit}).one())
