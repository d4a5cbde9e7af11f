"""The work of benchmarks/growth.py: jobs accepted, run to their end and looked up, in one process.

No broker and no worker: what an archive could slow down is PostgreSQL, so its statements run one
after the other, through the functions that web, dispatcher and worker call.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from hashlib import md5

from benchmarks.costs_kinds import SMALL, Single
from kernel.database import Database
from kernel.ids import new_id
from services.jobs import claim, end, read, take
from services.jobs.enqueue import Order, enqueue
from services.jobs.kinds import kind_named

#: Messages taken at a time: a dispatcher's turn.
FREE = 16
_LEASE = timedelta(seconds=15)


class Work:
    """Connections to one database, and how long each kind of work takes there."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, pool=2, idle_seconds=300, generic_plans=True)
        self._kind = kind_named(SMALL[1])
        # Accounts that the archive knows, and knows many jobs of.
        self._owners = [uuid.UUID(md5(b"%d" % n).hexdigest()) for n in range(8)]  # noqa: S324
        self._process = new_id()
        self._served = take.BEFORE_ALL

    def round(self, jobs: int) -> dict[str, float]:
        """Accept *jobs*, end them all, look them up; answers rates a second, and medians in ms."""
        began = time.perf_counter()
        ids = [self._submit(number) for number in range(jobs)]
        submitted = time.perf_counter()
        ended = 0
        while ended < jobs:
            ended += self._turn()
        finished = time.perf_counter()
        for job in ids:
            self._find(job)
        found = time.perf_counter()
        for owner in self._owners * (jobs // 40 + 1):
            self._list(owner)
        listed = time.perf_counter()
        return {
            "submit": jobs / (submitted - began),
            "claim and finish": jobs / (finished - submitted),
            "look-up by id": 1000 * (found - finished) / jobs,
            "newest of an owner": 1000 * (listed - found) / (8 * (jobs // 40 + 1)),
        }

    def close(self) -> None:
        self._database.close()

    def _submit(self, number: int) -> uuid.UUID:
        owner = self._owners[number % len(self._owners)]
        with self._database.transaction() as session:
            return enqueue(session, Order(payload=Single(), owner=owner, actor="benchmark"))

    def _turn(self) -> int:
        with self._database.transaction() as session:
            messages, self._served = take.take(
                session, self._kind.queue, [self._kind], FREE, self._served, _LEASE
            )
        ended = 0
        for message in messages:
            members = [(one.job_id, one.claim) for one in message.members]
            held = claim.claim(self._database, self._kind, members, self._process)
            ended += len(
                end.succeed_plainly(
                    self._database, self._kind, [(job.id, job.claim, None) for job in held]
                )
            )
        return ended

    def _find(self, job: uuid.UUID) -> None:
        with self._database.transaction() as session:
            assert read.find(session, job, None) is not None

    def _list(self, owner: uuid.UUID) -> None:
        with self._database.transaction() as session:
            read.listing(session, owner, limit=20)
