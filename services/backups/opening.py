"""Opening: what a restored database needs before anybody may use it, in the restoring transaction.

It is brought to this release's schema; whoever was erased since is erased again; every sign-in has
ended, since nobody knows which of them did meanwhile, or which refresh token was spent; and nothing
goes out of it until an operator says so, since what waited to be sent then has been sent long ago.

Keys that were revoked since, people disabled and passwords changed are as they were then: only the
operator knows of them, who is told.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from migrations.run import upgrade_within
from services.audit import record
from services.backups.manifest import Manifest
from services.jobs import rules
from services.jobs.kinds import NOTIFICATIONS
from services.jobs.rules import Target

#: Applies tombstones with the transactions that it is handed; answers how many there are, and how
#: many accounts it erased.
Tombstones = Callable[[Callable[[], AbstractContextManager[Session]]], tuple[int, int]]

# Whoever took them before the snapshot is gone, and so are the processes that vouched for them.
_VACATE = (
    text("UPDATE processes SET beat_at = '-infinity'"),
    text("UPDATE leases SET expires_at = now()"),
)
_SIGN_OUT = text("""
    UPDATE sign_ins SET ended_at = now(), ended_why = 'disabled' WHERE ended_at IS NULL
""")


@dataclass(slots=True)
class Opening:
    """app_url: the platform's own role's address, for its grants.

    found: tombstones, and erased: accounts, afterwards.
    """

    manifest: Manifest
    app_url: str
    actor: str
    tombstones: Tombstones
    found: int = 0
    erased: int = 0

    def __call__(self, session: Session) -> None:
        upgrade_within(session.connection(), self.app_url)
        for statement in _VACATE:
            session.execute(statement)
        session.execute(_SIGN_OUT)
        self.found, self.erased = self.tombstones(lambda: nullcontext(session))
        rules.pause(session, Target("queue", NOTIFICATIONS), self.actor)
        record(
            session,
            actor=self.actor,
            action="backup.restored",
            target=f"backup:{self.manifest.id}",
            details={
                "snapshot_at": self.manifest.snapshot_at.isoformat(),
                "tombstones": self.found,
                "erased": self.erased,
            },
        )
