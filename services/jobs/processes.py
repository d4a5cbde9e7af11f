"""Processes: one heartbeat row for each executing process, which vouches for all that it runs."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who beats. role: `worker`, `dispatcher` or `beat`. queues and slots: what a worker serves."""

    role: str
    queues: Sequence[str] = ()
    slots: int = 0
    id: uuid.UUID = field(default_factory=new_id)
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)


_BEAT = text("""
    INSERT INTO processes (id, role, host, pid, queues, slots)
    VALUES (:id, :role, :host, :pid, :queues, :slots)
    ON CONFLICT (id) DO UPDATE SET beat_at = now(), slots = excluded.slots
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
            "queues": list(me.queues),
            "slots": 0 if stopping else me.slots,
        },
    )


def goodbye(session: Session, me: Identity) -> None:
    """Forget a process that ends in order. Its row stays while it still vouches for a job."""
    session.execute(_GOODBYE, {"id": me.id})
