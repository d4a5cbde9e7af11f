"""Jobs taken by hand: what dispatcher and worker do, without their processes."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import tasks.analyses
import tasks.batches  # noqa: F401 - registers the handlers
from kernel.database import Database
from kernel.ids import new_id
from services.jobs import end, settle
from services.jobs.claim import claim
from services.jobs.kinds import all_kinds, kind_named
from services.jobs.run import Run
from services.jobs.take import BEFORE_ALL, Message, take
from worker.handlers import handler_of

LEASE = timedelta(seconds=15)


@dataclass(frozen=True)
class Attempt:
    """A claimed job: its payload, and the run that a handler is given."""

    payload: Any
    run: Run

    def handle(self) -> None:
        job = self.run.job
        done = handler_of(job.kind).function(self.payload, self.run)
        if done is None:
            return
        with self.run.read() as session:
            if not end.succeed(session, [(job.id, job.claim, done.result)]):
                raise settle.Fenced(str(job.id))
            if done.effects is not None:
                done.effects(session)


def dispatch(database: Database, queue: str, free: int = 1) -> list[Message]:
    """The messages that would go to the broker next."""
    with database.transaction() as session:
        kinds = [copy(kind) for kind in all_kinds()]
        for kind in kinds:
            object.__setattr__(kind, "group", 1)  # each job by itself
        return take(session, queue, kinds, free, BEFORE_ALL, LEASE)[0]


def attempt(database: Database, message: Message, *, stopping: bool = False) -> Attempt:
    """The job of a message, claimed."""
    kind = kind_named(message.kind)
    (claimed,) = claim(database, kind, [(message.job_id, message.claim)], new_id())
    payload = kind.decode(claimed.payload, claimed.version)
    return Attempt(payload, Run(database, claimed, lambda: stopping))


def claim_next(database: Database, queue: str, *, stopping: bool = False) -> Attempt | None:
    """The next due job of *queue*, claimed; None where none is due."""
    messages = dispatch(database, queue)
    return attempt(database, messages[0], stopping=stopping) if messages else None


def drain(database: Database, *queues: str) -> int:
    """Run the due jobs of *queues* until none is left; answers how many were run."""
    ran = 0
    while found := next(filter(None, (claim_next(database, queue) for queue in queues)), None):
        found.handle()
        ran += 1
    return ran


def fail(database: Database, attempted: Attempt, error: Exception) -> str:
    """Settle an attempt as failed; answers the job's state."""
    with database.transaction() as session:
        return settle.fail(session, attempted.run.job, error, Random(7))
