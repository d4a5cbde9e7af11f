"""`nutrition analyze --explain`: a table from the lines to the total, and what is unknown."""

from __future__ import annotations

import json
from typing import Any

from cli.exits import Exit
from nutrition.labels import fda
from tests.cli.conftest import Command
from tests.cli.stage import Stage, document, problem

ID = "01900000-0000-7000-8000-0000000000aa"
ANALYSIS: dict[str, Any] = {
    "id": ID,
    "title": "Mash",
    "servings": 4,
    "lines": [],
    "label": fda.label({"ENERC_KCAL": 227.5}, 4, 62.5, title="Mash"),
    "warnings": [],
}
FOOD = {"id": "f", "name": "Potatoes, flesh and skin, raw", "source": "sr28", "ndb_no": "11352"}
EXPLANATION: dict[str, Any] = {
    "nutrient": "VITC",
    "name": "vitamin c",
    "unit": "mg",
    "amount": 134.037,
    "low": 98.5,
    "high": 182.4,
    "coverage": 0.8,
    "lines": [
        {
            "line": 0,
            "text": "2 lb potatoes",
            "food": FOOD,
            "confidence": 0.8,
            "grams": 907.185,
            "grams_basis": "mass",
            "per_100g": 19.7,
            "data_points": 141,
            "retained": 0.75,
            "retention": "USDA R6 3307 potatoes, boiled in skin",
            "amount": 134.037,
            "share": 100.0,
        },
        {
            "line": 1,
            "text": "3 tbsp \x1b[31m\u202ebutter",
            "food": FOOD | {"name": "Butter, salted"},
            "confidence": 0.8,
            "grams": 42.6,
            "grams_basis": "portion: 1 tbsp = 14.2 g",
            "per_100g": 0.0,
            "data_points": 0,
            "amount": 0.0,
            "share": 0.0,
        },
    ],
    "unknown_lines": [{"line": 2, "text": "1 bunch zorglub", "reason": "no food is near enough"}],
}


def _stage(stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"/v1/analyses/{ID}/explanation", document(EXPLANATION))


def test_lines_with_their_sources_and_the_total_are_shown_and_what_nobody_knows(
    nutrition: Command, stage: Stage
) -> None:
    _stage(stage)

    result = nutrition("analyze", "-", "--explain", "vitamin c", typed=b"2 lb potatoes")

    assert result.code == Exit.OK
    assert stage.asked("GET", f"/v1/analyses/{ID}/explanation")[0].query == "nutrient=vitamin+c"
    out = " ".join(result.out.split())
    for part in ("vitamin c", "2 lb potatoes", "907.2", "19.7", "141", "75%", "134", "98.5"):
        assert part in out
    assert "calculated" in out  # no analysis stands behind butter's zero
    assert "USDA R6 3307" in out
    assert "1 bunch zorglub: no food is near enough" in out
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out  # it would turn the rest of the line


def test_the_lines_of_a_total_of_zero_have_no_shares_that_add_up(
    nutrition: Command, stage: Stage
) -> None:
    nothing = EXPLANATION | {"amount": 0.0, "lines": EXPLANATION["lines"][1:]}
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"/v1/analyses/{ID}/explanation", document(nothing))

    result = nutrition("analyze", "-", "--explain", "VITC", typed=b"3 tbsp butter")

    assert "0.0%" in result.out
    assert "100%" not in result.out


def test_with_json_the_explanations_stand_beside_the_analysis(
    nutrition: Command, stage: Stage
) -> None:
    _stage(stage)

    result = nutrition("analyze", "-", "--json", "--explain", "VITC", typed=b"2 lb potatoes")

    assert json.loads(result.out)["explanations"] == [EXPLANATION]


def test_a_nutrient_nobody_knows_is_an_error_that_names_those_near(
    nutrition: Command, stage: Stage
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on(
        "GET",
        f"/v1/analyses/{ID}/explanation",
        problem(422, "Invalid content", "nutrient: no nutrient is called 'irn'; near are iron."),
    )

    result = nutrition("analyze", "-", "--explain", "irn", typed=b"2 lb potatoes")

    assert result.code != Exit.OK
    assert "near are iron" in result.err
