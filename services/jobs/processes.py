"""Processes: one heartbeat row for each executing process, which vouches for all that it runs."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who beats. role: `worker`, `dispatcher` or `beat`. queues and slots: what a worker serves.

    worker: names the main process that forked this one, and its siblings.
    """

    role: str
    queues: Sequence[str] = ()
    slots: int = 0
    id: uuid.UUID = field(default_factory=new_id)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    worker: uuid.UUID | None = None


_BEAT = text("""
    INSERT INTO processes (id, role, host, pid, worker_id, queues, slots)
    VALUES (:id, :role, :host, :pid, :worker, :queues, :slots)
    ON CONFLICT (id) DO UPDATE SET beat_at = now(), slots = excluded.slots
""")
_SIBLINGS = text("""
    SELECT id, pid FROM processes
    WHERE worker_id = :worker AND id <> :id AND beat_at > now() - :recent
""")
_DEAD = text("UPDATE processes SET beat_at = '-infinity' WHERE id = ANY(CAST(:ids AS uuid[]))")
# Asked to stop a while ago, and no progress point reached.
_STUCK = text("""
    SELECT id FROM jobs
    WHERE process_id = :id AND state = 'running' AND cancel_at < now() - :patience
""")
_GOODBYE = text("""
    DELETE FROM processes WHERE id = :id
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE process_id = :id AND state = 'running')
""")


def beat(session: Session, me: Identity, *, stopping: bool = False) -> None:
    """Say that this process lives. A stopping one has no slots: nothing more is sent to it."""
    session.execute(
        _BEAT,
        {
            "id": me.id,
            "role": me.role,
            "host": me.host,
            "pid": me.pid,
            "worker": me.worker,
            "queues": list(me.queues),
            "slots": 0 if stopping else me.slots,
        },
    )


def bury_siblings(session: Session, me: Identity, lives: Callable[[int], bool]) -> None:
    """Say of the siblings that are dead that they are; *lives* answers for a process id.

    The pool has forked this process because one of them died. So a job that killed its process is
    found within a second, not when its process has been silent for long enough.
    """
    rows = session.execute(
        _SIBLINGS, {"worker": me.worker, "id": me.id, "recent": timedelta(minutes=5)}
    )
    dead = [row.id for row in rows if row.pid == me.pid or not lives(row.pid)]
    if dead:
        session.execute(_DEAD, {"ids": dead})


def stuck(session: Session, me: Identity, patience: timedelta) -> list[uuid.UUID]:
    """Jobs of this process that were to stop *patience* ago, and still run."""
    return list(session.scalars(_STUCK, {"id": me.id, "patience": patience}))


def goodbye(session: Session, me: Identity) -> None:
    """Forget a process that ends in order. Its row stays while it still vouches for a job."""
    session.execute(_GOODBYE, {"id": me.id})
