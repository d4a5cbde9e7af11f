"""Partitions are made ahead and dropped when past their date, by a role that owns no table."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.ids import PLATFORM, new_id
from services.accounts import keys
from services.backups.snapshot import exclusively
from services.jobs import claim, read
from services.jobs.enqueue import Order, enqueue
from services.jobs.retry import Snooze
from services.jobs.run import Run
from services.jobs.take import BEFORE_ALL, take
from services.upkeep import canary, pulse, retention
from services.upkeep.jobs import ENFORCE_RETENTION, EnforceRetention
from tasks.upkeep import enforce_retention
from worker import runtime


def id_of(moment: datetime) -> uuid.UUID:
    """A UUIDv7 as it would have been made at *moment*."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (new_id().int & ((1 << 80) - 1)))


def archive(session, job_id: uuid.UUID) -> None:
    session.execute(
        text("""
            INSERT INTO jobs_archive (id, kind, version, queue, payload, owner_id, actor, state,
                finished_at)
            VALUES (:id, 'tests.stir', 1, 'tests', '{}', :owner, 'test', 'succeeded', now())
        """),
        {"id": job_id, "owner": PLATFORM},
    )


def partition_of(session, job_id: uuid.UUID) -> str:
    return session.scalar(
        text("SELECT tableoid::regclass::text FROM jobs_archive WHERE id = :id"), {"id": job_id}
    )


def test_a_job_lies_in_the_partition_of_its_day(database):
    now = datetime.now(UTC)
    with database.transaction() as session:
        archive(session, today := id_of(now))
        assert partition_of(session, today) == f"jobs_archive_{now:%Y%m%d}"


def test_rows_that_came_before_their_partition_move_into_it(database):
    """A late upkeep job costs nothing: the default partition takes what has no other."""
    ahead = datetime.now(UTC) + timedelta(days=12)
    with database.transaction() as session:
        archive(session, early := id_of(ahead))
        assert partition_of(session, early) == "jobs_archive_default"
    with database.transaction() as session:
        retention.ensure_partitions(session, 12)
        assert partition_of(session, early) == f"jobs_archive_{ahead:%Y%m%d}"
    with database.transaction() as session:
        assert retention.ensure_partitions(session, 12) == 0


def test_what_is_past_its_date_is_dropped(database):
    """Old rows of the default partition go with the partitions."""
    old = id_of(datetime.now(UTC) - timedelta(days=40))
    with database.transaction() as session:
        archive(session, old)
        archive(session, young := id_of(datetime.now(UTC)))
    with database.transaction() as session:
        retention.drop_partitions(session, timedelta(days=30))
    with database.transaction() as session:
        assert session.scalars(text("SELECT id FROM jobs_archive")).all() == [young]


def test_expired_keys_go_and_others_stay(database):
    with database.transaction() as session:
        for key, days in (("old", -1), ("young", 1)):
            session.execute(
                text("""
                    INSERT INTO job_keys VALUES
                        (:owner, :key, :owner, now() + make_interval(days => :days))
                """),
                {"owner": PLATFORM, "key": key, "days": days},
            )
        retention.delete_expired_keys(session)
        assert session.scalars(text("SELECT key FROM job_keys")).all() == ["young"]


def test_the_retention_job_runs_and_reports(database, settings, monkeypatch):
    """The handler itself, on a claimed job: what is past its date goes, what is fresh stays."""
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    runtime.objects.cache_clear()
    with database.transaction() as session:
        for days in (-1, 1):
            session.execute(
                text("""
                    INSERT INTO analyses (id, owner_id, document, summary, expires_at)
                    VALUES (:id, :owner, '{}', '{}', now() + make_interval(days => :days))
                """),
                {"id": new_id(), "owner": PLATFORM, "days": days},
            )
        owner = keys.create_account(session, "kitchen")
        for ended in (100, 1):
            key, _ = keys.create(session, owner.id, f"revoked {ended} days ago")
            session.execute(
                text(
                    "UPDATE api_keys SET revoked_at = now() - make_interval(days => :days)"
                    " WHERE id = :id"
                ),
                {"days": ended, "id": key.id},
            )
        job_id = enqueue(session, Order(payload=EnforceRetention(), owner=PLATFORM, actor="test"))
    with database.transaction() as session:
        (message,), _ = take(
            session, "maintenance", [ENFORCE_RETENTION], 1, BEFORE_ALL, timedelta(seconds=9)
        )
    (job,) = claim.claim(database, ENFORCE_RETENTION, [(job_id, message.claim)], new_id())
    enforce_retention(EnforceRetention(), Run(database, job, lambda: False))
    with database.transaction() as session:
        ended = read.find(session, job_id, PLATFORM)
        assert session.scalar(text("SELECT count(*) FROM analyses")) == 1
        assert session.scalars(text("SELECT name FROM api_keys")).all() == ["revoked 1 days ago"]
    assert (ended.state, ended.result["analyses"], ended.result["keys"]) == ("succeeded", 1, 1)


def test_partitions_of_the_last_days_are_never_dropped(database):
    with database.transaction() as session:
        assert retention.drop_partitions(session, timedelta(days=2)) == 0
    with pytest.raises(DBAPIError, match="not dropped"), database.transaction() as session:
        retention.drop_partitions(session, timedelta(0))


def test_the_platforms_role_can_change_no_table(database):
    for statement in ("CREATE TABLE intruder ()", "DROP TABLE jobs", "ALTER TABLE jobs ADD x int"):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            database.transaction() as session,
        ):
            session.execute(text(statement))


def test_a_late_canary_does_not_hide_a_younger_one(database):
    now = datetime.now(UTC)
    for sent in (now, now - timedelta(minutes=5)):
        with database.transaction() as session:
            canary.came_home(session, "tests", sent)
    with database.transaction() as session:
        assert session.scalar(text("SELECT sent_at FROM canaries")) == now


def test_a_queue_whose_canary_never_came_home_has_no_age(database):
    """A worker that never came up is not overlooked."""
    with database.transaction() as session:
        canary.came_home(session, "maintenance", datetime.now(UTC))
        ages = pulse.pulse(session).queues
    assert ages["maintenance"] is not None
    assert ages["nutrition.bulk"] is None


def test_retention_waits_while_a_backup_reads_every_table(database, settings, monkeypatch):
    """A partition's drop would queue behind pg_dump, and everybody's next statement behind that."""
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    with database.transaction() as session:
        job_id = enqueue(session, Order(payload=EnforceRetention(), owner=PLATFORM, actor="test"))
    with database.transaction() as session:
        (message,), _ = take(
            session, "maintenance", [ENFORCE_RETENTION], 1, BEFORE_ALL, timedelta(seconds=9)
        )
    (job,) = claim.claim(database, ENFORCE_RETENTION, [(job_id, message.claim)], new_id())
    run = Run(database, job, lambda: False)
    with exclusively(settings.database_url), pytest.raises(Snooze):
        enforce_retention(EnforceRetention(), run)
    enforce_retention(EnforceRetention(), run)
    with database.transaction() as session:
        assert read.find(session, job_id, PLATFORM).state == "succeeded"
