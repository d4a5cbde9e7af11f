"""Whatever is killed: every accepted job ends, and each effect is there once."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults.conftest import assert_holds
from tests.faults.scenario_killed import killed_at_random, targets
from tests.faults.stage import QUICK, Stage


def test_every_accepted_job_ends_and_has_its_effect_once_whatever_is_killed(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """450 mixed jobs (soak: 20,000); main and child of each program killed once (50 kills)."""
    stage = open_stage(environ=QUICK)

    assert_holds(killed_at_random(stage, dice, jobs=450, kills=len(targets(stage))))
