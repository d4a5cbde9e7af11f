"""Accounts that send events, and workers played by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

import tasks.analytics  # noqa: F401 - registers the handlers
from kernel.database import Database
from services.analytics import accept, parse_events, report, rollup
from tests.analyses.claiming import drain

#: The first full hour of the day before yesterday: late, and surely all in one day.
LONG_AGO = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)


def event(
    time: datetime = LONG_AGO, name: str = "recipe.opened", event_id: uuid.UUID | None = None
) -> dict[str, Any]:
    """An event as a client sends it."""
    return {"id": str(event_id or uuid.uuid4()), "name": name, "time": time.isoformat()}


class Counter:
    """Events sent by accounts, ingested and counted."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def send(self, owner: uuid.UUID, *events: dict[str, Any]) -> uuid.UUID | None:
        """Accept them; answers the job that is to ingest them."""
        with self.database.transaction() as session:
            return accept(session, owner, "key:test", parse_events({"events": list(events)}))

    def ingest(self) -> int:
        """Run the jobs that are due; answers how many."""
        return drain(self.database, "analytics")

    def roll_up(self) -> None:
        left = True
        while left:
            with self.database.transaction() as session:
                left = rollup.roll_up(session).left

    def buckets(
        self,
        owner: uuid.UUID | None,
        grain: report.Grain = "hour",
        name: str | None = None,
        since: datetime = LONG_AGO,
        until: datetime = LONG_AGO + timedelta(days=1),
    ) -> dict[datetime, int | None]:
        """What the report says, those of nothing left out."""
        with self.database.transaction() as session:
            within = report.span(session, since, until, grain, report.BUCKETS)
            found = report.events(session, within, owner, name)
        return {bucket.start: bucket.count for bucket in found if bucket.count}

    def rows(self, statement: str, **values: object) -> Sequence[Any]:
        with self.database.transaction() as session:
            return session.execute(text(statement), values).all()


@pytest.fixture
def counter(database: Database) -> Counter:
    return Counter(database)


@pytest.fixture
def owners() -> Callable[[int], list[uuid.UUID]]:
    """Ids of accounts, which need no row."""
    return lambda count: [uuid.uuid4() for _ in range(count)]
