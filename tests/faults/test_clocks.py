"""Clocks an hour off on worker, dispatcher and beat: no job early, none twice, each slot once."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.faults.conftest import assert_holds
from tests.faults.scenario_clocks import an_hour_off, library, shifted
from tests.faults.stage import QUICK, Stage

pytestmark = pytest.mark.debian


@pytest.mark.parametrize(
    "shifts",
    [
        {"dispatcher": "+1h", "worker-interactive": "-1h", "worker-bulk": "+1h", "beat": "-1h"},
        {"dispatcher": "-1h", "worker-interactive": "+1h", "worker-bulk": "-1h", "beat": "+1h"},
    ],
    ids=["dispatcher ahead", "dispatcher behind"],
)
def test_the_clocks_of_hosts_decide_nothing(
    open_stage: Callable[..., Stage], dice: Random, shifts: dict[str, str]
) -> None:
    """300 jobs (soak: 3,000), a third of them scheduled; a second beat has the right time."""
    found = library()
    assert found is not None, "libfaketime is not installed (Debian: apt-get install libfaketime)"
    stage = open_stage(environ=QUICK, twice=["beat"], environ_of=shifted(shifts, found))

    assert_holds(an_hour_off(stage, dice, count=300))
