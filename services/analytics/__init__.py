"""Analytics: events counted exactly once, and what they add up to.

`parse` says what may be sent, `accept` takes it, `ingest` makes it events, `rollup` counts them,
`report` answers.
"""

from services.analytics.accept import accept
from services.analytics.jobs import INGEST, ROLLUP, IngestEvents, RollUp
from services.analytics.parse import parse_events
from services.analytics.retention import drop_expired, ensure_partitions

__all__ = [
    "INGEST",
    "ROLLUP",
    "IngestEvents",
    "RollUp",
    "accept",
    "drop_expired",
    "ensure_partitions",
    "parse_events",
]
