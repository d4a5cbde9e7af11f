"""A host that hangs delays no other, and one that asks to be left alone is."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.conftest import assert_holds
from tests.faults.scenario_hosts import one_hangs
from tests.faults.stage import Stage


def test_a_host_that_hangs_delays_nobody_else(open_stage: Callable[..., Stage]) -> None:
    """8 hosts, 12 people each (benchmarks/fanout.py: 20): six have theirs while one hangs."""
    stage = open_stage(environ={"OUTBOUND_LOOPBACK": "1"})
    assert_holds(one_hangs(stage, hosts=8, people=12, block=7, calm=False))
