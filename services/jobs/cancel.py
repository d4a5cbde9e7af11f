"""Cancel: at once where a job waits, at its next progress point where it runs."""

from __future__ import annotations

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import Conflict, NotFound
from services.jobs import events
from services.jobs.end import CANCELLED, end
from services.jobs.read import find

# A child is locked before its parent, as where a child ends.
_CHILDREN = text("SELECT id, state FROM jobs WHERE parent_id = :id ORDER BY id FOR UPDATE")
_JOB = text("SELECT state FROM jobs WHERE id = :id AND owner_id = :owner FOR UPDATE")
_REQUEST = text("""
    UPDATE jobs SET cancel_at = coalesce(cancel_at, now()) WHERE id = ANY(CAST(:ids AS uuid[]))
""")


def cancel(session: Session, job_id: uuid.UUID, owner: uuid.UUID) -> str:
    """Cancel a job and those it waits for; answers the state that it has now.

    Raises NotFound, or Conflict where the job has ended otherwise.
    """
    if session.scalar(_OWNED, {"id": job_id, "owner": owner}) is None:
        ended = find(session, job_id, owner)
        if ended is None:
            raise NotFound(f"There is no job {job_id}.")
        if ended.state == "cancelled":
            return ended.state
        raise Conflict(f"The job has ended already, as {ended.state}.")
    children = session.execute(_CHILDREN, {"id": job_id}).all()
    waiting = [child.id for child in children if child.state != "running"]
    running = [child.id for child in children if child.state == "running"]
    if waiting:
        end(session, waiting, CANCELLED)
    if running:
        session.execute(_REQUEST, {"ids": running})
    state = session.scalar(_JOB, {"id": job_id, "owner": owner})
    if state is None:  # it ended while we waited for its lock
        return cancel(session, job_id, owner)
    if state != "running":
        end(session, [job_id], CANCELLED)
        return "cancelled"
    session.execute(_REQUEST, {"ids": [job_id]})
    events.record(session, job_id, "cancelling")
    return "running"


_OWNED = text("SELECT 1 FROM jobs WHERE id = :id AND owner_id = :owner")
