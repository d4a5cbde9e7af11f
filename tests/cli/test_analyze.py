"""`nutrition analyze` prints the label and what became of each line, or why there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.exits import Exit
from nutrition.labels.fda import label
from tests.cli.conftest import Command
from tests.cli.stage import Answer, Stage, document, problem, stream

ID = "01900000-0000-7000-8000-0000000000aa"
FLOUR = {
    "text": "2 cups flour",
    "status": "ok",
    "quantity": 2.0,
    "unit": "cup",
    "food": {"id": "f", "name": "Wheat flour, white", "source": "sr28", "ndb_no": "20481"},
    "confidence": 0.97,
    "grams": 250.0,
    "grams_basis": "portion: 1 cup = 125 g",
}
ANALYSIS: dict[str, Any] = {
    "id": ID,
    "title": "Bread",
    "servings": 4,
    "lines": [FLOUR],
    "label": label({"ENERC_KCAL": 227.5}, 4, 62.5, title="Bread"),
    "warnings": [],
}
DREAMS = {"text": "3 pinches of dreams", "status": "unknown_food", "reason": "no such food"}
HEADING = {"text": "For the crust:", "status": "ignored"}


def test_a_recipe_is_posted_and_its_label_and_lines_are_printed(
    nutrition: Command, stage: Stage, tmp_path: Path
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    recipe = tmp_path / "bread.txt"
    recipe.write_text("# Bread\nservings: 4\n2 cups flour\n")

    result = nutrition("analyze", recipe)

    assert result.code == Exit.OK
    (asked,) = stage.asked("POST", "/v1/analyses")
    assert json.loads(asked.body) == {
        "title": "Bread",
        "servings": 4,
        "ingredients": ["2 cups flour"],
    }
    assert asked.headers["Prefer"] == "wait=30"
    assert "Nutrition Facts" in result.out
    assert "230" in result.out
    for part in ("2 cups flour", "250.0", "portion: 1 cup = 125 g", "Wheat flour, white", "97%"):
        assert part in result.out
    assert "1 of 1 food lines resolved (100.0%)." in result.out
    assert result.err == ""


def test_an_unresolved_line_stands_out_without_colour_and_a_heading_is_not_counted(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS | {"lines": [FLOUR, DREAMS, HEADING]}))

    result = nutrition("analyze", "-", typed=b"2 cups flour\n3 pinches of dreams\nFor the crust:")

    (line,) = [line for line in result.out.splitlines() if "dreams" in line]
    assert line.startswith("!")
    assert "unknown food" in line
    assert "no such food" in line
    assert "1 of 2 food lines resolved (50.0%)." in result.out
    assert result.code == Exit.OK
    assert "\x1b" not in result.out


def test_strict_makes_an_unresolved_line_a_partial_success(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS | {"lines": [FLOUR, DREAMS]}))

    assert nutrition("analyze", "--strict", "-", typed=b"2 cups flour").code == Exit.PARTIAL


def test_json_is_the_platforms_own_document(nutrition: Command, stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))

    assert nutrition("analyze", "--json", "-", typed=b"2 cups flour").json == ANALYSIS


def test_full_detail_is_fetched(nutrition: Command, stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"/v1/analyses/{ID}", document(ANALYSIS | {"full": True}))

    result = nutrition("analyze", "--json", "--detail", "full", "-", typed=b"2 cups flour")

    assert result.json["full"]
    assert stage.requests[-1].query == "detail=full"


def test_what_takes_longer_than_the_wait_is_followed_to_its_end(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("POST", "/v1/analyses", document({"id": ID, "state": "queued"}, 202))
    stage.on("GET", f"/v1/jobs/{ID}/events", stream((1, "queued", {}), (2, "succeeded", {})))
    stage.on("GET", f"/v1/jobs/{ID}", document({"id": ID, "state": "succeeded"}))
    stage.on("GET", f"/v1/analyses/{ID}", document(ANALYSIS))

    result = nutrition("analyze", "--json", "-", typed=b"2 cups flour")

    assert result.json == ANALYSIS
    assert f"Accepted as job {ID}" in result.err


def test_a_failed_job_says_why(nutrition: Command, stage: Stage) -> None:
    job = {"id": ID, "state": "failed", "error": {"type": "Invalid", "message": "no food at all"}}
    stage.on("POST", "/v1/analyses", document(job, 202))

    result = nutrition("analyze", "-", typed=b"2 cups flour")

    assert result.code == Exit.FAILED
    assert result.err == f"Error: Job {ID} ended as failed: no food at all\n"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, Exit.FAILED),
        (401, Exit.REFUSED),
        (403, Exit.REFUSED),
        (404, Exit.NOT_FOUND),
        (413, Exit.FAILED),
        (422, Exit.FAILED),
        (429, Exit.UNREACHABLE),
        (500, Exit.FAILED),
        (503, Exit.UNREACHABLE),
    ],
)
def test_a_problem_is_a_line_and_an_exit_code(
    nutrition: Command, stage: Stage, status: int, code: Exit
) -> None:
    stage.on("POST", "/v1/analyses", problem(status, "No", "Because."))

    result = nutrition("analyze", "-", typed=b"2 cups flour")

    assert result.code == code
    assert result.err.splitlines()[-1] == "Error: No: Because."
    assert result.out == ""


def test_a_problem_names_each_field(nutrition: Command, stage: Stage) -> None:
    errors = {"servings": ["Must be above 0."], "ingredients.3.quantity": ["Not a number.", "Odd."]}
    stage.on("POST", "/v1/analyses", problem(422, "Invalid content", "2 fields.", errors=errors))

    result = nutrition("analyze", "-", typed=b"2 cups flour")

    assert result.err == (
        "Error: Invalid content: 2 fields.\n"
        "  servings: Must be above 0.\n"
        "  ingredients.3.quantity: Not a number.; Odd.\n"
    )


def test_others_text_cannot_command_the_terminal(nutrition: Command, stage: Stage) -> None:
    evil = FLOUR | {"text": "\x1b]0;owned\x07 flour [red]"}
    stage.on("POST", "/v1/analyses", document(ANALYSIS | {"lines": [evil]}))
    printed = nutrition("analyze", "-", typed=b"flour")
    stage.on("POST", "/v1/analyses", problem(422, "No", "\x1b[2J"))
    refused = nutrition("analyze", "-", typed=b"flour")

    assert "\x1b" not in printed.out + refused.err
    assert "flour [red]" in printed.out


def test_a_busy_platform_is_asked_again_when_it_says(
    nutrition: Command, stage: Stage, pauses: list[float]
) -> None:
    busy = problem(503, "Unavailable", retry_after=7)
    stage.on("POST", "/v1/analyses", busy, document(ANALYSIS))

    result = nutrition("analyze", "--json", "-", typed=b"2 cups flour")

    assert result.code == Exit.OK
    assert pauses == [7.0]


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("POST", "/v1/analyses", Answer(lost=True), document(ANALYSIS))

    assert nutrition("analyze", "--json", "-", typed=b"2 cups flour").json == ANALYSIS
    first, second = stage.asked("POST", "/v1/analyses")
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_a_platform_that_is_not_there_is_one_line(command: Command, pauses: list[float]) -> None:
    access = "--url", "http://127.0.0.1:9", "--key", "npk_x"

    result = command("analyze", *access, "-", typed=b"2 cups flour")

    assert result.code == Exit.UNREACHABLE
    assert result.err.startswith("Error: Cannot reach the platform at http://127.0.0.1:9 (")
    assert result.err.count("\n") == 1


def test_another_server_is_told_from_the_platform(nutrition: Command, stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", Answer(200, b"<html>", {"Content-Type": "text/html"}))

    result = nutrition("analyze", "-", typed=b"2 cups flour")

    assert result.code == Exit.FAILED
    assert "Is this the address of a Nutrition Platform?" in result.err
