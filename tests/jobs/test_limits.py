"""What stands still and what goes slower: rules of operators, and so many of a lane at once."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from services.jobs import end, rules
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.rules import Target
from services.jobs.take import BEFORE_ALL, take
from tests.jobs.conftest import CHOP, KITCHEN, LEASE, RING, STIR, Chop, Ring, Stir

A, B = uuid.UUID(int=0xA000), uuid.UUID(int=0xB000)


@pytest.fixture
def put(database):
    """Accepts so many jobs of an owner."""

    def accepted(count, payload=None, owner=A, **more):
        with database.transaction() as session:
            enqueue_many(
                session,
                [
                    Order(payload=payload or Stir(), owner=owner, actor="test", **more)
                    for _ in range(count)
                ],
            )

    return accepted


def dispatched(kitchen, free=50):
    """The members of what goes out next."""
    return [member for message in kitchen.dispatch(free) for member in message.members]


@pytest.mark.parametrize(
    ("target", "left"),
    [
        (Target("kind", STIR.name), {"B chop"}),
        (Target("owner", str(A)), {"B stir", "B chop"}),
    ],
    ids=["kind", "owner"],
)
def test_what_is_paused_stands_still_and_the_rest_goes_on(database, kitchen, put, target, left):
    put(1)
    put(1, owner=B)
    put(1, Chop(), owner=B)
    with database.transaction() as session:
        rules.pause(session, target, "key:me")

    sent = {f"{'A' if m.owner_id == A else 'B'} {m.kind.split('.')[1]}" for m in kitchen.dispatch()}

    assert sent == left
    with database.transaction() as session:
        rules.resume(session, target, "key:me")
    assert len(dispatched(kitchen)) == 3 - len(left)


@pytest.mark.parametrize("scope", ["owner", "kind", "queue"])
def test_no_more_are_in_flight_than_a_rule_allows_and_an_end_makes_room(
    database, kitchen, put, scope
):
    target = Target(scope, {"owner": str(A), "kind": STIR.name, "queue": "tests"}[scope])
    with database.transaction() as session:
        rules.limit(session, target, "key:me", concurrency=3, per_second=None)
    put(10)

    first = kitchen.dispatch()
    assert len(first) == 3
    assert kitchen.dispatch() == []
    job = kitchen.claim(first[0])
    with database.transaction() as session:
        end.succeed(session, [(job.id, job.claim, None)])
    assert len(kitchen.dispatch()) == 1


@pytest.mark.parametrize("scope", ["owner", "kind", "queue"])
def test_a_rate_lets_a_second_s_worth_through_and_refills(database, kitchen, put, scope):
    target = Target(scope, {"owner": str(A), "kind": STIR.name, "queue": "tests"}[scope])
    with database.transaction() as session:
        rules.limit(session, target, "key:me", concurrency=None, per_second=4)
        session.execute(text("UPDATE job_rules SET tokens = 4, refilled_at = now()"))
    put(10)

    assert len(dispatched(kitchen)) == 4
    with database.transaction() as session:  # as if half a second went by
        session.execute(
            text("UPDATE job_rules SET refilled_at = now() - interval '0.5 s', tokens = 0")
        )
    assert len(dispatched(kitchen)) == 2


def test_a_full_lane_is_passed_by_and_delays_no_other(database, kitchen, put):
    """Two calls at once to one neighbour: a thousand that wait for it hold up nobody."""
    put(1_000, Ring(), limit_key="slow.example")
    put(1_000, Ring(), limit_key="slow.example", owner=B)  # one limit, whoever calls
    put(2, Ring(), limit_key="quick.example")

    sent = dispatched(kitchen)
    with database.transaction() as session:
        keys = session.scalars(
            text("SELECT limit_key FROM jobs WHERE state = 'dispatched' ORDER BY limit_key")
        ).all()

    assert len(sent) == 4
    assert keys == ["quick.example"] * 2 + ["slow.example"] * 2
    assert kitchen.dispatch() == []


def test_full_lanes_beyond_one_look_do_not_hide_those_behind(database, kitchen, put):
    """A look ends after so many lanes; where all stand still, the next goes on behind them."""
    with database.transaction() as session:
        rules.pause(session, Target("kind", RING.name), "key:me")
        enqueue_many(
            session,
            [
                Order(payload=Ring(), owner=A, actor="test", limit_key=f"host {number}")
                for number in range(100)
            ],
        )
    put(1, owner=B)

    after, found = BEFORE_ALL, []
    for _ in range(8):
        with database.transaction() as session:
            found, after = take(session, "tests", KITCHEN, 1, after, LEASE)
        if found:
            break

    assert [message.owner_id for message in found] == [B]


def test_jobs_of_a_kind_that_this_release_does_not_know_wait_for_one_that_does(
    database, kitchen, put
):
    put(3)
    put(1, Chop())
    with database.transaction() as session:
        found, _ = take(session, "tests", [CHOP], 10, BEFORE_ALL, LEASE)
    assert [message.kind for message in found] == [CHOP.name]
