"""People, and a worker that is played by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

import tasks.notifications
import tasks.webhooks
from kernel.database import Database
from kernel.outbound import Outside
from kernel.settings import Settings
from services.accounts import people
from services.jobs import settle
from services.jobs.kinds import NOTIFICATIONS
from services.jobs.retry import Snooze
from services.notifications.channels import EMAIL
from services.notifications.channels.email import Email
from tests.analyses.claiming import claim_next
from tests.web.client import Caller
from tests.web.conftest import anonymous, app, caller, new_key, operator, stranger  # noqa: F401
from tests.webhooks.sink import Sink
from worker import runtime


@pytest.fixture
def new_people(database: Database) -> Callable[..., list[uuid.UUID]]:
    """Makes people who can sign in; answers their accounts' ids."""

    def make(count: int = 1, role: str = "user") -> list[uuid.UUID]:
        made = []
        with database.transaction() as session:
            for _ in range(count):
                email = f"{uuid.uuid4().hex}@example.org"
                person = people.register(session, email, "no password", "Ada", role)
                assert person is not None
                made.append(person.account_id)
        return made

    return make


@pytest.fixture
def person(new_people: Callable[..., list[uuid.UUID]]) -> uuid.UUID:
    return new_people()[0]


@pytest.fixture
def admin(app: Any, new_key: Callable[..., str]) -> Caller:  # noqa: F811
    """Somebody who may broadcast."""
    return Caller(app.test_client(), new_key("administration", scopes=None, role="admin"))


@pytest.fixture
def work(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Runs what is due of the notifications queue, as a worker would; answers the kinds' names."""
    monkeypatch.setattr(runtime, "settings", lambda: settings)
    monkeypatch.setattr(tasks.notifications, "channels", lambda: {EMAIL: Email.of(settings)})
    monkeypatch.setattr(tasks.webhooks, "outside", lambda: Outside(loopback=True, seconds=1))

    def run_all(most: int = 100) -> list[str]:
        done: list[str] = []
        while len(done) < most and (attempt := claim_next(database, NOTIFICATIONS)) is not None:
            done.append(attempt.run.job.kind.name)
            try:
                attempt.handle()
            except Exception as error:  # noqa: BLE001 - settled as a worker would
                with database.transaction() as session:
                    if isinstance(error, Snooze):
                        settle.snooze(session, attempt.run.job, error)
                    else:
                        settle.fail(session, attempt.run.job, error, Random(7))
        return done

    return run_all


@pytest.fixture
def rows(database: Database) -> Callable[..., list[Any]]:
    """What a query answers, in a transaction of its own."""

    def ask(statement: str, **values: object) -> list[Any]:
        with database.transaction() as session:
            return list(session.execute(text(statement), values).all())

    return ask


@pytest.fixture
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.close()
