"""The platform's own jobs: canaries, partitions, retention."""

from __future__ import annotations

from dataclasses import dataclass

from services.jobs.kinds import (
    ANALYTICS,
    BACKUPS,
    BULK,
    CACHE,
    INTERACTIVE,
    MAINTENANCE,
    NOTIFICATIONS,
    Kind,
)
from services.jobs.retry import STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractiveCanary:
    """Come home through the queue where people wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkCanary:
    """Come home through the queue of batch chunks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceCanary:
    """Come home through the queue of upkeep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsCanary:
    """Come home through the queue of calls to the outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsCanary:
    """Come home through the queue of events and rollups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupsCanary:
    """Come home through the queue of backups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCanary:
    """Come home through the queue of cache warming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsurePartitions:
    """Make the partitions of today and of the coming *days*."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforceRetention:
    """Delete what is past its date: keys, analyses, batches with their objects, partitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepBroker:
    """Delete what abandoned inspectors left in the broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDatabase:
    """Look for bloat, slow statements and transactions left open."""


CANARIES = tuple(
    Kind(
        name=f"canary.{queue}",
        payload=payload,
        queue=queue,
        retry=STORES,
        soft_limit=10,
        hard_limit=15,
    )
    for payload, queue in (
        (InteractiveCanary, INTERACTIVE),
        (BulkCanary, BULK),
        (MaintenanceCanary, MAINTENANCE),
        (NotificationsCanary, NOTIFICATIONS),
        (AnalyticsCanary, ANALYTICS),
        (BackupsCanary, BACKUPS),
        (CacheCanary, CACHE),
    )
)
ENSURE_PARTITIONS = Kind(
    name="upkeep.partitions",
    payload=EnsurePartitions,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=120,
    hard_limit=150,
)
ENFORCE_RETENTION = Kind(
    name="upkeep.retention",
    payload=EnforceRetention,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=1_800,
    hard_limit=1_860,
)
SWEEP_BROKER = Kind(
    name="upkeep.broker",
    payload=SweepBroker,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=60,
    hard_limit=75,
)
WATCH_DATABASE = Kind(
    name="upkeep.database",
    payload=WatchDatabase,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=60,
    hard_limit=75,
)
