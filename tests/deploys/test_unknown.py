"""What a release does not know waits for one that does: nothing is lost, and nothing is spent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from kernel.database import Database
from services.analyses.jobs import Analyze
from services.jobs.enqueue import Order, enqueue, enqueue_many
from services.jobs.sweep import sweep
from services.upkeep.jobs import EnsurePartitions
from tests.conftest import ROOT
from tests.deploys.conftest import Ledger
from tests.deploys.release import Release
from tests.processes import eventually

OWNER = uuid.UUID(int=12)


@pytest.fixture
def coming(environ: dict[str, str], tmp_path: Path) -> Iterator[Release]:
    """The release after this one, as far as `next_release.py` goes."""
    made = Release("coming", ROOT, environ, tmp_path, app="tests.deploys.next_release")
    yield made
    made.kill_all()


def order(database: Database, **options: object) -> uuid.UUID:
    with database.transaction() as session:
        wanted = Order(payload=EnsurePartitions(days=1), owner=OWNER, actor="test", **options)
        return enqueue(session, wanted)


def handed_back(ledger: Ledger, job: uuid.UUID) -> int:
    """How often a worker gave the job back for its payload."""
    (row,) = ledger.rows(
        """
        SELECT count(*) AS times FROM job_events
        WHERE job_id = :id AND name = 'queued' AND data->>'reason' = 'newer payload'
        """,
        id=job,
    )
    return int(row.times)


def test_a_newer_payload_is_handed_back_unspent_until_a_newer_worker_takes_it(
    old: Release, new: Release, coming: Release, database: Database, ledger: Ledger
) -> None:
    """By the previous release's worker, by this one's, and taken by the next one's."""
    job = order(database)
    with database.transaction() as session:
        session.execute(
            text("""UPDATE jobs SET version = 2, payload = '{"weeks": 1}' WHERE id = :id"""),
            {"id": job},
        )
    new.start("dispatcher")
    old.start("worker")
    eventually("0.1.0 hands it back", lambda: handed_back(ledger, job) >= 1)
    old.kill("worker")
    so_far = handed_back(ledger, job)

    new.start("worker")
    eventually("this release hands it back", lambda: handed_back(ledger, job) > so_far)
    coming.start("worker")
    row = ledger.await_state(job, "succeeded")

    assert (row.failures, row.lost) == (0, 0)
    assert "made" in row.result


def test_an_older_payload_is_brought_up_by_a_newer_worker(
    new: Release, coming: Release, database: Database, ledger: Ledger
) -> None:
    job = order(database)
    new.start("dispatcher")
    coming.start("worker")

    assert ledger.await_state(job, "succeeded").failures == 0


def test_a_job_that_waits_for_one_which_an_old_worker_ends_goes_on_under_this_release(
    old: Release, new: Release, database: Database, ledger: Ledger
) -> None:
    """0.1.0 knows no edges: its worker tells nobody, and the sweep finds out."""
    first = order(database)
    second = order(database, after=(first,))
    old.start("dispatcher", "worker")
    ledger.await_state(first, "succeeded")
    assert ledger.job(second).state == "waiting"

    old.stop("dispatcher")
    new.start("dispatcher")

    ledger.await_state(second, "succeeded")


def test_a_key_until_the_end_of_a_job_that_an_old_worker_ended_is_free_again(
    old: Release, database: Database, ledger: Ledger
) -> None:
    """0.1.0 knows no such keys and leaves them: the next to ask takes it over."""
    unique = {"dedupe": "only one", "dedupe_for": None}
    first = order(database, **unique)
    assert order(database, **unique) == first
    old.start("dispatcher", "worker")
    ledger.await_state(first, "succeeded")

    assert order(database, **unique) != first


def test_a_group_waits_for_a_worker_that_reads_groups(
    old: Release, new: Release, database: Database, ledger: Ledger
) -> None:
    """0.1.0 drops the message as of an unknown task; the jobs' lease runs out, they come again."""
    orders = [
        Order(payload=Analyze(ingredients=(f"{n + 1} g flour",)), owner=OWNER, actor="test")
        for n in range(60)
    ]
    with database.transaction() as session:
        enqueue_many(session, orders)
    new.start("dispatcher")
    old.start("worker")
    eventually(
        "an old worker met a group",
        lambda: (
            re.search(r"unregistered task .*'analyses\.analyze\.group'", old.log("worker"))
            is not None
        ),
    )

    new.start("worker")
    old.stop("worker")

    def ended() -> bool:
        (row,) = ledger.rows("SELECT count(*) AS left FROM jobs")
        return bool(row.left == 0)

    eventually("all have ended", ended, 120)
    (row,) = ledger.rows("""
        SELECT count(*) AS jobs, sum(failures) AS failures, sum(lost) AS lost,
            bool_and(state = 'succeeded') AS well FROM jobs_archive
    """)
    assert tuple(row) == (60, 0, 0, True)


def test_a_kind_that_no_worker_knows_yet_waits(
    old: Release, new: Release, database: Database, ledger: Ledger
) -> None:
    """On a queue that both releases serve: 0.1.0 and this one alike leave it to the next."""
    job, known = order(database), order(database)
    with database.transaction() as session:
        session.execute(text("UPDATE jobs SET kind = 'upkeep.later' WHERE id = :id"), {"id": job})
        session.execute(
            text("UPDATE jobs SET expires_at = now() + :soon WHERE id = :id"),
            {"id": job, "soon": timedelta(hours=1)},
        )
    old.start("dispatcher", "worker")
    ledger.await_state(known, "succeeded")
    eventually("0.1.0 met it", lambda: ledger.job(job).claim >= 2)
    old.kill_all()
    new.start("dispatcher", "worker")
    ledger.await_state(order(database), "succeeded")

    row = ledger.job(job)
    assert (row.attempts, row.failures, row.lost) == (0, 0, 0)


def test_a_job_of_a_kind_that_nobody_knows_expires_like_any_other(
    database: Database, ledger: Ledger
) -> None:
    """After a roll-back: the sweep, which all jobs depend on, must not stumble over it."""
    job = order(database)
    with database.transaction() as session:
        session.execute(
            text("""
                UPDATE jobs SET kind = 'upkeep.later', expires_at = now() - interval '1 second',
                    on_end = '{"kind": "upkeep.latest", "version": 1, "queue": "maintenance",
                               "payload": {}}'
                WHERE id = :id
            """),
            {"id": job},
        )
    with database.transaction() as session:
        assert sweep(session, timedelta(0)).expired == 1

    assert ledger.job(job).state == "failed"
    (followed,) = ledger.rows("SELECT kind, state FROM jobs")
    assert tuple(followed) == ("upkeep.latest", "queued")
