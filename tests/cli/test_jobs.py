"""`nutrition jobs` lists, shows, watches and cancels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.exits import Exit
from tests.cli.conftest import Command
from tests.cli.stage import Stage, document, problem, stream

ID = "01900000-0000-7000-8000-0000000000cc"


def job(number: int, state: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "id": f"01900000-0000-7000-8000-{number:012}",
        "kind": "analyses.analyze",
        "state": state,
        "progress": None,
        "created_at": "2026-01-02T03:04:05.678Z",
        **more,
    }


def test_a_list_goes_on_over_pages_up_to_its_limit(nutrition: Command, stage: Stage) -> None:
    first = document({"items": [job(1), job(2)], "next": "more"})
    stage.on("GET", "/v1/jobs", first, document({"items": [job(3), job(4)], "next": None}))

    result = nutrition("jobs", "list", "--limit", "3", "--state", "succeeded", "--json")

    assert [json.loads(line)["id"][-1] for line in result.out.splitlines()] == ["1", "2", "3"]
    assert [r.query for r in stage.requests] == [
        "limit=3&state=succeeded",
        "limit=3&state=succeeded&cursor=more",
    ]


def test_a_list_for_people_shows_ids_whole(nutrition: Command, stage: Stage) -> None:
    running = job(1, "running", progress={"done": 450, "total": 901})
    stage.on("GET", "/v1/jobs", document({"items": [running], "next": None}))

    result = nutrition("jobs", "list")

    for part in (running["id"], "running", "450/901", "2026-01-02 03:04:05Z"):
        assert part in result.out


def test_a_job_is_shown_without_what_it_lacks(nutrition: Command, stage: Stage) -> None:
    stage.on("GET", f"/v1/jobs/{ID}", document(job(1, error={"message": "no food"})))

    result = nutrition("jobs", "show", ID)

    assert "message: no food" in result.out
    assert "progress" not in result.out


def test_a_watched_job_that_succeeds_is_a_success(nutrition: Command, stage: Stage) -> None:
    events = stream(
        (1, "queued", {}), (2, "progress", {"done": 1, "total": 2}), (3, "succeeded", {})
    )
    stage.on("GET", f"/v1/jobs/{ID}/events", events)
    stage.on("GET", f"/v1/jobs/{ID}", document(job(1)))

    assert nutrition("jobs", "watch", ID).out == "queued\nprogress 1/2\nsucceeded\n"
    lines = nutrition("jobs", "watch", ID, "--json").out.splitlines()
    assert [json.loads(line).get("event") for line in lines] == [
        "queued",
        "progress",
        "succeeded",
        None,
    ]


def test_a_watched_job_that_fails_is_a_failure(nutrition: Command, stage: Stage) -> None:
    stage.on("GET", f"/v1/jobs/{ID}/events", stream((1, "dead", {})))
    stage.on("GET", f"/v1/jobs/{ID}", document(job(1, "dead", error={"message": "lost thrice"})))

    result = nutrition("jobs", "watch", ID)

    assert result.code == Exit.FAILED
    assert "ended as dead: lost thrice" in result.err


@pytest.mark.parametrize(
    ("state", "said"), [("cancelled", "is cancelled"), ("running", "at its next progress point")]
)
def test_a_job_is_cancelled_now_or_soon(
    nutrition: Command, stage: Stage, state: str, said: str
) -> None:
    stage.on("DELETE", f"/v1/jobs/{ID}", document(job(1, state), 202))

    assert said in nutrition("jobs", "cancel", ID).out


def test_a_job_that_has_ended_cannot_be_cancelled(nutrition: Command, stage: Stage) -> None:
    stage.on("DELETE", f"/v1/jobs/{ID}", problem(409, "Conflict", "It has succeeded."))

    result = nutrition("jobs", "cancel", ID)

    assert (result.code, result.err) == (Exit.FAILED, "Error: Conflict: It has succeeded.\n")


def test_what_is_no_id_is_not_asked_for(nutrition: Command, stage: Stage) -> None:
    result = nutrition("jobs", "show", "../foods")

    assert result.code == Exit.USAGE
    assert not stage.requests
