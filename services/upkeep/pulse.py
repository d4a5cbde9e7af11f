"""Pulse: when each kind of process and each queue's workers last gave a sign of life."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.upkeep.jobs import CANARIES

#: Processes without which work stands still.
ROLES = ("dispatcher", "beat", "worker")

# Ages by the database's clock, as all times are.
_PROCESSES = text("""
    SELECT role, extract(epoch FROM now() - max(beat_at))::float AS age
    FROM processes GROUP BY role
""")
_CANARIES = text("""
    SELECT queue, extract(epoch FROM now() - home_at)::float AS age FROM canaries
""")


@dataclass(frozen=True, slots=True)
class Pulse:
    """Seconds since the last sign of life. roles: None where no such process is known.

    queues: since a canary last came home through the queue's workers; None where none ever did.
    """

    roles: dict[str, float | None]
    queues: dict[str, float | None]


def pulse(session: Session) -> Pulse:
    """Feel it."""
    seen = {row.role: row.age for row in session.execute(_PROCESSES)}
    home = {row.queue: row.age for row in session.execute(_CANARIES)}
    return Pulse(
        roles={role: seen.get(role) for role in ROLES},
        queues={kind.queue: home.get(kind.queue) for kind in CANARIES},
    )
