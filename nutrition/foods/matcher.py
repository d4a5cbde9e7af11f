"""Which food a cook means: names matched to the catalogue, with a confidence and the runners-up.

Candidates come from an inverted index over SR28's names and from everyday names written by hand; a
linear score over the features of `nutrition/features.py` ranks them. Below a threshold the engine
answers "unknown" rather than with a guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nutrition.errors import MissingData
from nutrition.foods import features
from nutrition.foods.index import Floats, FoodIndex, Ints
from nutrition.foods.names import query_words

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

CANDIDATES = 120
ALTERNATIVES = 4
# Names are short; what a 5,000-character line calls a name is cut here.
MAX_QUERY_WORDS = 24
# A food is named in the first parts of its name in SR28; what follows is how it was made or cut
# ("Leavening agents, baking powder, double-acting, sodium aluminum sulfate").
NAMING_PARTS = 3
# What the most can be that is said of a food none of whose naming words were: below the engine's
# threshold of knowing.
UNNAMED = 0.1
# An everyday name is the right food in three of ten even where foods like it crowd the ranking
# (measured on the labelled names whose calibrated confidence is below 0.4).
ALIASED = 0.3


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


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear ranking: one weight a feature, one for each word that only the food says.

    confidence: (bias, share of the softmax, words said, alias) of the logistic calibration.
    """

    features: Mapping[str, float]
    unmentioned: Mapping[str, float]
    confidence: Sequence[float]

    @staticmethod
    def load(path: Path) -> Weights:
        """Read the JSON that benchmarks/fit_weights.py writes."""
        try:
            content: dict[str, Any] = json.loads(path.read_bytes())
            return Weights(content["features"], content["unmentioned"], content["confidence"])
        except (OSError, ValueError, KeyError) as error:
            raise MissingData(f"{path} holds no matcher weights: {error}") from error


