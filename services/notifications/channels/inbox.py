"""The inbox: where a person finds what they were told, until they have read it and longer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import TextClause, text

from kernel.database import announce_after_commit
from services.jobs.retry import STORES, Retries
from services.notifications.channels import (
    DELIVERED,
    INBOX,
    LIFETIMES,
    Letter,
    Outcome,
    Transaction,
)

#: It was erased, or never was.
UNKNOWN = Outcome(state="failed", reason="There is no such notification.")


class InboxChannel:
    """Shows notifications in `GET /v1/notifications`. Delivered once it is committed."""

    name: str = INBOX
    unavailable: str | None = None
    #: Of the jobs in whose transactions it writes.
    retry: Retries = STORES
    lifetime: timedelta = LIFETIMES[INBOX]

    _show = text("""
        UPDATE notifications n SET in_inbox = true
        FROM unnest(CAST(:ids AS uuid[]), CAST(:accounts AS uuid[])) AS named (id, account_id)
        WHERE n.id = named.id AND n.account_id = named.account_id
        RETURNING n.id
    """)

    def deliver(self, letters: Sequence[Letter], transaction: Transaction) -> list[Outcome]:
        return show(letters, transaction, self._show)


def show(
    letters: Sequence[Letter], transaction: Transaction, statement: TextClause
) -> list[Outcome]:
    """Mark the letters' notifications by *statement*, and wake whoever looks at them."""
    with transaction() as session:
        shown: set[uuid.UUID] = set(
            session.scalars(
                statement,
                {
                    "ids": [letter.notification_id for letter in letters],
                    "accounts": [letter.account_id for letter in letters],
                },
            )
        )
        reached = {letter.account_id for letter in letters if letter.notification_id in shown}
        announce_after_commit(session, *map(str, reached))
    return [DELIVERED if letter.notification_id in shown else UNKNOWN for letter in letters]
