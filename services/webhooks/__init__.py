"""Webhooks: signed calls to the outside when something of an account has ended.

Whoever imports this package has the ends of jobs told (`announce.tell_ended`): every process that
ends jobs does, by way of `services.kinds`.
"""

from services.webhooks.announce import announce, ping, tell_ended
from services.webhooks.deliveries import delete_expired, redeliver
from services.webhooks.endpoints import call_back
from services.webhooks.jobs import DELIVER, DeliverWebhook
from services.webhooks.sending import Letter, Outcome, letter, record, send, skip

__all__ = [
    "DELIVER",
    "DeliverWebhook",
    "Letter",
    "Outcome",
    "announce",
    "call_back",
    "delete_expired",
    "letter",
    "ping",
    "record",
    "redeliver",
    "send",
    "skip",
    "tell_ended",
]
