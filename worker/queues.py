"""Celery's queues and routes, derived from the kinds: nobody writes them down twice."""

from __future__ import annotations

from kombu import Exchange, Queue

from services.kinds import KINDS

#: One direct exchange; a queue is bound under its own name.
EXCHANGE = Exchange("nutrition", type="direct")

QUEUES = tuple(
    Queue(name, EXCHANGE, routing_key=name) for name in sorted({kind.queue for kind in KINDS})
)
ROUTES = {kind.name: {"queue": kind.queue} for kind in KINDS}
