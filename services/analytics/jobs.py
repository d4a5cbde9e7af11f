"""The jobs of analytics."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import ANALYTICS, Kind
from services.jobs.retry import STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestEvents:
    """Bring an accepted batch among the events. Without one: see that none is left behind."""

    batch_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """Count anew what has changed, and what was marked to be."""


INGEST = Kind(
    name="analytics.ingest",
    payload=IngestEvents,
    queue=ANALYTICS,
    retry=STORES,
    # Not above the dispatch lease: so a few messages wait in the broker for each slot.
    soft_limit=15,
    hard_limit=30,
    # A thousand events each at most: eight thousand in one transaction, in about a second.
    group=8,
)
ROLLUP = Kind(
    name="analytics.rollup",
    payload=RollUp,
    queue=ANALYTICS,
    retry=STORES,
    soft_limit=300,
    hard_limit=330,
)
