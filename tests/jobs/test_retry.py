"""A retry policy is a value: it looks at an error and says when, or stop."""

from __future__ import annotations

from random import Random

import pytest

from kernel.errors import Conflict, Invalid, NotFound, Unavailable
from services.jobs.retry import (
    Outbound,
    Permanent,
    Retries,
    RetryPolicy,
    TimeLimit,
    failure_of,
)

POLICY = RetryPolicy(attempts=3, first=2, cap=10)
ONLY_OUTBOUND = Retries(
    **{
        name: RetryPolicy(attempts=1)
        for name in ("transient", "conflict", "out_of_memory", "unexpected")
    }
)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (Permanent(), "permanent"),
        (Invalid("no"), "permanent"),
        (NotFound("gone"), "permanent"),
        (Outbound("503"), "outbound"),
        (Conflict("taken"), "conflict"),
        (MemoryError(), "out_of_memory"),
        (Unavailable("away"), "transient"),
        (TimeLimit("slow"), "transient"),
        (ConnectionResetError(), "transient"),
        (ValueError(), "unexpected"),
    ],
)
def test_every_error_has_a_name(error, name):
    assert failure_of(error) == name


def test_the_policy_of_its_name_decides():
    assert ONLY_OUTBOUND.delay(Outbound("503"), 1, Random(1)) is not None
    assert ONLY_OUTBOUND.delay(ValueError(), 1, Random(1)) is None


def test_a_permanent_error_is_never_tried_again():
    assert Retries().delay(Permanent(), 1, Random(1)) is None


@pytest.mark.parametrize(("failures", "upper"), [(1, 2), (2, 4), (3, None)])
def test_the_delay_is_within_the_backoff_or_there_is_none(failures, upper):
    delay = POLICY.delay(failures, Random(7))
    assert (delay is None) == (upper is None)
    if upper is not None:
        assert 0 <= delay <= upper


def test_the_cap_bounds_the_longest_wait():
    patient = RetryPolicy(attempts=100, first=1, cap=10)
    assert max(patient.delay(50, Random(n)) for n in range(200)) <= 10


def test_waiters_do_not_come_back_together():
    """Full jitter: a store that comes back does not meet every waiter at once."""
    assert len({POLICY.delay(1, Random(n)) for n in range(50)}) == 50


def test_a_schedule_is_kept_to_and_its_length_is_checked():
    steps = RetryPolicy(attempts=3, schedule=(5, 300))
    assert 5 <= steps.delay(1, Random(3)) <= 5.5
    assert 300 <= steps.delay(2, Random(3)) <= 330
    assert steps.delay(3, Random(3)) is None
    with pytest.raises(ValueError, match="2 waits"):
        RetryPolicy(attempts=3, schedule=(5,))


def test_retry_after_is_never_undercut():
    assert all(
        Retries().delay(Outbound("429", retry_after=120), 1, Random(n)) >= 120 for n in range(50)
    )


def test_a_job_past_its_lifetime_is_not_tried_again():
    """The wait counts too: it would end after the lifetime."""
    brief = RetryPolicy(attempts=9, schedule=(10,) * 8, lifetime=60)
    assert brief.delay(1, Random(1), age=20) is not None
    assert brief.delay(1, Random(1), age=55) is None
