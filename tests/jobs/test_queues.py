"""How queues, kinds and owners stand: what is counted, and where counting stops."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import text

from kernel.database import Database
from services.jobs import backlog, processes, queues, rules
from services.jobs.end import SUCCESS, end
from services.jobs.queues import Snapshot, Standing
from services.jobs.rules import Target
from tests.jobs.conftest import STIR
from tests.jobs.dying import EXHAUSTED, die, order

SILENCE = timedelta(seconds=8)


def look(database: Database, **more: int) -> Snapshot:
    with database.transaction() as session:
        return queues.snapshot(session, SILENCE, **more)


def change(database: Database, job_id: uuid.UUID, to: str) -> None:
    with database.transaction() as session:
        session.execute(text(f"UPDATE jobs SET {to} WHERE id = :id"), {"id": job_id})


def of(standings: list[Standing], name: str) -> Standing:
    (one,) = [one for one in standings if one.name == name]
    return one


def test_every_known_queue_and_kind_is_shown_even_with_nothing_to_do(database):
    seen = look(database)

    queue = of(seen.queues, STIR.queue)
    assert (queue.depth, queue.oldest_seconds, queue.slots) == (0, None, 0)
    assert of(seen.kinds, STIR.name).queue == STIR.queue
    assert seen.owners == []


def test_jobs_are_counted_by_what_they_wait_for(database, owner):
    for state in ("due", "due", "later", "waiting", "dispatched", "running"):
        job = order(database, owner)
        if state == "later":
            change(database, job, "due = false, next_at = now() + interval '1 hour'")
        elif state != "due":
            change(database, job, f"state = '{state}'")

    seen = look(database)

    for one in (of(seen.queues, STIR.queue), of(seen.kinds, STIR.name), *seen.owners):
        counts = one.depth, one.later, one.waiting, one.dispatched, one.running
        assert counts == (2, 1, 1, 1, 1), one.name
        assert not one.at_least


def test_the_oldest_due_job_says_how_far_behind_a_queue_is(database, owner):
    for seconds in (10, 600, 60):
        change(database, order(database, owner), f"next_at = now() - interval '{seconds} seconds'")

    assert 600 <= of(look(database).queues, STIR.queue).oldest_seconds < 700


def test_what_ended_in_the_last_minute_is_counted_by_how_it_ended(database, owner):
    die(database, owner)
    for _ in range(5):
        job = order(database, owner)
        with database.transaction() as session:
            end(session, [job], SUCCESS)
    with database.transaction() as session:
        session.execute(
            text("""
                UPDATE jobs_archive SET finished_at = now() - interval '2 minutes' WHERE id = :id
            """),
            {"id": die(database, owner)},
        )

    seen = look(database)

    for one in (of(seen.queues, STIR.queue), of(seen.kinds, STIR.name)):
        assert (one.succeeded, one.dead, one.failed, one.cancelled) == (5, 1, 0, 0)
        assert one.per_second == 6 / 60


def test_owners_with_the_most_jobs_come_first_and_the_rest_is_left_out(database):
    for number, jobs in ((1, 1), (2, 3), (3, 2)):
        for _ in range(jobs):
            order(database, uuid.UUID(int=number))

    seen = look(database, owners=2)

    assert [(one.name[-1], one.depth) for one in seen.owners] == [("2", 3), ("3", 2)]


def test_a_backlog_above_what_is_counted_is_told_as_at_least(database, owner):
    for _ in range(4):
        order(database, owner)

    exact = of(look(database, most=5).queues, STIR.queue)
    capped = of(look(database, most=3).queues, STIR.queue)

    assert (exact.depth, exact.at_least) == (4, False)
    assert (capped.depth, capped.at_least) == (3, True)


def test_behind_a_long_backlog_every_lane_and_the_oldest_job_are_still_seen(database):
    """Counting stops, and the owner who waits for longest may lie behind that."""
    many, few = uuid.UUID(int=1), uuid.UUID(int=2)
    for _ in range(6):
        order(database, many)
    oldest = order(database, few)
    change(database, oldest, "next_at = now() - interval '1 hour'")

    with database.transaction() as session:
        parts = {part.owner_id: part for part in backlog.backlog(session, STIR.queue, most=3)}

    assert (parts[many].jobs, parts[many].capped) == (3, True)
    assert (parts[few].jobs, parts[few].capped) == (1, False)
    assert parts[few].oldest >= 3600


def test_a_walk_that_ends_before_the_last_lane_says_so(database, monkeypatch):
    monkeypatch.setattr("services.jobs.backlog.LANES", 2)
    for number in range(1, 5):
        order(database, uuid.UUID(int=number))

    with database.transaction() as session:
        parts = backlog.backlog(session, STIR.queue, most=3)

    assert all(part.capped for part in parts)


def test_slots_are_those_of_living_workers(database):
    beating = processes.Identity(role="worker", queues=[STIR.queue], slots=3)
    silent = processes.Identity(role="worker", queues=[STIR.queue], slots=5)
    with database.transaction() as session:
        for one in (beating, silent):
            processes.beat(session, one)
        session.execute(
            text("UPDATE processes SET beat_at = now() - interval '1 minute' WHERE id = :id"),
            {"id": silent.id},
        )

    seen = look(database)

    queue = of(seen.queues, STIR.queue)
    assert (queue.slots, queue.processes) == (3, 1)
    assert {one.id: one.alive for one in seen.processes} == {beating.id: True, silent.id: False}
    (gone,) = [one for one in seen.processes if not one.alive]
    assert gone.beat_seconds >= 60


def test_a_process_is_shown_with_how_many_jobs_it_runs(database, owner):
    me = processes.Identity(role="worker", queues=[STIR.queue], slots=3)
    with database.transaction() as session:
        processes.beat(session, me)
    change(database, order(database, owner), f"state = 'running', process_id = '{me.id}'")

    (one,) = look(database).processes
    assert (one.running, one.host, one.pid) == (1, me.host, me.pid)


def test_what_is_paused_is_marked(database, owner):
    order(database, owner)
    with database.transaction() as session:
        for target in (Target("kind", STIR.name), Target("owner", str(owner))):
            rules.pause(session, target, "test")
        rules.limit(session, Target("queue", STIR.queue), "test", concurrency=1, per_second=None)

    seen = look(database)

    assert of(seen.kinds, STIR.name).paused
    assert seen.owners[0].paused
    assert not of(seen.queues, STIR.queue).paused


def test_a_queue_of_another_release_is_shown_too(database, owner):
    change(database, order(database, owner), "queue = 'older', kind = 'older.kind'")

    seen = look(database)

    assert of(seen.queues, "older").depth == 1
    assert of(seen.kinds, "older.kind").queue == "older"


def test_a_cheap_look_tells_depth_slots_and_what_is_in_flight(database, owner):
    order(database, owner)
    change(database, order(database, owner), "state = 'running'")
    die(database, owner, EXHAUSTED)

    with database.transaction() as session:
        queue = of(queues.standing(session, SILENCE, most=10), STIR.queue)

    assert (queue.depth, queue.running, queue.slots) == (1, 1, 0)
