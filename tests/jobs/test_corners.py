"""Corners of the engine that a review found: each was a way to lose, to starve or to double."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from kernel.errors import Invalid
from kernel.ids import new_id
from services.jobs import settle, sweep
from services.jobs.end import EXPIRED, end
from services.jobs.enqueue import Order, enqueue, enqueue_many
from services.jobs.replay import replay
from services.jobs.take import BEFORE_ALL, take
from tests.jobs.conftest import KITCHEN, LEASE, Chop, Ring, Stir
from tests.processes import eventually

PAST = datetime(2020, 1, 1, tzinfo=UTC)


def test_two_that_ask_for_one_key_at_once_are_given_one_job(database, owner):
    """The second waits for the first to commit; its look at the jobs is then too old."""
    given = []

    def order():
        return Order(payload=Stir(), owner=owner, actor="test", dedupe="bread", dedupe_for=None)

    def other():
        with database.transaction() as session:
            given.append(enqueue(session, order()))

    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")

    def waits():
        with database.transaction() as session:
            return session.scalar(waiting)

    second = threading.Thread(target=other)
    with database.transaction() as session:
        first = enqueue(session, order())
        second.start()
        eventually("the second waits", waits)
    second.join()

    assert given == [first]
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 1


def test_what_follows_a_job_that_missed_its_deadline_has_time_of_its_own(database, owner):
    with database.transaction() as session:
        enqueue(
            session,
            Order(payload=Stir(), owner=owner, actor="test", deadline=PAST, on_end=Chop()),
        )
    for _ in range(2):
        with database.transaction() as session:
            sweep.sweep(session, timedelta(0))
    with database.transaction() as session:
        assert session.execute(text("SELECT kind, state FROM jobs")).all() == [
            ("tests.chop", "queued")
        ]


def test_an_owner_behind_many_full_lanes_is_served_though_an_earlier_one_always_has_work(database):
    busy, late = uuid.UUID(int=5), uuid.UUID(int=10_000)
    full = [uuid.UUID(int=100 + number) for number in range(60)]
    with database.transaction() as session:
        enqueue_many(
            session,
            [
                *(Order(payload=Stir(), owner=busy, actor="test") for _ in range(50)),
                *(Order(payload=Ring(), owner=o, actor="test", limit_key="host") for o in full),
                Order(payload=Stir(), owner=late, actor="test"),
            ],
        )
    after, served = BEFORE_ALL, set()
    for _ in range(20):
        with database.transaction() as session:
            messages, after = take(session, "tests", KITCHEN, 1, after, LEASE)
            served |= {message.owner_id for message in messages}
            # What is not a call ends at once; the calls to the host hang.
            session.execute(
                text("DELETE FROM jobs WHERE state = 'dispatched' AND kind = 'tests.stir'")
            )
    assert late in served


@pytest.mark.parametrize("words", ["bad \x00 byte", "bad \ud800 half"])
def test_an_error_of_any_text_is_settled(database, owner, kitchen, words):
    with database.transaction() as session:
        enqueue(session, Order(payload=Stir(), owner=owner, actor="test"))
    job = kitchen.start()
    with database.transaction() as session:
        assert settle.fail(session, job, ValueError(words), Random(1)) == "queued"


def test_a_waiter_that_was_replayed_waits_for_nothing_any_more(database, owner):
    with database.transaction() as session:
        first = enqueue(session, Order(payload=Stir(), owner=owner, actor="test"))
        waiter = enqueue(
            session,
            Order(payload=Stir(), owner=owner, actor="test", after=[first], deadline=PAST),
        )
    with database.transaction() as session:
        sweep.sweep(session, timedelta(0))
    with database.transaction() as session:
        replay(session, waiter, "key:me")
    with database.transaction() as session:
        end(session, [first], EXPIRED)
    with database.transaction() as session:
        row = session.execute(
            text("SELECT state, pending FROM jobs WHERE id = :id"), {"id": waiter}
        ).one()
    assert tuple(row) == ("queued", 0)


def test_to_wait_twice_for_one_is_to_wait_once_and_for_itself_is_refused(database, owner):
    mine = {"payload": Stir(), "owner": owner, "actor": "test"}
    with database.transaction() as session:
        first = enqueue(session, Order(**mine))
        enqueue(session, Order(**mine, after=[first, first]))
        assert session.scalar(text("SELECT max(pending) FROM jobs")) == 1
    itself = new_id()
    with database.transaction() as session, pytest.raises(Invalid, match="wait for itself"):
        enqueue(session, Order(**mine, id=itself, after=[itself]))


def test_an_attempt_that_came_back_forgives_the_workers_lost_before(database, owner, kitchen):
    with database.transaction() as session:
        enqueue(session, Order(payload=Stir(), owner=owner, actor="test"))
        session.execute(text("UPDATE jobs SET lost = 2"))
    job = kitchen.start()
    with database.transaction() as session:
        settle.fail(session, job, ValueError("again"), Random(1))
        assert session.scalar(text("SELECT lost FROM jobs")) == 0
