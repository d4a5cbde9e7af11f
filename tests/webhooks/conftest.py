"""A receiver, an owner, and deliveries taken by hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

import tasks.webhooks
from kernel.database import Database
from kernel.ids import new_id
from kernel.outbound import Outside
from services import webhooks
from services.jobs import settle
from services.jobs.kinds import NOTIFICATIONS
from services.jobs.retry import Snooze
from services.jobs.run import Run
from services.webhooks import deliveries, endpoints
from tests.analyses.claiming import claim_next
from tests.cli.conftest import command, nutrition, pauses, stage  # noqa: F401 - fixtures
from tests.web.conftest import anonymous, app, caller, new_key, stranger  # noqa: F401 - fixtures
from tests.webhooks.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    opened = Sink()
    yield opened
    opened.close()


@pytest.fixture
def owner() -> uuid.UUID:
    return new_id()


@pytest.fixture
def endpoint(database: Database, owner: uuid.UUID, sink: Sink) -> endpoints.Endpoint:
    """An endpoint that listens to everything."""
    with database.transaction() as session:
        return endpoints.create(session, owner, sink.url, loopback=True)


class Post:
    """The post office of one endpoint: announces, delivers, looks what became of it."""

    def __init__(self, database: Database, endpoint: endpoints.Endpoint, owner: uuid.UUID) -> None:
        self.database = database
        self.endpoint = endpoint
        self.owner = owner

    def announce(self, key: str = "one", event_type: str = "batch.succeeded") -> int:
        with self.database.transaction() as session:
            return webhooks.announce(session, self.owner, event_type, {"id": key}, key)

    def claim(self) -> Run | None:
        """The delivery's job that is due, claimed; None where none is."""
        found = claim_next(self.database, NOTIFICATIONS)
        return None if found is None else found.run

    def attempt(self) -> Exception | None:
        """Run the delivery that is due, and settle its job; the error that it met."""
        run = self.claim()
        assert run is not None, "no delivery is due"
        payload = webhooks.DELIVER.decode(run.job.payload, run.job.version)
        try:
            tasks.webhooks.deliver(payload, run)
        except Exception as error:  # noqa: BLE001 - settled as a worker would, and looked at
            with self.database.transaction() as session:
                if isinstance(error, Snooze):
                    settle.snooze(session, run.job, error)
                else:
                    settle.fail(session, run.job, error, Random(7))
            return error
        return None

    def hurry(self) -> None:
        """What is to be tried later is due now."""
        with self.database.transaction() as session:
            session.execute(text("UPDATE jobs SET next_at = now(), due = true"))

    def age(self, column: str, **by: float) -> None:
        """Move a moment of the endpoint's into the past."""
        with self.database.transaction() as session:
            session.execute(
                text(f"UPDATE webhook_endpoints SET {column} = {column} - :by"),
                {"by": timedelta(**by)},
            )

    def deliveries(self) -> list[deliveries.Delivery]:
        """Newest first, each with its log."""
        with self.database.transaction() as session:
            found = deliveries.listing(session, self.owner, self.endpoint.id)
            return [deliveries.find(session, self.owner, self.endpoint.id, one.id) for one in found]

    def state(self) -> endpoints.Endpoint:
        with self.database.transaction() as session:
            return endpoints.find(session, self.owner, self.endpoint.id)

    def secret(self) -> str:
        with self.database.transaction() as session:
            return endpoints.secret_of(session, self.owner, self.endpoint.id).secret


@pytest.fixture
def post(
    database: Database,
    endpoint: endpoints.Endpoint,
    owner: uuid.UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> Post:
    """Deliveries go out for real, to this machine, with a short deadline."""
    monkeypatch.setattr(tasks.webhooks, "outside", lambda: Outside(loopback=True, seconds=1))
    return Post(database, endpoint, owner)
