"""Told to stop, a worker hands back what it holds; told to start, the platform is whole."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import httpx2

from tests.faults.conftest import assert_holds
from tests.faults.scenario_stopped import TWICE, stopped_in_turn
from tests.faults.stage import Stage
from tests.processes import eventually


def test_what_a_stopping_worker_holds_waits_for_no_timeout(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """250 mixed jobs (soak: 5,000), each worker stopped once (4 times).

    What is handed back spends no failure, counts as no loss, and is done once. Then every queue
    proves itself by its canary: beat, dispatcher, broker, worker and database, end to end.
    """
    stage = open_stage(twice=TWICE)

    assert_holds(stopped_in_turn(stage, dice, jobs=250, rounds=1))

    def ready() -> bool:
        answer = httpx2.get(f"{stage.platform.url}/readyz")
        return answer.status_code == 200 and answer.json()["status"] == "ok"

    eventually("/readyz is ok", ready, 90)
