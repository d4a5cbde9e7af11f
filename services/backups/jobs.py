"""The jobs of backups: one that makes, one that tests by restoring."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import BACKUPS, Kind
from services.jobs.retry import Retries, RetryPolicy

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBackup:
    """Make a backup, and delete those that are not kept any longer.

    drill: then restore it into a throwaway server.
    """

    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillBackup:
    """Restore a backup into a throwaway server and compare; the newest where none is named."""

    backup_id: uuid.UUID | None = None


# Each attempt is long: few of them, far apart. What fails a third time should wake somebody.
_RETRIES = Retries(
    transient=RetryPolicy(attempts=3, first=MINUTE, cap=15 * MINUTE),
    unexpected=RetryPolicy(attempts=3, first=MINUTE, cap=15 * MINUTE),
)
CREATE = Kind(
    name="backups.create",
    payload=CreateBackup,
    queue=BACKUPS,
    retry=_RETRIES,
    soft_limit=6 * HOUR,
    hard_limit=6 * HOUR + 5 * MINUTE,
    tells=True,
)
DRILL = Kind(
    name="backups.drill",
    payload=DrillBackup,
    queue=BACKUPS,
    retry=_RETRIES,
    soft_limit=12 * HOUR,
    hard_limit=12 * HOUR + 5 * MINUTE,
    tells=True,
)
