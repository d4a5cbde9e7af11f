"""Recipes in, nutrients out: each line to a food and grams, cooked, then whole arrays summed.

Holds no state but its tables and bounded memories, so any number of threads may share one engine,
and a fork inherits it warm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from nutrition.analysis import Analysis, AnalysisRequest, Line, Measured
from nutrition.cooking import methods
from nutrition.cooking.pieces import Cooked, Effect, Piece
from nutrition.labels.daily_values import ADULTS
from nutrition.reading import Reader
from nutrition.status import Status
from nutrition.totals import batches, energy, interval, sanity, sums
from nutrition.totals.table import Cooking

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue
    from nutrition.cooking.kitchen import Kitchen
    from nutrition.foods.matcher import Matcher


# The tables of `data/cooking/`, by the names under which results state them.
RETENTION, YIELDS = "usda-r6-2007", "usda-r2-2014"
# How far off an assumed share of frying oil or marinade may be: FNDDS has fried foods that take up
# from half to three times the middle (see `cooking.discard`).
EATEN_SPREAD = 0.5
REMEMBERED_FOODS = 4_096


@dataclass(frozen=True, slots=True)
class _Meal:
    """A recipe on its way: its lines, where the resolved ones stand, and what is eaten of those.

    grams: (resolved,), as eaten, in g. factors: (resolved, nutrients), see `Kitchen.factors`.
    """

    request: AnalysisRequest
    lines: tuple[Line, ...]
    at: tuple[int, ...]
    pieces: tuple[Piece, ...]
    cooked: Cooked
    grams: sums.Floats
    factors: sums.Floats | None

    @property
    def rows(self) -> sums.Indices:
        """The foods of the resolved lines, as rows of the catalogue."""
        return np.array([piece.food.index for piece in self.pieces], np.intp)

    @property
    def food_lines(self) -> int:
        return sum(line.status is not Status.IGNORED for line in self.lines)


class Engine:
    """Analyses recipes over one catalogue."""

    def __init__(self, catalogue: Catalogue, matcher: Matcher, kitchen: Kitchen) -> None:
        self.catalogue = catalogue
        self.matcher = matcher
        self.kitchen = kitchen
        self._water = catalogue.column["WATER"]
        self.reader = Reader(catalogue, matcher)
        # A food's figures agree or not, whatever the recipe.
        self._doubt = lru_cache(maxsize=REMEMBERED_FOODS)(partial(sanity.warning, catalogue))
        self.references = {
            "foods": catalogue.version,
            "daily_values": ADULTS,
            "retention": RETENTION,
            "yields": YIELDS,
        }

    def line(self, ingredient: str | Measured) -> Line:
        """What one ingredient is and weighs. Any text is an answer; nothing raises for it."""
        return self.reader.line(ingredient)

    def analyze(self, request: AnalysisRequest) -> Analysis:
        """Analyse one recipe. Any text is an answer, a status per line; nothing raises for it."""
        return self.analyze_many([request])[0]

    def analyze_many(self, requests: Sequence[AnalysisRequest]) -> list[Analysis]:
        """Analyse many recipes at once: lines seen before cost nothing, sums are one product."""
        meals = [self._cook(request) for request in requests]
        added = batches.totals_of_meals(
            np.concatenate([np.zeros(0), *(meal.grams for meal in meals)]),
            np.concatenate([np.zeros(0, np.intp), *(meal.rows for meal in meals)]),
            np.repeat(np.arange(len(meals)), [len(meal.pieces) for meal in meals]),
            len(meals),
            self.catalogue.sums,
            Cooking.of([left for meal in meals for left in _left(meal)]),
        )
        return [
            self._analysis(meal, added.amounts[number], added.coverage[number])
            for number, meal in enumerate(meals)
        ]

    def _cook(self, request: AnalysisRequest) -> _Meal:
        lines = tuple(map(self.line, request.ingredients))
        at = tuple(n for n, line in enumerate(lines) if line.status is Status.OK)
        pieces = tuple(
            Piece(line.food, line.grams, asked if isinstance(asked, str) else "", line.purpose)
            for line, asked in ((lines[number], request.ingredients[number]) for number in at)
            if line.food is not None and line.grams is not None
        )
        method = methods.find(request.method) if request.method else None
        # A line without an amount is mostly a pinch; one without a food may be half of the dish.
        foods = sum(line.status is not Status.IGNORED for line in lines)
        light = sum(line.status is Status.NO_QUANTITY for line in lines)
        share = (len(pieces) + light) / foods if foods else 1.0
        cooked = self.kitchen.cook(pieces, method, request.title or "", share)
        grams = np.array(
            [p.grams * effect.kept for p, effect in zip(pieces, cooked.effects, strict=True)],
            np.float64,
        )
        weight = cooked.yield_grams
        if request.yield_grams:
            weight = request.yield_grams
            if len(pieces) < foods:  # what it weighs beyond them is other lines' weight
                weight = min(weight, float(grams.sum()))
        factors = self.kitchen.factors(pieces, cooked, weight)
        return _Meal(request, lines, at, pieces, cooked, grams, factors)

    def _analysis(self, meal: _Meal, amounts: sums.Floats, share: sums.Floats) -> Analysis:
        request, rows, at = meal.request, meal.rows, list(meal.at)
        found = [meal.lines[number] for number in at]
        covered = sums.coverage(share, len(at), meal.food_lines)
        between = interval.of_meal(
            self.catalogue,
            self.catalogue.usual_deviation,
            rows,
            meal.grams,
            np.array(list(map(_spread, found, meal.cooked.effects)), np.float64),
            np.array([line.confidence for line in found], np.float64),
            [[(other.index, chance) for other, chance in line.alternatives] for line in found],
            meal.factors,
        )
        factors = None
        if meal.factors is not None:
            # How far off an estimated weight is, and the water with it, nobody has measured.
            if not request.yield_grams:
                between.low[self._water] = between.high[self._water] = math.nan
            factors = np.ones((len(meal.lines), len(amounts)))
            factors[at] = meal.factors
        effects = dict(zip(at, meal.cooked.effects, strict=True))
        return Analysis(
            request=request,
            lines=meal.lines,
            effects=tuple(effects.get(number) for number in range(len(meal.lines))),
            factors=factors,
            totals=sums.Totals(amounts, covered),
            low=between.low,
            high=between.high,
            yield_grams=request.yield_grams or meal.cooked.yield_grams or None,
            yield_basis=_yield_basis(meal),
            energy=energy.energy_of(
                self.catalogue, amounts, covered, rows, meal.grams, meal.factors
            ),
            remarks=self._remarks(meal, amounts),
            catalogue=self.catalogue,
            references=self.references,
        )

    def _remarks(self, meal: _Meal, amounts: sums.Floats) -> tuple[str, ...]:
        """What a reader should know besides: figures that do not agree."""
        found = [self._doubt(row) for row in dict.fromkeys(meal.rows.tolist())]
        if meal.request.yield_grams:
            found.append(sanity.too_light(self.catalogue, amounts, meal.request.yield_grams))
        return tuple(filter(None, found))


def _yield_basis(meal: _Meal) -> str:
    if meal.request.yield_grams:
        return "stated"
    lacking = meal.food_lines - len(meal.pieces)
    without = f"; {lacking} of {meal.food_lines} lines have no weight" if lacking else ""
    return meal.cooked.yield_basis + without


def _spread(line: Line, effect: Effect) -> float:
    """Relative standard uncertainty of what is eaten of a line."""
    return math.hypot(line.spread, EATEN_SPREAD) if effect.kept < 1 else line.spread


def _left(meal: _Meal) -> Sequence[sums.Floats | None]:
    """What is left of the nutrients of each resolved line; None where all is."""
    return [None] * len(meal.pieces) if meal.factors is None else list(meal.factors)
