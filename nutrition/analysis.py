"""What is asked of the engine and what it answers, as plain values; `document` gives the JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nutrition import documents
from nutrition.documents import KEPT, Detail, rounded
from nutrition.errors import ImpossibleRequest
from nutrition.labels import fda
from nutrition.limits import LEAST_SERVINGS, LEAST_YIELD, MOST_SERVINGS, MOST_YIELD
from nutrition.status import Status
from nutrition.totals import sums as totals

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food


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
    """A recipe or meal. Raises ImpossibleRequest for servings or a yield out of all proportion."""

    ingredients: tuple[str | Measured, ...]
    title: str | None = None
    servings: float | None = None
    yield_grams: float | None = None

    def __post_init__(self) -> None:
        for field, value, least, most in (
            ("servings", self.servings, LEAST_SERVINGS, MOST_SERVINGS),
            ("yield_grams", self.yield_grams, LEAST_YIELD, MOST_YIELD),
        ):
            if value is not None and not least <= value <= most:
                raise ImpossibleRequest(
                    field, f"{field} is {value}; it must be from {least} to {most:,}"
                )


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one ingredient. grams and basis are set where the status is ok.

    spread: relative standard uncertainty of the grams. purpose: what the line says it is for, one
    of `lines.remarks.PURPOSES`, or "".
    """

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
    spread: float = 0.0
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A recipe analysed. totals: of the whole recipe, coverage included (see `coverage`)."""

    request: AnalysisRequest
    lines: tuple[Line, ...]
    totals: totals.Totals
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
        return documents.shown(self.kept(detail), detail)

    def kept(self, detail: Detail = "full") -> dict[str, Any]:
        """The analysis to be kept, as JSON values that `documents.shown` turns into an answer.

        With the detail `label` it can answer that detail alone, at a quarter of the size.
        """
        request = self.request
        columns = [
            column
            for column, nutrient in enumerate(self.catalogue.nutrients)
            if detail == "full" or nutrient.code in documents.DECLARED
        ]
        kept: dict[str, Any] = {"title": request.title, "servings": request.servings}
        if self.yield_grams:
            kept["yield_grams"] = rounded(self.yield_grams, KEPT)
            kept["yield_grams_basis"] = (
                "stated" if request.yield_grams else "sum of the resolved ingredients"
            )
        kept["nutrients"] = {
            "codes": [self.catalogue.nutrients[column].code for column in columns],
            "units": [self.catalogue.nutrients[column].unit for column in columns],
            "totals": [rounded(x, KEPT) for x in self.totals.amounts[columns].tolist()],
            "coverage": [documents.coverage(x) for x in self.totals.coverage[columns].tolist()],
            "missing": self._missing(columns),
            "unknown": self._why_unknown(),
        }
        kept["lines"] = [self._line(line, columns) for line in self.lines]
        kept["label"] = self._label()
        kept["references"] = dict(self.references)
        kept["warnings"] = self._warnings()
        return kept

    def _why_unknown(self) -> str:
        if not self.resolved:
            return "no line could be turned into a food and a weight"
        return "no food of this recipe was analysed for it"

    def _missing(self, columns: list[int]) -> list[list[int]]:
        """For each nutrient, the foods without a value: the first line of each, in line order."""
        first: dict[int, int] = {}
        for number, line in enumerate(self.lines):
            if line.status is Status.OK and line.food:
                first.setdefault(line.food.index, number)
        at = list(first.values())
        lacking = totals.missing(self.catalogue.per_100g[list(first)], columns)
        return [[at[i] for i in foods] for foods in lacking]

    def _line(self, line: Line, columns: list[int]) -> dict[str, Any]:
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
            entry["nutrients"] = self._nutrients(line.food, line.grams, columns)
        if line.reason:
            entry["reason"] = line.reason
        if line.optional:
            entry["optional"] = True
        return entry

    def _food(self, food: Food) -> dict[str, Any]:
        source = self.catalogue.source
        return {"id": food.id, "name": food.name, "source": source, "ndb_no": food.ndb_no}

    def _nutrients(self, food: Food, grams: float, columns: list[int]) -> list[float | None]:
        """Amounts in this line, in the order of *columns*; None where nobody analysed the food."""
        amounts = self.catalogue.per_100g[food.index][columns] * (grams / 100)
        return [rounded(amount) for amount in amounts.tolist()]

    def _label(self) -> dict[str, Any]:
        servings = self.request.servings
        factor = 1 / servings if servings else 1.0
        column = self.catalogue.column
        known = [code for code in fda.CODES if code in column]
        weight = self.yield_grams
        return fda.label(
            {code: float(self.totals.amounts[column[code]]) * factor for code in known},
            servings,
            weight * factor if weight else None,
            weighed=self._weighed,
            coverage={code: float(self.totals.coverage[column[code]]) for code in known},
            title=self.request.title,
        )

    @property
    def _weighed(self) -> float:
        """The share of the food lines that the weight of a serving adds up."""
        if self.request.yield_grams:
            return 1.0
        return len(self.resolved) / self.food_lines if self.food_lines else 0.0

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
