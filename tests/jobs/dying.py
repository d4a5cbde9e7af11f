"""Jobs that end as a test has them end, without a worker."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import text

from kernel.database import Database
from services.jobs.end import Ending, end
from services.jobs.enqueue import Order, enqueue
from tests.jobs.conftest import Stir

EXHAUSTED = Ending(
    state="dead",
    reason="exhausted",
    error={"type": "ValueError", "message": "The pot boiled over."},
    outcome="failed",
    log=["stirring", "boiling over"],
)
PERMANENT = Ending(
    state="failed", reason="permanent", error={"type": "Permanent", "message": "No such pot: 50%"}
)
DEPENDENCY = Ending(state="failed", reason="dependency")


def order(database: Database, owner: uuid.UUID, **more: Any) -> uuid.UUID:
    """A job of the tests' kind."""
    with database.transaction() as session:
        return enqueue(session, Order(payload=Stir(), owner=owner, actor="test", **more))


def die(database: Database, owner: uuid.UUID, how: Ending = EXHAUSTED, **more: Any) -> uuid.UUID:
    """A job that was tried and ended as *how* says."""
    job_id = order(database, owner, **more)
    with database.transaction() as session:
        session.execute(
            text("""
                UPDATE jobs SET state = 'running', claim = 7, attempts = 3, failures = 3, lost = 1,
                    event_seq = 5, started_at = now(), claimed_at = now(),
                    expires_at = now() - interval '1 second' WHERE id = :id
            """),
            {"id": job_id},
        )
        end(session, [job_id], how)
    return job_id


def column(database: Database, job_id: uuid.UUID, names: str) -> Any:
    """Columns of a live job's row; None where it does not live."""
    with database.transaction() as session:
        return session.execute(
            text(f"SELECT {names} FROM jobs WHERE id = :id"), {"id": job_id}
        ).one_or_none()
