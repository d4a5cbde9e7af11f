"""Retention: what is past its date goes, in small transactions or as whole partitions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_PARTITIONS = text("SELECT ensure_partitions(:days)")
_DROP = text("SELECT drop_partitions(now() - :keep)")
_KEYS = (
    text("DELETE FROM idempotency_keys WHERE expires_at < now()"),
    text("DELETE FROM job_keys WHERE expires_at < now()"),
)


def ensure_partitions(session: Session, days: int) -> int:
    """Make today's partitions and those of the coming *days*; answers how many were made."""
    made: int = session.scalars(_PARTITIONS, {"days": days}).one()
    return made


def drop_partitions(session: Session, keep: timedelta) -> int:
    """Drop partitions of jobs and events older than *keep* (a day at least); answers how many."""
    dropped: int = session.scalars(_DROP, {"keep": keep}).one()
    return dropped


def delete_expired_keys(session: Session) -> None:
    """Delete idempotency and dedupe keys past their date."""
    for statement in _KEYS:
        session.execute(statement)
