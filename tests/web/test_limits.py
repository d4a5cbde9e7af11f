"""Counting: no quota is exceeded between processes, and few requests ask Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis

from kernel.redis import BestEffort, client
from kernel.settings import Settings
from web.limits import WINDOW, Limit, Limiter, QuotaExceeded

ADDRESS = Limit("address", 1_000_000)


@pytest.fixture
def shared(settings: Settings) -> Iterator[redis.Redis]:
    """The Redis that all processes count in, empty afterwards."""
    opened = client(settings.redis_url, timeout=1)
    yield opened
    opened.flushdb()
    opened.close()


@pytest.fixture
def process(shared: redis.Redis) -> Callable[..., Limiter]:
    """Makes what one web process counts with, at a moment that stands still."""

    def make(quota: int, now: float = 30.0) -> Limiter:
        return Limiter(BestEffort(shared), Limit("key", quota), ADDRESS, clock=lambda: now)

    return make


def granted(limiter: Limiter, who: str = "kitchen") -> bool:
    try:
        limiter.count(limiter.key, who)
    except QuotaExceeded:
        return False
    return True


@pytest.mark.parametrize("quota", [1, 5, 64, 1000])
def test_one_process_grants_a_quota_to_the_last_request(
    process: Callable[..., Limiter], quota: int
) -> None:
    alone = process(quota)

    standings = [alone.count(alone.key, "kitchen").remaining for _ in range(quota)]

    assert standings == list(range(quota - 1, -1, -1))
    assert not granted(alone)
    assert granted(alone, "another kitchen")


def test_processes_together_grant_no_more_than_the_quota(process: Callable[..., Limiter]) -> None:
    first, second = process(1000), process(1000)

    answers = [granted(one) for _ in range(1000) for one in (first, second)]

    # What a process holds in vain is a lease, which is small by then.
    assert 1000 - 1000 // 64 <= sum(answers) <= 1000
    assert not granted(first)
    assert not granted(second)


def test_few_requests_ask_redis(
    process: Callable[..., Limiter], shared: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = process(6000)
    asked = []
    ask = limiter._shared.incr
    monkeypatch.setattr(limiter._shared, "incr", lambda *args: asked.append(args) or ask(*args))

    for _ in range(3000):
        limiter.count(limiter.key, "kitchen")

    assert len(asked) < 100


def test_a_used_up_quota_is_refused_without_asking_until_the_next_window(
    process: Callable[..., Limiter], shared: redis.Redis
) -> None:
    now = [30.0]
    limiter = process(1)
    limiter._clock = lambda: now[0]
    assert granted(limiter)
    assert not granted(limiter)

    shared.flushdb()
    assert not granted(limiter)
    now[0] += WINDOW
    assert granted(limiter)


def test_a_dear_request_counts_as_many_and_leaves_what_it_cannot_have(
    process: Callable[..., Limiter],
) -> None:
    limiter = process(10)

    assert limiter.count(limiter.key, "kitchen", cost=8).remaining == 2
    with pytest.raises(QuotaExceeded):
        limiter.count(limiter.key, "kitchen", cost=8)
    assert [limiter.count(limiter.key, "kitchen").remaining for _ in range(2)] == [1, 0]
    assert not granted(limiter)


def test_without_redis_a_process_counts_for_itself() -> None:
    away = BestEffort(client("redis://127.0.0.1:9", timeout=0.01))
    limiter = Limiter(away, Limit("key", 10), ADDRESS, clock=lambda: 30.0)

    assert limiter.count(limiter.key, "kitchen", cost=9).remaining == 1
    assert granted(limiter)
    assert not granted(limiter)
