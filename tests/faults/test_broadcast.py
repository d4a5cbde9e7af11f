"""A broadcast reaches everybody once, however often its workers are killed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults.conftest import assert_holds
from tests.faults.scenario_broadcast import ENVIRON, killed_on_the_way
from tests.faults.stage import QUICK, Stage


def test_everybody_is_told_once_though_the_workers_are_killed_five_times(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """2,000 people (soak: 20,000), inbox and webhook, five SIGKILLs on the way."""
    stage = open_stage(environ=QUICK | ENVIRON)

    assert_holds(killed_on_the_way(stage, dice, people=2_000, kills=5))
