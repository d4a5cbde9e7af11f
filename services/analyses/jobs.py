"""The job of one analysis: what a caller asked, and how the queues treat it."""

from __future__ import annotations

from dataclasses import dataclass

from services.jobs.kinds import INTERACTIVE, Kind
from services.jobs.retry import COMPUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One ingredient that needs no parsing: a food by its id, and an amount of it."""

    food_id: str
    quantity: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """Analyse one recipe or meal. The job's id is the id of the analysis.

    ingredients: lines as people write them, or measured foods. yield_grams: weight as cooked, in g.
    method: how it is cooked, by a name of `nutrition.cooking.methods`.
    """

    ingredients: tuple[str | Measured, ...]
    title: str | None = None
    servings: float | None = None
    yield_grams: float | None = None
    method: str | None = None


ANALYZE = Kind(
    name="analyses.analyze",
    payload=Analyze,
    version=2,
    # Version 2 added the method; without one nothing is taken as lost to heat, as ever.
    upcasters={1: lambda payload: payload | {"method": None}},
    oldest=lambda payload: 1 if payload.method is None else 2,
    queue=INTERACTIVE,
    retry=COMPUTE,
    soft_limit=10,
    hard_limit=20,
    # Ten milliseconds each: under backlog a message's own cost is shared, and nobody waits long.
    group=8,
    tells=True,
)
