"""What is asked of the engine and what it answers, as plain values; `document` gives the JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nutrition import label
from nutrition.amounts import Status
from nutrition.errors import ImpossibleRequest

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food
    from nutrition.totals import Totals

Detail = Literal["label", "full"]
SIGNIFICANT = 6


@dataclass(frozen=True, slots=True)
class Measured:
    """An ingredient given as a food of the catalogue and an amount of it, not as text.

    unit: any that a line may use ("g", "cup", "large"), or the text of one of the food's portions.
    """

    food_id: str
    quantity: float
    unit: str = "g"


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """A recipe or meal. servings and yield_grams, where given, are finite and above zero."""

    ingredients: tuple[str | Measured, ...]
    title: str | None = None
    servings: float | None = None
    yield_grams: float | None = None

    def __post_init__(self) -> None:
        for field in ("servings", "yield_grams"):
            value = getattr(self, field)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ImpossibleRequest(field, f"{field} is {value}; it must be above zero")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one ingredient. grams and basis are set where the status is ok."""

    text: str
    status: Status
    quantity: float | None = None
    unit: str = ""
    food: Food | None = None
    confidence: float | None = None
    alternatives: tuple[tuple[Food, float], ...] = ()
    grams: float | None = None
    basis: str = ""
    reason: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """A recipe analysed. totals: of the whole recipe, coverage included (see `coverage`)."""

    request: AnalysisRequest
    lines: tuple[Line, ...]
    totals: Totals
    catalogue: Catalogue
    references: dict[str, str]

    @property
    def resolved(self) -> tuple[Line, ...]:
        """The lines with a food and grams, which the totals add up."""
        return tuple(line for line in self.lines if line.status is Status.OK)

    @property
    def food_lines(self) -> int:
        """How many lines name a food, resolved or not."""
        return sum(line.status is not Status.IGNORED for line in self.lines)

    @property
    def grams(self) -> float:
        """Weight of the resolved ingredients, g."""
        return math.fsum(line.grams or 0.0 for line in self.resolved)

    @property
    def yield_grams(self) -> float | None:
        """Weight of the finished dish, g: as stated, else the sum of the ingredients."""
        return self.request.yield_grams or self.grams or None

    def document(self, detail: Detail = "label") -> dict[str, Any]:
        """The analysis as JSON values, in the shape of the HTTP interface: no NaN, rounded."""
        request = self.request
        document: dict[str, Any] = {"title": request.title, "servings": request.servings}
        if self.yield_grams:
            document["yield_grams"] = rounded(self.yield_grams)
            document["yield_grams_basis"] = (
                "stated" if request.yield_grams else "sum of the resolved ingredients"
            )
        missing = self._missing()
        document["totals"] = self._amounts(1.0, missing)
        if request.servings:
            document["per_serving"] = self._amounts(1 / request.servings)
        if self.yield_grams:
            document["per_100g"] = self._amounts(100 / self.yield_grams)
        document["lines"] = [self._line(line, detail) for line in self.lines]
        document["label"] = self._label()
        document["references"] = dict(self.references)
        document["warnings"] = self._warnings()
        return document

    def _amounts(
        self, factor: float, missing: list[list[str]] | None = None
    ) -> dict[str, dict[str, Any]]:
        """Every nutrient times *factor*; with the foods that lack it where *missing* is given."""
        amounts = (self.totals.amounts * factor).tolist()
        coverage = self.totals.coverage.tolist()
        found = {}
        for position, nutrient in enumerate(self.catalogue.nutrients):
            amount = amounts[position]
            entry: dict[str, Any] = {
                "amount": rounded(amount),
                "unit": nutrient.unit,
                "coverage": rounded(coverage[position], 4),
            }
            if entry["amount"] is None:
                entry["reason"] = self._why_unknown()
            if missing is not None and missing[position]:
                entry["missing"] = missing[position]
            found[nutrient.code] = entry
        return found

    def _why_unknown(self) -> str:
        if not self.resolved:
            return "no line could be turned into a food and a weight"
        return "no food of this recipe was analysed for it"

    def _missing(self) -> list[list[str]]:
        """For each nutrient, the names of the foods without a value, each once, in line order."""
        foods = list({line.food.index: line.food for line in self.resolved if line.food}.values())
        rows = self.catalogue.per_100g[[food.index for food in foods]]
        return [[foods[i].name for i in np.flatnonzero(column)] for column in np.isnan(rows).T]

    def _line(self, line: Line, detail: Detail) -> dict[str, Any]:
        entry: dict[str, Any] = {"text": line.text, "status": str(line.status)}
        if line.quantity is not None:
            entry["quantity"], entry["unit"] = rounded(line.quantity), line.unit
        if line.food is not None:
            entry["food"] = self._food(line.food)
            entry["confidence"] = line.confidence
            entry["alternatives"] = [
                {**self._food(food), "confidence": confidence}
                for food, confidence in line.alternatives
            ]
        if line.grams is not None and line.food is not None:
            entry["grams"] = rounded(line.grams)
            entry["grams_basis"] = line.basis
            entry["nutrients"] = self._nutrients(line.food, line.grams, detail)
        if line.reason:
            entry["reason"] = line.reason
        if line.optional:
            entry["optional"] = True
        return entry

    def _food(self, food: Food) -> dict[str, Any]:
        source = self.catalogue.source
        return {"id": food.id, "name": food.name, "source": source, "ndb_no": food.ndb_no}

    def _nutrients(self, food: Food, grams: float, detail: Detail) -> dict[str, float | None]:
        """Amounts in this line. A nutrient nobody analysed is null in "label", absent in "full"."""
        amounts = (self.catalogue.per_100g[food.index] * (grams / 100)).tolist()
        column = self.catalogue.column
        if detail == "full":
            return {n.code: rounded(amounts[i]) for i, n in enumerate(self.catalogue.nutrients)}
        return {code: rounded(amounts[column[code]]) for code in label.CODES if code in column}

    def _label(self) -> dict[str, Any]:
        servings = self.request.servings
        factor = 1 / servings if servings else 1.0
        column = self.catalogue.column
        known = [code for code in label.CODES if code in column]
        weight = self.yield_grams
        return label.label(
            {code: float(self.totals.amounts[column[code]]) * factor for code in known},
            servings,
            weight * factor if weight else None,
            coverage={code: float(self.totals.coverage[column[code]]) for code in known},
            title=self.request.title,
        )

    def _warnings(self) -> list[str]:
        found = []
        unresolved = self.food_lines - len(self.resolved)
        if unresolved:
            found.append(
                f"{unresolved} of {self.food_lines} ingredient lines are not in the totals; "
                "their status says why"
            )
        if not self.request.servings:
            found.append("servings are not stated: the label is for the whole recipe")
        doubtful = sum((line.confidence or 0) < 0.25 for line in self.resolved)
        if doubtful:
            found.append(f"{doubtful} ingredients are matched with a confidence below 0.25")
        return found


def rounded(value: float, digits: int = SIGNIFICANT) -> float | None:
    """*value* to so many significant digits for JSON; None where it is NaN or infinite."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None
