"""A worker that vanishes or freezes: its job runs elsewhere, and has its effect once."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.faults import scenario_frozen, scenario_poison
from tests.faults.conftest import assert_holds
from tests.faults.scenario_lost import killed_in_the_midst
from tests.faults.stage import QUICK, Stage


def test_a_job_whose_worker_is_killed_runs_elsewhere_within_15_seconds(
    open_stage: Callable[..., Stage],
) -> None:
    """With the settings' defaults; once a child alone, once with its main (soak: 5 times each)."""
    stage = open_stage(twice=["worker-bulk"])

    assert_holds(killed_in_the_midst(stage, whole=False, times=1))
    assert_holds(killed_in_the_midst(stage, whole=True, times=1))


def test_a_frozen_worker_loses_its_job_and_has_no_effect_once_thawed(
    open_stage: Callable[..., Stage],
) -> None:
    """In its handler, in its last transaction, and its main process with 30 jobs (soak: 500)."""
    stage = open_stage(environ=QUICK, twice=["worker-bulk", "worker-interactive"])

    assert_holds(scenario_frozen.between_steps(stage))
    assert_holds(scenario_frozen.in_its_last_transaction(stage))
    assert_holds(scenario_frozen.main_process(stage, count=30))


def test_poison_is_put_away_and_harms_nobody(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """2 poison jobs among 60 good ones (soak: 100 among 5,000), one by one and grouped.

    A job that ignores its limits is ended too, and one that forgets to finish fails.
    """
    stage = open_stage(environ=QUICK)

    assert_holds(scenario_poison.among_good_ones(stage, dice, poison=2, good=60, grouped=False))
    assert_holds(scenario_poison.among_good_ones(stage, dice, poison=2, good=60, grouped=True))
    assert_holds(scenario_poison.misbehaving(stage))
