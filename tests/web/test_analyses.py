"""An analysis over HTTP: accepted at once, computed by a worker, read by its owner alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random

from flask import Flask

from kernel.database import Database
from services.jobs import settle
from services.jobs.read import find
from services.jobs.retry import Permanent
from tests.analyses.claiming import claim_next
from tests.processes import eventually
from tests.web.client import PANCAKES, Caller


def test_a_recipe_is_accepted_as_a_job_that_says_where_to_look(caller: Caller) -> None:
    answer = caller.post("/v1/analyses", json=PANCAKES | {"metadata": {"page": "12"}})

    assert answer.status_code == 202
    job = answer.json
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert answer.headers["Retry-After"] == "1"
    assert (job["kind"], job["state"]) == ("analyses.analyze", "queued")
    assert job["metadata"] == {"page": "12"}
    assert caller.get(answer.headers["Location"]).json == job


def test_the_analysis_is_read_once_a_worker_has_made_it(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    early = caller.get(f"/v1/analyses/{job}")

    work()
    done = caller.get(f"/v1/analyses/{job}")

    assert early.status_code == 202
    assert early.json["state"] == "queued"
    assert done.status_code == 200
    assert done.json["title"] == "Pancakes"
    assert [line["status"] for line in done.json["lines"]] == ["ok", "ok", "ok"]
    assert done.json["totals"]["ENERC_KCAL"]["amount"] > 1000
    assert done.json["expires_at"] > done.json["created_at"]


def test_full_detail_carries_more_nutrients_of_each_line(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    label = caller.get(f"/v1/analyses/{job}").json["lines"][0]["nutrients"]
    full = caller.get(f"/v1/analyses/{job}?detail=full").json["lines"][0]["nutrients"]

    assert label.items() <= full.items()
    assert len(full) > 2 * len(label)


def test_an_unchanged_analysis_is_not_sent_twice(caller: Caller, work: Callable[[], None]) -> None:
    job = caller.submit()
    work()
    first = caller.get(f"/v1/analyses/{job}")

    again = caller.get(f"/v1/analyses/{job}", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""


def test_analyses_are_listed_newest_first_a_page_at_a_time(
    caller: Caller, work: Callable[[], None]
) -> None:
    jobs = [caller.submit() for _ in range(3)]
    for _ in jobs:
        work()

    first = caller.get("/v1/analyses?limit=2").json
    second = caller.get(f"/v1/analyses?limit=2&cursor={first['next']}").json

    assert [item["id"] for item in first["items"] + second["items"]] == jobs[::-1]
    assert second["next"] is None


def test_a_failed_analysis_is_a_conflict_that_names_its_job(
    caller: Caller, database: Database
) -> None:
    job = caller.submit()
    attempt = claim_next(database, "nutrition.interactive")
    assert attempt is not None
    with database.transaction() as session:
        settle.fail(session, attempt.run.job, Permanent("no such flour"), Random(1))

    answer = caller.get(f"/v1/analyses/{job}")

    assert answer.status_code == 409
    assert f"/v1/jobs/{job}" in answer.json["detail"]
    assert "no such flour" in answer.json["detail"]


def test_others_see_neither_analysis_nor_job(
    caller: Caller, stranger: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    for path in (f"/v1/analyses/{job}", f"/v1/jobs/{job}", f"/v1/jobs/{job}/events"):
        theirs = stranger.get(path)
        nobodys = stranger.get(path.replace(job, str(uuid.UUID(int=7))))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json["type"] == nobodys.json["type"]
    assert stranger.delete(f"/v1/jobs/{job}").status_code == 404
    assert stranger.get("/v1/jobs").json["items"] == []
    assert stranger.get("/v1/analyses").json["items"] == []


def test_a_caller_who_waits_gets_the_analysis_itself(
    caller: Caller, work: Callable[[], None], app: Flask, meanwhile: Callable[..., object]
) -> None:
    def when_somebody_waits() -> None:
        eventually("somebody waits", app.extensions["platform"].hub.listened)
        work()

    meanwhile(when_somebody_waits)
    answer = caller.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=20"})

    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert answer.json["label"]
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json['id']}"


def test_a_wait_that_was_too_short_is_answered_with_the_job(caller: Caller) -> None:
    answer = caller.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=0"})

    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=0"
    assert answer.json["state"] == "queued"


def test_a_wait_for_a_job_that_fails_is_answered_with_the_job(
    caller: Caller, app: Flask, database: Database, meanwhile: Callable[..., object]
) -> None:
    def fail_when_somebody_waits() -> None:
        eventually("somebody waits", app.extensions["platform"].hub.listened)
        attempt = claim_next(database, "nutrition.interactive")
        assert attempt is not None
        with database.transaction() as session:
            settle.fail(session, attempt.run.job, Permanent("burnt"), Random(1))

    meanwhile(fail_when_somebody_waits)
    answer = caller.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=20"})

    assert answer.status_code == 202
    assert answer.json["state"] == "failed"
    assert answer.json["error"] == {"type": "Permanent", "message": "burnt"}


def test_above_the_cap_a_wait_is_declined_and_the_job_accepted(caller: Caller, app: Flask) -> None:
    waiters = app.extensions["platform"].waiters
    while waiters.take(object()):
        pass

    answer = caller.post("/v1/analyses", json=PANCAKES, headers={"Prefer": "wait=20"})

    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_a_job_carries_the_requests_own_id(caller: Caller, database: Database) -> None:
    job = caller.submit(X_Request_Id="recipe-card-7")

    with database.transaction() as session:
        found = find(session, uuid.UUID(job), None)

    assert found is not None
    assert found.correlation_id == "recipe-card-7"


def test_a_figure_is_explained_line_by_line_and_adds_up(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    answer = caller.get(f"/v1/analyses/{job}/explanation?nutrient=iron")

    assert answer.status_code == 200
    found = answer.json
    total = caller.get(f"/v1/analyses/{job}").json["totals"]["FE"]
    assert (found["nutrient"], found["name"], found["unit"]) == ("FE", "iron", "mg")
    assert (found["amount"], found["low"]) == (total["amount"], total["low"])
    assert abs(sum(line["amount"] for line in found["lines"]) - found["amount"]) < 1e-4
    again = caller.get(
        f"/v1/analyses/{job}/explanation?nutrient=iron",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_a_nutrient_nobody_knows_is_refused_by_its_field(
    caller: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    answer = caller.get(f"/v1/analyses/{job}/explanation?nutrient=irn")

    assert answer.status_code == 422
    assert "iron" in answer.json["errors"]["nutrient"][0]


def test_others_are_not_told_why(
    caller: Caller, stranger: Caller, work: Callable[[], None]
) -> None:
    job = caller.submit()
    work()

    assert stranger.get(f"/v1/analyses/{job}/explanation").status_code == 404


def test_a_method_changes_what_is_left(caller: Caller, work: Callable[[], None]) -> None:
    plain, boiled = (
        caller.post("/v1/analyses", json={"ingredients": ["1 kg potatoes"], **method}).json["id"]
        for method in ({}, {"method": "boiled-drained"})
    )
    work()
    work()
    raw, cooked = (caller.get(f"/v1/analyses/{job}").json for job in (plain, boiled))

    assert "method" not in raw
    assert cooked["method"] == "boiled"
    assert cooked["references"]["retention"] == "usda-r6-2007"
    left = cooked["totals"]["VITC"]["amount"] / raw["totals"]["VITC"]["amount"]
    assert abs(left - 0.75) < 1e-3


def test_a_method_nobody_knows_is_refused_with_those_there_are(caller: Caller) -> None:
    answer = caller.post("/v1/analyses", json={"ingredients": ["1 egg"], "method": "boilt"})

    assert answer.status_code == 422
    assert "did you mean 'boiled'" in answer.json["errors"]["method"][0]
