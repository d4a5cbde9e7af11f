"""Recipes in, nutrients out: each line to a food and grams, then whole arrays summed.

Holds no state but its tables and a bounded memory of lines, so any number of threads may share one
engine, and a fork inherits it warm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nutrition.analysis import Analysis, AnalysisRequest, Line, Measured
from nutrition.grams.converter import Converter, Grams, explain
from nutrition.labels.daily_values import ADULTS
from nutrition.lines import parsing
from nutrition.memory import Memory
from nutrition.status import Status
from nutrition.totals import sums as totals

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue
    from nutrition.foods.matcher import Matcher

# Below this confidence the best food is mostly a wrong one, and saying "unknown" serves better.
KNOWN_FROM = 0.12
# Distinct lines kept: some 2 kB each. A bulk import repeats its lines (salt, 2 eggs) endlessly.
REMEMBERED_LINES = 8_192


class Engine:
    """Analyses recipes over one catalogue."""

    def __init__(self, catalogue: Catalogue, matcher: Matcher) -> None:
        self.catalogue = catalogue
        self.matcher = matcher
        self.references = {"foods": catalogue.version, "daily_values": ADULTS}
        self._converter = Converter(catalogue)
        self._memory: Memory[Line] = Memory(REMEMBERED_LINES)

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

    def line(self, ingredient: str | Measured) -> Line:
        """What one ingredient is and weighs."""
        if isinstance(ingredient, Measured):
            return self._measured(ingredient)
        if len(ingredient) > parsing.MAX_CHARACTERS:
            return self._line(ingredient)  # a memory of a few thousand must stay a few megabytes
        found = self._memory.get(ingredient)
        if found is None:
            found = self._line(ingredient)
            self._memory.put(ingredient, found)
        return found

    def unknown(self, texts: Iterable[str]) -> list[str]:
        """Of some lines, those that would have to be read: each once, none that is too long."""
        return [
            text
            for text in dict.fromkeys(texts)
            if len(text) <= parsing.MAX_CHARACTERS and self._memory.get(text) is None
        ]

    def remember(self, found: Mapping[str, Line]) -> None:
        """Take lines as read that an engine with this very code and data has read already."""
        for text, line in found.items():
            self._memory.put(text, line)

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

    def _line(self, text: str) -> Line:
        parsed = parsing.parse(text)
        if parsed.heading:
            return Line(text, Status.IGNORED, reason=explain(Status.IGNORED, ()))
        first = parsed.amounts[0] if parsed.amounts else None
        quantity = first.middle if first and math.isfinite(first.middle) else None
        said = Line(
            text,
            Status.UNKNOWN_FOOD,
            quantity=quantity,
            unit=first.unit if first else "",
            optional=parsed.optional,
        )
        match = None
        for name in parsed.names:
            match = self.matcher.match(name, f"{parsed.preparation} {_container(parsed)}")
            if match and match.confidence >= KNOWN_FROM:
                break
        foods = self.catalogue.foods
        if match is None or match.confidence < KNOWN_FROM:
            reason = parsed.problem or explain(Status.UNKNOWN_FOOD, parsed.names)
            return replace(said, status=Status.UNKNOWN_FOOD, reason=reason)
        food = foods[match.food_index]
        grams = (
            Grams(Status.NO_QUANTITY, reason=parsed.problem)
            if parsed.problem
            else self._converter.grams(parsed, food)
        )
        return replace(
            said,
            status=grams.status,
            food=food,
            confidence=match.confidence,
            alternatives=tuple(
                (foods[other.food_index], other.confidence) for other in match.alternatives
            ),
            grams=grams.grams if grams.status is Status.OK else None,
            basis=grams.basis,
            reason=grams.reason,
        )

    def _measured(self, asked: Measured) -> Line:
        try:
            food = self.catalogue.foods[self.catalogue.index_of(asked.food_id)]
        except KeyError:
            reason = f"no food of the catalogue has the id {asked.food_id!r}"
            text = f"{asked.quantity:g} {asked.unit} of {asked.food_id}"
            return Line(text, Status.UNKNOWN_FOOD, asked.quantity, asked.unit, reason=reason)
        grams = self._converter.measured(asked.quantity, asked.unit, food)
        return Line(
            f"{asked.quantity:g} {asked.unit} {food.name}",
            grams.status,
            asked.quantity if math.isfinite(asked.quantity) else None,
            asked.unit,
            food,
            confidence=1.0,
            grams=grams.grams if grams.status is Status.OK else None,
            basis=grams.basis,
            reason=grams.reason,
        )


def _container(parsed: parsing.ParsedLine) -> str:
    """ "canned" where the line counts cans or tins of the food."""
    return "canned" if any(amount.unit in ("can", "tin") for amount in parsed.amounts) else ""
