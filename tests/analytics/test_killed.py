"""Whichever worker is killed: rollups equal a plain count of what was sent."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.analytics.scenario_killed import killed_while_ingesting
from tests.faults.conftest import assert_holds, dice, open_stage
from tests.faults.stage import QUICK, Stage

__all__ = ["dice", "open_stage"]


def test_every_event_is_counted_once_whichever_worker_is_killed(
    open_stage: Callable[..., Stage], dice: Random
) -> None:
    """10,000 events, 5 % of them repeated, unordered, and four kills (full: 100,000)."""
    stage = open_stage(environ=QUICK)

    assert_holds(killed_while_ingesting(stage, dice, events=10_000, kills=4))
