"""Retention: partitions of events and of uses of foods, ahead of time and past it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_ENSURE = text("SELECT ensure_event_partitions(:days)")
_DROP = text("SELECT drop_event_partitions(now() - CAST(:keep AS interval))")


def ensure_partitions(session: Session, days: int) -> int:
    """Make today's partitions and those of the coming *days*; answers how many were made."""
    made: int = session.scalars(_ENSURE, {"days": days}).one()
    return made


def drop_expired(session: Session, keep: timedelta) -> int:
    """Drop partitions older than *keep* (31 days at least), with what hangs on them.

    Counts by the day stay. Answers how many partitions were dropped.
    """
    dropped: int = session.scalars(_DROP, {"keep": keep}).one()
    return dropped
