"""How an entry of the schedule stands: its last run, the outcome, how late it was, and the next."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

import tasks.upkeep  # noqa: F401 - registers the handlers
from services.upkeep import schedule
from services.upkeep.jobs import EnsurePartitions
from services.upkeep.schedule import Entry
from tests.analyses.claiming import claim_next
from worker.beat import fire

ENTRY = Entry(name="test", payload=EnsurePartitions(days=1), every=60, why="A test.")


@pytest.fixture
def now(database) -> float:
    """Seconds since 1970 by the database's clock."""
    with database.transaction() as session:
        return float(session.scalar(text("SELECT extract(epoch FROM now())")))


def stand(database):
    with database.transaction() as session:
        (found,) = schedule.standings(session, [ENTRY])
    return found


def test_an_entry_that_never_fired_is_overdue_since_its_latest_slot(database):
    found = stand(database)
    assert found.current is None
    assert found.previous is None
    assert 0 <= found.overdue_seconds <= 60
    assert found.next_at > datetime.now(UTC)


def test_a_slot_that_fired_shows_its_job_and_how_it_ended(database, now, monkeypatch, settings):
    from worker import runtime

    monkeypatch.setattr(runtime, "settings", lambda: settings)
    with database.transaction() as session:
        assert fire(session, ENTRY, now)
    waiting = stand(database)
    assert waiting.current.outcome == "queued"
    assert waiting.current.late_seconds is None
    claim_next(database, "maintenance").handle()
    ended = stand(database)
    assert ended.current.outcome == "succeeded"
    assert ended.current.result == {"made": 0}
    assert ended.current.late_seconds >= 0
    assert ended.slot.timestamp() == ENTRY.slot(now)


def test_the_slot_before_stays_in_sight_while_the_latest_is_at_work(database, now):
    for moment in (now - 60, now):
        with database.transaction() as session:
            assert fire(session, ENTRY, moment)
    found = stand(database)
    assert found.previous.outcome == "queued"
    assert found.previous.job_id != found.current.job_id


def test_a_slot_that_fired_late_by_another_beat_takes_nothing_back(database, now):
    """Two beats may look at once, and the slower must not bring an old slot to the front."""
    with database.transaction() as session:
        fire(session, ENTRY, now)
        schedule.note(session, ENTRY, ENTRY.slot(now) - 60, session.scalar(text("SELECT uuidv7()")))
    assert stand(database).slot.timestamp() == ENTRY.slot(now)


def test_a_slot_that_beat_meets_too_late_is_passed_over_and_not_overdue(database, now):
    """After an outage: nobody is to be woken until the next slot of a daily entry."""
    late = dataclasses.replace(ENTRY, expires=1, every=86_400)
    with database.transaction() as session:
        fire(session, late, now - 86_400)
        assert schedule.overdue(session, [late])["test"] > 0
        assert not fire(session, late, late.slot(now) + 2)
        assert schedule.overdue(session, [late]) == {"test": 0}


def test_an_entry_that_beat_leaves_out_is_overdue(database, now):
    with database.transaction() as session:
        fire(session, ENTRY, now)
        assert schedule.overdue(session, [ENTRY])["test"] == 0
        session.execute(text("UPDATE schedule_slots SET slot = slot - interval '1 hour'"))
        behind = schedule.overdue(session, [ENTRY])["test"]
    # Since the first slot that was left out, and growing: not since the latest.
    assert behind == pytest.approx(now - ENTRY.slot(now) + 3_600 - ENTRY.every, abs=10)
