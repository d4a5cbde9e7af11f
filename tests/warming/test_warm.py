"""Warming jobs, as a worker runs them on the real engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

import tasks.warming  # noqa: F401 - registers the handlers
from kernel.cache import Cache, Status, flush
from kernel.ids import PLATFORM
from kernel.redis import BestEffort, client
from services.analyses.region import LINES
from services.catalogue.cached import CachedFoods, search_key
from services.jobs.enqueue import Order, enqueue
from services.jobs.kinds import BULK, CACHE, INTERACTIVE
from services.upkeep.jobs import InteractiveCanary
from services.warming.budget import somebody_waits
from services.warming.warm import ask, ask_for_release, ask_lines
from tasks import lines
from tests.analyses.claiming import claim_next
from worker import runtime


@pytest.fixture
def cache(settings, monkeypatch) -> Iterator[Cache]:
    """An empty cache, which the worker's runtime uses too."""
    made = Cache(BestEffort(client(settings.cache_redis_url, timeout=5)))
    made.redis.redis.flushdb()
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    monkeypatch.setattr(runtime, "cache", lambda: made)
    lines.shared.cache_clear()
    lines.tally.cache_clear()
    yield made
    lines.shared.cache_clear()
    lines.tally.cache_clear()
    made.close()


def want(database, region: str, *keys: str) -> None:
    """As if each had been asked for within this hour, the first most often."""
    with database.transaction() as session:
        for hits, key in enumerate(reversed(keys), 1):
            session.execute(
                text("""
                    INSERT INTO warming_wanted (region, hour, key, hits)
                    VALUES (:region, date_trunc('hour', now()), :key, :hits)
                """),
                {"region": region, "key": key, "hits": hits},
            )


def run(database, queue: str, seconds: float = 600) -> dict:
    """Run the queue's next job; answers the reports of the last runs, by kind.

    seconds: its budget, out of reach of the slowest machine.
    """
    with database.transaction() as session:
        session.execute(
            text("""
                UPDATE jobs
                SET payload = jsonb_set(payload, '{seconds}', to_jsonb(CAST(:seconds AS float)))
                WHERE kind LIKE 'warming.%'
            """),
            {"seconds": seconds},
        )
    claim_next(database, queue).handle()
    with database.transaction() as session:
        rows = session.execute(text("SELECT kind, report FROM warming_runs")).all()
    return {row.kind: row.report for row in rows}


def test_the_most_wanted_foods_and_searches_are_there_before_they_are_asked(database, cache):
    foods = CachedFoods(database.transaction, cache)
    egg = json.loads(foods.search("egg", 1, 0).value)["items"][0]["id"]
    flush(cache.redis.redis)
    want(database, "foods", egg, "no id at all", str(PLATFORM))
    want(database, "searches", search_key("rye bread", 20, 0), "no search")
    with database.transaction() as session:
        ask(session, "asked", "key:1")

    report = run(database, CACHE)["warming.warm"]

    assert report["foods"] == {"wanted": 3, "lacking": 3, "made": 3}
    assert report["searches"] == {"wanted": 2, "lacking": 1, "made": 1}
    assert foods.food(UUID(egg)).status is Status.HIT
    assert foods.search("Rye bread", 20, 0).status is Status.HIT


def test_lines_are_read_where_the_engine_is_and_only_those_that_lack(database, cache):
    want(database, LINES.name, "2 large eggs", "1 cup milk", "zxqv")
    with database.transaction() as session:
        ask(session, "asked", "key:1")
    run(database, CACHE)

    report = run(database, BULK)["warming.lines"]

    assert report["lines"]["made"] == 3
    assert lines.shared().lacking(["2 large eggs", "1 cup milk"]) == []
    with database.transaction() as session:
        ask_lines(session, "again")
    assert run(database, BULK)["warming.lines"]["lines"]["made"] == 1  # what came to nothing


def test_a_second_warming_makes_nothing(database, cache):
    want(database, "searches", search_key("rye bread", 20, 0))
    for made in (1, 0):
        with database.transaction() as session:
            ask(session, "asked", "key:1")
        assert run(database, CACHE)["warming.warm"]["searches"]["made"] == made


def test_while_a_person_waits_nothing_is_made(database, cache):
    want(database, "searches", search_key("rye bread", 20, 0))
    with database.transaction() as session:
        ask(session, "asked", "key:1")
        enqueue(session, Order(payload=InteractiveCanary(), owner=PLATFORM, actor="test"))
        assert somebody_waits(session)

    report = run(database, CACHE, seconds=0.5)["warming.warm"]

    assert report["searches"]["made"] == 0
    assert report["ended_by"] == "seconds"
    assert report["stood_aside"] > 0


def test_a_person_whose_job_is_at_work_waits_for_nothing_of_ours(database):
    with database.transaction() as session:
        assert not somebody_waits(session)
        enqueue(session, Order(payload=InteractiveCanary(), owner=PLATFORM, actor="test"))
    claim_next(database, INTERACTIVE)

    with database.transaction() as session:
        assert not somebody_waits(session)


def test_without_redis_warming_ends_and_makes_nothing(database, cache, monkeypatch):
    want(database, "searches", search_key("rye bread", 20, 0))
    away = Cache(BestEffort(client("redis://127.0.0.1:1/0")))
    monkeypatch.setattr(runtime, "cache", lambda: away)
    with database.transaction() as session:
        ask(session, "asked", "key:1")

    assert run(database, CACHE)["warming.warm"]["searches"]["made"] == 0


def test_two_who_ask_for_one_reason_get_one_job_and_a_flush_its_own(database):
    with database.transaction() as session:
        first = ask(session, "schedule", "beat")
        assert ask(session, "schedule", "beat") == first
        assert ask(session, "flush", "key:1") != first


def test_a_release_is_warmed_once_however_often_its_workers_start(database):
    for version in ("1", "1", "2"):
        with database.transaction() as session:
            ask_for_release(session, version)

    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 2
