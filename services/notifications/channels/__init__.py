"""Channels: ways in which a notification reaches a person, behind one Protocol.

Two kinds of them. Those that write (inbox, stream, webhook) do so in the transaction that makes the
notification, many at a time. Those that call the outside (e-mail) do it in jobs of their own
(`services/notifications/deliver.py`), and are imported by workers alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from services.jobs.retry import Retries

INBOX, STREAM, EMAIL, WEBHOOK = "inbox", "stream", "email", "webhook"
#: Every channel, by the name that preferences, broadcasts and deliveries call it.
CHANNELS = (INBOX, STREAM, EMAIL, WEBHOOK)

#: After which a delivery is stale. Webhooks are tried for 75 h 35 min (Standard Webhooks 1.0).
LIFETIMES = {
    INBOX: timedelta(days=90),
    STREAM: timedelta(days=90),
    EMAIL: timedelta(days=2),
    WEBHOOK: timedelta(days=4),
}

#: Opens a transaction, for channels that write.
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One notification for one person through one channel: what is to be delivered.

    id: of the delivery. The same at every attempt: what the other side knows a repetition by.
    title: one line. text: plain, perhaps several paragraphs. path: of what it is about in the API,
    such as `/v1/batches/…`. parameters: what the words were made of, by topic.
    email: where there is a person with an address. expires_at: not worth delivering after.
    """

    id: uuid.UUID
    notification_id: uuid.UUID
    account_id: uuid.UUID
    topic: str
    title: str
    text: str
    path: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    email: str | None = None
    created_at: datetime
    expires_at: datetime

    @property
    def key(self) -> str:
        """What makes the delivery one, in words that other capabilities may keep."""
        return f"notification:{self.id}"


#: delivered: it is where the person finds it. handed: another capability delivers it, and tells how
#: it ended. skipped: it is not to be delivered this way. failed: it cannot be. again: not now.
State = Literal["delivered", "handed", "skipped", "failed", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one letter. reason: why, for whoever reads the delivery; None where it went.

    retry_after: seconds for which the other side asked to be left alone; only with `again`.
    """

    state: State
    reason: str | None = None
    retry_after: float | None = None


DELIVERED = Outcome(state="delivered")


class Channel(Protocol):
    """A way to reach people. Safe between threads.

    name: one of CHANNELS. unavailable: why this installation does not have it, or None.
    retry: how a delivery is tried again; the policy of the kind of job that carries it.
    lifetime: after which a delivery is stale.
    """

    @property
    def name(self) -> str: ...

    @property
    def unavailable(self) -> str | None: ...

    @property
    def retry(self) -> Retries: ...

    @property
    def lifetime(self) -> timedelta: ...

    def deliver(self, letters: Sequence[Letter], transaction: Transaction) -> Iterable[Outcome]:
        """Deliver every letter; an outcome for each, in order, perhaps as they are asked for.

        One that fails does not keep the others. The same letter again is delivered under the same
        id. Nothing that the other side does is raised: it is the letter's outcome. All in all it
        takes no longer than a deadline of the channel's own, after which the rest is `again`.
        """
        ...
