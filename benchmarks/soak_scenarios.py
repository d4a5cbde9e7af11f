"""The table of faults at full counts: each row a scenario of `tests.faults`, with its stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.analytics.scenario_killed import killed_while_ingesting
from tests.faults import (
    scenario_broadcast,
    scenario_clocks,
    scenario_frozen,
    scenario_leaders,
    scenario_poison,
    scenario_postgres,
    scenario_valkey,
)
from tests.faults.report import Report
from tests.faults.scenario_fair import one_beside_many
from tests.faults.scenario_killed import killed_at_random
from tests.faults.scenario_lost import killed_in_the_midst
from tests.faults.scenario_stopped import TWICE, stopped_in_turn
from tests.faults.stage import Stage

#: From a stage, dice and a scale of all counts to the reports.
Play = Callable[[Stage, Random, float], Iterator[Report]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table. options: of the stage, see `tests.faults.stage.opened`."""

    name: str
    play: Play
    options: Mapping[str, Any] = field(default_factory=dict)


def _of(count: int, scale: float) -> int:
    return max(1, round(count * scale))


def _killed(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield killed_at_random(stage, dice, jobs=_of(20_000, scale), kills=_of(50, scale))


def _broadcast(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_broadcast.killed_on_the_way(stage, dice, people=_of(20_000, scale), kills=5)


def _valkey(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_valkey.restarted_empty(stage, dice, jobs=_of(2_000, scale), times=_of(10, scale))
    yield scenario_valkey.frozen(stage, dice, seconds=20)
    yield scenario_valkey.connections_killed(
        stage, dice, jobs=_of(2_000, scale), times=_of(100, scale)
    )


def _postgres(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_postgres.restarted(stage, dice, jobs=_of(3_000, scale), times=_of(5, scale))
    yield scenario_postgres.away(stage, dice, seconds=30)
    yield scenario_postgres.frozen(stage, dice, seconds=20)


def _lost(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield killed_in_the_midst(stage, whole=False, times=_of(5, scale))
    yield killed_in_the_midst(stage, whole=True, times=_of(5, scale))


def _frozen(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_frozen.between_steps(stage)
    yield scenario_frozen.in_its_last_transaction(stage)
    yield scenario_frozen.main_process(stage, count=_of(500, scale))


def _poison(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    for grouped in (False, True):
        yield scenario_poison.among_good_ones(
            stage, dice, poison=_of(100, scale), good=_of(5_000, scale), grouped=grouped
        )
    yield scenario_poison.misbehaving(stage)


def _leaders(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_leaders.frozen_in_turn(
        stage, dice, count=_of(5_000, scale), times=_of(10, scale)
    )
    yield scenario_leaders.dispatcher_frozen_in_its_transaction(stage)
    yield scenario_leaders.beat_frozen_in_its_transaction(stage)


def _clocks(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield scenario_clocks.an_hour_off(stage, dice, count=_of(3_000, scale))


def _fair(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield one_beside_many(stage, recipes=_of(50_000, scale), samples=_of(100, scale))


def _ingested(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield killed_while_ingesting(stage, dice, events=_of(100_000, scale), kills=_of(10, scale))


def _stopped(stage: Stage, dice: Random, scale: float) -> Iterator[Report]:
    yield stopped_in_turn(stage, dice, jobs=_of(5_000, scale), rounds=_of(4, scale))


def scenarios() -> tuple[Scenario, ...]:
    """All of them; those with shifted clocks only where libfaketime is installed."""
    found: list[Scenario] = [
        Scenario("killed", _killed),
        Scenario("valkey", _valkey),
        Scenario("postgres", _postgres),
        Scenario("lost", _lost, {"twice": ["worker-bulk"]}),
        Scenario("frozen", _frozen, {"twice": ["worker-bulk", "worker-interactive"]}),
        Scenario("poison", _poison),
        Scenario("leaders", _leaders, {"twice": ["beat", "dispatcher"]}),
        Scenario("fair", _fair),
        Scenario("stopped", _stopped, {"twice": TWICE}),
        Scenario("ingested", _ingested),
        Scenario("broadcast", _broadcast, {"environ": scenario_broadcast.ENVIRON}),
    ]
    library = scenario_clocks.library()
    if library is not None:
        for name, here, there in (("clocks-ahead", "+1h", "-1h"), ("clocks-behind", "-1h", "+1h")):
            shifts = {"dispatcher": here, "worker-bulk": here, "worker-interactive": there}
            environ_of = scenario_clocks.shifted({**shifts, "beat": there}, library)
            found.append(Scenario(name, _clocks, {"twice": ["beat"], "environ_of": environ_of}))
    return tuple(found)
