"""Corners of the worker that a review found: interrupts in a statement, unheard claims, threads."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy import text

from kernel.errors import Unavailable
from services.jobs import claim as claims
from services.jobs import processes, read
from services.jobs.cancel import cancel
from services.jobs.enqueue import Order, enqueue, enqueue_many
from services.jobs.take import BEFORE_ALL, take
from tests.jobs.conftest import LEASE, STIR, Stir
from worker import handlers, runtime, stop
from worker.run import execute

A, B = uuid.UUID(int=0xA000), uuid.UUID(int=0xB000)


@pytest.fixture
def process(database, runtime_settings) -> Iterator[runtime.Process]:
    """A worker's process, beating, in this test's own."""
    begun = runtime.begin(["tests"], slots=1)
    yield begun
    runtime.finish()


@pytest.fixture
def interrupted() -> Iterator[None]:
    """A soft limit strikes in half a second, wherever the process is."""

    def strike(*_):
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def dispatched(database, *owners):
    """A job of each owner, in a message of its own."""
    with database.transaction() as session:
        enqueue_many(session, [Order(payload=Stir(), owner=o, actor="test") for o in owners])
    with database.transaction() as session:
        messages, _ = take(session, "tests", [STIR], len(owners), BEFORE_ALL, LEASE)
    return [(message.job_id, message.claim) for message in messages]


def test_a_time_limit_within_a_statement_is_no_outage(database, interrupted):
    with pytest.raises(SoftTimeLimitExceeded), database.transaction() as session:
        session.execute(text("SELECT pg_sleep(20)"))
    with database.transaction() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_job_whose_statement_is_too_slow_has_failed(database, process, monkeypatch, interrupted):
    (member,) = dispatched(database, A)

    def slow(job, run):
        with run.read() as session:
            session.execute(text("SELECT pg_sleep(20)"))

    monkeypatch.setitem(handlers._HANDLERS, STIR.name, handlers.Handler(slow, small=False))
    execute(STIR, [member])
    with database.transaction() as session:
        job = read.find(session, member[0], A)
    assert (job.failures, job.error["type"]) == (1, "TimeLimit")


def test_a_claim_that_stood_and_was_never_heard_of_goes_back(database, process, monkeypatch):
    """Its process lives and does not run it: nobody would ever call it lost."""
    (member,) = dispatched(database, A)
    claim, asked = claims.claim, []

    def unheard(*args, **more):
        if not asked:
            claim(*args, **more)
        asked.append(True)
        raise Unavailable("gone")

    monkeypatch.setattr(claims, "claim", unheard)
    assert execute(STIR, [member]) == {member[0]: "unclaimed"}
    with database.transaction() as session:
        assert session.scalar(text("SELECT state FROM jobs")) == "running"

    process._pay()
    with database.transaction() as session:
        job = read.find(session, member[0], A)
    assert (job.state, job.failures, job.history) == ("queued", 0, [])


def test_in_a_pool_of_threads_a_cancelled_job_ends_without_its_neighbours(
    database, runtime_settings, monkeypatch
):
    monkeypatch.setattr(runtime.os, "kill", lambda *_: pytest.fail("the process was ended"))
    monkeypatch.setattr(runtime, "PATIENCE", timedelta(0))
    pool = runtime.Process(["tests"], slots=32)
    with database.transaction() as session:
        processes.beat(session, pool.identity)
    members = dispatched(database, A, B)
    jobs = [claims.claim(database, STIR, [member], pool.identity.id)[0] for member in members]
    with pool.running(jobs):
        with database.transaction() as session:
            cancel(session, jobs[0].id, jobs[0].owner_id)
        pool._end_with([jobs[0].id])
    with database.transaction() as session:
        assert read.find(session, jobs[0].id, None).state == "cancelled"
        assert read.find(session, jobs[1].id, None).state == "running"


def test_threads_that_wait_for_others_are_handed_back_when_their_worker_stops(
    database, runtime_settings, monkeypatch
):
    pool = runtime.Process(["tests"], slots=32)
    with database.transaction() as session:
        processes.beat(session, pool.identity)
    (member,) = dispatched(database, A)
    jobs = claims.claim(database, STIR, [member], pool.identity.id)
    monkeypatch.setattr(stop, "stopping", lambda: True)
    with pool.running(jobs):
        for _ in range(2):  # heartbeats
            pool._hand_back()
    with database.transaction() as session:
        job = read.find(session, member[0], A)
    assert (job.state, job.failures) == ("queued", 0)


def test_a_worker_that_ends_lets_go_of_what_it_may_have_taken(database, runtime_settings):
    dispatched(database, A)
    runtime.let_go(["tests"])
    with database.transaction() as session:
        assert session.scalar(text("SELECT state FROM jobs")) == "queued"
        enqueue(session, Order(payload=Stir(), owner=B, actor="test"))
