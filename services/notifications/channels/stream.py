"""The live stream: what a person sees the moment it happens, or when they come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from services.jobs.retry import STORES, Retries
from services.notifications.channels import LIFETIMES, STREAM, Letter, Outcome, Transaction
from services.notifications.channels.inbox import show


class StreamChannel:
    """Shows notifications in `GET /v1/notifications/stream`.

    Delivered once it is committed: a stream replays from the rows, whoever was connected.
    """

    name: str = STREAM
    unavailable: str | None = None
    #: Of the jobs in whose transactions it writes.
    retry: Retries = STORES
    lifetime: timedelta = LIFETIMES[STREAM]

    _show = text("""
        UPDATE notifications n SET in_stream = true
        FROM unnest(CAST(:ids AS uuid[]), CAST(:accounts AS uuid[])) AS named (id, account_id)
        WHERE n.id = named.id AND n.account_id = named.account_id
        RETURNING n.id
    """)

    def deliver(self, letters: Sequence[Letter], transaction: Transaction) -> list[Outcome]:
        return show(letters, transaction, self._show)
