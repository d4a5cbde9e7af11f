"""A message of several jobs: finished together, and each that does not succeed settled alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from kernel.errors import Unavailable
from services.jobs import read
from services.jobs.enqueue import Order, enqueue_many
from services.jobs.retry import Permanent, Snooze
from services.jobs.run import Done
from services.jobs.take import BEFORE_ALL, take
from tests.jobs.conftest import CHOP, LEASE, Chop
from worker import handlers, runtime, stop
from worker.request import encode
from worker.run import execute

OWNER = uuid.UUID(int=77)


@pytest.fixture
def process(database, runtime_settings) -> Iterator[runtime.Process]:
    """A worker's process, beating, in this test's own."""
    begun = runtime.begin(["tests"], slots=1)
    yield begun
    runtime.finish()


@pytest.fixture
def group(database) -> list[tuple[uuid.UUID, int]]:
    """Four jobs that one message carries."""
    with database.transaction() as session:
        enqueue_many(session, [Order(payload=Chop(), owner=OWNER, actor="test") for _ in range(4)])
    with database.transaction() as session:
        (message,), _ = take(session, "tests", [CHOP], 1, BEFORE_ALL, LEASE)
    assert len(message.members) == 4
    return [(member.job_id, member.claim) for member in message.members]


@pytest.fixture
def run_group(database, process, monkeypatch):
    """Run a group with *handler*; answers the state of each job."""

    def run(group, handler):
        small = handlers.Handler(handler, small=True)
        monkeypatch.setitem(handlers._HANDLERS, CHOP.name, small)
        outcomes = execute(CHOP, group)
        with database.transaction() as session:
            jobs = [read.find(session, job, OWNER) for job, _ in group]
        return [job.state for job in jobs], [outcomes[job] for job, _ in group]

    return run


def nth(group, behave):
    """A handler that does as *behave* says with the job of that place, and succeeds with others."""
    places = {job: place for place, (job, _) in enumerate(group)}

    def handler(job, run):
        if places[run.job.id] in behave:
            return behave[places[run.job.id]](run)
        return Done({"place": places[run.job.id]})

    return handler


def raising(error):
    def raise_it(run):
        raise error

    return raise_it


def test_all_succeed_in_one_go_each_with_its_own_result(database, run_group, group):
    states, outcomes = run_group(group, nth(group, {}))
    assert states == ["succeeded"] * 4
    assert outcomes == ["succeeded"] * 4
    with database.transaction() as session:
        results = session.scalars(
            text("SELECT (result->>'place')::int FROM jobs_archive ORDER BY id")
        )
        assert list(results) == [0, 1, 2, 3]


def test_one_that_fails_or_waits_is_settled_alone(run_group, group):
    behave = {0: raising(Permanent("no")), 2: raising(Snooze(60)), 3: raising(ValueError("again"))}
    states, outcomes = run_group(group, nth(group, behave))
    assert states == ["failed", "succeeded", "queued", "queued"]
    assert outcomes[2] == "snoozed"


def test_effects_stand_with_their_job_and_one_whose_effects_fail_takes_nobody_with_it(
    database, run_group, group
):
    def kept(run):
        return Done(
            effects=lambda s: s.execute(
                text("INSERT INTO leases VALUES ('kept', :i, now())"), {"i": run.job.id}
            )
        )

    def broken(run):
        return Done(effects=lambda s: s.execute(text("SELECT 1 / 0")))

    states, _ = run_group(group, nth(group, {1: kept, 2: broken}))

    assert states == ["succeeded", "succeeded", "queued", "succeeded"]
    with database.transaction() as session:
        assert session.scalar(text("SELECT holder FROM leases WHERE name = 'kept'")) == group[1][0]


def test_one_that_is_cancelled_meanwhile_ends_so_and_has_no_effect(database, run_group, group):
    def cancelled(run):
        with database.transaction() as session:
            session.execute(
                text("UPDATE jobs SET cancel_at = now() WHERE id = :i"), {"i": run.job.id}
            )
        return Done(effects=lambda s: pytest.fail("it had effects"))

    states, outcomes = run_group(group, nth(group, {1: cancelled}))
    assert states == ["succeeded", "cancelled", "succeeded", "succeeded"]
    assert outcomes[1] == "cancelled"


def test_one_that_was_taken_back_is_left_to_whoever_has_it_now(database, run_group, group):
    def lost(run):
        with database.transaction() as session:
            session.execute(
                text("UPDATE jobs SET state = 'queued', claim = claim + 1 WHERE id = :i"),
                {"i": run.job.id},
            )
        return Done(effects=lambda s: pytest.fail("it had effects"))

    states, _ = run_group(group, nth(group, {3: lost}))
    assert states == ["succeeded", "succeeded", "succeeded", "queued"]


def test_a_worker_told_to_stop_finishes_what_it_has_done_and_hands_back_the_rest(
    run_group, group, monkeypatch
):
    def last(run):
        monkeypatch.setattr(stop, "stopping", lambda: True)
        return Done()

    states, outcomes = run_group(group, nth(group, {1: last}))
    assert states == ["succeeded", "succeeded", "queued", "queued"]
    assert outcomes[2:] == ["handed back"] * 2


def test_a_store_that_is_away_spends_nothing_of_anybody(database, run_group, group):
    states, _ = run_group(group, nth(group, {0: raising(Unavailable("gone"))}))
    assert states == ["queued", "succeeded", "succeeded", "succeeded"]
    with database.transaction() as session:
        assert session.scalar(text("SELECT sum(failures) FROM jobs")) == 0


def test_a_history_says_where_how_long_and_what_was_logged(database, run_group, group):
    run_group(group, nth(group, {0: raising(ValueError("the knife is blunt"))}))
    with database.transaction() as session:
        (entry,) = read.find(session, group[0][0], OWNER).history
    assert entry["host"].split()[-1].isdigit()
    assert entry["seconds"] >= 0
    assert any("test_group.py" in line for line in entry["log"])


def test_a_letter_stands_for_each_outcome():
    assert encode(["succeeded", "handed back", "ValueError; the job is dead now"]) == "shx"
