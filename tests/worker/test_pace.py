"""How much of a queue lies ready: what its workers finish between two looks, and no less than for
their slots."""

from __future__ import annotations

from worker.pace import AHEAD, REST, Pace


def seen(pace, *, rate, seconds, size=6):
    """What the window comes to where jobs end at *rate* a second, looked at every rest."""
    now, flight, window = 0.0, 0, 0
    while now < seconds:
        window = pace.window(size, flight, now)
        pace.sent(window - flight)
        flight = max(0, window - round(rate * REST))
        now += REST
    return window


def test_slow_jobs_have_what_their_slots_say():
    assert seen(Pace(), rate=10, seconds=2) == 6


def test_fast_jobs_have_as_many_as_end_before_the_next_look():
    window = seen(Pace(), rate=4_000, seconds=5)
    assert window >= 4_000 * REST
    assert window <= 4_000 * REST * AHEAD + 1


def test_the_window_shrinks_when_the_work_slows():
    pace = Pace()
    seen(pace, rate=4_000, seconds=5)
    now = 100.0
    for _ in range(20):
        window = pace.window(6, 3, now)
        now += 1
    assert window == 6
