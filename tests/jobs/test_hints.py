"""Hints reach Redis without an answer, outlive its restarts, and are nothing without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from kernel.redis import BestEffort, client
from kernel.settings import Settings
from services.jobs.hints import DOORBELL, NEWS, REST, RING, Hints
from tests.processes import eventually


@pytest.fixture
def queue(settings: Settings) -> Iterator[redis.Redis]:
    """A client that looks what arrived."""
    opened = client(settings.redis_url, timeout=1)
    opened.delete(DOORBELL)
    yield opened
    opened.delete(DOORBELL)
    opened.close()


def hints(queue: redis.Redis, **more: Any) -> Hints:
    return Hints(BestEffort(queue), **more)


@contextmanager
def news(queue: redis.Redis) -> Iterator[list[bytes]]:
    """What is published meanwhile, heard to the end."""
    heard: list[bytes] = []
    with queue.pubsub() as subscription:
        subscription.subscribe(NEWS)
        subscription.get_message(timeout=5)
        yield heard
        while message := subscription.get_message(timeout=0.5):
            heard.append(message["data"])


def test_a_bell_that_rings_often_has_rung_once(queue: redis.Redis) -> None:
    bell = hints(queue)

    for _ in range(5):
        bell.send(frozenset({RING}))

    eventually("it rang", lambda: queue.llen(DOORBELL) == 1)


def test_news_of_each_job_are_told(queue: redis.Redis) -> None:
    with news(queue) as heard:
        hints(queue).send(frozenset({"one", "two", RING}))

    assert sorted(heard) == [b"one", b"two"]


def test_a_connection_that_redis_closed_is_made_anew_without_losing_the_hint(
    queue: redis.Redis,
) -> None:
    bell = hints(queue)
    bell.send(frozenset({RING}))
    eventually("it rang", lambda: queue.llen(DOORBELL) == 1)
    queue.delete(DOORBELL)

    queue.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(redis.ConnectionError):
        bell._connection.can_read(timeout=5)
    bell.send(frozenset({RING}))

    eventually("it rang again", lambda: queue.llen(DOORBELL) == 1)


def test_without_redis_a_hint_is_lost_and_the_next_second_is_quiet(queue: redis.Redis) -> None:
    nowhere = client("redis://127.0.0.1:1/0")
    now = [100.0]
    bell = hints(nowhere, clock=lambda: now[0])
    tried: list[float] = []
    connect = bell._connection.connect
    bell._connection.connect = lambda: (tried.append(now[0]), connect())

    bell.send(frozenset({RING}))
    bell.send(frozenset({RING}))
    now[0] += REST
    bell.send(frozenset({RING}))

    assert tried == [100.0, 100.0 + REST]
