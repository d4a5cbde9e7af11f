"""Batches from upload to the last result, on real engines: no recipe is lost, none counts twice."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.errors import NotFound
from services import batches
from services.analyses import compute
from services.batches import upload
from services.jobs import events, read, settle
from services.jobs.cancel import cancel
from services.jobs.end import Ending, end
from services.jobs.kinds import BULK, MAINTENANCE
from services.jobs.retry import Permanent
from services.jobs.run import HandBack
from tests.analyses.claiming import attempt, claim_next, dispatch, drain, fail
from worker import runtime

LINES = ("2 eggs", "1 cup milk", "250 g flour", "2 tbsp olive oil", "1 tsp salt")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four recipes: several chunks out of few recipes."""
    monkeypatch.setattr(upload, "CHUNK", 4)


def recipe(number: int) -> dict[str, Any]:
    return {
        "custom_id": f"recipe-{number}",
        "title": f"Dish {number}",
        "servings": 2,
        "ingredients": list(LINES[: 1 + number % len(LINES)]),
    }


def submit(database: Database, owner: uuid.UUID, recipes: list[Any]) -> uuid.UUID:
    received = batches.receive_list(runtime.objects(), recipes)
    with database.transaction() as session:
        return batches.submit(
            session, received, owner=owner, actor="key:test", metadata={"from": "test"}
        )


def document(database: Database, batch_id: uuid.UUID, owner: uuid.UUID) -> dict[str, Any]:
    with database.transaction() as session:
        found = batches.find(session, batch_id, owner)
    assert found is not None
    return found


def parsed(pieces: Iterator[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(pieces).splitlines()]


def results(database: Database, batch_id: uuid.UUID, owner: uuid.UUID) -> list[dict[str, Any]]:
    return parsed(batches.results(database, runtime.objects(), batch_id, owner))


def errors(database: Database, batch_id: uuid.UUID, owner: uuid.UUID) -> list[dict[str, Any]]:
    return parsed(batches.errors(database, runtime.objects(), batch_id, owner))


def live_jobs(database: Database) -> int:
    with database.transaction() as session:
        return session.scalars(text("SELECT count(*) FROM jobs")).one()


def test_every_recipe_has_one_result_in_order_under_its_own_id(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(18)])
    assert document(database, batch_id, owner_id)["state"] == "waiting"

    assert drain(database, BULK) == 5
    assert drain(database, MAINTENANCE) == 1

    found = results(database, batch_id, owner_id)
    assert [result["index"] for result in found] == list(range(18))
    assert [result["custom_id"] for result in found] == [f"recipe-{n}" for n in range(18)]
    assert {result["status"] for result in found} == {"succeeded"}
    assert found[7]["analysis"]["title"] == "Dish 7"
    assert found[7]["analysis"]["per_serving"]["ENERC_KCAL"]["amount"] > 0
    assert live_jobs(database) == 0


def test_a_finished_batch_counts_its_recipes_and_lines(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(10)])

    drain(database, BULK, MAINTENANCE)

    batch = document(database, batch_id, owner_id)
    lines = sum(1 + number % len(LINES) for number in range(10))
    assert batch["state"] == "succeeded"
    assert batch["counts"] == {"total": 10, "succeeded": 10, "failed": 0, "remaining": 0}
    assert batch["progress"] == {"done": 10, "total": 10}
    assert batch["lines"]["total"] == lines
    assert batch["metadata"] == {"from": "test"}
    assert batch["finished_at"] is not None
    with database.transaction() as session:
        job = read.find(session, batch_id, owner_id)
    assert job.progress == {"done": 10, "total": 10}
    assert job.result == {
        "recipes": 10,
        "succeeded": 10,
        "failed": 0,
        "lines": lines,
        "lines_resolved": batch["lines"]["resolved"],
    }


def test_results_are_there_as_soon_as_their_chunk_is(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(12)])
    assert results(database, batch_id, owner_id) == []

    first, second, third = (attempt(database, message) for message in dispatch(database, BULK, 3))
    third.handle()
    first.handle()

    assert [r["index"] for r in results(database, batch_id, owner_id)] == [0, 1, 2, 3, 8, 9, 10, 11]
    assert document(database, batch_id, owner_id)["counts"]["remaining"] == 4
    second.handle()
    assert len(results(database, batch_id, owner_id)) == 12


def test_the_batchs_own_job_tells_each_chunk_as_progress(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(6)])
    drain(database, BULK, MAINTENANCE)

    with database.transaction() as session:
        told = events.after(session, batch_id, 0)

    progress = [event.data for event in told if event.name == "progress"]
    assert progress == [{"done": 4, "total": 6}, {"done": 6, "total": 6}]
    assert told[-1].name == "succeeded"


