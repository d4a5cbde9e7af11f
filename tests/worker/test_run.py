"""From message to settled job, by `execute` on real rows: what each way to end does to the job."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy import text

from kernel.errors import Unavailable
from services.jobs import read
from services.jobs.enqueue import Order, enqueue
from services.jobs.retry import Permanent
from services.jobs.take import BEFORE_ALL, take
from services.kinds import KINDS
from services.upkeep.jobs import ENSURE_PARTITIONS, EnsurePartitions
from worker import handlers, runtime, stop
from worker.run import execute

OWNER = uuid.UUID(int=77)


@pytest.fixture
def process(database, runtime_settings, monkeypatch) -> Iterator[runtime.Process]:
    """A worker's process, beating, in this test's own."""
    begun = runtime.begin(["maintenance"], slots=1)
    yield begun
    runtime.finish()


@pytest.fixture
def run_with(database, process, monkeypatch):
    """Run one job with *handler*; answers what `execute` said, and the job afterwards."""

    def run(handler):
        handlers.load()
        wrapped = handlers.Handler(handler, small=False)
        monkeypatch.setitem(handlers._HANDLERS, ENSURE_PARTITIONS.name, wrapped)
        with database.transaction() as session:
            order = Order(payload=EnsurePartitions(days=1), owner=OWNER, actor="test")
            job_id = enqueue(session, order)
        with database.transaction() as session:
            (message,), _ = take(
                session, "maintenance", KINDS, 1, BEFORE_ALL, timedelta(seconds=15)
            )
        said = execute(ENSURE_PARTITIONS, [(job_id, message.claim)])[job_id]
        with database.transaction() as session:
            return said, read.find(session, job_id, OWNER)

    return run


def raising(error):
    def handler(job, run):
        raise error

    return handler


def test_a_handler_that_finishes_succeeds(run_with):
    def handler(job, run):
        with run.finish({"days": job.days}):
            pass

    said, job = run_with(handler)
    assert (said, job.state, job.result) == ("succeeded", "succeeded", {"days": 1})


def test_a_handler_that_returns_without_finishing_is_a_defect_and_says_so(run_with):
    _, job = run_with(lambda job, run: None)
    assert job.state == "failed"
    assert "run.finish()" in job.error["message"]


def test_a_permanent_error_fails_and_shows_in_flower_without_its_message(run_with):
    said, job = run_with(raising(Permanent("private words")))
    assert (job.state, job.error["message"]) == ("failed", "private words")
    assert "private" not in said


def test_a_passing_error_is_retried(run_with):
    _, job = run_with(raising(ValueError("again")))
    assert (job.state, job.failures) == ("queued", 1)


def test_the_soft_limit_is_a_failure_that_names_it(run_with):
    _, job = run_with(raising(SoftTimeLimitExceeded()))
    assert (job.state, job.error["type"]) == ("queued", "TimeLimit")
    assert "120 s" in job.error["message"]


def test_a_store_that_is_away_spends_nothing(run_with):
    said, job = run_with(raising(Unavailable("gone")))
    assert (said, job.state, job.failures) == ("handed back", "queued", 0)


def test_a_worker_told_to_stop_does_not_begin(run_with, monkeypatch):
    monkeypatch.setattr(stop, "stopping", lambda: True)
    said, job = run_with(raising(AssertionError("must not run")))
    assert (said, job.state, job.attempt) == ("handed back", "queued", 0)


def test_a_stale_message_is_refused(process):
    stale = uuid.uuid4()
    assert execute(ENSURE_PARTITIONS, [(stale, 1)]) == {stale: "refused"}


def test_what_could_not_be_settled_is_settled_by_the_next_heartbeat(database, process):
    """An outage longer than a kind's limits neither spends a failure nor counts as a loss."""
    done: list[int] = []

    def act(session):
        done.append(session.scalar(text("SELECT 1")))

    process.owe(act)
    process._pay()
    assert done == [1]
