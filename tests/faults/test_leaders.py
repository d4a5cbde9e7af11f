"""Two beats, two dispatchers, one of them frozen: each slot fires once, no job runs twice."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults import scenario_leaders
from tests.faults.conftest import assert_holds
from tests.faults.stage import QUICK, Stage


def test_a_thawed_leader_dispatches_nothing_twice_and_each_slot_fires_once(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """Frozen and thawed twice under 200 jobs (soak: 10 times, 5,000), and inside a transaction."""
    stage = open_stage(environ=QUICK, twice=["beat", "dispatcher"])

    assert_holds(scenario_leaders.frozen_in_turn(stage, dice, count=200, times=2))
    assert_holds(scenario_leaders.dispatcher_frozen_in_its_transaction(stage))
    assert_holds(scenario_leaders.beat_frozen_in_its_transaction(stage))