def test_a_bad_recipe_is_its_own_failure_and_nobody_elses(database, owner_id):
    bad = [
        {"custom_id": "no lines", "ingredients": []},
        {"custom_id": 7, "ingredients": ["2 eggs"]},
        {"custom_id": "zero", "servings": 0, "ingredients": ["2 eggs", {"food_id": "?"}]},
        {"custom_id": "nul", "ingredients": ["2 eggs\0"]},
    ]
    batch_id = submit(database, owner_id, [recipe(0), *bad, recipe(5)])

    drain(database, BULK, MAINTENANCE)

    failed = errors(database, batch_id, owner_id)
    assert [r["status"] for r in results(database, batch_id, owner_id)] == [
        "succeeded",
        *["failed"] * 4,
        "succeeded",
    ]
    assert [r["custom_id"] for r in failed] == ["no lines", None, "zero", "nul"]
    assert list(failed[1]["error"]["errors"]) == ["custom_id"]
    assert "ingredients.1.food_id" in failed[2]["error"]["errors"]
    assert document(database, batch_id, owner_id)["counts"]["failed"] == 4
    assert document(database, batch_id, owner_id)["state"] == "succeeded"


def test_a_defect_that_one_recipe_meets_is_that_recipes_outcome(database, owner_id, monkeypatch):
    sound = compute.document

    def brittle(engine: Any, request: Any, **more: Any) -> dict[str, Any]:
        if request.title == "Dish 1":
            raise ZeroDivisionError
        return sound(engine, request, **more)

    monkeypatch.setattr(compute, "document", brittle)
    batch_id = submit(database, owner_id, [recipe(number) for number in range(3)])
    drain(database, BULK, MAINTENANCE)

    assert [r["custom_id"] for r in errors(database, batch_id, owner_id)] == ["recipe-1"]


def test_what_interrupts_a_job_is_no_recipes_failure(database, owner_id, monkeypatch):
    class TimeIsUp(Exception):
        """Like Celery's soft limit, it arrives in the middle of anything."""

    def interrupted(*_: Any, **__: Any) -> dict[str, Any]:
        raise TimeIsUp

    monkeypatch.setattr(compute, "document", interrupted)
    submit(database, owner_id, [recipe(0)])

    with pytest.raises(TimeIsUp):
        claim_next(database, BULK).handle()


def test_recipes_of_a_chunk_that_died_are_reported_with_the_reason(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(10)])
    claim_next(database, BULK).handle()
    with database.transaction() as session:
        dying = claim_next(database, BULK).run.job
        session.execute(text("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE"), {"id": dying.id})
        lost = {"type": "Lost", "message": "Its worker vanished three times."}
        end(session, [dying.id], Ending(state="dead", error=lost))

    drain(database, BULK, MAINTENANCE)

    batch = document(database, batch_id, owner_id)
    assert batch["state"] == "succeeded"
    assert batch["counts"] == {"total": 10, "succeeded": 6, "failed": 4, "remaining": 0}
    assert batch["progress"] == {"done": 10, "total": 10}
    failed = errors(database, batch_id, owner_id)
    assert [r["custom_id"] for r in failed] == [f"recipe-{number}" for number in range(4, 8)]
    assert "Its worker vanished three times." in failed[0]["error"]["detail"]
    assert [r["index"] for r in results(database, batch_id, owner_id)] == list(range(10))


def test_a_batch_of_which_every_chunk_died_still_accounts_for_all(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(6)])
    for _ in range(2):
        # An error that no repetition mends ends the job at once.
        assert fail(database, claim_next(database, BULK), Permanent("no such food")) == "failed"

    drain(database, MAINTENANCE)

    assert document(database, batch_id, owner_id)["counts"]["failed"] == 6
    assert len(errors(database, batch_id, owner_id)) == 6


def test_a_batch_whose_input_is_lost_ends_and_accounts_for_all(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(3)])
    runtime.objects().delete(upload.folder(batch_id))

    attempted = claim_next(database, BULK)
    with pytest.raises(Permanent) as error:
        attempted.handle()
    fail(database, attempted, error.value)
    drain(database, MAINTENANCE)

    failed = errors(database, batch_id, owner_id)
    assert [r["index"] for r in failed] == [0, 1, 2]
    assert "There is no object" in failed[0]["error"]["detail"]


def test_cancelling_ends_what_waits_and_stops_what_runs(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(12)])
    claim_next(database, BULK).handle()
    running = claim_next(database, BULK)

    with database.transaction() as session:
        assert cancel(session, batch_id, owner_id) == "cancelled"
    with pytest.raises(settle.CancelRequested):
        running.handle()
    with database.transaction() as session:
        settle.cancelled(session, running.run.job)

    assert drain(database, BULK, MAINTENANCE) == 0
    assert live_jobs(database) == 0
    batch = document(database, batch_id, owner_id)
    assert batch["state"] == "cancelled"
    assert batch["finished_at"] is not None
    assert batch["counts"] == {"total": 12, "succeeded": 4, "failed": 0, "remaining": 8}
    assert len(results(database, batch_id, owner_id)) == 4


