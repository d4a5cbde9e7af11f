"""`nutrition batch` loses no run: what was interrupted is taken up, what is there is not redone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from cli.batch_state import alone
from cli.exits import Exit
from tests.cli.conftest import Command
from tests.cli.stage import Answer, Stage, document, ndjson, problem, stream

BATCH = "01900000-0000-7000-8000-0000000000bb"
RECIPES: list[dict[str, Any]] = [
    {"custom_id": "a", "ingredients": ["1 egg"]},
    {"ingredients": ["1 cup dreams"]},
]


def result_of(custom_id: str, *statuses: str) -> dict[str, Any]:
    lines = [{"status": status} for status in statuses]
    return {"custom_id": custom_id, "status": "succeeded", "analysis": {"lines": lines}}


RESULTS = result_of("a", "ok", "ignored"), result_of("line-2", "ok", "unknown_food")
FAILED = {
    "custom_id": "line-2",
    "status": "failed",
    "error": {"title": "Makes no sense", "detail": "Look.", "errors": {"servings": ["Not 0."]}},
}


@pytest.fixture
def recipes(tmp_path: Path) -> Path:
    path = tmp_path / "recipes.jsonl"
    path.write_text("\n".join(map(json.dumps, RECIPES)))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


@pytest.fixture
def batches(stage: Stage) -> Stage:
    """A platform that accepts the batch and does it well."""
    stage.on("POST", "/v1/batches", document({"id": BATCH, "state": "waiting"}, 202))
    stage.on("GET", f"/v1/batches/{BATCH}", document({"id": BATCH}))
    stage.on("GET", f"/v1/jobs/{BATCH}", document({"id": BATCH, "state": "succeeded"}))
    half = {"done": 1, "total": 2}
    events = stream((1, "queued", {}), (2, "progress", half), (3, "succeeded", {}))
    stage.on("GET", f"/v1/jobs/{BATCH}/events", events)
    stage.on("GET", f"/v1/batches/{BATCH}/results", ndjson(*RESULTS))
    return stage


def uploads(stage: Stage) -> int:
    return len(stage.asked("POST", "/v1/batches"))


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_recipes_go_up_and_results_come_down(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    result = nutrition("batch", recipes, "--out", out, "--json")

    assert result.code == Exit.OK
    assert [json.loads(line) for line in out.read_text().splitlines()] == list(RESULTS)
    assert result.json == {
        "batch": BATCH,
        "state": "succeeded",
        "recipes": 2,
        "succeeded": 2,
        "failed": 0,
        "lines": 3,
        "lines_resolved": 2,
        "share_resolved": 0.6667,
    }
    (upload,) = batches.asked("POST", "/v1/batches")
    assert upload.headers["Content-Type"] == "application/x-ndjson"
    sent = [json.loads(line) for line in upload.body.splitlines()]
    assert sent == [RECIPES[0], {**RECIPES[1], "custom_id": "line-2"}]
    assert "Analysing: 1 of 2 recipes" in result.err


def test_the_summary_states_the_share_of_lines_resolved(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    result = nutrition("batch", recipes, "--out", out)

    assert "2 results, 0 of them failed" in result.out
    assert "2 of 3 food lines resolved (66.7%)." in result.out


def test_results_that_are_there_are_not_computed_again(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    first = nutrition("batch", recipes, "--out", out, "--json")
    asked = len(batches.requests)

    second = nutrition("batch", recipes, "--out", out, "--json")

    assert second.json == first.json
    assert "nothing was computed" in second.err
    assert len(batches.requests) == asked


def test_a_run_interrupted_while_it_waited_takes_up_its_batch(
    nutrition: Command,
    batches: Stage,
    recipes: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = f"/v1/jobs/{BATCH}/events"
    batches.on("GET", events, stream((1, "queued", {}), cut=True))
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", interrupt)
        stopped = nutrition("batch", recipes, "--out", out)
    assert stopped.code == Exit.INTERRUPTED
    assert f"Batch {BATCH} goes on" in stopped.err
    assert not out.exists()
    batches.on("GET", events, stream((1, "queued", {}), (2, "succeeded", {})))

    resumed = nutrition("batch", recipes, "--out", out)

    assert resumed.code == Exit.OK
    assert f"Taking up batch {BATCH}" in resumed.err
    assert uploads(batches) == 1


def test_an_upload_whose_answer_was_lost_is_repeated_under_its_key(
    nutrition: Command,
    batches: Stage,
    recipes: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accepted = document({"id": BATCH, "state": "waiting"}, 202)
    batches.on("POST", "/v1/batches", Answer(lost=True), accepted)
    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", interrupt)
        assert nutrition("batch", recipes, "--out", out).code == Exit.INTERRUPTED

    assert nutrition("batch", recipes, "--out", out).code == Exit.OK
    first, second = batches.asked("POST", "/v1/batches")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.body == second.body


def test_results_that_break_off_are_fetched_again_from_their_beginning(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    cut = ndjson(RESULTS[0], cut=True)
    batches.on("GET", f"/v1/batches/{BATCH}/results", cut, ndjson(*RESULTS))

    result = nutrition("batch", recipes, "--out", out, "--json")

    assert result.json["recipes"] == 2
    assert len(out.read_text().splitlines()) == 2


def test_a_batch_that_is_not_there_any_more_is_submitted_anew(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    nutrition("batch", recipes, "--out", out)
    out.unlink()
    batches.on("GET", f"/v1/batches/{BATCH}", problem(404, "Not found"))

    assert nutrition("batch", recipes, "--out", out).code == Exit.OK
    first, second = batches.asked("POST", "/v1/batches")
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


def test_an_output_that_was_deleted_is_fetched_and_not_computed_again(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    nutrition("batch", recipes, "--out", out)
    out.unlink()

    assert nutrition("batch", recipes, "--out", out).code == Exit.OK
    assert uploads(batches) == 1
    assert out.exists()


def test_failed_recipes_make_a_partial_success_and_say_why(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    batches.on("GET", f"/v1/batches/{BATCH}/results", ndjson(RESULTS[0], FAILED))

    result = nutrition("batch", recipes, "--out", out)

    assert result.code == Exit.PARTIAL
    assert "line-2: Makes no sense: Look. servings: Not 0." in result.err
    assert nutrition("batch", recipes, "--out", out).code == Exit.PARTIAL


def test_a_cancelled_batch_leaves_what_it_did_and_can_be_submitted_again(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    done = (
        document({"id": BATCH, "state": "cancelled"}),
        document({"id": BATCH, "state": "succeeded"}),
    )
    batches.on("GET", f"/v1/jobs/{BATCH}", *done)
    batches.on("GET", f"/v1/batches/{BATCH}/results", ndjson(RESULTS[0]), ndjson(*RESULTS))

    cancelled = nutrition("batch", recipes, "--out", out)
    assert cancelled.code == Exit.FAILED
    assert "ended as cancelled" in cancelled.err
    assert len(out.read_text().splitlines()) == 1

    assert nutrition("batch", recipes, "--out", out).code == Exit.OK
    first, second = batches.asked("POST", "/v1/batches")
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]


def test_a_result_too_few_is_no_success(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    batches.on("GET", f"/v1/batches/{BATCH}/results", ndjson(RESULTS[0]))

    result = nutrition("batch", recipes, "--out", out)

    assert result.code == Exit.FAILED
    assert "1 results for 2 recipes" in result.err
    assert not out.exists()


def test_a_file_of_somebody_elses_is_not_overwritten(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    out.write_text("precious")

    refused = nutrition("batch", recipes, "--out", out)

    assert refused.code == Exit.USAGE
    assert "--force" in refused.err
    assert out.read_text() == "precious"
    assert nutrition("batch", recipes, "--out", out, "--force").code == Exit.OK
    assert out.read_text() != "precious"


def test_results_that_were_edited_are_not_overwritten(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    nutrition("batch", recipes, "--out", out)
    out.write_text(out.read_text() + "a note of mine\n")

    assert nutrition("batch", recipes, "--out", out).code == Exit.USAGE


def test_other_recipes_are_another_run(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    nutrition("batch", recipes, "--out", out)
    recipes.write_text(json.dumps(RECIPES[0]))

    assert nutrition("batch", recipes, "--out", out).code == Exit.USAGE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no recipe"),
        (b"\n \n", "holds no recipe"),
        (b'{"ingredients": ["1 egg"]}\n{"ingr', "line 2: This is not JSON"),
        (b'{"ingredients": ["1 egg"]}\n["1 egg"]', "line 2 is no JSON object"),
    ],
)
def test_a_file_that_holds_no_recipes_is_refused_with_its_line(
    nutrition: Command, stage: Stage, recipes: Path, out: Path, content: bytes, message: str
) -> None:
    recipes.write_bytes(content)

    result = nutrition("batch", recipes, "--out", out)

    assert result.code == Exit.USAGE
    assert message in result.err
    assert not stage.requests
    assert not list(out.parent.glob("results*"))


def test_two_runs_do_not_write_one_file(
    nutrition: Command, batches: Stage, recipes: Path, out: Path
) -> None:
    with alone(out):
        result = nutrition("batch", recipes, "--out", out)

    assert result.code == Exit.FAILED
    assert "Another run is writing" in result.err


def test_a_folder_that_is_not_there_is_one_line(
    nutrition: Command, recipes: Path, out: Path
) -> None:
    result = nutrition("batch", recipes, "--out", out.parent / "nowhere" / "results.jsonl")

    assert result.code == Exit.FAILED
    assert "No such file or directory" in result.err
    assert result.err.count("\n") == 1
