"""Warming ends with its budget, and steps aside while people wait. No clock but the test's."""

from __future__ import annotations

import pytest

from services.warming.budget import LOOK, Budget
from services.warming.warm import AT_ONCE, Warmed, warm


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def budget(clock: Clock, waits=lambda: False, seconds=10.0, entries=1_000) -> Budget:
    return Budget(seconds, entries, waits, clock=clock, sleep=clock.sleep)


def test_entries_end_it():
    spent = budget(Clock(), entries=3)

    assert [spent.allows() for _ in range(5)] == [True, True, True, False, False]
    assert spent.ended_by == "entries"


def test_seconds_end_it():
    clock = Clock()
    spent = budget(clock, seconds=5)
    assert spent.allows()

    clock.now += 5

    assert not spent.allows()
    assert spent.ended_by == "seconds"


def test_nothing_is_made_while_somebody_waits():
    clock = Clock()
    waiting = iter([True, True, True, False])
    spent = budget(clock, lambda: next(waiting))

    assert spent.allows()
    assert clock.slept == spent.stood_aside == pytest.approx(3 * LOOK)


def test_where_people_wait_all_the_time_nothing_is_made_at_all():
    clock = Clock()
    spent = budget(clock, lambda: True, seconds=2)

    assert not spent.allows()
    assert spent.made == 0
    assert clock.slept == pytest.approx(2)


def test_who_waits_is_asked_a_few_times_a_second_and_not_for_each_entry():
    clock, asked = Clock(), []
    spent = budget(clock, lambda: bool(asked.append(clock.now)))
    for _ in range(100):
        clock.now += 0.01
        spent.allows()

    assert 3 <= len(asked) <= 5


def test_the_most_wanted_come_first_and_only_what_lacks_is_made():
    wanted = [str(number) for number in range(AT_ONCE + 10)]
    made: list[str] = []

    done = warm(
        wanted,
        lambda keys: [key for key in keys if int(key) % 2],
        made.append,
        budget(Clock(), entries=102),
        lambda *_: None,
    )

    assert made == [str(number) for number in range(1, 204, 2)]
    assert done == Warmed(wanted=AT_ONCE + 10, lacking=103, made=102)


def test_a_worker_told_to_stop_stops_between_two_entries():
    class Stop(Exception):
        pass

    made: list[str] = []

    def progress(*_: int) -> None:
        if len(made) == 2:
            raise Stop

    with pytest.raises(Stop):
        warm(["a", "b", "c"], lambda keys: keys, made.append, budget(Clock()), progress)

    assert made == ["a", "b"]
