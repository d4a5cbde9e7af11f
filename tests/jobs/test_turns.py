"""Whose job goes next: owners in turn, then priority, then age."""

from __future__ import annotations

import uuid

import pytest

from services.jobs import plan
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.kinds import Kind
from services.jobs.take import BEFORE_ALL, take
from tests.jobs.conftest import LEASE, STIR, Stir

A, B, C = (uuid.UUID(int=0xA000 + n) for n in range(3))


def orders(owner, count, **more):
    return [Order(payload=Stir(), owner=owner, actor="test", **more) for _ in range(count)]


def served(messages):
    return [message.owner_id for message in messages]


def test_one_owners_backlog_does_not_delay_anothers_single_job(database, kitchen):
    with database.transaction() as session:
        enqueue_many(session, orders(A, 500))
    with database.transaction() as session:
        enqueue_many(session, orders(B, 1))
    assert B in served(kitchen.dispatch(free=2))


def test_owners_take_turns_across_refills_of_one(database):
    """With a single free slot the next refill begins behind the owner who was served."""
    with database.transaction() as session:
        enqueue_many(session, orders(A, 3) + orders(B, 3) + orders(C, 3))
    after, seen = BEFORE_ALL, []
    for _ in range(6):
        with database.transaction() as session:
            messages, after = take(session, "tests", [STIR], 1, after, LEASE)
        seen += served(messages)
    assert seen == [A, B, C, A, B, C]


def test_a_refill_shares_out_evenly_and_fills_up(database, kitchen):
    with database.transaction() as session:
        enqueue_many(session, orders(A, 10) + orders(B, 2))
    taken = served(kitchen.dispatch(free=6))
    assert (taken.count(A), taken.count(B)) == (4, 2)


def test_within_an_owner_priority_goes_before_age(database, kitchen):
    with database.transaction() as session:
        enqueue_many(session, orders(A, 2) + orders(A, 1, priority=5))
    first = kitchen.claim(kitchen.dispatch(free=1)[0])
    with database.transaction() as session:
        urgent = session.scalars(plan.text("SELECT id FROM jobs WHERE priority = 5")).one()
    assert first.id == urgent


def test_a_job_of_the_future_is_not_taken(database, kitchen):
    with database.transaction() as session:
        enqueue_many(session, orders(A, 1))
        session.execute(plan.text("UPDATE jobs SET next_at = now() + interval '1 hour'"))
    assert kitchen.dispatch() == []


def test_the_window_is_what_living_workers_offer_less_what_is_in_flight(database, kitchen):
    with database.transaction() as session:
        enqueue_many(session, orders(A, 5))
    kitchen.dispatch(free=2)
    with database.transaction() as session:
        windows = plan.windows(session, {"tests": 3, "unserved": 3}, LEASE)
    assert windows == {"tests": plan.Window(size=3, in_flight=2)}
    assert windows["tests"].free == 1


def test_a_queue_with_long_jobs_gets_the_free_slots_alone():
    """A message behind a long job would outlive its dispatch lease and come twice."""
    short = {"queue": "mixed", "retry": STIR.retry, "soft_limit": 10, "hard_limit": 20}
    kinds = [
        kind(name="tests.short", payload=type("Short", (), {}), **short),
        kind(name="tests.long", payload=type("Long", (), {}), **short | {"soft_limit": 16}),
    ]
    assert plan.window_factor(kinds[:1], 3, lease=15) == {"mixed": 3}
    assert plan.window_factor(kinds, 3, lease=15) == {"mixed": 1}


def kind(**values) -> Kind:
    """A kind that the registry does not keep."""
    made = object.__new__(Kind)
    defaults = {"version": 1}
    for name, value in (defaults | values).items():
        object.__setattr__(made, name, value)
    return made


@pytest.mark.parametrize("owners", [1, 7, 300])
def test_every_owner_is_served_within_one_round(database, owners):
    """However many owners wait, none is passed over."""
    ids = [uuid.UUID(int=0xB000 + n) for n in range(owners)]
    with database.transaction() as session:
        enqueue_many(session, [order for owner in ids for order in orders(owner, 2)])
    after, seen = BEFORE_ALL, []
    while len(seen) < owners:
        with database.transaction() as session:
            messages, after = take(session, "tests", [STIR], 5, after, LEASE)
        seen += served(messages)
    assert set(seen) == set(ids)
