"""An analysis as JSON values to be kept: all that answers, labels and explanations are made from.

The nutrients are named once and every list is in their order. A line keeps its weight and the
table's values for its food; what it gives follows from them (`documents.amounts_of`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nutrition import documents
from nutrition.documents import KEPT, Detail, rounded
from nutrition.labels import printing
from nutrition.status import Status
from nutrition.totals import sums as totals

if TYPE_CHECKING:
    from nutrition.analysis import Analysis
    from nutrition.catalogue import Food

# Below it, a match is named among the warnings.
DOUBTFUL = 0.25


def kept(analysis: Analysis, detail: Detail = "full") -> dict[str, Any]:
    """The analysis as JSON values that `documents.shown` turns into an answer.

    With the detail `label` it can answer that detail alone, at a quarter of the size, and explains
    nothing.
    """
    request, catalogue = analysis.request, analysis.catalogue
    columns = [
        column
        for column, nutrient in enumerate(catalogue.nutrients)
        if detail == "full" or nutrient.code in documents.DECLARED
    ]
    document: dict[str, Any] = {"title": request.title, "servings": request.servings}
    if request.method:
        document["method"] = request.method
    if analysis.yield_grams:
        document["yield_grams"] = rounded(analysis.yield_grams, KEPT)
        document["yield_grams_basis"] = analysis.yield_basis
    document["nutrients"] = {
        "codes": [catalogue.nutrients[column].code for column in columns],
        "units": [catalogue.nutrients[column].unit for column in columns],
        "totals": _rounded(analysis.totals.amounts[columns], KEPT),
        "low": _rounded(analysis.low[columns]),
        "high": _rounded(analysis.high[columns]),
        "coverage": [documents.coverage(x) for x in analysis.totals.coverage[columns].tolist()],
        "missing": _missing(analysis, columns),
        "unknown": _why_unknown(analysis),
    }
    document["energy"] = _energy(analysis.energy)
    document["lines"] = [
        _line(analysis, number, columns, points=detail == "full")
        for number in range(len(analysis.lines))
    ]
    # From what is kept, so that the label is the same whenever it is made again.
    document["label"] = printing.label_of(document, weighed=analysis.weighed)
    document["references"] = dict(analysis.references)
    document["warnings"] = _warnings(analysis)
    return document


def _rounded(values: totals.Floats, digits: int = documents.SIGNIFICANT) -> list[float | None]:
    return [rounded(value, digits) for value in values.tolist()]


def _energy(energy: dict[str, Any]) -> dict[str, Any]:
    def short(value: Any) -> Any:
        return rounded(value) if isinstance(value, float) else value

    shares = {name: short(share) for name, share in energy["shares"].items()}
    return {name: short(value) for name, value in energy.items()} | {"shares": shares}


def _why_unknown(analysis: Analysis) -> str:
    if not analysis.resolved:
        return "no line could be turned into a food and a weight"
    return "no food of this recipe was analysed for it"


def _missing(analysis: Analysis, columns: list[int]) -> list[list[int]]:
    """For each nutrient, the foods eaten without a value: the first line of each, in order."""
    first: dict[int, int] = {}
    for number, (line, effect) in enumerate(zip(analysis.lines, analysis.effects, strict=True)):
        # What is thrown away whole leaves no gap.
        if line.food is not None and effect is not None and effect.kept > 0:
            first.setdefault(line.food.index, number)
    values = analysis.catalogue.per_100g[list(first)][:, columns]
    return totals.missing(values, list(first.values()))


def _line(analysis: Analysis, number: int, columns: list[int], *, points: bool) -> dict[str, Any]:
    line = analysis.lines[number]
    entry: dict[str, Any] = {"text": line.text, "status": str(line.status)}
    if line.quantity is not None:
        entry["quantity"], entry["unit"] = rounded(line.quantity), line.unit
    if line.food is not None:
        entry["food"] = _food(analysis, line.food)
        entry["confidence"] = line.confidence
        entry["alternatives"] = [
            {**_food(analysis, food), "confidence": confidence}
            for food, confidence in line.alternatives
        ]
    if line.status is Status.OK and line.food is not None and line.grams is not None:
        entry["grams"] = rounded(line.grams, KEPT)
        entry["grams_basis"] = line.basis
        entry |= _cooked(analysis, number, columns)
        row = line.food.index
        # Published decimals, kept as they are.
        values = analysis.catalogue.per_100g[row][columns].tolist()
        entry["per_100g"] = [None if math.isnan(value) else value for value in values]
        if points:
            entry["data_points"] = analysis.catalogue.data_points[row][columns].tolist()
    if line.reason:
        entry["reason"] = line.reason
    if line.optional:
        entry["optional"] = True
    return entry


def _cooked(analysis: Analysis, number: int, columns: list[int]) -> dict[str, Any]:
    """What cooking did to a line: absent where it did nothing."""
    effect = analysis.effects[number]
    if effect is None:
        return {}
    entry: dict[str, Any] = {}
    if effect.kept != 1:
        entry["eaten"] = rounded(effect.kept, KEPT)
        entry["assumption"] = effect.assumption
    if analysis.factors is not None and (analysis.factors[number] != 1).any():
        left = analysis.factors[number][columns]
        if effect.retention_basis:
            entry["retention"] = effect.retention_basis
        entry["retained"] = {
            analysis.catalogue.nutrients[columns[i]].code: rounded(float(left[i]), KEPT)
            for i in np.flatnonzero(left != 1).tolist()
        }
    return entry


def _food(analysis: Analysis, food: Food) -> dict[str, Any]:
    source = analysis.catalogue.source
    return {"id": food.id, "name": food.name, "source": source, "ndb_no": food.ndb_no}


def _warnings(analysis: Analysis) -> list[str]:
    found = []
    unresolved = analysis.food_lines - len(analysis.resolved)
    if unresolved:
        found.append(
            f"{unresolved} of {analysis.food_lines} ingredient lines are not in the totals; "
            "their status says why"
        )
    if not analysis.request.servings:
        found.append("servings are not stated: the label is for the whole recipe")
    doubtful = sum((line.confidence or 0) < DOUBTFUL for line in analysis.resolved)
    if doubtful:
        found.append(
            f"{doubtful} of {analysis.food_lines} ingredient lines are matched with a confidence "
            f"below {DOUBTFUL}"
        )
    return [*found, *analysis.remarks]
