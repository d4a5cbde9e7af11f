"""Metrics: how the queues stand, for Prometheus, computed in PostgreSQL when somebody asks.

The dispatcher serves them on METRICS_PORT of 127.0.0.1; the numbers are the platform's, so any
dispatcher's are right, whether it leads or stands by. Labels are the queues and kinds of this
release, and `other`: their number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from services.jobs import backlog, dead, queues
from services.kinds import KINDS

log = structlog.get_logger()

ADDRESS = "127.0.0.1"
OTHER = "other"

_QUEUES = frozenset(kind.queue for kind in KINDS)
_KINDS = frozenset(kind.name for kind in KINDS)


class Standing(Collector):
    """How queues stand and how many jobs are dead, asked of *database* at every scrape.

    silence: seconds after which a worker counts as dead.
    """

    def __init__(self, database: Database, silence: float) -> None:
        self._database = database
        self._silence = timedelta(seconds=silence)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics; where the database is away, that alone."""
        up = GaugeMetricFamily(
            "nutrition_metrics_database_up", "1 where the database answered this scrape."
        )
        try:
            with self._database.transaction() as session:
                found = queues.standing(session, self._silence, most=backlog.MOST)
                died = dead.by_kind(session)
        except Unavailable:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        for name, told, value, most in _OF_A_QUEUE:
            values = [(one.name, value(one)) for one in found]
            yield _gauge(name, told, "queue", _bounded(values, _QUEUES, most))
        yield _gauge(
            "nutrition_dead_jobs",
            f"Dead and failed jobs that are kept, counted up to {dead.COUNTED}.",
            "kind",
            _bounded(died.items(), _KINDS, sum),
        )


Value = Callable[[queues.Queue], float]
Together = Callable[[Iterable[float]], float]
#: Name, meaning, what it is of a queue, and of several queues that share a label.
_OF_A_QUEUE: tuple[tuple[str, str, Value, Together], ...] = (
    (
        "nutrition_queue_depth",
        f"Due jobs that no worker was sent yet, counted up to {backlog.MOST}.",
        lambda queue: queue.depth,
        sum,
    ),
    (
        "nutrition_queue_oldest_age_seconds",
        "Seconds since the oldest of them came due; 0 where there is none.",
        lambda queue: queue.oldest_seconds or 0.0,
        max,
    ),
    ("nutrition_queue_running", "Jobs at work.", lambda queue: queue.running, sum),
    (
        "nutrition_queue_slots",
        "Jobs that its living workers execute at once.",
        lambda queue: queue.slots,
        sum,
    ),
    ("nutrition_queue_paused", "1 where a rule stops it.", lambda queue: queue.paused, max),
)


@dataclass(frozen=True, slots=True)
class Served:
    """Metrics that are served. port: where."""

    port: int
    _server: WSGIServer
    _thread: Thread
    _database: Database

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._database.close()


def serve(settings: Settings) -> Served | None:
    """Serve the metrics in a thread, where METRICS_PORT names a port.

    A port that is taken, as by another dispatcher of the same machine, is told in the log and stops
    nobody: dispatching matters more.
    """
    if not settings.metrics_port:
        return None
    # A connection of its own: a slow scrape delays no dispatch.
    database = Database(settings.database_url, pool=1, name="nutrition-metrics")
    try:
        return _serve(settings.metrics_port, database, settings.silence_seconds)
    except OSError as error:
        log.warning("metrics_port_taken", port=settings.metrics_port, error=error.strerror)
        database.close()
        return None


def _serve(port: int, database: Database, silence: float) -> Served:
    registry = CollectorRegistry()
    registry.register(Standing(database, silence))
    server, thread = start_http_server(port, ADDRESS, registry)
    return Served(server.server_port, server, thread, database)


def _gauge(name: str, told: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, told, labels=[label])
    for value, amount in sorted(values.items()):
        made.add_metric([value], amount)
    return made


def _bounded(
    values: Iterable[tuple[str, Any]], known: frozenset[str], together: Together
) -> dict[str, float]:
    """The values by label; all that this release does not know share OTHER. 0 where none is."""
    grouped: dict[str, list[float]] = {name: [] for name in known}
    for name, value in values:
        grouped.setdefault(name if name in known else OTHER, []).append(float(value))
    return {name: together([0.0, *amounts]) for name, amounts in grouped.items()}
