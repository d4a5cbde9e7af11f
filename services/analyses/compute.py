"""From a request to its document: the one place where analyses and batches meet the engine."""

from __future__ import annotations

from typing import Any

from kernel.errors import Invalid
from nutrition.analysis import AnalysisRequest, Detail
from nutrition.analysis import Measured as MeasuredFood
from nutrition.engine import Engine
from nutrition.errors import ImpossibleRequest
from services.analyses.jobs import Analyze


def analyse(engine: Engine, request: Analyze, detail: Detail = "full") -> dict[str, Any]:
    """The analysis as a document (API.md, "Shape of an analysis").

    detail: `full` carries every nutrient of each line, `label` those of the label. Raises Invalid
    where the recipe makes no sense as a whole.
    """
    ingredients = tuple(
        line
        if isinstance(line, str)
        else MeasuredFood(food_id=line.food_id, quantity=line.quantity, unit=line.unit)
        for line in request.ingredients
    )
    try:
        asked = AnalysisRequest(ingredients, request.title, request.servings, request.yield_grams)
        return engine.analyze(asked).document(detail)
    except ImpossibleRequest as error:
        raise Invalid(str(error), {error.field: [str(error)]}) from error


def lines_of(document: dict[str, Any]) -> tuple[int, int]:
    """Food lines, and how many of them have a food and a weight. Headings are neither."""
    states = [line["status"] for line in document["lines"]]
    return sum(state != "ignored" for state in states), states.count("ok")


def summary(document: dict[str, Any]) -> dict[str, Any]:
    """What a list shows of an analysis. energy_kcal: of the whole, null where nothing is known."""
    lines, resolved = lines_of(document)
    energy = document["totals"].get("ENERC_KCAL", {})
    return {
        "title": document.get("title"),
        "servings": document.get("servings"),
        "lines": lines,
        "lines_resolved": resolved,
        "energy_kcal": energy.get("amount"),
    }
