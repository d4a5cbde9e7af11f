"""Kinds of the fault tests' own. The platform's real processes run them: see `registered.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.jobs.kinds import BULK, INTERACTIVE, Kind
from services.jobs.retry import COMPUTE
from services.upkeep.schedule import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEffect:
    """Add one row to the effects; *fails* attempts raise before one does."""

    fails: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEffectGrouped:
    """The same, small enough to travel with others. With *kills*, kill the process instead."""

    kills: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSteps:
    """Wait *steps* times for *seconds*, with progress, then add one row to the effects."""

    steps: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KillWorker:
    """Poison: kill the process that runs it, as a crash in C code or a lack of memory would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreLimits:
    """Go on for ever, through the soft limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnUnfinished:
    """Return without `run.finish()`: a defect in a handler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The periodic job of the tests' own schedule: add one row to the effects."""


KINDS: tuple[Kind[Any], ...] = (
    Kind(
        name="faults.effect",
        payload=AddEffect,
        queue=INTERACTIVE,
        retry=COMPUTE,
        soft_limit=10,
        hard_limit=15,
    ),
    Kind(
        name="faults.grouped",
        payload=AddEffectGrouped,
        queue=INTERACTIVE,
        retry=COMPUTE,
        soft_limit=10,
        hard_limit=15,
        group=16,
    ),
    Kind(
        name="faults.steps",
        payload=TakeSteps,
        queue=BULK,
        retry=COMPUTE,
        soft_limit=90,
        hard_limit=120,
    ),
    Kind(name="faults.poison", payload=KillWorker, queue=INTERACTIVE, retry=COMPUTE, soft_limit=10),
    Kind(
        name="faults.stubborn",
        payload=IgnoreLimits,
        queue=BULK,
        retry=COMPUTE,
        soft_limit=1,
        hard_limit=2,
    ),
    Kind(name="faults.unfinished", payload=ReturnUnfinished, queue=BULK, retry=COMPUTE),
    Kind(name="faults.tick", payload=Tick, queue=INTERACTIVE, retry=COMPUTE, soft_limit=10),
)

#: Seconds between two slots of the tests' own entry.
PERIOD = 2
TICK = Entry(
    name="faults-tick",
    payload=Tick(),
    every=PERIOD,
    why="Often enough that a test of seconds sees several slots.",
)
