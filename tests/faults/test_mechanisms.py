"""Mechanisms by themselves, where what they prevent is too rare to be seen from outside."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import text

from kernel.database import Database
from kernel.ids import new_id
from services.jobs import lease, processes, sweep
from services.jobs.enqueue import Order, enqueue
from services.upkeep.jobs import MaintenanceCanary

LIFE = timedelta(seconds=30)


def test_a_lease_has_one_holder_until_it_runs_out(database: Database) -> None:
    """The other is refused meanwhile; afterwards it is the first, thawed, who is refused."""
    first, second = new_id(), new_id()

    def holds(holder: uuid.UUID) -> bool:
        with database.transaction() as session:
            return lease.hold(session, "tests", holder, LIFE)

    assert [holds(first), holds(second), holds(first)] == [True, False, True]

    with database.transaction() as session:
        session.execute(text("UPDATE leases SET expires_at = now() - interval '1 second'"))

    assert [holds(second), holds(first)] == [True, False]


def test_nothing_counts_as_lost_until_heartbeats_had_time_to_return(database: Database) -> None:
    """The server has run for less than the silence, and a dispatcher that starts with it sweeps."""
    with database.transaction() as session:
        job = enqueue(session, Order(payload=MaintenanceCanary(), owner=new_id(), actor="tests"))
        session.execute(text("UPDATE jobs SET state = 'running', process_id = gen_random_uuid()"))

    with database.transaction() as session:
        assert not sweep.sweep(session, silence=timedelta(days=100))
        state = session.scalar(text("SELECT state FROM jobs WHERE id = :job"), {"job": job})

    assert state == "running"


def test_an_overdue_job_is_taken_from_a_process_that_lives_and_beats(database: Database) -> None:
    """A handler that hangs in a healthy process is found by its deadline, and by nothing else."""
    worker = processes.Identity(role="worker", queues=["maintenance"], slots=1)
    with database.transaction() as session:
        processes.beat(session, worker)
        # However late this test gets to its sweep, the process is not silent.
        session.execute(text("UPDATE processes SET beat_at = now() + interval '1 hour'"))
        on_time, overdue = (
            enqueue(session, Order(payload=MaintenanceCanary(), owner=new_id(), actor="tests"))
            for _ in range(2)
        )
        session.execute(
            text("""
                UPDATE jobs SET state = 'running', process_id = :process, next_at = now()
                    + CASE WHEN id = :overdue THEN -1 ELSE 3600 END * interval '1 second'
            """),
            {"process": worker.id, "overdue": overdue},
        )

    with database.transaction() as session:
        sweep.sweep(session, silence=timedelta(0))
        states = {row.id: row.state for row in session.execute(text("SELECT id, state FROM jobs"))}

    assert states == {on_time: "running", overdue: "queued"}
