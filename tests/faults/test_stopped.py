"""Told to stop, a worker hands back what it holds; told to start, the platform is whole."""

from __future__ import annotations

import json

import httpx2
from sqlalchemy import text

from kernel.database import Database
from tests.processes import eventually
from tests.supervised import Supervised

RECIPES = 1_500


def batch() -> bytes:
    """Recipes whose lines differ, so that no cache makes them instant."""
    lines = [
        json.dumps(
            {
                "custom_id": f"r{number}",
                "ingredients": [f"{number + 1} g flour", f"{number + 2} g sugar", "1 egg"],
            }
        )
        for number in range(RECIPES)
    ]
    return "\n".join(lines).encode()


def chunks(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        rows = session.execute(
            text("SELECT state, count(*) FROM jobs WHERE kind = 'batches.chunk' GROUP BY state")
        )
        return {row[0]: row[1] for row in rows}


def test_a_stopped_worker_hands_back_and_the_batch_is_whole(
    platform: Supervised, key: str, database: Database
) -> None:
    """What is handed back spends no failure, counts as no loss, and is done once."""
    http = httpx2.Client(
        base_url=platform.url, headers={"Authorization": f"Bearer {key}"}, timeout=60
    )
    answer = http.post(
        "/v1/batches", content=batch(), headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 202, answer.text
    batch_id = answer.json()["id"]

    eventually("a chunk runs", lambda: chunks(database).get("running", 0) > 0)
    platform.order("stopProcess", "platform:worker-bulk")
    assert "running" not in chunks(database)
    platform.order("startProcess", "platform:worker-bulk")

    eventually(
        "the batch ended",
        lambda: http.get(f"/v1/batches/{batch_id}").json()["state"] == "succeeded",
        120,
    )
    results = [
        json.loads(line) for line in http.get(f"/v1/batches/{batch_id}/results").text.splitlines()
    ]
    assert [result["custom_id"] for result in results] == [f"r{n}" for n in range(RECIPES)]
    with database.transaction() as session:
        spent = session.execute(
            text("SELECT sum(failures), sum(lost), max(attempts) FROM jobs_archive")
        ).one()
        reasons = session.scalars(
            text("SELECT DISTINCT data->>'reason' FROM job_events WHERE name = 'queued'")
        ).all()
    assert (spent[0], spent[1]) == (0, 0)
    assert reasons == ["stopping"]


def test_every_queue_proves_itself_by_a_canary(platform: Supervised, key: str) -> None:
    """Beat, dispatcher, broker, worker and database, end to end."""

    def ready() -> bool:
        answer = httpx2.get(f"{platform.url}/readyz")
        return answer.status_code == 200 and answer.json()["status"] == "ok"

    eventually("/readyz is ok", ready, 90)
