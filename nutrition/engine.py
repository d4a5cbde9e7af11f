"""Recipes in, nutrients out: each line to a food and grams, then whole arrays summed.

Holds no state but its tables and a bounded memory of lines, so any number of threads may share one
engine, and a fork inherits it warm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nutrition.analysis import Analysis, AnalysisRequest, Line, Measured
from nutrition.labels.daily_values import ADULTS
from nutrition.reading import Reader
from nutrition.status import Status
from nutrition.totals import sums as totals

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue
    from nutrition.foods.matcher import Matcher


class Engine:
    """Analyses recipes over one catalogue."""

    def __init__(self, catalogue: Catalogue, matcher: Matcher) -> None:
        self.catalogue = catalogue
        self.matcher = matcher
        self.reader = Reader(catalogue, matcher)
        self.references = {"foods": catalogue.version, "daily_values": ADULTS}

    def line(self, ingredient: str | Measured) -> Line:
        """What one ingredient is and weighs. Any text is an answer; nothing raises for it."""
        return self.reader.line(ingredient)

    def analyze(self, request: AnalysisRequest) -> Analysis:
        """Analyse one recipe. Any text is an answer, a status per line; nothing raises for it."""
        return self.analyze_many([request])[0]

    def analyze_many(self, requests: Sequence[AnalysisRequest]) -> list[Analysis]:
        """Analyse many recipes at once: lines seen before cost nothing, sums are one product."""
        resolved = [tuple(map(self.line, request.ingredients)) for request in requests]
        ok = [
            (meal, line.food.index, line.grams)
            for meal, found in enumerate(resolved)
            for line in found
            if line.status is Status.OK and line.food is not None and line.grams is not None
        ]
        sums = totals.totals_of_meals(
            np.array([grams for _, _, grams in ok], np.float64),
            np.array([food for _, food, _ in ok], np.intp),
            np.array([meal for meal, _, _ in ok], np.intp),
            len(requests),
            self.catalogue.per_100g,
        )
        return [
            self._analysis(request, found, sums.amounts[meal], sums.coverage[meal])
            for meal, (request, found) in enumerate(zip(requests, resolved, strict=True))
        ]

    def _analysis(
        self,
        request: AnalysisRequest,
        found: tuple[Line, ...],
        amounts: totals.Floats,
        share: totals.Floats,
    ) -> Analysis:
        resolved = sum(line.status is Status.OK for line in found)
        food_lines = sum(line.status is not Status.IGNORED for line in found)
        covered = totals.coverage(share, resolved, food_lines)
        return Analysis(
            request, found, totals.Totals(amounts, covered), self.catalogue, self.references
        )
