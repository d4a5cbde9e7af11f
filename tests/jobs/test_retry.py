"""A retry policy is a value: it looks at an error and says when, or stop."""

from __future__ import annotations

from random import Random

import pytest

from services.jobs.retry import Permanent, RetryPolicy

POLICY = RetryPolicy(attempts=3, first=2, cap=10, on=(OSError,))


@pytest.mark.parametrize(
    ("error", "failures", "upper"),
    [
        (OSError(), 1, 2),
        (ConnectionError(), 2, 4),  # a subclass counts
        (OSError(), 3, None),  # the third failure of three attempts
        (ValueError(), 1, None),  # no repetition mends it
        (Permanent(), 1, None),
    ],
)
def test_the_delay_is_within_the_backoff_or_there_is_none(error, failures, upper):
    delay = POLICY.delay(error, failures, Random(7))
    assert (delay is None) == (upper is None)
    if upper is not None:
        assert 0 <= delay <= upper


def test_the_cap_bounds_the_longest_wait():
    patient = RetryPolicy(attempts=100, first=1, cap=10)
    assert max(patient.delay(OSError(), 50, Random(n)) for n in range(200)) <= 10


def test_waiters_do_not_come_back_together():
    """Full jitter: a store that comes back does not meet every waiter at once."""
    delays = {POLICY.delay(OSError(), 1, Random(n)) for n in range(50)}
    assert len(delays) == 50
