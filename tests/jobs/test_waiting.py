"""Jobs that wait for others, jobs that follow, and deadlines that reach the children."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from kernel.errors import Conflict, Invalid
from kernel.ids import new_id
from services.jobs import end, settle
from services.jobs.enqueue import Order, enqueue, enqueue_many
from services.jobs.retry import Permanent, Snooze
from services.jobs.sweep import sweep
from tests.jobs.conftest import Chop, Stir
from tests.jobs.test_life import view

SILENCE = timedelta(seconds=8)
SOON = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def put(database, owner):
    """Accepts one job."""

    def accepted(payload=None, **more):
        with database.transaction() as session:
            return enqueue(
                session, Order(payload=payload or Stir(), owner=owner, actor="test", **more)
            )

    return accepted


def succeed(database, kitchen):
    job = kitchen.start()
    with database.transaction() as session:
        assert end.succeed(session, [(job.id, job.claim, None)])


def fail(database, kitchen):
    job = kitchen.start()
    with database.transaction() as session:
        settle.fail(session, job, Permanent("burnt"), Random(1))


def test_a_job_waits_until_all_that_it_needs_have_succeeded(database, kitchen, put):
    first, second = put(), put(run_at=SOON)
    waiter = put(after=(first, second))
    assert view(database, waiter).state == "waiting"

    succeed(database, kitchen)
    assert view(database, waiter).state == "waiting"
    with database.transaction() as session:
        session.execute(text("UPDATE jobs SET next_at = now() WHERE state = 'queued'"))
    succeed(database, kitchen)
    assert view(database, waiter).state == "queued"


def test_where_one_fails_all_that_need_it_fail_and_say_why(database, kitchen, put):
    """Through the whole chain: who waits for a waiter waits in vain too."""
    first = put()
    second = put(after=(first,))
    third = put(after=(second,))

    fail(database, kitchen)

    for job in (second, third):
        assert view(database, job).state == "failed"
        assert view(database, job).error["type"] == "DependencyFailed"


def test_what_has_succeeded_already_is_not_waited_for(database, kitchen, put):
    first = put()
    succeed(database, kitchen)
    assert view(database, put(after=(first,))).state == "queued"


def test_to_wait_for_what_has_failed_or_never_was_is_refused(database, kitchen, put):
    first = put()
    fail(database, kitchen)
    with pytest.raises(Conflict, match="ended as failed"):
        put(after=(first,))
    with pytest.raises(Invalid, match="no job"):
        put(after=(new_id(),))


def test_waiters_of_a_job_that_an_older_release_ended_are_released(database, kitchen, put):
    """It knows no edges and leaves them standing; the sweep settles them."""
    first = put()
    waiter = put(after=(first,))
    with database.transaction() as session:
        session.execute(text("CREATE TEMP TABLE kept AS SELECT * FROM job_edges"))
        session.execute(text("DELETE FROM job_edges"))
        session.execute(text("SELECT 1"))
        held = [(first, 1, None)]
        session.execute(
            text("UPDATE jobs SET state = 'running', claim = 1 WHERE id = :i"), {"i": first}
        )
        end.succeed(session, held)
        session.execute(text("INSERT INTO job_edges SELECT * FROM kept"))
    assert view(database, waiter).state == "waiting"
    with database.transaction() as session:
        sweep(session, timedelta(0))
    assert view(database, waiter).state == "queued"


def test_a_follow_up_comes_on_success_and_another_however_it_ends(database, kitchen, put):
    put(then=Stir(spoon=2), on_end=Stir(spoon=3))
    succeed(database, kitchen)
    assert spoons(database) == {2, 3}

    with database.transaction() as session:
        session.execute(text("DELETE FROM jobs"))
    put(then=Stir(spoon=2), on_end=Stir(spoon=3))
    fail(database, kitchen)
    assert spoons(database) == {3}


def spoons(database):
    with database.transaction() as session:
        return set(session.scalars(text("SELECT (payload->>'spoon')::int FROM jobs")))


def test_a_job_fans_out_and_joins_when_the_last_has_ended(database, kitchen, put):
    put()
    job = kitchen.start()
    with kitchen.run(job).finish() as session:
        join = kitchen.run(job).spawn(session, [Chop(), Chop()], Stir(spoon=9))
    assert view(database, join).state == "waiting"

    first, second = kitchen.dispatch()
    for message in (first, second):
        child = view(database, message.job_id)
        assert child.parent_id == join
    with database.transaction() as session:
        end.end(session, [first.job_id], end.CANCELLED)
        end.end(session, [second.job_id], end.CANCELLED)
    assert view(database, join).state == "queued"


def test_children_inherit_the_deadline_and_fail_by_it(database, kitchen, put, owner):
    parent = Order(payload=Stir(), owner=owner, actor="test", pending=1, deadline=SOON)
    child = Order(payload=Stir(), owner=owner, actor="test", parent=parent.id)
    with database.transaction() as session:
        enqueue_many(session, [parent, child])
        session.execute(
            text("UPDATE jobs SET deadline_at = now() - interval '1 s' WHERE deadline_at = :soon"),
            {"soon": SOON},
        )
        sweep(session, timedelta(0))
    for job in (parent.id, child.id):
        assert (view(database, job).state, view(database, job).error["type"]) == (
            "failed",
            "DeadlineExceeded",
        )


def test_a_running_job_is_asked_to_stop_at_its_deadline(database, kitchen, put):
    put(deadline=SOON)
    job = kitchen.start()
    with database.transaction() as session:
        session.execute(text("UPDATE jobs SET deadline_at = now() - interval '1 s'"))
        sweep(session, SILENCE)
    with pytest.raises(settle.CancelRequested), kitchen.run(job).finish():
        pass
    with database.transaction() as session:
        settle.cancelled(session, job)
    assert view(database, job.id).error["type"] == "DeadlineExceeded"


def test_a_retry_that_would_come_after_the_deadline_is_not_waited_for(database, kitchen, put):
    put(deadline=datetime.now(UTC) + timedelta(hours=1))
    job = kitchen.start()
    with database.transaction() as session:
        session.execute(text("UPDATE jobs SET deadline_at = now() + interval '1 ms'"))
    with database.transaction() as session:
        assert settle.fail(session, job, ValueError("again"), Random(3)) == "dead"


def test_a_snoozed_job_comes_again_later_and_spends_nothing(database, kitchen, put):
    put()
    job = kitchen.start()
    with database.transaction() as session:
        settle.snooze(session, job, Snooze(60, "the oven is cold"))
    waiting = view(database, job.id)
    assert (waiting.state, waiting.failures, waiting.history) == ("queued", 0, [])
    assert kitchen.dispatch() == []
    with database.transaction() as session:
        session.execute(text("UPDATE jobs SET next_at = now()"))
    assert kitchen.start().attempt == 2


def test_of_jobs_with_one_key_there_is_one_until_it_has_ended(database, kitchen, put):
    first = put(dedupe="bread", dedupe_for=None)
    assert put(dedupe="bread", dedupe_for=None) == first
    succeed(database, kitchen)
    assert put(dedupe="bread", dedupe_for=None) != first


def test_of_jobs_with_one_key_there_is_one_within_its_time(database, kitchen, put):
    first = put(dedupe="bread")
    succeed(database, kitchen)
    assert put(dedupe="bread") == first
    with database.transaction() as session:
        session.execute(text("UPDATE job_keys SET expires_at = now() - interval '1 s'"))
    assert put(dedupe="bread") != first


def test_of_many_accepted_at_once_each_keeps_its_own_time(database, kitchen, owner):
    later, now = (
        Order(payload=Stir(), owner=owner, actor="test", run_at=run_at) for run_at in (SOON, None)
    )
    for orders in ([now, later], [later, now]):
        with database.transaction() as session:
            session.execute(text("DELETE FROM jobs"))
            enqueue_many(session, orders)
        assert [message.job_id for message in kitchen.dispatch()] == [now.id]


def test_twins_in_one_call_are_one_job(database, owner):
    orders = [Order(payload=Stir(), owner=owner, actor="test", dedupe="bread") for _ in range(3)]
    with database.transaction() as session:
        ids = enqueue_many(session, orders)
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 1
    assert ids == [orders[0].id] * 3


def test_a_key_that_was_taken_meanwhile_is_seen(database, owner):
    order = {"owner": owner, "actor": "test", "dedupe": "bread"}
    with database.transaction() as late:
        late.execute(text("SELECT count(*) FROM job_keys"))
        with database.transaction() as early:
            mine = enqueue(early, Order(payload=Stir(), **order))
        assert enqueue(late, Order(payload=Stir(), **order)) == mine
