"""Which food a cook means: names matched to the catalogue, with a confidence and the runners-up.

Candidates come from an inverted index over SR28's names and from everyday names written by hand; a
linear score over the features of `nutrition/foods/features.py` ranks them, and trees order the
first few anew. Below a threshold the engine answers "unknown" rather than with a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import confidence, features, priors, reranking
from nutrition.foods.compounds import compounds
from nutrition.foods.everyday import EverydayNames, Inside
from nutrition.foods.features import Asked
from nutrition.foods.index import Floats, FoodIndex, Ints
from nutrition.foods.model import Weights
from nutrition.foods.names import query_words

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

__all__ = ["Candidate", "Match", "Matcher", "Weights"]

CANDIDATES = 64
# The linear score's first so many are ordered by the trees.
RERANKED = 20
ALTERNATIVES = 4
# Names are short; what a 5,000-character line calls a name is cut here.
MAX_QUERY_WORDS = 24
_WHOLE = features.DYNAMIC.index("alias_whole")
_CANNED = list(features.STATES).index("canned")
# Shorter ones of SR28's short descriptions are cooks' names too, and may mean another food.
LEAST_DESCRIPTION = 3


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
class Found:
    """Candidates of a name. rows: (candidates,). features: (candidates, features).

    said: (words, candidates), 1 where a food's name says a word of the query.
    parts: (candidates, 3), what features, unmentioned and mentioned words add up to.
    scores: (candidates,), their sum, the linear score.
    """

    asked: Asked
    rows: Ints
    features: Floats
    said: Floats
    parts: Floats
    scores: Floats
    index: FoodIndex

    @property
    def mentioned(self) -> NDArray[np.bool_]:
        """(candidates, longest): which of a food's `index.tokens` the query says too."""
        known = [column for column in self.asked.columns if column is not None]
        return np.isin(self.index.tokens[self.rows], known)

    @property
    def unmentioned(self) -> NDArray[np.bool_]:
        """(candidates, longest): which of them only the food says; none of one named in full."""
        named = self.features[:, _WHOLE] > 0
        return ~self.mentioned & (self.index.tokens[self.rows] < self.index.pad) & ~named[:, None]


