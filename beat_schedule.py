"""Every periodic entry of the platform, as data: what, how often, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
)

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A job at fixed points in time.

    every, offset: seconds; slots lie at offset, offset + every, … after 1970-01-01 UTC.
    expires: seconds after its slot when the job is no longer worth starting (None: never).
    """

    name: str
    payload: object
    every: int
    offset: int = 0
    expires: int | None = None
    why: str

    def __post_init__(self) -> None:
        if self.expires is not None and self.expires > self.every:
            raise ValueError(
                f"{self.name} expires after {self.expires} s, past its period of {self.every} s: "
                "after an outage two of its jobs would wait at once"
            )

    def slot(self, now: float) -> int:
        """The latest slot that is not after *now*, both in seconds since 1970."""
        return int((now - self.offset) // self.every) * self.every + self.offset

    def expires_at(self, slot: int) -> datetime | None:
        """When the job of *slot* is no longer worth starting."""
        if self.expires is None:
            return None
        return datetime.fromtimestamp(slot, UTC) + timedelta(seconds=self.expires)


SCHEDULE = (
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
        name="partitions",
        payload=EnsurePartitions(days=7),
        every=HOUR,
        offset=5 * MINUTE,
        expires=HOUR,
        why="A week of partitions lies ahead, so a week of failures here harms nobody.",
    ),
    Entry(
        name="retention",
        payload=EnforceRetention(),
        every=DAY,
        offset=3 * HOUR + 10 * MINUTE,
        why="Drops what is past its date, at night, when few write.",
    ),
)
