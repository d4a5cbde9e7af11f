"""From a request to its document: the one place where analyses and batches meet the engine."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from kernel.errors import Invalid
from nutrition.analysis import Analysis, AnalysisRequest
from nutrition.analysis import Measured as MeasuredFood
from nutrition.documents import Detail, rounded
from nutrition.engine import Engine
from nutrition.errors import ImpossibleRequest
from services.analyses.jobs import Analyze
from services.analyses.lines import SharedLines


def analyse(engine: Engine, request: Analyze, lines: SharedLines | None = None) -> dict[str, Any]:
    """The analysis to be kept (see `nutrition.documents`), which answers for either detail.

    lines: what other processes have read of them, where that is of use.
    Raises Invalid where the recipe makes no sense as a whole.
    """
    return _analysis(engine, request, lines).kept()


def document(
    engine: Engine, request: Analyze, detail: Detail = "label", lines: SharedLines | None = None
) -> dict[str, Any]:
    """The analysis as clients see it (API.md, "Shape of an analysis"). Otherwise as `analyse`."""
    return _analysis(engine, request, lines).document(detail)


def texts(request: Analyze) -> list[str]:
    """The request's lines that are text."""
    return [line for line in request.ingredients if isinstance(line, str)]


def _analysis(engine: Engine, request: Analyze, lines: SharedLines | None) -> Analysis:
    ingredients = tuple(
        line
        if isinstance(line, str)
        else MeasuredFood(food_id=line.food_id, quantity=line.quantity, unit=line.unit)
        for line in request.ingredients
    )
    try:
        asked = AnalysisRequest(
            ingredients, request.title, request.servings, request.yield_grams, request.method
        )
        with lines.known(texts(request)) if lines else nullcontext():
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
