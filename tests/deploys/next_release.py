"""The worker of a release after this one: its payload of `upkeep.partitions` is at version 2.

Version 2 counts in weeks. Celery takes this module for its application (`-A`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.jobs import kinds
from services.upkeep import jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class EnsureWeeks:
    """Make the partitions of today and of the coming *weeks*."""

    weeks: int

    @property
    def days(self) -> int:
        """What the handler of today asks for."""
        return 7 * self.weeks


def counted_in_weeks(payload: dict[str, Any]) -> dict[str, Any]:
    """1 to 2."""
    return {"weeks": -(-payload["days"] // 7)}


changed: Any = jobs.ENSURE_PARTITIONS
for field, value in {
    "version": 2,
    "payload": EnsureWeeks,
    "upcasters": {1: counted_in_weeks},
}.items():
    object.__setattr__(changed, field, value)
kinds._BY_PAYLOAD[EnsureWeeks] = changed

from worker.app import app  # noqa: E402 - the worker is to meet the kind as changed above

__all__ = ["app"]
