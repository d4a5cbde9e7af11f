"""The jobs of privacy."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import ANALYTICS, MAINTENANCE, Kind
from services.jobs.retry import STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportAccount:
    """Gather all that is kept of the account that owns the job, in one archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAccount:
    """Erase an account. The job is the platform's own: nothing of the account's outlives it."""

    account_id: uuid.UUID


EXPORT = Kind(
    name="privacy.export",
    payload=ExportAccount,
    queue=ANALYTICS,
    retry=STORES,
    soft_limit=1_800,
    hard_limit=1_860,
    tells=True,
)
ERASE = Kind(
    name="privacy.erase",
    payload=EraseAccount,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=1_800,
    hard_limit=1_860,
)
