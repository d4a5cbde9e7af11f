"""Intake: what many submit at once is committed together, and each is answered for its own."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from kernel.database import Database
from kernel.errors import Unavailable
from services.analyses.jobs import Analyze
from services.jobs.enqueue import Order
from services.jobs.intake import Intake
from services.jobs.read import find
from tests.processes import eventually

FLOUR = Analyze(ingredients=("1 cup flour",), title=None, servings=None, yield_grams=None)


def order(owner: uuid.UUID, **more: Any) -> Order:
    return Order(payload=FLOUR, owner=owner, actor="key:test", **more)


class Gate:
    """Holds the statements of a database back until it is opened, and counts them."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()
        self.statements = 0
        self._statement = database.statement
        monkeypatch.setattr(database, "statement", self._held)

    def _held(self, *args: Any) -> Any:
        self.statements += 1
        self.reached.release()
        assert self.opened.wait(30)
        return self._statement(*args)


def test_the_answer_is_the_job_as_it_is_found_afterwards(
    database: Database, owner_id: uuid.UUID
) -> None:
    accepted = Intake(database).accept(
        order(owner_id, metadata={"shelf": "3"}, priority=2, progress_total=7)
    )

    with database.transaction() as session:
        assert find(session, accepted.id, owner_id) == accepted


def test_those_who_come_while_one_writes_are_written_together(
    database: Database, owner_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake, gate = Intake(database), Gate(database, monkeypatch)
    with ThreadPoolExecutor(9) as callers:
        jobs = [callers.submit(intake.accept, order(owner_id))]
        assert gate.reached.acquire(timeout=30)
        jobs += [callers.submit(intake.accept, order(owner_id)) for _ in range(8)]
        eventually("they wait", lambda: len(intake._waiting) == 8)
        gate.opened.set()
        accepted = {job.result().id for job in jobs}

    assert len(accepted) == 9
    assert gate.statements == 2
    with database.transaction() as session:
        assert all(find(session, one, owner_id) for one in accepted)


def test_a_bad_row_is_refused_alone(
    database: Database, owner_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake, gate = Intake(database), Gate(database, monkeypatch)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(intake.accept, order(owner_id))
        assert gate.reached.acquire(timeout=30)
        good = [callers.submit(intake.accept, order(owner_id)) for _ in range(2)]
        bad = callers.submit(intake.accept, order(owner_id, priority=99_999))  # no smallint
        eventually("they wait", lambda: len(intake._waiting) == 3)
        gate.opened.set()

        with pytest.raises(Exception, match="out of range"):
            bad.result()
        accepted = [job.result().id for job in [first, *good]]

    with database.transaction() as session:
        assert all(find(session, one, owner_id) for one in accepted)


def test_an_outage_is_told_to_each_and_the_next_caller_writes_again(
    database: Database, owner_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = Intake(database)

    def away(*_: Any) -> Any:
        raise Unavailable("away", retry_after=3)

    with monkeypatch.context() as patch:
        patch.setattr(database, "statement", away)
        with ThreadPoolExecutor(4) as callers:
            jobs = [callers.submit(intake.accept, order(owner_id)) for _ in range(12)]
            errors = [job.exception() for job in jobs]

    assert all(isinstance(one, Unavailable) and one.retry_after == 3 for one in errors)
    assert intake.accept(order(owner_id)).state == "queued"


def test_every_job_is_rung_for(database: Database, owner_id: uuid.UUID) -> None:
    news: list[frozenset[str]] = []
    database._announce = news.append
    intake = Intake(database)

    intake.accept(order(owner_id))
    assert len(news) == 1
    with ThreadPoolExecutor(8) as callers:
        for job in [callers.submit(intake.accept, order(owner_id)) for _ in range(40)]:
            job.result()

    assert news[-1] == {"ring"}


@pytest.mark.parametrize(
    "more",
    [{"dedupe": "k"}, {"run_at": datetime(2030, 1, 1, tzinfo=UTC)}, {"after": (uuid.UUID(int=7),)}],
)
def test_an_order_that_is_more_than_a_row_is_refused(
    database: Database, owner_id: uuid.UUID, more: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="use enqueue"):
        Intake(database).accept(order(owner_id, **more))
