"""From a request to its document: the one place where analyses and batches meet the engine."""

from __future__ import annotations

from typing import Any

from kernel.errors import Invalid
from nutrition.analysis import Analysis, AnalysisRequest
from nutrition.analysis import Measured as MeasuredFood
from nutrition.documents import Detail, rounded
from nutrition.engine import Engine
from nutrition.errors import ImpossibleRequest
from services.analyses.jobs import Analyze


def analyse(engine: Engine, request: Analyze) -> dict[str, Any]:
    """The analysis to be kept (see `nutrition.documents`), which answers for either detail.

    Raises Invalid where the recipe makes no sense as a whole.
    """
    return _analysis(engine, request).kept()


def document(engine: Engine, request: Analyze, detail: Detail = "label") -> dict[str, Any]:
    """The analysis as clients see it (API.md, "Shape of an analysis"). Raises as `analyse`."""
    return _analysis(engine, request).document(detail)


def _analysis(engine: Engine, request: Analyze) -> Analysis:
    ingredients = tuple(
        line
        if isinstance(line, str)
        else MeasuredFood(food_id=line.food_id, quantity=line.quantity, unit=line.unit)
        for line in request.ingredients
    )
    try:
        asked = AnalysisRequest(ingredients, request.title, request.servings, request.yield_grams)
        return engine.analyze(asked)
    except ImpossibleRequest as error:
        raise Invalid(str(error), {error.field: [str(error)]}) from error


def lines_of(document: dict[str, Any]) -> tuple[int, int]:
    """Food lines, and how many of them have a food and a weight. Headings are neither.

    document: as kept, or as shown.
    """
    states = [line["status"] for line in document["lines"]]
    return sum(state != "ignored" for state in states), states.count("ok")


def summary(kept: dict[str, Any]) -> dict[str, Any]:
    """What a list shows of an analysis. energy_kcal: of the whole, null where nothing is known."""
    lines, resolved = lines_of(kept)
    nutrients = kept["nutrients"]
    energy = dict(zip(nutrients["codes"], nutrients["totals"], strict=True)).get("ENERC_KCAL")
    return {
        "title": kept["title"],
        "servings": kept["servings"],
        "lines": lines,
        "lines_resolved": resolved,
        "energy_kcal": None if energy is None else rounded(energy),
    }
