"""One analysis, from the request to the stored document, on real engines."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from kernel.database import Database
from services import analyses
from services.analyses import Analyze, Measured
from services.analyses.present import present, present_listed
from services.jobs import read
from services.jobs.kinds import INTERACTIVE
from services.jobs.retry import Permanent
from services.jobs.settle import Fenced
from tests.analyses.claiming import attempt, claim_next, dispatch, drain
from worker import runtime

PANCAKES = Analyze(
    title="Pancakes",
    servings=4,
    ingredients=("2 cups all-purpose flour", "3 eggs", "For the sauce:", "2 flurbles of xyzzyx"),
)


def submit(database: Database, owner: uuid.UUID, request: Analyze = PANCAKES) -> uuid.UUID:
    with database.transaction() as session:
        return analyses.submit(session, owner=owner, actor="key:test", request=request)


def find(database: Database, analysis_id: uuid.UUID, owner: uuid.UUID) -> analyses.Stored | None:
    with database.transaction() as session:
        return analyses.find(session, analysis_id, owner)


def test_a_request_becomes_a_stored_analysis_under_the_id_of_its_job(database, owner_id):
    analysis_id = submit(database, owner_id)
    assert find(database, analysis_id, owner_id) is None

    assert drain(database, INTERACTIVE) == 1

    stored = find(database, analysis_id, owner_id)
    assert stored.document["title"] == "Pancakes"
    assert [line["status"] for line in stored.document["lines"]] == [
        "ok",
        "ok",
        "ignored",
        "unknown_food",
    ]
    assert (stored.expires_at - stored.created_at).days == runtime.settings().retention_days


def test_the_jobs_own_result_is_small_and_counts_food_lines(database, owner_id):
    analysis_id = submit(database, owner_id)
    drain(database, INTERACTIVE)

    with database.transaction() as session:
        job = read.find(session, analysis_id, owner_id)

    assert job.state == "succeeded"
    assert job.result.keys() == {"title", "servings", "lines", "lines_resolved", "energy_kcal"}
    assert (job.result["lines"], job.result["lines_resolved"]) == (3, 2)
    assert job.result["energy_kcal"] > 0


def test_one_stored_document_answers_for_the_label_and_in_full(database, owner_id):
    analysis_id = submit(database, owner_id)
    drain(database, INTERACTIVE)
    stored = find(database, analysis_id, owner_id)

    full = present(stored, "full")
    label = present(stored)

    declared = {row["code"] for row in full["label"]["rows"]}
    assert set(label["lines"][0]["nutrients"]) <= declared
    assert len(full["lines"][0]["nutrients"]) == 150
    for part in ("totals", "per_serving", "per_100g"):
        assert len(full[part]) == 150
        assert declared - {"SUGAD"} <= label[part].keys() < full[part].keys()
    assert (label["id"], label["expires_at"]) == (analysis_id, stored.expires_at)
    assert full["per_serving"]["ENERC_KCAL"]["amount"] * 4 == pytest.approx(
        full["totals"]["ENERC_KCAL"]["amount"], rel=1e-5
    )


def test_a_measured_food_needs_no_parsing(database, owner_id):
    food = runtime.engine().catalogue.foods[0]
    line = Measured(food_id=str(food.id), quantity=100, unit="g")
    analysis_id = submit(database, owner_id, Analyze(ingredients=(line,)))

    drain(database, INTERACTIVE)

    assert find(database, analysis_id, owner_id).document["lines"][0]["grams"] == 100


def test_an_analysis_is_its_owners_alone(database, owner_id):
    analysis_id = submit(database, owner_id)
    drain(database, INTERACTIVE)

    assert find(database, analysis_id, uuid.uuid4()) is None


def test_a_list_shows_the_newest_first_and_goes_on_behind_an_id(database, owner_id):
    first, second = submit(database, owner_id), submit(database, owner_id)
    drain(database, INTERACTIVE)

    with database.transaction() as session:
        newest = analyses.listing(session, owner_id, limit=1)
        older = analyses.listing(session, owner_id, before=newest[0].id)

    assert [entry.id for entry in (*newest, *older)] == [second, first]
    assert present_listed(older[0])["title"] == "Pancakes"


@pytest.mark.parametrize("servings", [-1, 5e-324])
def test_what_the_engine_refuses_is_not_tried_again(database, owner_id, servings):
    submit(database, owner_id, Analyze(ingredients=("2 eggs",), servings=servings))

    with pytest.raises(Permanent, match="servings"):
        claim_next(database, INTERACTIVE).handle()


def test_of_two_attempts_only_the_later_claim_stores(database, owner_id):
    analysis_id = submit(database, owner_id)
    stale = claim_next(database, INTERACTIVE)
    with database.transaction() as session:  # what the sweep does for a silent worker
        session.execute(text("UPDATE jobs SET state = 'queued', next_at = now()"))
    current = attempt(database, dispatch(database, INTERACTIVE)[0])

    with pytest.raises(Fenced):
        stale.handle()
    assert find(database, analysis_id, owner_id) is None

    current.handle()
    assert find(database, analysis_id, owner_id) is not None


def test_only_analyses_past_their_time_are_deleted(database, owner_id):
    old, young = submit(database, owner_id), submit(database, owner_id)
    drain(database, INTERACTIVE)

    with database.transaction() as session:
        session.execute(
            text("UPDATE analyses SET expires_at = now() - interval '1 s' WHERE id = :id"),
            {"id": old},
        )
        assert analyses.delete_expired(session) == 1

    assert find(database, old, owner_id) is None
    assert find(database, young, owner_id) is not None
