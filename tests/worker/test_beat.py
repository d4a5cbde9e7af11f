"""Beat writes a job row for each slot, and each slot fires once, however many beats there are."""

from __future__ import annotations

import dataclasses
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from beat_schedule import DAY, SCHEDULE
from kernel.errors import Unavailable
from services.upkeep.jobs import EnsurePartitions
from services.upkeep.schedule import Entry
from worker.beat import JobScheduler, fire

ENTRY = Entry(
    name="test", payload=EnsurePartitions(days=1), every=60, offset=10, expires=50, why="A test."
)


@pytest.fixture
def all_due(monkeypatch):
    """The schedule with nothing of it past its time, at whatever hour this runs."""
    lasting = tuple(dataclasses.replace(entry, expires=None) for entry in SCHEDULE)
    monkeypatch.setattr("worker.beat.SCHEDULE", lasting)


@pytest.mark.parametrize(
    ("now", "slot"), [(10, 10), (69.9, 10), (70, 70), (1_000_000_009, 999_999_970)]
)
def test_slots_lie_on_a_fixed_grid(now, slot):
    assert ENTRY.slot(now) == slot


def test_a_job_never_outlives_its_period():
    """Else two jobs of one entry would wait at once after an outage."""
    with pytest.raises(ValueError, match="must be less"):
        dataclasses.replace(ENTRY, expires=60)


def test_names_of_entries_are_unique_and_each_expires_and_says_why():
    assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)
    assert all(entry.why and entry.expires for entry in SCHEDULE)


def test_two_beats_at_once_fire_a_slot_once(database):
    def beat(_):
        with database.transaction() as session:
            return fire(session, ENTRY, now=100)

    with ThreadPoolExecutor(4) as beats:
        fired = list(beats.map(beat, range(8)))
    assert fired.count(True) == 1
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 1


def test_of_missed_slots_the_latest_fires_once(database):
    with database.transaction() as session:
        assert fire(session, ENTRY, now=100)
    with database.transaction() as session:  # 1000 s later: fifteen slots were missed
        assert fire(session, ENTRY, now=1_100)
        assert not fire(session, ENTRY, now=1_100)


def test_a_slot_whose_job_would_be_past_its_time_is_left_to_the_next(database):
    """A job that is born expired would show as failed, on the first day of an installation."""
    with database.transaction() as session:
        assert not fire(session, ENTRY, now=60 + 10 + 50)
        assert fire(session, ENTRY, now=60 + 10 + 49)


def test_the_slot_after_fires_again(database):
    fired = []
    for now in (100, 160, 220):
        with database.transaction() as session:
            fired.append(fire(session, ENTRY, now=now))
    assert fired == [True, True, True]


def test_a_dedupe_key_outlives_its_period(database):
    """A daily slot that a restarted beat looks at again must not fire twice."""
    daily = dataclasses.replace(ENTRY, every=DAY)
    with database.transaction() as session:
        fire(session, daily, now=10 * DAY + ENTRY.offset)
        life = session.scalar(text("SELECT max(expires_at) - now() FROM job_keys"))
    assert life.total_seconds() > DAY


def test_a_tick_needs_no_broker_and_fires_all_that_is_due(database, runtime_settings, all_due):
    """The scheduler that Celery's beat runs, with the broker nowhere."""
    from worker.app import app

    scheduler = JobScheduler(app=app, lazy=False)
    wait = scheduler.tick()
    scheduler.tick()
    scheduler.close()
    assert 0 < wait <= 1
    with database.transaction() as session:
        kinds = session.scalars(text("SELECT kind FROM jobs ORDER BY kind")).all()
    assert len(kinds) == len(SCHEDULE)


def test_a_slot_whose_commit_failed_fires_at_the_next_tick(
    database, runtime_settings, all_due, monkeypatch
):
    """What a tick fired counts only once it is committed."""
    from worker.app import app

    scheduler = JobScheduler(app=app, lazy=False)
    real = scheduler._database.transaction

    @contextmanager
    def failing():
        with pytest.raises(ZeroDivisionError), real() as session:
            yield session
            raise ZeroDivisionError
        raise Unavailable("the commit was not heard of")

    monkeypatch.setattr(scheduler._database, "transaction", failing)
    scheduler.tick()
    monkeypatch.setattr(scheduler._database, "transaction", real)
    scheduler.tick()
    scheduler.close()
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == len(SCHEDULE)


def test_a_stop_within_a_tick_waits_for_its_end(database, runtime_settings, all_due, monkeypatch):
    """In the middle of a statement the driver would make an outage of it, and beat would go on."""
    from worker.app import app

    def stop(*_):
        raise SystemExit(0)

    scheduler = JobScheduler(app=app, lazy=False)
    tick = scheduler._tick

    def told_to_stop():
        os.kill(os.getpid(), signal.SIGTERM)
        return tick()

    monkeypatch.setattr(scheduler, "_tick", told_to_stop)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(SystemExit):
            scheduler.tick()
    finally:
        signal.signal(signal.SIGTERM, before)
    with database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM jobs")) == len(SCHEDULE)
