"""The jobs of notifications: a part of a broadcast's people, their join, and a packet of e-mail."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import NOTIFICATIONS, Kind
from services.jobs.retry import STORES, Retries, RetryPolicy
from services.notifications.channels import EMAIL, LIFETIMES

MINUTE, HOUR = 60, 3600
#: Seconds between two attempts at a packet of e-mail. Greylisting lets one pass after minutes.
SCHEDULE = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 8 * HOUR, 16 * HOUR)
#: After which an e-mail is not worth sending.
MAIL_LIFETIME = LIFETIMES[EMAIL]
#: E-mails that one job carries over one connection.
PACKET = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Give a broadcast's people from *first* up to *until*, by account id, theirs."""

    broadcast_id: uuid.UUID
    first: uuid.UUID
    until: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeBroadcast:
    """Every part has ended: give those who were left out theirs, and close the broadcast."""

    broadcast_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverNotifications:
    """Deliver a packet of notifications through one channel that calls the outside."""

    channel: str
    delivery_ids: list[uuid.UUID]


FAN_OUT = Kind(
    name="notifications.fan-out",
    payload=FanOut,
    queue=NOTIFICATIONS,
    retry=STORES,
    soft_limit=60,
    hard_limit=90,
)
CONCLUDE = Kind(
    name="notifications.conclude",
    payload=ConcludeBroadcast,
    queue=NOTIFICATIONS,
    retry=STORES,
    soft_limit=300,
    hard_limit=360,
    tells=True,
)
DELIVER = Kind(
    name="notifications.deliver",
    payload=DeliverNotifications,
    queue=NOTIFICATIONS,
    retry=Retries(
        outbound=RetryPolicy(
            attempts=len(SCHEDULE) + 1,
            schedule=SCHEDULE,
            lifetime=MAIL_LIFETIME.total_seconds(),
        )
    ),
    soft_limit=300,
    hard_limit=330,
    # A relay that hangs holds no more of the threads than this.
    per_key=4,
    tells=True,
)
