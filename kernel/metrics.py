"""Metrics: every one that the platform counts, with the closed set of each of its labels.

    metrics.CACHE.labels("foods", "hit").inc()

Ask for `labels` each time, and keep no child: one made before `metric_files.begin` is this
process's alone. What queues, schedules and backups say of themselves is asked of the database when
somebody scrapes (worker/metrics.py) and is not counted here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

M = TypeVar("M", Counter, Gauge, Histogram)

#: What a label says of a value that is not in its set.
OTHER = "other"
REGISTRY = CollectorRegistry()

#: The values of each label. Those of `know` are told by the module whose values they are.
_KNOWN: dict[str, frozenset[str]] = {
    "method": frozenset({"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"}),
    "status": frozenset({"1xx", "2xx", "3xx", "4xx", "5xx"}),
    # What became of an attempt (worker/run.py), and of a delivery; kernel/cache.py tells its own.
    "outcome": frozenset(
        {"succeeded", "failed", "refused", "fenced", "cancelled", "snoozed", "handed_back"}
        | {"unclaimed", "delivered", "handed", "again", "skipped"}
    ),
    # services.jobs.retry.Failure
    "reason": frozenset(
        {"transient", "outbound", "conflict", "out_of_memory", "permanent", "unexpected"}
    ),
    "channel": frozenset({"email", "webhook"}),
    "step": frozenset({"take", "publish", "sweep"}),
    "pool": frozenset(
        {"nutrition", "nutrition-web", "nutrition-worker", "nutrition-dispatcher"}
        | {"nutrition-beat", "nutrition-metrics"}
    ),
}


def know(label: str, values: Iterable[str]) -> None:
    """Add to the set of a label's values: routes, kinds, queues, regions, entries of a schedule."""
    _KNOWN[label] = _KNOWN.get(label, frozenset()) | frozenset(values)


class Bounded(Generic[M]):
    """A metric whose labels take values of their sets; any other value counts as OTHER.

    So a path, a header or a name from outside can never make a series of its own.
    """

    def __init__(self, metric: M, labels: tuple[str, ...]) -> None:
        self.metric: M = metric
        self.names = labels
        self._children: dict[tuple[str, ...], M] = {}
        ALL.append(self)

    def labels(self, *values: str) -> M:
        """The child of these values, in the order in which the metric names its labels."""
        child = self._children.get(values)
        if child is None:
            known = tuple(
                value if value in _KNOWN.get(name, ()) else OTHER
                for name, value in zip(self.names, values, strict=True)
            )
            child = self.metric.labels(*known)
            # Only under its own name: what is unknown must not fill the memory either.
            self._children[known] = child
        return child

    def forget(self) -> None:
        """Drop what this process has counted."""
        self._children.clear()
        self.metric.clear()


ALL: list[Bounded[Any]] = []


def _counter(name: str, told: str, *labels: str) -> Bounded[Counter]:
    return Bounded(Counter(name, told, labels, registry=REGISTRY), labels)


def _histogram(
    name: str, told: str, *labels: str, buckets: tuple[float, ...]
) -> Bounded[Histogram]:
    return Bounded(Histogram(name, told, labels, buckets=buckets, registry=REGISTRY), labels)


def _gauge(name: str, told: str, *labels: str) -> Bounded[Gauge]:
    # Summed over the processes that live: what a dead one held, nobody holds.
    made = Gauge(name, told, labels, registry=REGISTRY, multiprocess_mode="livesum")
    return Bounded(made, labels)


#: Its count is the number of requests; waits that clients ask for are not in its seconds.
REQUESTS = _histogram(
    "nutrition_http_request_seconds",
    "Seconds from a request's head to its answer's, less what its client asked to wait.",
    "method",
    "route",
    "status",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
)
WAITS = _histogram(
    "nutrition_job_wait_seconds",
    "Seconds from a job's acceptance to its first start.",
    "kind",
    buckets=(0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200),
)
RUNS = _histogram(
    "nutrition_job_run_seconds",
    "Seconds that an attempt's handler ran.",
    "kind",
    buckets=(0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600),
)
ATTEMPTS = _counter("nutrition_job_attempts", "Attempts that ended.", "kind", "outcome")
FAILURES = _counter("nutrition_job_failures", "Attempts that failed.", "kind", "reason")
TURNS = _histogram(
    "nutrition_dispatcher_turn_seconds",
    "Seconds that a step of the leading dispatcher's turn took.",
    "step",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5),
)
LATENESS = _histogram(
    "nutrition_beat_lateness_seconds",
    "Seconds from a slot of the schedule to its firing.",
    "entry",
    buckets=(0.5, 1, 2, 5, 15, 60, 300, 3600),
)
CONNECTIONS = _gauge(
    "nutrition_database_connections_in_use", "Connections lent to somebody.", "pool"
)
POOL_SIZE = _gauge("nutrition_database_pool_size", "Connections that there may be.", "pool")
POOL_TIMEOUTS = _counter(
    "nutrition_database_pool_timeouts", "Waits for a connection that were in vain.", "pool"
)
CACHE = _counter("nutrition_cache_requests", "Questions to the cache.", "region", "outcome")
DELIVERIES = _counter(
    "nutrition_deliveries", "Attempts to deliver to the outside.", "channel", "outcome"
)
