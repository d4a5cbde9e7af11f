"""Groups: under backlog a message carries several small jobs of one kind; else each goes alone."""

from __future__ import annotations

import uuid

from sqlalchemy import text

from services.jobs import plan
from services.jobs.enqueue import Order, enqueue_many
from tests.jobs.conftest import CHOP, LEASE, STIR, Chop, Stir

A, B = uuid.UUID(int=0xA000), uuid.UUID(int=0xB000)


def put(database, count, payload, owner=A):
    with database.transaction() as session:
        return enqueue_many(
            session, [Order(payload=payload, owner=owner, actor="test") for _ in range(count)]
        )


def sizes(messages):
    return [len(message.members) for message in messages]


def test_without_a_backlog_each_job_goes_alone(database, kitchen):
    put(database, 5, Chop())
    assert sizes(kitchen.dispatch(free=5)) == [1] * 5


def test_under_backlog_groups_grow_as_far_as_the_kind_allows(database, kitchen):
    put(database, 100, Chop())
    assert sizes(kitchen.dispatch(free=5)) == [4] * 5


def test_a_little_more_than_there_is_room_for_is_shared_out_evenly(database, kitchen):
    """Five jobs and four free slots make no message of four and one: none waits for three."""
    put(database, 6, Chop())
    assert sorted(sizes(kitchen.dispatch(free=4))) == [2, 2, 2]


def test_a_group_is_of_one_kind_and_only_of_kinds_that_say_so(database, kitchen):
    put(database, 20, Chop())
    put(database, 20, Stir())
    messages = kitchen.dispatch(free=6)
    assert all(len(message.members) == 1 for message in messages if message.kind == STIR.name)
    assert any(len(message.members) > 1 for message in messages if message.kind == CHOP.name)


def test_the_first_of_every_owner_is_among_the_first_of_a_message(database, kitchen):
    put(database, 50, Chop(), owner=A)
    (mine,) = put(database, 1, Chop(), owner=B)
    messages = kitchen.dispatch(free=2)
    assert mine in {message.members[0].job_id for message in messages}


def test_a_job_that_lost_its_worker_has_a_message_to_itself(database, kitchen):
    """It may be what killed the worker, and its neighbours with it."""
    jobs = put(database, 40, Chop())
    suspects = set(jobs[:2])
    with database.transaction() as session:
        session.execute(
            text("UPDATE jobs SET lost = 1 WHERE id = ANY(:ids)"), {"ids": list(suspects)}
        )
    carried = [{m.job_id for m in message.members} for message in kitchen.dispatch(free=8)]
    for suspect in suspects:
        assert {suspect} in carried


def test_a_queue_s_window_counts_messages_and_not_their_jobs(database, kitchen):
    put(database, 100, Chop())
    kitchen.dispatch(free=5)
    with database.transaction() as session:
        window = plan.windows(session, {"tests": 3}, LEASE)["tests"]
    assert window.in_flight == 5
