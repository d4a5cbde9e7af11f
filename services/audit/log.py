"""Record and read. A deed is recorded in its own transaction: neither stands without the other."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.ids import new_id

_AFTER_ALL = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed, as read."""

    id: uuid.UUID
    at: datetime
    actor: str
    action: str
    target: str
    details: dict[str, Any]


_RECORD = text("""
    INSERT INTO audit_log (id, actor, action, target, details)
    VALUES (:id, :actor, :action, :target, CAST(:details AS jsonb))
""")
_ENTRIES = text("""
    SELECT id, at, actor, action, target, details FROM audit_log
    WHERE id < :before AND target = coalesce(:target, target) ORDER BY id DESC LIMIT :limit
""")


def record(
    session: Session, *, actor: str, action: str, target: str, details: dict[str, Any] | None = None
) -> None:
    """Add one deed. details: of JSON types, without secrets."""
    session.execute(
        _RECORD,
        {
            "id": new_id(),
            "actor": actor,
            "action": action,
            "target": target,
            "details": codec.dumps(details or {}).decode(),
        },
    )


def entries(
    session: Session, *, target: str | None = None, before: uuid.UUID | None = None, limit: int = 50
) -> list[Entry]:
    """The newest deeds older than *before*, at most *limit*; those done to *target* only."""
    rows = session.execute(
        _ENTRIES, {"before": before or _AFTER_ALL, "target": target, "limit": limit}
    ).mappings()
    return [Entry(**row) for row in rows]
