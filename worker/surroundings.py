"""Surroundings: whether the two Redis answer, how full they are, and how full the disk is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import redis
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kernel.redis import client
from kernel.settings import Settings

#: Seconds that each may take to answer.
TIMEOUT = 1.0


class Surroundings(Collector):
    """Asked anew at every scrape."""

    def __init__(self, settings: Settings) -> None:
        self._work = settings.work
        self._stores = {
            store: client(url, timeout=TIMEOUT, connections=1)
            for store, url in (("queue", settings.redis_url), ("cache", settings.cache_redis_url))
        }

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics. The limit of a Redis without one is 0."""
        up = GaugeMetricFamily("nutrition_redis_up", "1 where it answered.", labels=["store"])
        used = GaugeMetricFamily(
            "nutrition_redis_memory_bytes", "Memory that it uses.", labels=["store"]
        )
        limit = GaugeMetricFamily(
            "nutrition_redis_memory_limit_bytes", "Its maxmemory; 0: none.", labels=["store"]
        )
        for store, asked in self._stores.items():
            try:
                memory = asked.info("memory")
            except (redis.RedisError, OSError):
                up.add_metric([store], 0)
                continue
            up.add_metric([store], 1)
            used.add_metric([store], memory["used_memory"])
            limit.add_metric([store], memory["maxmemory"])
        yield from (up, used, limit)
        yield from self._disk()

    def _disk(self) -> Iterator[GaugeMetricFamily]:
        if self._work.exists():
            disk = shutil.disk_usage(self._work)
            yield GaugeMetricFamily(
                "nutrition_disk_free_bytes",
                "Free on the disk of WORK_FOLDER.",
                value=disk.free,
            )
            yield GaugeMetricFamily(
                "nutrition_disk_size_bytes", "Size of that disk.", value=disk.total
            )
