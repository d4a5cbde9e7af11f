"""The jobs of a batch: one for each chunk of recipes, and one that waits for them all."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from services.jobs.kinds import BULK, MAINTENANCE, Kind
from services.jobs.retry import COMPUTE, STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeChunk:
    """Analyse the recipes of one chunk, and store their results as one object."""

    batch_id: uuid.UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeBatch:
    """Account for every recipe of a batch whose chunks have all ended. Its id is the batch's."""

    batch_id: uuid.UUID


CHUNK = Kind(
    name="batches.chunk",
    payload=AnalyzeChunk,
    queue=BULK,
    retry=COMPUTE,
    # Fifty recipes take a second or two; three hundred lines in each of them, some twenty.
    soft_limit=120,
    hard_limit=180,
)
CONCLUDE = Kind(
    name="batches.conclude",
    payload=ConcludeBatch,
    queue=MAINTENANCE,
    retry=STORES,
    soft_limit=300,
    hard_limit=360,
    tells=True,
)
