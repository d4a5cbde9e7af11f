"""Lease: a role that one process holds at a time. It expires, so a frozen holder loses it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

_TAKE = text("""
    INSERT INTO leases (name, holder, expires_at) VALUES (:name, :holder, now() + :life)
    ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder, expires_at = excluded.expires_at
        WHERE leases.holder = excluded.holder OR leases.expires_at < now()
    RETURNING 1
""")
_RELEASE = text("DELETE FROM leases WHERE name = :name AND holder = :holder")


def hold(session: Session, name: str, holder: uuid.UUID, life: timedelta) -> bool:
    """Take or renew the lease, and keep its row locked until the transaction ends.

    What else the transaction does happens only while the lease is held: a leader that was frozen
    and thawed finds here that it leads no more.
    """
    held = session.scalar(_TAKE, {"name": name, "holder": holder, "life": life})
    return held is not None


def release(session: Session, name: str, holder: uuid.UUID) -> None:
    """Give the lease up, so that a standby need not wait for it to run out."""
    session.execute(_RELEASE, {"name": name, "holder": holder})