class Matcher:
    """Matches names to foods. Built once; read-only afterwards, so threads and forks share it."""

    def __init__(
        self, catalogue: Catalogue, aliases: Iterable[tuple[str, str]], weights: Weights
    ) -> None:
        foods = catalogue.foods
        self.index = FoodIndex.build(foods)
        vocabulary = list(self.index.vocabulary)
        tokens = self.index.tokens
        self.food_states = np.zeros((len(foods), len(features.STATES)), np.bool_)
        for number, marks in enumerate(features.STATES.values()):
            marked = np.array([word in marks for word in vocabulary] + [False])
            self.food_states[:, number] = marked[tokens].any(axis=1)
        groups = sorted({food.group_code for food in foods})
        pairs = [(catalogue.index_of_ndb(code), name) for code, name in aliases]
        self.static = priors.static(
            catalogue, groups, self.index, weights.uses, Counter(row for row, _ in pairs)
        )
        self._naming = priors.naming_words(self.index, self.static)
        self._everyday = EverydayNames(self.index.weight_of)
        for row, name in pairs:
            self._everyday.add(row, compounds(query_words(name), self.index))
        self._own_names = self._short_descriptions(catalogue)
        self.feature_names = features.names(groups)
        self.use(weights)

    def use(self, weights: Weights) -> None:
        """Rank with *weights*; a feature or word they do not name weighs nothing."""
        self.weights = weights
        self._feature_weights = np.array(
            [weights.features.get(name, 0.0) for name in self.feature_names], np.float32
        )
        # (2, words + 1): of words that only the food says, and of those that both say.
        self._word_weights = np.array(
            [
                [*(table.get(word, 0.0) for word in self.index.vocabulary), 0.0]
                for table in (weights.unmentioned, weights.mentioned)
            ],
            np.float32,
        )
        self._unmentioned = self._word_weights[0].astype(np.float64)[self.index.tokens].sum(axis=1)
        # What a food would score for a query that says nothing of it: orders equal candidates.
        prior = self.static @ self._feature_weights[features.OWN :]
        prior += self._unmentioned.astype(np.float32)
        self._prior = 0.02 * prior / max(float(np.abs(prior).max()), 1e-6)

    def match(self, name: str, preparation: str = "") -> Match | None:
        """The food that *name* means, or None where no food shares a word with it.

        preparation tells a state where the name does not: "cooked" in "2 cups rice, cooked",
        "canned" for what comes in a can. A canned form is taken only where the catalogue has one.
        """
        hints = [word for word in ("cooked", "canned") if word in preparation.casefold()]
        found = self.candidates(name, hints)
        if found is None:
            return None
        if "canned" in hints and not self.food_states[found.rows[found.scores.argmax()], _CANNED]:
            hints.remove("canned")
            found = self.candidates(name, hints) or found
        order, scores, inputs = self._ranked(found)
        top = order[: ALTERNATIVES + 1]
        named = self._naming[found.asked.places(self.index.pad)] @ found.said[:, top] > 0
        chances = confidence.chances(
            self.weights.confidence, inputs[0], scores, found.features[order], named
        )
        ranked = [
            Candidate(int(found.rows[position]), chance)
            for position, chance in zip(top, chances, strict=True)
        ]
        best = ranked[0]
        return Match(best.food_index, best.confidence, tuple(ranked[1:]))

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
                (found.features[row] * self._feature_weights).tolist(),
                strict=True,
            )
        )
        for said, flags, weights in (
            ("only the food says", found.unmentioned, self._word_weights[0]),
            ("both say", found.mentioned, self._word_weights[1]),
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

    def candidates(self, name: str, hints: Sequence[str] = ()) -> Found | None:
        """The foods that share a word or an everyday name with *name*; None without any."""
        words = query_words(name)[:MAX_QUERY_WORDS]
        words = compounds([*(hint for hint in hints if hint not in words), *words], self.index)
        index = self.index
        asked = Asked(
            tuple(words),
            tuple(index.vocabulary.get(word) for word in words),
            tuple(self.index.weight_of(word) for word in words),
        )
        aliases = self._everyday.inside(asked)
        own = self._own_names.get(hash(frozenset(words)))
        if own is not None:
            aliases[own] = Inside(share=1.0, exact=True, whole=True, last=True)
        if not aliases and all(column is None for column in asked.columns):
            return None
        said, marks = index.look_up(asked.columns, asked.weight)
        # An everyday name is one of the food's names: it says those words.
        for row, inside in aliases.items():
            said[row] = max(said[row], inside.share)
        rows = self._best(said, list(aliases))
        everyday = _everyday_features(rows, aliases)
        matrix, hit = features.matrix(
            index,
            asked,
            rows,
            marks.take(rows, axis=1),
            said=said[rows],
            food_states=self.food_states.take(rows, axis=0),
            static=self.static.take(rows, axis=0),
            aliases=everyday,
        )
        unmentioned, mentioned = self._word_weights.take(asked.places(index.pad), axis=1) @ hit
        parts = np.empty((len(rows), 3), np.float32)
        parts[:, 0] = matrix @ self._feature_weights
        parts[:, 1] = (self._unmentioned[rows] - unmentioned) * (everyday[:, 1] == 0)
        parts[:, 2] = mentioned
        return Found(asked, rows, matrix, hit, parts, parts.sum(axis=1), index)

    def _best(self, said: Floats, named: list[int]) -> Ints:
        """The foods that say most of the name, ascending: the likelier one where they say alike.

        named: rows of foods with an everyday name in it, which are always among them.
        """
        rows = (said > 0).nonzero()[0]
        count = max(CANDIDATES, len(named))
        if len(rows) > count:
            first = said + self._prior
            first[named] += 2
            rows = rows[first[rows].argpartition(-count)[-count:]]
            rows.sort()
        return rows.astype(np.int32)

    def _short_descriptions(self, catalogue: Catalogue) -> dict[int, int]:
        """Rows by the hash of the words of SR28's short description, where it is one food's only.

        Other databases of USDA's name SR28's foods so ("CHEESE,CHEDDAR"). Hashes, as the words of
        all would take some megabytes.
        """
        rows: dict[int, int] = {}
        several: set[int] = set()
        for food in catalogue.foods:
            words = frozenset(compounds(query_words(food.short_name), self.index))
            if len(words) >= LEAST_DESCRIPTION and rows.setdefault(hash(words), food.index) != (
                food.index
            ):
                several.add(hash(words))
        return {key: row for key, row in rows.items() if key not in several}


def _everyday_features(rows: Ints, names: dict[int, Inside]) -> Floats:
    """(candidates, 4): exact, whole, share and last of the everyday name inside the query."""
    found = np.zeros((len(rows), 4), np.float32)
    for row, name in names.items():
        found[int(np.searchsorted(rows, row))] = (name.exact, name.whole, name.share, name.last)
    return found
