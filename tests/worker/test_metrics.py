"""Metrics, scraped for real: what they say, and what they do without a database or a port."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from beat_schedule import SCHEDULE
from embedded.ports import free_port
from kernel.database import Database
from kernel.settings import Settings
from services.jobs import lease, processes, rules
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


def test_without_the_database_it_says_so_and_nothing_that_only_it_knows(
    settings: Settings,
) -> None:
    nowhere = replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none")
    served = metrics.serve(replace(nowhere, metrics_port=free_port()))
    assert served is not None

    seen = scrape(served.port)
    served.close()

    assert seen["nutrition_metrics_database_up", ""] == 0
    assert seen["nutrition_redis_up", "queue"] == 1
    assert not any(name.startswith("nutrition_queue") for name, _ in seen)


def test_what_never_happened_is_infinitely_long_ago(
    served: metrics.Served, database: Database
) -> None:
    seen = scrape(served.port)

    assert seen["nutrition_heartbeat_age_seconds", "dispatcher"] == float("inf")
    assert seen["nutrition_canary_age_seconds", BULK] == float("inf")
    assert seen["nutrition_dispatcher_lease_seconds", ""] == float("-inf")
    assert seen["nutrition_backup_verified_age_seconds", ""] == float("inf")


def test_processes_lease_schedule_and_the_last_verified_backup_are_told(
    served: metrics.Served, database: Database
) -> None:
    me = processes.Identity(role="dispatcher")
    with database.transaction() as session:
        processes.beat(session, me)
        lease.hold(session, "dispatcher", me.id, timedelta(seconds=60))
        session.execute(
            text("""
                INSERT INTO backups (id, actor, started_at, snapshot_at, verified_at)
                VALUES (uuidv7(), 'beat', now(), now() - interval '3 days', now()),
                    (uuidv7(), 'beat', now(), now() - interval '1 day', now()),
                    (uuidv7(), 'beat', now(), now(), NULL)
            """)
        )

    seen = scrape(served.port)

    assert 0 <= seen["nutrition_heartbeat_age_seconds", "dispatcher"] < 60
    assert 0 < seen["nutrition_dispatcher_lease_seconds", ""] <= 60
    assert 86_400 <= seen["nutrition_backup_verified_age_seconds", ""] < 2 * 86_400
    entries = {label for name, label in seen if name == "nutrition_schedule_overdue_seconds"}
    assert entries == {entry.name for entry in SCHEDULE}
    assert seen["nutrition_redis_memory_bytes", "cache"] > 0
    assert seen["nutrition_disk_free_bytes", ""] <= seen["nutrition_disk_size_bytes", ""]


def test_a_port_that_is_taken_stops_nobody(served: metrics.Served, settings: Settings) -> None:
    assert metrics.serve(replace(settings, metrics_port=served.port)) is None


def test_without_a_port_nothing_is_served(settings: Settings) -> None:
    assert metrics.serve(replace(settings, metrics_port=0)) is None
