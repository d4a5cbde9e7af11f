"""Every periodic entry of the platform, as data: what, how often, and why."""

from __future__ import annotations

from services.analytics.jobs import IngestEvents, RollUp
from services.backups.jobs import CreateBackup
from services.upkeep.jobs import (
    AnalyticsCanary,
    BackupsCanary,
    BulkCanary,
    CacheCanary,
    EnforceRetention,
    EnsurePartitions,
    InteractiveCanary,
    MaintenanceCanary,
    NotificationsCanary,
    SweepBroker,
    WatchDatabase,
)
from services.upkeep.schedule import Entry
from services.warming.jobs import Warm

MINUTE, HOUR, DAY = 60, 3_600, 86_400

SCHEDULE = (
    Entry(
        name="rollup",
        payload=RollUp(),
        every=MINUTE,
        offset=10,
        expires=50,
        why="Foods, and events that came while a rollup ran: none is counted later than this.",
    ),
    Entry(
        name="events-left-behind",
        payload=IngestEvents(),
        every=10 * MINUTE,
        offset=4 * MINUTE,
        expires=9 * MINUTE,
        why="Accepted events whose job was cancelled or is dead are given another.",
    ),
    Entry(
        name="canary-interactive",
        payload=InteractiveCanary(),
        every=30,
        expires=25,
        why="Proves end to end that somebody answers a person's request; /readyz reports its age.",
    ),
    Entry(
        name="canary-bulk",
        payload=BulkCanary(),
        every=30,
        offset=10,
        expires=25,
        why="The same for batches: a full queue delays it, which is what its age should say.",
    ),
    Entry(
        name="canary-maintenance",
        payload=MaintenanceCanary(),
        every=30,
        offset=20,
        expires=25,
        why="The same for upkeep.",
    ),
    Entry(
        name="canary-notifications",
        payload=NotificationsCanary(),
        every=30,
        offset=25,
        expires=25,
        why="The same for calls to the outside.",
    ),
    Entry(
        name="canary-analytics",
        payload=AnalyticsCanary(),
        every=30,
        offset=5,
        expires=25,
        why="The same for events and rollups.",
    ),
    Entry(
        name="canary-backups",
        payload=BackupsCanary(),
        every=30,
        offset=15,
        expires=25,
        why="The same for backups, which nobody misses until the day they do.",
    ),
    Entry(
        name="canary-cache",
        payload=CacheCanary(),
        every=30,
        offset=22,
        expires=25,
        why="The same for warming.",
    ),
    Entry(
        name="warming",
        payload=Warm(reason="schedule"),
        every=10 * MINUTE,
        offset=4 * MINUTE,
        expires=8 * MINUTE,
        why="What is wanted changes with the hour, and a cache that lost all fills by itself.",
    ),
    Entry(
        name="partitions",
        payload=EnsurePartitions(days=7),
        every=HOUR,
        offset=5 * MINUTE,
        expires=55 * MINUTE,
        why="A week of partitions lies ahead, so a week of failures here harms nobody.",
    ),
    Entry(
        name="backup",
        payload=CreateBackup(drill=True),
        every=DAY,
        offset=2 * HOUR + 30 * MINUTE,
        expires=20 * HOUR,
        why="A backup each night, and the proof by restoring it; a missed one is made in the day.",
    ),
    Entry(
        name="broker-replies",
        payload=SweepBroker(),
        every=HOUR,
        offset=15 * MINUTE,
        expires=50 * MINUTE,
        why="Answers to inspectors that were killed would stay in the broker for ever.",
    ),
    Entry(
        name="database-watch",
        payload=WatchDatabase(),
        every=6 * HOUR,
        offset=25 * MINUTE,
        expires=5 * HOUR,
        why="Bloat, slow statements and open transactions show hours before they hurt.",
    ),
    Entry(
        name="retention",
        payload=EnforceRetention(),
        every=DAY,
        offset=3 * HOUR + 10 * MINUTE,
        expires=20 * HOUR,
        why="Drops what is past its date, at night, when few write.",
    ),
)
