"""Metrics, served: what every process of this machine counts, and what the stores say when asked.

The dispatcher serves them on METRICS_PORT of 127.0.0.1. What is asked of the database is the
platform's, so any dispatcher's is right, whether it leads or stands by; what is counted is this
machine's. A machine without a dispatcher runs one that stands by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kernel import metric_files
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from worker import standing
from worker.surroundings import Surroundings

log = structlog.get_logger()

ADDRESS = "127.0.0.1"


class Standing(Collector):
    """How queues, processes, schedule and backups stand, asked of *database* at every scrape.

    silence: seconds after which a worker counts as dead.
    """

    def __init__(self, database: Database, silence: float) -> None:
        self._database = database
        self._silence = silence

    def collect(self) -> Iterator[Metric]:
        """The metrics; where the database is away, that alone."""
        up = GaugeMetricFamily(
            "nutrition_metrics_database_up", "1 where the database answered this scrape."
        )
        try:
            with self._database.transaction() as session:
                found = [*standing.of_queues(session, self._silence), *standing.of_parts(session)]
        except Unavailable:
            found = []
        up.add_metric([], 1 if found else 0)
        yield up
        yield from found


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
        return _serve(settings, database)
    except OSError as error:
        log.warning("metrics_port_taken", port=settings.metrics_port, error=error.strerror)
        database.close()
        return None


def _serve(settings: Settings, database: Database) -> Served:
    registry = CollectorRegistry()
    registry.register(Standing(database, settings.silence_seconds))
    registry.register(Surroundings(settings))
    registry.register(metric_files.Collector(settings.work))
    server, thread = start_http_server(settings.metrics_port, ADDRESS, registry)
    return Served(server.server_port, server, thread, database)
