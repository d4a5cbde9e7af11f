"""Warming on the queues: foods and searches beside everything else, lines where the engine is."""

from __future__ import annotations

from dataclasses import dataclass

from services.jobs.kinds import BULK, CACHE, Kind
from services.jobs.retry import STORES


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """Note what is wanted, and fill the cache with the most wanted foods and searches.

    reason: why now (`schedule`, `load`, `deploy`, `flush`, `asked`). seconds, entries: the budget.
    """

    reason: str
    seconds: float = 60.0
    entries: int = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmLines:
    """Fill the cache with the most wanted ingredient lines, parsed and matched."""

    reason: str
    seconds: float = 10.0
    entries: int = 2_000


WARM = Kind(
    name="warming.warm",
    payload=Warm,
    queue=CACHE,
    retry=STORES,
    soft_limit=150,
    hard_limit=180,
)
WARM_LINES = Kind(
    name="warming.lines",
    payload=WarmLines,
    queue=BULK,
    retry=STORES,
    soft_limit=40,
    hard_limit=60,
)
