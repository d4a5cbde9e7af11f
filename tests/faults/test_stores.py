"""Valkey and PostgreSQL go and come back: what was accepted stands, and none counts as lost."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults import scenario_postgres, scenario_valkey
from tests.faults.conftest import assert_holds
from tests.faults.stage import QUICK, Stage


def test_a_broker_that_forgets_freezes_or_hangs_up_costs_no_job(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """Emptied twice (soak: 10 times), frozen for 5 s (20 s), its connections killed 10 times (100).

    Every submission is answered 202 meanwhile.
    """
    stage = open_stage(environ=QUICK)

    assert_holds(scenario_valkey.restarted_empty(stage, dice, jobs=200, times=2))
    assert_holds(scenario_valkey.frozen(stage, dice, seconds=5))
    assert_holds(scenario_valkey.connections_killed(stage, dice, jobs=150, times=10))


def test_a_database_that_restarts_is_away_or_freezes_costs_no_job(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """Restarted twice (soak: 5 times), by SIGKILL and in order; away for 6 s (30 s).

    Meanwhile web answers 503 with Retry-After. Frozen for 6 s (20 s), longer than the silence by
    which a worker is taken for dead: then too nobody is.
    """
    stage = open_stage(environ=QUICK)

    assert_holds(scenario_postgres.restarted(stage, dice, jobs=200, times=2))
    assert_holds(scenario_postgres.away(stage, dice, seconds=6))
    assert_holds(scenario_postgres.frozen(stage, dice, seconds=6))
