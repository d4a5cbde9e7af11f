"""`nutrition analyze --label` and `--svg`: which label is printed, and where the drawing goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.exits import Exit
from nutrition.labels import eu, fda
from tests.cli.conftest import Command
from tests.cli.stage import Answer, Stage, document, problem

ID = "01900000-0000-7000-8000-0000000000aa"
ANALYSIS: dict[str, Any] = {
    "id": ID,
    "title": "Bread",
    "servings": 4,
    "lines": [],
    "label": fda.label({"ENERC_KCAL": 227.5}, 4, 62.5, title="Bread"),
    "warnings": [],
}
TABLE = eu.table({"FAT": 8.0}, {}, servings=4, grams=250.0, title="Bread")
LABEL = f"/v1/analyses/{ID}/label"
RECIPE = b"2 cups flour"


def test_without_a_choice_the_analysis_brings_its_label(nutrition: Command, stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))

    result = nutrition("analyze", "-", typed=RECIPE)

    assert "Nutrition Facts" in result.out
    assert stage.asked("GET", LABEL) == []


def test_the_table_of_the_eu_is_asked_for_and_printed(nutrition: Command, stage: Stage) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", LABEL, document(TABLE))

    result = nutrition("analyze", "-", "--label", "eu", typed=RECIPE)

    assert result.code == Exit.OK
    assert stage.asked("GET", LABEL)[0].query == "standard=eu"
    assert "per 100 g" in result.out
    assert "3.2 g" in result.out
    assert "Nutrition Facts" not in result.out


def test_with_json_the_chosen_label_stands_in_the_analysis(
    nutrition: Command, stage: Stage
) -> None:
    children = fda.label({}, 4, version="fda-2016-ages-1-3")
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", LABEL, document(children))

    result = nutrition("analyze", "-", "--label", "fda-ages-1-3", "--json", typed=RECIPE)

    assert stage.asked("GET", LABEL)[0].query == "standard=fda&audience=ages-1-3"
    assert json.loads(result.out)["label"] == children


def test_a_drawing_is_written_as_it_came(nutrition: Command, stage: Stage, tmp_path: Path) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"{LABEL}.svg", Answer(200, body="<svg>µ</svg>".encode()))
    out = tmp_path / "bread.svg"

    result = nutrition("analyze", "-", "--svg", out, typed=RECIPE)

    assert result.code == Exit.OK
    assert stage.asked("GET", f"{LABEL}.svg")[0].query == "standard=fda"
    assert out.read_bytes() == "<svg>µ</svg>".encode()


def test_a_platform_that_knows_no_labels_is_told_as_it_answers(
    nutrition: Command, stage: Stage, tmp_path: Path
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"{LABEL}.svg", problem(404, "Not found", "There is nothing at this address."))
    out = tmp_path / "bread.svg"

    result = nutrition("analyze", "-", "--svg", out, typed=RECIPE)

    assert result.code == Exit.NOT_FOUND
    assert not out.exists()


def test_a_file_that_cannot_be_written_is_named(
    nutrition: Command, stage: Stage, tmp_path: Path
) -> None:
    stage.on("POST", "/v1/analyses", document(ANALYSIS))
    stage.on("GET", f"{LABEL}.svg", Answer(200, body=b"<svg/>"))

    result = nutrition("analyze", "-", "--svg", tmp_path / "none" / "bread.svg", typed=RECIPE)

    assert result.code == Exit.FAILED
    assert "bread.svg" in result.err
