"""A kind of the tests' own, and the steps of a job's life in few words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from kernel.database import Database
from kernel.ids import new_id
from services.jobs import claim as claims
from services.jobs import plan, processes
from services.jobs.claim import Claimed
from services.jobs.kinds import Kind
from services.jobs.retry import Retries, RetryPolicy
from services.jobs.run import Run
from services.jobs.take import BEFORE_ALL, Lane, Message, take

LEASE = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stir:
    """What the tests' jobs carry."""

    spoon: int = 1


STIR = Kind(
    name="tests.stir",
    payload=Stir,
    queue="tests",
    retry=Retries(unexpected=RetryPolicy(attempts=3, first=1, cap=10)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chop:
    """A small job, of which four may share a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A job of which two at a time may call one neighbour."""


CHOP = Kind(name="tests.chop", payload=Chop, queue="tests", retry=STIR.retry, group=4)
RING = Kind(name="tests.ring", payload=Ring, queue="tests", retry=STIR.retry, per_key=2)
KITCHEN = (STIR, CHOP, RING)


@dataclass
class Kitchen:
    """A worker process, played by hand: what it dispatches, claims and runs."""

    database: Database
    me: processes.Identity

    def beat(self) -> None:
        with self.database.transaction() as session:
            processes.beat(session, self.me)

    def dispatch(self, free: int = 10, after: Lane = BEFORE_ALL) -> list[Message]:
        with self.database.transaction() as session:
            plan.windows(session, {}, LEASE)  # makes due what was planned for now
            return take(session, "tests", KITCHEN, free, after, LEASE)[0]

    def claim(self, message: Message) -> Claimed | None:
        members = [(message.job_id, message.claim)]
        return next(iter(claims.claim(self.database, STIR, members, self.me.id)), None)

    def start(self) -> Claimed:
        """Dispatch and claim the one job that is due."""
        (message,) = self.dispatch()
        job = self.claim(message)
        assert job is not None
        return job

    def run(self, job: Claimed, stopping: Callable[[], bool] = lambda: False) -> Run:
        return Run(self.database, job, stopping)


@pytest.fixture
def kitchen(database: Database) -> Kitchen:
    made = Kitchen(database, processes.Identity(role="worker", queues=["tests"], slots=1))
    made.beat()
    return made


@pytest.fixture
def owner() -> uuid.UUID:
    return new_id()
