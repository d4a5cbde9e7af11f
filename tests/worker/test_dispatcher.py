"""The dispatcher leads by a lease, keeps a window in the broker, and survives its absence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from kernel.redis import client
from services.jobs import processes
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.kinds import MAINTENANCE
from services.upkeep.jobs import EnsurePartitions
from worker.app import app
from worker.dispatcher import Dispatcher


@pytest.fixture
def broker(settings, runtime_settings, monkeypatch) -> Iterator[object]:
    monkeypatch.setattr(app.conf, "broker_url", settings.redis_url)
    redis = client(settings.redis_url, timeout=2)
    redis.flushdb()
    yield redis
    redis.flushdb()


@pytest.fixture
def worker(database) -> processes.Identity:
    identity = processes.Identity(role="worker", queues=[MAINTENANCE], slots=1)
    with database.transaction() as session:
        processes.beat(session, identity)
    return identity


@pytest.fixture
def roomy(database) -> processes.Identity:
    """A worker with more slots than a test has jobs: what is not sent is not for want of room."""
    identity = processes.Identity(role="worker", queues=[MAINTENANCE], slots=10)
    with database.transaction() as session:
        processes.beat(session, identity)
    return identity


def fill(database, count: int) -> None:
    orders = [
        Order(payload=EnsurePartitions(days=1), owner=uuid.UUID(int=9), actor="test")
        for _ in range(count)
    ]
    with database.transaction() as session:
        enqueue_many(session, orders)


def states(database) -> dict[str, int]:
    with database.transaction() as session:
        rows = session.execute(text("SELECT state, count(*) FROM jobs GROUP BY state"))
        return dict(tuple(row) for row in rows)


def test_it_publishes_a_window_and_leaves_the_backlog_in_the_database(
    database, settings, broker, worker
):
    fill(database, 10)
    published = Dispatcher(settings, database).turn()
    # Maintenance holds long jobs, so its window is the free slots alone: one.
    assert published == 1
    assert broker.llen(MAINTENANCE) == 1
    assert states(database) == {"dispatched": 1, "queued": 9}


def test_the_message_names_job_and_claim_and_carries_no_payload(database, settings, broker, worker):
    fill(database, 1)
    Dispatcher(settings, database).turn()
    raw = broker.lindex(MAINTENANCE, 0)
    with database.transaction() as session:
        job_id = session.scalar(text("SELECT id FROM jobs"))
    assert f"{job_id}.1".encode() in raw
    assert b"days" not in raw


def test_one_leads_and_the_other_stands_by(database, settings, broker, roomy):
    fill(database, 1)
    first, second = Dispatcher(settings, database), Dispatcher(settings, database)
    assert first.turn() == 1
    fill(database, 1)
    assert second.turn() == 0


def test_a_standby_takes_over_when_the_lease_ran_out(database, settings, broker, roomy):
    """The old leader, thawed, finds that it leads no more and publishes nothing."""
    first, second = Dispatcher(settings, database), Dispatcher(settings, database)
    first.turn()
    with database.transaction() as session:
        session.execute(text("UPDATE leases SET expires_at = now() - interval '1 second'"))
    fill(database, 1)
    assert second.turn() == 1
    fill(database, 1)
    assert first.turn() == 0


def test_without_a_broker_jobs_go_back_to_the_backlog_unspent(
    database, settings, runtime_settings, monkeypatch, worker
):
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    fill(database, 1)
    nowhere = replace(settings, redis_url="redis://127.0.0.1:1/0")
    dispatcher = Dispatcher(nowhere, database)
    dispatcher.over.set()  # it need not wait for the broker here
    dispatcher.turn()
    with database.transaction() as session:
        row = session.execute(text("SELECT state, failures, lost, claim FROM jobs")).one()
    assert tuple(row) == ("queued", 0, 0, 1)


def test_a_queue_that_no_living_worker_serves_gets_nothing(database, settings, broker):
    fill(database, 1)
    assert Dispatcher(settings, database).turn() == 0
    assert states(database) == {"queued": 1}
