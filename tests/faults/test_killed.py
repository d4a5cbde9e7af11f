"""Whatever is killed: every accepted job ends, and each effect is there once."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults.conftest import assert_holds
from tests.faults.scenario_killed import killed_at_random
from tests.faults.stage import QUICK, Stage


def test_every_accepted_job_ends_and_has_its_effect_once_whatever_is_killed(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """600 mixed jobs (soak: 20,000), 16 SIGKILLs (50): each process of each program once."""
    stage = open_stage(environ=QUICK)

    assert_holds(killed_at_random(stage, dice, jobs=600, kills=16))
