"""Which food a cook means: names matched to the catalogue, with a confidence and the runners-up.

A linear score ranks the candidates (`candidates`), and trees order the first few anew, seen beside
each other. Below a threshold the engine answers "unknown" rather than with a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import confidence, features, reranking
from nutrition.foods.candidates import Found, Search
from nutrition.foods.index import Floats
from nutrition.foods.model import Weights
from nutrition.foods.names import words

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

__all__ = ["Candidate", "Match", "Matcher", "Weights"]

# The linear score's first so many are ordered by the trees.
RERANKED = 20
ALTERNATIVES = 4
_CANNED = list(features.STATES).index("canned")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A food that may be meant: its row in the catalogue and a confidence from 0 to 1."""

    food_index: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Match:
    """The best food and the runners-up, best first."""

    food_index: int
    confidence: float
    alternatives: tuple[Candidate, ...] = ()


class Matcher:
    """Matches names to foods. Built once; read-only afterwards, so threads and forks share it."""

    def __init__(
        self, catalogue: Catalogue, aliases: Iterable[tuple[str, str]], weights: Weights
    ) -> None:
        self.weights = weights
        self._search = Search(catalogue, aliases, weights)
        self.index = self._search.index
        self.feature_names = self._search.feature_names

    def match(self, name: str, preparation: str = "") -> Match | None:
        """The food that *name* means, or None where no food shares a word with it.

        preparation tells a state where the name does not: "cooked" in "2 cups rice, cooked",
        "canned" for what comes in a can. A canned form is taken only where the catalogue has one.
        """
        said = words(preparation)  # "uncooked" is not "cooked"
        hints = [word for word in ("cooked", "canned") if word in said]
        found = self.candidates(name, hints)
        if found is None:
            return None
        best = found.rows[found.scores.argmax()]
        if "canned" in hints and not self._search.food_states[best, _CANNED]:
            hints.remove("canned")
            found = self.candidates(name, hints) or found
        order, scores, inputs = self._ranked(found)
        top = order[: ALTERNATIVES + 1]
        chances = confidence.chances(
            self.weights.confidence,
            inputs[0],
            scores,
            found.features[order],
            self._search.named(found, top),
        )
        first, *others = map(Candidate, found.rows[top].tolist(), chances)
        return Match(first.food_index, first.confidence, tuple(others))

    def candidates(self, name: str, hints: Sequence[str] = ()) -> Found | None:
        """The foods that share a word or an everyday name with *name*; None without any."""
        return self._search.find(name, hints)

    def ranked(self, found: Found) -> tuple[NDArray[np.intp], Floats]:
        """Positions of the best candidates, best first, and their scores with the trees'."""
        order, scores, _ = self._ranked(found)
        return order, scores

    def _ranked(self, found: Found) -> tuple[NDArray[np.intp], Floats, Floats]:
        """`ranked`, and what the trees were asked about."""
        order = (-found.scores).argsort(kind="stable")[:RERANKED]
        scores, matrix = found.scores[order], found.features[order]
        inputs = reranking.inputs(found.parts[order], matrix, len(found.asked.words))
        if self.weights.trees is not None:
            scores = scores + self.weights.trees.scores(inputs)
        scores = scores + reranking.everyday(matrix)
        again = (-scores).argsort(kind="stable")
        return order[again], scores[again], inputs[again]

    def why(self, name: str, food_index: int) -> list[tuple[str, float]]:
        """What speaks for (+) and against (-) a food as the answer to *name*, heaviest first.

        Terms of its linear score; those that depend on words name them. Empty for a food that is
        none of the candidates.
        """
        found = self.candidates(name)
        if found is None or food_index not in found.rows:
            return []
        row = found.rows.tolist().index(food_index)
        vocabulary = list(self.index.vocabulary)
        tokens = self.index.tokens[food_index]
        terms = list(
            zip(
                self.feature_names,
                (found.features[row] * self._search.feature_weights).tolist(),
                strict=True,
            )
        )
        unmentioned, mentioned = self._search.word_weights
        for said, flags, weights in (
            ("only the food says", found.unmentioned, unmentioned),
            ("both say", found.mentioned, mentioned),
        ):
            terms += [
                (f'{said} "{vocabulary[token]}"', float(weights[token]))
                for token in tokens[flags[row]]
            ]
        order, scores = self.ranked(found)
        if row in order:
            rank = order.tolist().index(row)
            terms.append(("beside the others", float(scores[rank] - found.scores[row])))
        return sorted((term for term in terms if term[1]), key=lambda term: -abs(term[1]))