def test_a_worker_that_is_told_to_stop_hands_its_chunk_back(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(0)])
    stopped = claim_next(database, BULK, stopping=True)

    with pytest.raises(HandBack):
        stopped.handle()
    with database.transaction() as session:
        settle.hand_back(session, stopped.run.job, "stopping")

    drain(database, BULK, MAINTENANCE)
    assert document(database, batch_id, owner_id)["counts"]["succeeded"] == 1


def test_of_two_attempts_at_a_chunk_only_the_later_claim_counts(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(number) for number in range(3)])
    stale = claim_next(database, BULK)
    with database.transaction() as session:  # what the sweep does for a silent worker
        session.execute(
            text("UPDATE jobs SET state = 'queued', next_at = now() WHERE id = :id"),
            {"id": stale.run.job.id},
        )
    current = claim_next(database, BULK)

    current.handle()
    with pytest.raises(settle.Fenced):
        stale.handle()

    drain(database, MAINTENANCE)
    assert document(database, batch_id, owner_id)["counts"]["succeeded"] == 3
    assert len(results(database, batch_id, owner_id)) == 3


class Killed(BaseException):
    """The process is gone: no handler of an error sees it."""


def test_a_recipe_that_kills_its_process_fails_alone_and_not_with_its_chunk(
    database, owner_id, monkeypatch
):
    """The second attempt notes where it is; the third leaves out where that one died."""
    batch_id = submit(database, owner_id, [recipe(number) for number in range(4)])
    sound = compute.document

    def deadly(engine, request, **more):
        if request.title == "Dish 2":
            raise Killed
        return sound(engine, request, **more)

    monkeypatch.setattr(compute, "document", deadly)
    for _ in range(2):
        with pytest.raises(Killed):
            claim_next(database, BULK).handle()
        with database.transaction() as session:  # what the sweep does
            session.execute(
                text("""
                    UPDATE jobs SET state = 'queued', next_at = now(), lost = lost + 1
                    WHERE state = 'running'
                """)
            )

    drain(database, BULK, MAINTENANCE)

    found = results(database, batch_id, owner_id)
    assert [outcome["status"] for outcome in found] == [
        "succeeded",
        "succeeded",
        "failed",
        "succeeded",
    ]
    assert "ended its process" in found[2]["error"]["detail"]


def test_a_batch_is_its_owners_alone(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(0)])
    drain(database, BULK, MAINTENANCE)
    stranger = uuid.uuid4()

    with database.transaction() as session:
        assert batches.find(session, batch_id, stranger) is None
        assert batches.listing(session, stranger) == []
    for stream in (batches.results, batches.errors):
        # At once, not at the first piece: the answer's head is not out yet.
        with pytest.raises(NotFound):
            stream(database, runtime.objects(), batch_id, stranger)


def test_a_list_shows_the_newest_first_and_goes_on_behind_an_id(database, owner_id):
    first, second = (submit(database, owner_id, [recipe(n)]) for n in range(2))

    with database.transaction() as session:
        newest = batches.listing(session, owner_id, limit=1)
        older = batches.listing(session, owner_id, before=newest[0]["id"])

    assert [batch["id"] for batch in (*newest, *older)] == [second, first]


def test_an_expired_batch_goes_with_its_objects_unless_it_still_lives(database, owner_id):
    done = submit(database, owner_id, [recipe(0)])
    drain(database, BULK, MAINTENANCE)
    living = submit(database, owner_id, [recipe(1)])
    objects = runtime.objects()

    with database.transaction() as session:
        session.execute(text("UPDATE batches SET expires_at = now() - interval '1 s'"))
        assert batches.delete_expired(session, objects) == 1

    with pytest.raises(NotFound):
        objects.get(upload.input_key(done))
    assert objects.get(upload.input_key(living))
    with database.transaction() as session:
        assert batches.find(session, done, owner_id) is None


def test_a_batch_is_kept_from_its_end_for_as_long_as_it_was_promised(database, owner_id):
    batch_id = submit(database, owner_id, [recipe(0)])
    with database.transaction() as session:
        session.execute(
            text("UPDATE batches SET created_at = now() - interval '2 days', expires_at = now()")
        )
    drain(database, BULK, MAINTENANCE)

    batch = document(database, batch_id, owner_id)
    assert (batch["expires_at"] - batch["finished_at"]).days == 2
