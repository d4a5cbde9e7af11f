"""The life of a job on a real PostgreSQL, step by step."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import Conflict, NotFound, Unavailable
from services.jobs import cancel, events, read, settle, sweep
from services.jobs import claim as claims
from services.jobs.enqueue import Order, enqueue
from services.jobs.retry import Permanent
from services.jobs.run import HandBack
from tests.jobs.conftest import LEASE, STIR, Kitchen, Stir
from tests.processes import eventually

#: What every entry of a job's history says (services/jobs/models.py).
HISTORY = {"attempt", "outcome", "error", "at", "process", "host", "seconds", "log"}


def order(database: Database, owner: uuid.UUID, **more: object) -> uuid.UUID:
    with database.transaction() as session:
        return enqueue(session, Order(payload=Stir(), owner=owner, actor="test", **more))  # type: ignore[arg-type]


def view(database: Database, job_id: uuid.UUID) -> read.JobView:
    with database.transaction() as session:
        found = read.find(session, job_id, None)
    assert found is not None
    return found


def names(database: Database, job_id: uuid.UUID, after: int = 0) -> list[tuple[int, str]]:
    with database.transaction() as session:
        return [(event.seq, event.name) for event in events.after(session, job_id, after)]


def test_a_job_that_was_rolled_back_was_never_accepted(database, owner):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        job_id = enqueue(session, Order(payload=Stir(), owner=owner, actor="test"))
        raise ZeroDivisionError
    with database.transaction() as session:
        assert read.find(session, job_id, owner) is None


def test_a_job_goes_from_queued_to_succeeded_and_each_step_is_an_event(database, kitchen, owner):
    job_id = order(database, owner)
    assert view(database, job_id).state == "queued"

    job = kitchen.start()
    assert view(database, job_id).state == "running"
    with kitchen.run(job).finish({"stirred": True}):
        pass

    ended = view(database, job_id)
    assert (ended.state, ended.result, ended.attempt) == ("succeeded", {"stirred": True}, 1)
    assert ended.finished_at is not None
    assert names(database, job_id) == [(1, "queued"), (2, "running"), (3, "succeeded")]
    assert names(database, job_id, after=2) == [(3, "succeeded")]


def test_a_message_is_claimed_once_and_its_duplicate_is_refused(database, kitchen, owner):
    order(database, owner)
    (message,) = kitchen.dispatch()
    assert kitchen.claim(message) is not None
    assert kitchen.claim(message) is None


def test_a_claim_whose_answer_was_lost_is_found_again_by_its_process(database, kitchen, owner):
    """The commit stood: asked again, the same process has the job, and no attempt is counted."""
    order(database, owner)
    (message,) = kitchen.dispatch()
    kitchen.claim(message)
    members = [(message.job_id, message.claim)]
    (mine,) = claims.claim(database, STIR, members, kitchen.me.id, again=True)
    others = claims.claim(database, STIR, members, owner, again=True)
    assert mine.attempt == 1
    assert others == []


def test_a_frozen_transaction_loses_its_locks(settings):
    """Else a leader that is frozen between two statements would stop all dispatch."""
    hasty = Database(settings.database_url, pool=1, idle_seconds=1)
    with pytest.raises(Unavailable), hasty.transaction() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with Database(settings.database_url, pool=1).transaction() as other:
            gone = text("SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = :pid)")

            def ended():
                other.execute(text("SELECT pg_stat_clear_snapshot()"))
                return other.scalar(gone, {"pid": pid})

            eventually("the server ended it", ended)
        session.execute(text("SELECT 1"))
    hasty.close()


def test_a_finished_job_refuses_its_message(database, kitchen, owner):
    order(database, owner)
    (message,) = kitchen.dispatch()
    job = kitchen.claim(message)
    with kitchen.run(job).finish():
        pass
    assert kitchen.claim(message) is None


def test_effects_roll_back_with_the_job_when_the_block_raises(database, kitchen, owner):
    """Effects, result and state commit together or not at all."""
    job_id = order(database, owner)
    job = kitchen.start()
    with pytest.raises(ZeroDivisionError), kitchen.run(job).finish() as session:
        enqueue(session, Order(payload=Stir(), owner=owner, actor="effect"))
        raise ZeroDivisionError
    assert view(database, job_id).state == "running"
    assert kitchen.dispatch() == []


def test_a_worker_that_was_taken_for_dead_has_no_effect(database, kitchen, owner):
    """Fencing: its claim is lost once the job was dispatched anew."""
    job_id = order(database, owner)
    ghost = kitchen.start()
    lose_worker(database, kitchen)
    heir = kitchen.start()
    assert heir.claim > ghost.claim

    with pytest.raises(settle.Fenced), kitchen.run(ghost).finish({"by": "ghost"}):
        pytest.fail("the ghost's block must not run")
    with kitchen.run(heir).finish({"by": "heir"}):
        pass
    assert view(database, job_id).result == {"by": "heir"}


def test_a_job_whose_worker_fell_silent_is_due_again_and_counts_as_lost(database, kitchen, owner):
    job_id = order(database, owner)
    kitchen.start()
    lose_worker(database, kitchen)

    assert view(database, job_id).state == "queued"
    again = kitchen.start()
    assert (again.lost, again.failures, again.attempt) == (1, 0, 2)


def test_a_job_that_loses_three_workers_is_quarantined(database, kitchen, owner):
    """A poison job cannot stop a queue."""
    job_id = order(database, owner)
    for _ in range(3):
        kitchen.start()
        lose_worker(database, kitchen)

    dead = view(database, job_id)
    assert dead.state == "dead"
    assert dead.error["type"] == "Quarantined"
    assert [attempt["outcome"] for attempt in dead.history] == ["lost"] * 3
    assert all(attempt["process"] == str(kitchen.me.id) for attempt in dead.history)


def test_nothing_counts_as_lost_while_heartbeats_come(database, kitchen, owner):
    order(database, owner)
    kitchen.start()
    with database.transaction() as session:
        assert not sweep.sweep(session, LEASE)


def test_a_job_overdue_in_a_living_process_is_taken_from_it(database, kitchen, owner):
    """A stuck job is found by its deadline, however well its process beats."""
    job_id = order(database, owner)
    kitchen.start()
    tick(database, "UPDATE jobs SET next_at = now() - interval '1 second'")
    sweep_all(database)
    assert view(database, job_id).state == "queued"


def test_a_message_that_nobody_claims_is_dispatched_anew_with_a_higher_claim(
    database, kitchen, owner
):
    """The broker may lose everything: the dispatch lease runs out, and nothing is spent."""
    order(database, owner)
    (first,) = kitchen.dispatch()
    tick(database, "UPDATE jobs SET next_at = now() - interval '1 second'")
    sweep_all(database)

    (second,) = kitchen.dispatch()
    assert second.claim == first.claim + 1
    assert kitchen.claim(first) is None
    job = kitchen.claim(second)
    assert (job.lost, job.failures) == (0, 0)


def test_a_failure_is_spent_and_retried_later(database, kitchen, owner):
    job_id = order(database, owner)
    job = kitchen.start()
    with database.transaction() as session:
        assert settle.fail(session, job, ValueError("the pot boiled over"), Random(1)) == "queued"

    waiting = view(database, job_id)
    assert (waiting.state, waiting.failures) == ("queued", 1)
    assert waiting.error == {"type": "ValueError", "message": "the pot boiled over"}
    assert kitchen.dispatch() == []  # backed off


def test_a_job_whose_retries_are_exhausted_is_dead_with_its_history(database, kitchen, owner):
    job_id = order(database, owner)
    for _ in range(3):
        job = kitchen.start()
        with database.transaction() as session:
            settle.fail(session, job, ValueError("again"), Random(1))
        tick(database, "UPDATE jobs SET next_at = now()")
    dead = view(database, job_id)
    assert (dead.state, dead.failures) == ("dead", 3)
    assert [attempt["attempt"] for attempt in dead.history] == [1, 2, 3]
    assert all(set(attempt) == HISTORY for attempt in dead.history)


def test_a_permanent_error_fails_at_once(database, kitchen, owner):
    job_id = order(database, owner)
    job = kitchen.start()
    with database.transaction() as session:
        assert settle.fail(session, job, Permanent("no such pot"), Random(1)) == "failed"
    assert view(database, job_id).state == "failed"


def test_a_worker_told_to_stop_hands_back_and_spends_nothing(database, kitchen, owner):
    order(database, owner)
    job = kitchen.start()
    with pytest.raises(HandBack):
        kitchen.run(job, stopping=lambda: True).progress(1, 10)
    with database.transaction() as session:
        settle.hand_back(session, job, "stopping")
    again = kitchen.start()
    assert (again.failures, again.lost) == (0, 0)


def test_a_cancelled_job_that_is_handed_back_ends_there(database, kitchen, owner):
    """It is not computed elsewhere first, only to be thrown away."""
    job_id = order(database, owner)
    job = kitchen.start()
    with database.transaction() as session:
        cancel.cancel(session, job_id, owner)
    with database.transaction() as session:
        settle.hand_back(session, job, "stopping")
    assert view(database, job_id).state == "cancelled"


def test_a_job_may_be_accepted_for_later(database, kitchen, owner):
    later = datetime.now(UTC) + timedelta(hours=1)
    job_id = order(database, owner, run_at=later)
    assert kitchen.dispatch() == []
    assert view(database, job_id).run_at == later


def test_a_waiting_job_is_cancelled_at_once_and_its_message_refused(database, kitchen, owner):
    job_id = order(database, owner)
    (message,) = kitchen.dispatch()
    with database.transaction() as session:
        assert cancel.cancel(session, job_id, owner) == "cancelled"
    assert kitchen.claim(message) is None
    assert view(database, job_id).state == "cancelled"


def test_a_running_job_is_cancelled_before_its_effects_commit(database, kitchen, owner):
    job_id = order(database, owner)
    job = kitchen.start()
    with database.transaction() as session:
        assert cancel.cancel(session, job_id, owner) == "running"
    assert view(database, job_id).cancelling

    with pytest.raises(settle.CancelRequested), kitchen.run(job).finish():
        pytest.fail("effects of a cancelled job must not run")
    with database.transaction() as session:
        settle.cancelled(session, job)
    assert names(database, job_id)[-2:] == [(3, "cancelling"), (4, "cancelled")]


def test_a_job_that_ended_cannot_be_cancelled(database, kitchen, owner):
    job_id = order(database, owner)
    with kitchen.run(kitchen.start()).finish():
        pass
    with pytest.raises(Conflict), database.transaction() as session:
        cancel.cancel(session, job_id, owner)


def test_other_peoples_jobs_are_not_found(database, kitchen, owner):
    job_id = order(database, owner)
    with database.transaction() as session:
        assert read.find(session, job_id, uuid.uuid4()) is None
    with pytest.raises(NotFound), database.transaction() as session:
        cancel.cancel(session, job_id, uuid.uuid4())


def test_a_parent_waits_until_its_last_child_ended_however(database, kitchen, owner):
    parent = order(database, owner, pending=2)
    order(database, owner, parent=parent)
    order(database, owner, parent=parent)
    first, second = (kitchen.claim(message) for message in kitchen.dispatch())

    with kitchen.run(first).finish():
        pass
    assert view(database, parent).state == "waiting"
    with database.transaction() as session:
        settle.fail(session, second, Permanent("burnt"), Random(1))
    assert view(database, parent).state == "queued"


def test_cancelling_a_parent_cancels_its_children(database, kitchen, owner):
    parent = order(database, owner, pending=2)
    running, waiting = order(database, owner, parent=parent), order(database, owner, parent=parent)
    (message,) = kitchen.dispatch(free=1)
    assert kitchen.claim(message).id == running
    with database.transaction() as session:
        assert cancel.cancel(session, parent, owner) == "cancelled"
    assert view(database, waiting).state == "cancelled"
    assert view(database, running).cancelling


def test_a_follow_up_is_enqueued_by_the_commit_that_finishes(database, kitchen, owner):
    order(database, owner, then=Stir(spoon=2))
    with kitchen.run(kitchen.start()).finish():
        pass
    assert kitchen.start().payload == {"spoon": 2}


def test_a_dedupe_key_admits_one_job_of_an_owner(database, kitchen, owner):
    first = order(database, owner, dedupe="soup")
    assert order(database, owner, dedupe="soup") == first
    assert order(database, uuid.uuid4(), dedupe="soup") != first


def test_a_job_that_could_not_start_in_time_expires(database, kitchen, owner):
    job_id = order(database, owner)
    tick(database, "UPDATE jobs SET expires_at = now() - interval '1 second'")
    sweep_all(database)
    assert (view(database, job_id).state, view(database, job_id).error["type"]) == (
        "failed",
        "Expired",
    )


def tick(database: Database, statement: str) -> None:
    """Let time pass, by moving what waits for it."""
    with database.transaction() as session:
        session.execute(text(statement))


def sweep_all(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("SELECT 1"))
        sweep.sweep(session, LEASE / 1000)


def lose_worker(database: Database, kitchen: Kitchen) -> None:
    """The worker falls silent, the sweep finds it, and a new one takes its place."""
    tick(database, "UPDATE processes SET beat_at = now() - interval '1 hour'")
    sweep_all(database)
    tick(database, "UPDATE jobs SET next_at = now() WHERE state = 'queued'")
    kitchen.beat()
