"""The hub wakes who listens: by Redis at once, by the database within a second."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from kernel.database import Database
from kernel.ids import new_id
from kernel.redis import client
from kernel.settings import Settings
from services.jobs.hints import NEWS
from tests.analyses.claiming import claim_next
from tests.processes import eventually
from tests.web.client import Caller
from web.hub import LAST, Hub


@pytest.fixture
def hub(database: Database, settings: Settings) -> Iterator[Hub]:
    made = Hub(database, client(settings.redis_url, timeout=5, connections=2))
    yield made
    made.close()


@pytest.fixture
def deaf(database: Database) -> Iterator[Hub]:
    """A hub without Redis."""
    made = Hub(database, client("redis://127.0.0.1:1/0", timeout=1, connections=2))
    yield made
    made.close()


def test_news_from_redis_wakes_the_listeners_of_that_job_alone(
    hub: Hub, settings: Settings
) -> None:
    redis = client(settings.redis_url, timeout=5)
    mine, other = new_id(), new_id()
    # Of the ended jobs that these ids stand for the look would tell: it sees them as ended.
    with hub.listen(mine, LAST + 1) as listener, hub.listen(other, LAST + 1) as bystander:

        def heard() -> bool:
            redis.publish(NEWS, str(mine))
            return listener.wait(0.05)

        eventually("the listener hears", heard)
        assert not bystander.wait(0)


def test_without_redis_the_database_tells_of_later_events_only(
    deaf: Hub, caller: Caller, database: Database
) -> None:
    job = caller.submit()
    with deaf.listen(UUID(job), seen=1) as knows, deaf.listen(UUID(job), seen=0) as knows_not:
        assert knows_not.wait(30)
        claim_next(database, "nutrition.interactive")
        assert knows.wait(30)


def test_the_end_of_a_job_wakes_even_who_waits_for_nothing_else(deaf: Hub, caller: Caller) -> None:
    job = caller.submit()
    with deaf.listen(UUID(job), seen=LAST) as waiter:
        caller.delete(f"/v1/jobs/{job}")
        assert waiter.wait(30)


def test_closing_wakes_everybody_and_nobody_sleeps_any_more(hub: Hub) -> None:
    with hub.listen(new_id(), LAST + 1) as listener:
        hub.close()
        assert listener.wait(30)
        assert listener.wait(30)
    assert hub.listened() == 0
