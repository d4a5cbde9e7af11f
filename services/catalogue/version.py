"""Version: which catalogue is in the tables, known without asking for every request.

A process may hold an answer for LEASE seconds. Whoever loads a catalogue waits as long after the
commit (`settle`) before saying that it is loaded: from then on nobody anywhere answers from the
catalogue before, whatever became of Redis meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import text
from sqlalchemy.orm import Session

#: Begins a transaction: `Database.transaction`, or a job's `Run.read`.
Transaction = Callable[[], AbstractContextManager[Session]]

#: Seconds for which a process believes what it read.
LEASE = 1.0
#: Seconds more that a load waits: a process that was slow to begin its second.
MARGIN = 0.25

# The id rises with every load, also of a catalogue that was there before; the digest tells apart
# databases that count alike, such as one restored from a backup and what was loaded since.
_NEWEST = text("SELECT id, digest FROM catalogue_versions ORDER BY id DESC LIMIT 1")


def newest(session: Session) -> str:
    """The load that the tables stand at, of whichever source; "0" before the first."""
    row = session.execute(_NEWEST).one_or_none()
    return "0" if row is None else f"{row.id}-{row.digest[:16]}"


class Version:
    """What this process knows of it. Safe between threads. clock: seconds that only rise."""

    def __init__(
        self, transaction: Transaction, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transaction = transaction
        self._clock = clock
        self._known = ("", float("-inf"))
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """The newest load, as read at most LEASE seconds ago. Raises Unavailable."""
        version, until = self._known
        if self._clock() < until:
            return version
        with self._lock:
            version, until = self._known
            # Counted from before the question: what is committed after it may be unseen by it.
            asked = self._clock()
            if asked >= until:
                with self._transaction() as session:
                    version = newest(session)
                self._known = (version, asked + LEASE)
        return version


def settle(sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until no process believes what it read before now. After a load's commit."""
    sleep(LEASE + MARGIN)
