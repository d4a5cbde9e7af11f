"""One owner's thousands of recipes never delay another's one."""

from __future__ import annotations

from tests.faults.conftest import assert_holds
from tests.faults.scenario_fair import one_beside_many
from tests.faults.stage import Stage


def test_one_owners_thousands_stand_behind_anothers_one(stage: Stage) -> None:
    """4,000 recipes (soak: 50,000): the other's 5 analyses and 5 batches end before them."""
    assert_holds(one_beside_many(stage, recipes=4_000, samples=5))
