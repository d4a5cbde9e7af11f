"""What is asked of the engine and what it answers, as plain values; `document` gives the JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nutrition import documents, keeping
from nutrition.cooking import methods
from nutrition.documents import Detail
from nutrition.errors import ImpossibleRequest
from nutrition.limits import LEAST_SERVINGS, LEAST_YIELD, MOST_SERVINGS, MOST_YIELD
from nutrition.status import Status
from nutrition.totals.sums import Floats, Totals

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food
    from nutrition.cooking.pieces import Effect


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
    """A recipe or meal.

    method: how it is cooked, by a name of `cooking.methods`; None leaves every line as it is.
    Raises ImpossibleRequest for a method nobody knows, and for servings or a yield out of all
    proportion.
    """

    ingredients: tuple[str | Measured, ...]
    title: str | None = None
    servings: float | None = None
    yield_grams: float | None = None
    method: str | None = None

    def __post_init__(self) -> None:
        if self.method is not None:
            methods.find(self.method)
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
    """A recipe analysed.

    effects: of each line, what cooking did; None for lines that are not resolved. factors: (lines,
    nutrients), what is left of each nutrient in what is eaten of a line (of water also what was
    taken up); None where all is. totals: of the whole recipe as eaten, coverage included (see
    `totals.coverage`). low, high: the 95 % interval of each, (nutrients,), NaN where the total is,
    and for water that follows from an estimated weight. yield_grams: weight of the finished dish,
    g, None where no line has a weight. energy: see `totals.energy`. remarks: what a reader should
    know besides, in words.
    """

    request: AnalysisRequest
    lines: tuple[Line, ...]
    effects: tuple[Effect | None, ...]
    factors: Floats | None
    totals: Totals
    low: Floats
    high: Floats
    yield_grams: float | None
    yield_basis: str
    energy: dict[str, Any]
    remarks: tuple[str, ...]
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
        """Weight of the resolved ingredients, g, before anything is cooked or thrown away."""
        return math.fsum(line.grams or 0.0 for line in self.resolved)

    @property
    def weighed(self) -> float:
        """The share of the food lines that the weight of a serving adds up."""
        if self.request.yield_grams:
            return 1.0
        return len(self.resolved) / self.food_lines if self.food_lines else 0.0

    def document(self, detail: Detail = "label") -> dict[str, Any]:
        """The analysis as JSON values, in the shape of the HTTP interface: no NaN, rounded."""
        return documents.shown(self.kept(detail), detail)

    def kept(self, detail: Detail = "full") -> dict[str, Any]:
        """The analysis to be kept, see `nutrition.keeping`."""
        return keeping.kept(self, detail)
