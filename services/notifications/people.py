"""People, as notifications see them: who is there, what their address is, who keeps the platform.

An account without a person (an installation) has an inbox, a stream and webhooks, and no address.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person's e-mail goes, and how they are called."""

    email: str
    name: str


_ADDRESSES = text("""
    SELECT account_id, email, name FROM people
    WHERE account_id = ANY(CAST(:accounts AS uuid[])) AND disabled_at IS NULL
""")
_OPERATORS = text("SELECT account_id FROM people WHERE role <> 'user' AND disabled_at IS NULL")
_MAILED = text("""
    SELECT account_id FROM notification_deliveries
    WHERE account_id = ANY(CAST(:accounts AS uuid[])) AND channel = 'email'
        AND created_at > now() - interval '1 day'
        AND broadcast_id IS NULL AND state <> 'skipped'
    GROUP BY account_id HAVING count(*) >= :most
""")
_ACCOUNTS = text("SELECT id FROM accounts WHERE id = ANY(CAST(:accounts AS uuid[]))")


def addresses(session: Session, accounts: Sequence[uuid.UUID]) -> dict[uuid.UUID, Address]:
    """By account, the address of each that has one and may sign in."""
    rows = session.execute(_ADDRESSES, {"accounts": list(accounts)})
    return {row.account_id: Address(row.email, row.name) for row in rows}


def mailed(session: Session, accounts: Sequence[uuid.UUID], most: int) -> set[uuid.UUID]:
    """Those of *accounts* that got *most* e-mails within a day, or more; broadcasts not counted."""
    return set(session.scalars(_MAILED, {"accounts": list(accounts), "most": most}))


def operators(session: Session) -> list[uuid.UUID]:
    """Everybody who keeps the platform: operators and administrators."""
    return list(session.scalars(_OPERATORS))


def existing(session: Session, accounts: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Those of *accounts* that there are: jobs outlive theirs."""
    return list(session.scalars(_ACCOUNTS, {"accounts": list(accounts)}))
