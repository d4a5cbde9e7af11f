"""The inbox as its owner reads it: listed, streamed, marked as read, and deleted in the end."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import NotFound

_AFTER_ALL = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What an account was told. number: its place among the account's own."""

    id: uuid.UUID
    number: int
    topic: str
    title: str
    text: str
    path: str | None
    created_at: datetime
    read_at: datetime | None


_FIELDS = "id, number, topic, title, text, path, created_at, read_at"
_LIST = text(f"""
    SELECT {_FIELDS} FROM notifications
    WHERE account_id = :account AND in_inbox AND number < :before
    ORDER BY number DESC LIMIT :limit
""")
_LIST_UNREAD = text(f"""
    SELECT {_FIELDS} FROM notifications
    WHERE account_id = :account AND in_inbox AND number < :before AND read_at IS NULL
    ORDER BY number DESC LIMIT :limit
""")
_UNREAD = text("""
    SELECT count(*) FROM notifications WHERE account_id = :account AND in_inbox AND read_at IS NULL
""")
_NUMBER = text("SELECT number FROM notifications WHERE id = :id AND account_id = :account")
_READ = text("""
    UPDATE notifications SET read_at = coalesce(read_at, now())
    WHERE id = :id AND account_id = :account AND in_inbox RETURNING id
""")
_READ_ALL = text("""
    UPDATE notifications SET read_at = now()
    WHERE account_id = :account AND in_inbox AND read_at IS NULL AND number <= :upto
""")
_AFTER = text(f"""
    SELECT {_FIELDS} FROM notifications
    WHERE account_id = :account AND in_stream AND number > :seen ORDER BY number LIMIT :limit
""")
_LATEST = text("""
    SELECT account_id, last_number FROM notification_inboxes
    WHERE account_id = ANY(CAST(:accounts AS uuid[]))
""")
_DELETE_EXPIRED = text("""
    WITH gone AS (
        DELETE FROM notifications WHERE id IN (
            SELECT n.id FROM notifications n
            WHERE n.id < uuid7_floor(now() - :keep) AND NOT EXISTS (
                SELECT 1 FROM notification_deliveries d
                WHERE d.notification_id = n.id AND d.state = 'pending')
            ORDER BY n.id LIMIT :limit
        ) RETURNING 1
    )
    SELECT count(*) FROM gone
""")


def listing(
    session: Session,
    account: uuid.UUID,
    *,
    unread: bool = False,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[Notification]:
    """The account's notifications, newest first: those older than *before*, at most *limit*.

    unread: only those. before: the id of one of them; nothing comes after one that is gone.
    """
    number: int | None = _AFTER_ALL
    if before is not None:
        number = session.scalar(_NUMBER, {"id": before, "account": account})
        if number is None:
            return []
    rows = session.execute(
        _LIST_UNREAD if unread else _LIST,
        {"account": account, "before": number, "limit": limit},
    ).mappings()
    return [Notification(**row) for row in rows]


def unread(session: Session, account: uuid.UUID) -> int:
    """How many the account has not read."""
    return int(session.scalars(_UNREAD, {"account": account}).one())


def read(session: Session, account: uuid.UUID, notification_id: uuid.UUID) -> None:
    """Mark one as read; it keeps the moment when it was first. Raises NotFound."""
    if session.scalar(_READ, {"id": notification_id, "account": account}) is None:
        raise NotFound(f"There is no notification {notification_id}.")


def read_all(session: Session, account: uuid.UUID, upto: int | None = None) -> None:
    """Mark all as read, or those up to a number: what came meanwhile stays unread."""
    session.execute(_READ_ALL, {"account": account, "upto": _AFTER_ALL if upto is None else upto})


def after(session: Session, account: uuid.UUID, seen: int, limit: int) -> list[Notification]:
    """Those of the stream that come after number *seen*, oldest first, at most *limit*."""
    rows = session.execute(_AFTER, {"account": account, "seen": seen, "limit": limit}).mappings()
    return [Notification(**row) for row in rows]


def latest(session: Session, accounts: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The number of each account's latest notification; 0 where it has none."""
    rows = session.execute(_LATEST, {"accounts": list(accounts)})
    return dict.fromkeys(accounts, 0) | {row.account_id: row.last_number for row in rows}


def delete_expired(session: Session, keep: timedelta, limit: int = 1_000) -> int:
    """Delete up to *limit* notifications made longer than *keep* ago, read or not; how many.

    One that is still to be delivered somewhere stays until it was or is stale.
    """
    return int(session.scalars(_DELETE_EXPIRED, {"keep": keep, "limit": limit}).one())