class Matcher:
    """Matches names to foods. Built once; read-only afterwards, so threads and forks share it."""

    def __init__(
        self, catalogue: Catalogue, aliases: Iterable[tuple[str, str]], weights: Weights
    ) -> None:
        foods = catalogue.foods
        self.index = FoodIndex.build(foods)
        vocabulary = list(self.index.vocabulary)
        rows = self.index.tokens
        self.food_states = np.zeros((len(foods), len(features.STATES)), np.float32)
        for number, marks in enumerate(features.STATES.values()):
            marked = np.array([word in marks for word in vocabulary] + [False])
            self.food_states[:, number] = marked[rows].any(axis=1)
        groups = sorted({food.group_code for food in foods})
        self.static = self._static(catalogue, groups)
        self._by_word: dict[str, list[tuple[frozenset[str], int]]] = {}
        self._naming = self._naming_words()
        for code, name in aliases:
            self._add_alias(catalogue.index_of_ndb(code), name)
        self.feature_names = features.names(groups)
        self.use(weights)

    def use(self, weights: Weights) -> None:
        """Rank with *weights*; a feature or word they do not name weighs nothing."""
        self.weights = weights
        self._feature_weights = np.array(
            [weights.features.get(name, 0.0) for name in self.feature_names], np.float32
        )
        unmentioned = [weights.unmentioned.get(word, 0.0) for word in self.index.vocabulary]
        self._unmentioned_weights = np.array([*unmentioned, 0.0], np.float32)
        # What a food would score for a query that says nothing of it: orders equal candidates.
        own, groups = len(features.BASE), len(features.BASE) + len(features.STATE_FEATURES)
        weight = self._feature_weights
        fixed = np.concatenate([weight[features.DYNAMIC : own], weight[groups:]])
        self._prior = self.static @ fixed
        self._prior += self._unmentioned_weights[self.index.tokens].sum(axis=1)

    def match(self, name: str, preparation: str = "") -> Match | None:
        """The food that *name* means, or None where no food shares a word with it.

        preparation tells a state where the name does not: "cooked" in "2 cups rice, cooked",
        "canned" for what comes in a can. A canned form is taken only where the catalogue has one.
        """
        hints = [word for word in ("cooked", "canned") if word in preparation.casefold()]
        found = self.candidates(name, hints)
        if found is None:
            return None
        if "canned" in hints:
            rows, _, _, scores = found
            canned = list(features.STATES).index("canned")
            if not self.food_states[rows[int(np.argmax(scores))], canned]:
                found = self.candidates(name, [hint for hint in hints if hint != "canned"]) or found
        rows, matrix, unmentioned, scores = found
        order = np.argsort(-scores, kind="stable")[: ALTERNATIVES + 1]
        tokens = self.index.tokens[rows[order]]
        named = np.any(self._naming[tokens] & ~unmentioned[order], axis=1)
        confidences = self._confidence(scores, matrix, order, named)
        ranked = [
            Candidate(int(rows[position]), confidence)
            for position, confidence in zip(order, confidences, strict=True)
        ]
        best = ranked[0]
        return Match(best.food_index, best.confidence, tuple(ranked[1:]))

    def candidates(
        self, name: str, hints: Sequence[str] = ()
    ) -> tuple[Ints, Floats, NDArray[np.bool_], Floats] | None:
        """Candidate rows, their features, their unmentioned words and scores; None without any."""
        words = query_words(name)[:MAX_QUERY_WORDS]
        words = [*(hint for hint in hints if hint not in words), *words]
        index = self.index
        columns = [index.vocabulary.get(word) for word in words]
        known = [column for column in columns if column is not None]
        weight = float(index.idf[known].sum()) + index.unknown_idf() * columns.count(None)
        aliases = self._aliases(dict(zip(words, columns, strict=True)), weight)
        if not known and not aliases:
            return None
        said = index.coverage(known, weight)
        first = said + 0.02 * self._prior / max(float(np.abs(self._prior).max()), 1e-6)
        count = min(CANDIDATES, int(np.count_nonzero(said)))
        rows = np.argpartition(-first, max(count - 1, 0))[:count].astype(np.int32)
        if aliases:
            rows = np.union1d(rows, np.fromiter(aliases, np.int32)).astype(np.int32)
        exact = np.zeros(len(rows), np.float32)
        inside = np.zeros(len(rows), np.float32)
        for row, (share, whole) in aliases.items():
            position = int(np.searchsorted(rows, row))
            exact[position] = whole
            inside[position] = share
        matrix, unmentioned = features.matrix(
            index,
            rows,
            columns=columns,
            query_weight=weight,
            # An everyday name is one of the food's names: it says those words.
            said=np.maximum(said[rows], inside),
            query_states=features.states_of(words),
            food_states=self.food_states[rows],
            alias=exact,
            alias_inside=inside,
            static=self.static[rows],
        )
        scores = matrix @ self._feature_weights
        scores += (unmentioned * self._unmentioned_weights[index.tokens[rows]]).sum(axis=1)
        return rows, matrix, unmentioned, scores

    def _aliases(
        self, columns: Mapping[str, int | None], weight: float
    ) -> dict[int, tuple[float, bool]]:
        """Foods with an everyday name inside the query: its share by weight, and if it is all.

        columns: the query's words and their columns. weight: the sum of their weights.
        """
        asked = frozenset(columns)
        found: dict[int, tuple[float, bool]] = {}
        for word in asked:
            for alias, row in self._by_word.get(word, ()):
                if alias <= asked:
                    share = sum(self._weight(columns[word]) for word in alias) / weight
                    if share > found.get(row, (0.0, False))[0]:
                        found[row] = (share, alias == asked)
        return found

    def _weight(self, column: int | None) -> float:
        return self.index.unknown_idf() if column is None else float(self.index.idf[column])

    def _add_alias(self, row: int, name: str) -> None:
        alias = frozenset(query_words(name))
        # Filed under one word, the rarest would be best; any will do as all must be said.
        self._by_word.setdefault(min(alias), []).append((alias, row))

    def _naming_words(self) -> NDArray[np.bool_]:
        """(words + 1,): words that name a food, where a trademark or a fashion of making does not.

        Those that the first parts of an unbranded food's name say. "2 cups dreams" are no food
        because a brand calls a cookie so; a brand that cooks mean is one of the aliases.
        """
        index, brand = self.index, self.static[:, 0] > 0
        naming = np.zeros(index.pad + 1, np.bool_)
        naming[index.tokens[~brand][index.segment[~brand] < NAMING_PARTS]] = True
        naming[index.pad] = False
        return naming

    def _static(self, catalogue: Catalogue, groups: Sequence[str]) -> Floats:
        """(foods, 6 + groups): brand, length, popularity signals, and the group as one-hot."""
        foods = catalogue.foods
        count = np.array([len(catalogue.portions_of(food.index)) for food in foods])
        points = np.nansum(np.asarray(catalogue.data_points), axis=1)
        known = (~np.isnan(np.asarray(catalogue.per_100g))).sum(axis=1)
        shouted = [
            any(len(word) > 2 and word.isupper() for word in food.name.replace(",", " ").split())
            for food in foods
        ]
        brand = [bool(f.manufacturer) or loud for f, loud in zip(foods, shouted, strict=True)]
        columns = [
            np.array(brand, np.float64),
            np.log(self.index.length),
            np.log1p(count),
            np.log1p(points),
            np.log1p(known),
            np.array([food.in_survey for food in foods]),
            *(np.array([food.group_code == group for food in foods]) for group in groups),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _confidence(
        self, scores: Floats, matrix: Floats, order: np.ndarray, named: NDArray[np.bool_]
    ) -> list[float]:
        """Chance that each of the ranked is right, by a logistic fit; falls along the order.

        named: for each of the ranked, whether the query says a word that names it.
        """
        exponent = np.exp(scores - scores.max())
        share = exponent / exponent.sum()
        bias, by_share, by_said, by_alias = self.weights.confidence
        chances = []
        limit = 1.0
        for position, is_named in zip(order, named, strict=True):
            said, alias = float(matrix[position, 0]), float(matrix[position, 10])
            inside = float(matrix[position, 11])
            logit = bias + by_share * float(share[position]) + by_said * said + by_alias * alias
            # Labels always have an answer; a cook's word that SR28 lacks may have none. What says
            # less than half of the name is doubtful in proportion.
            known = 1.0 if alias else min(1.0, 2 * said)
            chance = known / (1 + float(np.exp(-logit)))
            if alias:
                chance = max(chance, ALIASED)
            elif not is_named and not inside:
                chance = min(chance, UNNAMED)
            limit = min(limit, chance)
            chances.append(round(limit, 4))
        return chances
