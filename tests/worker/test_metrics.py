"""Metrics, scraped for real: what they say, and what they do without a database or a port."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from embedded.ports import free_port
from kernel.database import Database
from kernel.settings import Settings
from services.jobs import processes, rules
from services.jobs.end import Ending, end
from services.jobs.enqueue import Order, enqueue
from services.upkeep.jobs import BulkCanary
from worker import metrics

OWNER = uuid.UUID(int=7)
BULK = "nutrition.bulk"


@pytest.fixture
def served(settings: Settings) -> Iterator[metrics.Served]:
    made = metrics.serve(replace(settings, metrics_port=free_port()))
    assert made is not None
    yield made
    made.close()


def scrape(port: int) -> dict[tuple[str, str], float]:
    """The samples, by name and label."""
    answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=30)
    assert answer.status_code == 200
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def order(database: Database) -> uuid.UUID:
    with database.transaction() as session:
        return enqueue(session, Order(payload=BulkCanary(), owner=OWNER, actor="test"))


def test_depth_age_running_slots_and_dead_jobs_are_told(
    served: metrics.Served, database: Database
) -> None:
    waiting, running, gone = order(database), order(database), order(database)
    with database.transaction() as session:
        change = "UPDATE jobs SET {} WHERE id = :id"
        session.execute(
            text(change.format("next_at = now() - interval '100 seconds'")), {"id": waiting}
        )
        session.execute(text(change.format("state = 'running'")), {"id": running})
        end(session, [gone], Ending(state="dead", reason="exhausted"))
        processes.beat(session, processes.Identity(role="worker", queues=[BULK], slots=3))

    seen = scrape(served.port)

    assert seen["nutrition_metrics_database_up", ""] == 1
    assert seen["nutrition_queue_depth", BULK] == 1
    assert 100 <= seen["nutrition_queue_oldest_age_seconds", BULK] < 200
    assert seen["nutrition_queue_running", BULK] == 1
    assert seen["nutrition_queue_slots", BULK] == 3
    assert seen["nutrition_queue_paused", BULK] == 0
    assert seen["nutrition_dead_jobs", "canary.nutrition.bulk"] == 1
    # What there is none of is told as none: an alert needs the zero.
    assert seen["nutrition_queue_slots", "nutrition.interactive"] == 0
    assert seen["nutrition_dead_jobs", "analyses.analyze"] == 0


def test_each_scrape_is_computed_anew(served: metrics.Served, database: Database) -> None:
    assert scrape(served.port)["nutrition_queue_depth", BULK] == 0
    order(database)
    with database.transaction() as session:
        rules.pause(session, rules.Target("queue", BULK), "test")

    seen = scrape(served.port)

    assert (seen["nutrition_queue_depth", BULK], seen["nutrition_queue_paused", BULK]) == (1, 1)


def test_what_this_release_does_not_know_shares_one_label(
    served: metrics.Served, database: Database
) -> None:
    for number in range(3):
        job = order(database)
        with database.transaction() as session:
            session.execute(
                text(f"UPDATE jobs SET queue = 'old{number}', kind = 'old{number}' WHERE id = :id"),
                {"id": job},
            )

    seen = scrape(served.port)

    assert seen["nutrition_queue_depth", "other"] == 3
    assert not any("old" in label for _, label in seen)


def test_without_the_database_it_says_so_and_nothing_else(settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    served = metrics.serve(replace(nowhere, metrics_port=free_port()))
    assert served is not None

    seen = scrape(served.port)
    served.close()

    assert seen == {("nutrition_metrics_database_up", ""): 0}


def test_a_port_that_is_taken_stops_nobody(served: metrics.Served, settings: Settings) -> None:
    assert metrics.serve(replace(settings, metrics_port=served.port)) is None


def test_without_a_port_nothing_is_served(settings: Settings) -> None:
    assert metrics.serve(replace(settings, metrics_port=0)) is None
