"""The job of one delivery, and how long it is tried."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import NOTIFICATIONS, Kind
from services.jobs.retry import Retries, RetryPolicy

MINUTE, HOUR = 60, 3600
#: Seconds between attempts: at once, then these (Standard Webhooks 1.0). 75 h 35 min in all.
SCHEDULE = (
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverWebhook:
    """Call an endpoint with one event. The job's limit key is the endpoint's host."""

    delivery_id: uuid.UUID


DELIVER = Kind(
    name="webhooks.deliver",
    payload=DeliverWebhook,
    queue=NOTIFICATIONS,
    # One count of failures for all names: a defect on the ninth attempt is not to be the last.
    retry=Retries(
        outbound=RetryPolicy(attempts=len(SCHEDULE) + 1, schedule=SCHEDULE),
        transient=RetryPolicy(attempts=len(SCHEDULE) + 1),
        unexpected=RetryPolicy(attempts=len(SCHEDULE) + 1, first=60, cap=3600),
    ),
    # The call has a deadline of its own, 15 s; the rest is for a database that comes back.
    soft_limit=30,
    hard_limit=45,
    # A host that hangs holds no more of the threads than this.
    per_key=4,
    tells=True,
)
