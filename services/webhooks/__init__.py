"""Webhooks: signed calls to the outside when something of an account has ended.

What web, tasks and other capabilities call. `sending` brings an HTTP client along and is imported
by workers alone. Whoever imports this package has the ends of jobs told (`announce.tell_ended`), as
every process that ends jobs does by way of `services.kinds`.
"""

from services.webhooks.announce import Announcement, announce, announce_many, ping, tell_ended
from services.webhooks.deliveries import (
    delete_expired,
    notifications_of,
    redeliver,
    standing,
    withdraw,
)
from services.webhooks.endpoints import call_back
from services.webhooks.jobs import DELIVER, DeliverWebhook

__all__ = [
    "DELIVER",
    "Announcement",
    "DeliverWebhook",
    "announce",
    "announce_many",
    "call_back",
    "delete_expired",
    "notifications_of",
    "ping",
    "redeliver",
    "standing",
    "tell_ended",
    "withdraw",
]
