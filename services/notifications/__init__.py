"""Notifications: one message to one person, through the channels that they have not muted.

What web, tasks and other capabilities call. `channels.email` and `templates` bring their own along
and are imported by workers alone. Whoever imports this package has the ends of jobs told
(`notify.hear_ended`), as every process that ends jobs does by way of `services.kinds`.
"""

from services.notifications.deliver import expire
from services.notifications.inbox import delete_expired
from services.notifications.jobs import (
    CONCLUDE,
    DELIVER,
    FAN_OUT,
    ConcludeBroadcast,
    DeliverNotifications,
    FanOut,
)
from services.notifications.notify import hear_ended, notify

__all__ = [
    "CONCLUDE",
    "DELIVER",
    "FAN_OUT",
    "ConcludeBroadcast",
    "DeliverNotifications",
    "FanOut",
    "delete_expired",
    "expire",
    "hear_ended",
    "notify",
]
