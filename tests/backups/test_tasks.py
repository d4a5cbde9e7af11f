"""On the queue: one at a time, cancellable, told, and tested afterwards where that was asked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

import tasks.backups  # noqa: F401 - registers the handlers
from kernel.database import Database
from kernel.ids import PLATFORM
from kernel.objects import Objects
from kernel.settings import Settings
from services.backups import records
from services.backups.jobs import CREATE, DRILL, CreateBackup, DrillBackup
from services.backups.snapshot import exclusively
from services.backups.vault import Vault
from services.jobs.enqueue import Order, enqueue
from services.jobs.kinds import BACKUPS
from services.jobs.retry import Permanent, Snooze
from services.jobs.run import HandBack
from services.jobs.settle import CancelRequested
from tests.analyses.claiming import Attempt, claim_next
from worker import runtime


class Process:
    """What a handler finds in its process."""

    def __init__(self, database: Database) -> None:
        self.database = database


@pytest.fixture
def queue(backup_settings: Settings, filled: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database, with a worker's runtime on it."""
    objects = Objects(backup_settings.object_store_url)
    monkeypatch.setattr(runtime, "settings", lambda: backup_settings)
    monkeypatch.setattr(runtime, "objects", lambda: objects)
    monkeypatch.setattr(runtime, "current", lambda: Process(filled))
    monkeypatch.setattr("services.jobs.run.PROGRESS", 0.0)
    return filled


def claimed(database: Database, payload: object, **how: bool) -> Attempt:
    with database.transaction() as session:
        enqueue(session, Order(payload=payload, owner=PLATFORM, actor="beat"))
    found = claim_next(database, BACKUPS, **how)
    assert found is not None
    return found


def test_the_nightly_one_is_made_then_tested(queue: Database, vault: Vault) -> None:
    claimed(queue, CreateBackup(drill=True)).handle()

    test = claim_next(queue, BACKUPS)
    (entry,) = vault.listing()
    assert test is not None
    assert test.payload == DrillBackup(backup_id=entry.id)
    test.handle()
    with queue.transaction() as session:
        (record,) = records.listing(session)
        results = session.scalars(
            text("SELECT result FROM jobs_archive WHERE kind LIKE 'backups%'")
        )
        made, tested = sorted(results, key=lambda result: "tables" in result)
    assert record.verified_at is not None
    assert made["backup_id"] == tested["backup_id"] == str(record.id)
    assert tested["restore_seconds"] > 0


def test_one_that_meets_another_comes_again_unspent(
    queue: Database, backup_settings: Settings
) -> None:
    with exclusively(backup_settings.database_url), pytest.raises(Snooze):
        claimed(queue, CreateBackup()).handle()


def test_one_that_is_cancelled_or_whose_worker_stops_leaves_nothing(
    queue: Database, vault: Vault
) -> None:
    attempt = claimed(queue, CreateBackup())
    with queue.transaction() as session:
        session.execute(text("UPDATE jobs SET cancel_at = now()"))
    with pytest.raises(CancelRequested):
        attempt.handle()
    with pytest.raises(HandBack):
        claimed(queue, CreateBackup(), stopping=True).handle()

    assert vault.listing() == []


def test_a_backup_that_cannot_be_restored_fails_for_good(
    queue: Database, vault: Vault, backup_settings: Settings
) -> None:
    claimed(queue, CreateBackup()).handle()
    (entry,) = vault.listing()
    objects = Objects(backup_settings.object_store_url)
    objects.put(f"backups/{entry.id}/part-00001", b"something else")

    with pytest.raises(Permanent, match="part 1 has"):
        claimed(queue, DrillBackup()).handle()


def test_their_ends_are_told_and_a_backlog_of_them_is_never_long() -> None:
    for kind in (CREATE, DRILL):
        assert kind.tells
        assert kind.queue == BACKUPS
