"""The foods that a name may mean, each weighed alone: a linear score over its features.

Found by an inverted index over SR28's names, and by everyday names written by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.foods import features, priors
from nutrition.foods.compounds import compounds
from nutrition.foods.everyday import EverydayNames, Inside
from nutrition.foods.features import Asked
from nutrition.foods.index import Floats, FoodIndex, Ints
from nutrition.foods.model import Weights
from nutrition.foods.names import query_words

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue

CANDIDATES = 64
# Names are short; what a line of hundreds of characters calls a name is cut here.
MAX_QUERY_WORDS = 24
# Shorter ones of SR28's short descriptions are cooks' names too, and may mean another food.
LEAST_DESCRIPTION = 3
_WHOLE = features.DYNAMIC.index("alias_whole")


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


class Search:
    """Finds candidates. Built once; read-only afterwards.

    A feature or word that *weights* do not name weighs nothing.
    """

    def __init__(
        self, catalogue: Catalogue, aliases: Iterable[tuple[str, str]], weights: Weights
    ) -> None:
        foods = catalogue.foods
        self.index = index = FoodIndex.build(foods)
        self.food_states = priors.states(index)
        groups = sorted({food.group_code for food in foods})
        pairs = [(catalogue.index_of_ndb(code), name) for code, name in aliases]
        self._static = priors.static(
            catalogue, groups, index, weights.uses, Counter(row for row, _ in pairs)
        )
        self._naming = priors.naming_words(index, self._static)
        self._everyday = EverydayNames(index.weight_of)
        for row, name in pairs:
            self._everyday.add(row, compounds(query_words(name), index))
        self._own_names = _short_descriptions(catalogue, index)
        self.feature_names = features.names(groups)
        self.feature_weights = np.array(
            [weights.features.get(name, 0.0) for name in self.feature_names], np.float32
        )
        # (2, words + 1): of words that only the food says, and of those that both say.
        self.word_weights = np.array(
            [
                [*(table.get(word, 0.0) for word in index.vocabulary), 0.0]
                for table in (weights.unmentioned, weights.mentioned)
            ],
            np.float32,
        )
        # In double precision, so that what is left when the same words are taken away is the same.
        self._unmentioned = self.word_weights[0].astype(np.float64)[index.tokens].sum(axis=1)
        # What a food would score for a query that says nothing of it: orders equal candidates.
        prior = self._static @ self.feature_weights[features.OWN :]
        prior += self._unmentioned.astype(np.float32)
        self._prior = 0.02 * prior / max(float(np.abs(prior).max()), 1e-6)

    def find(self, name: str, hints: Sequence[str] = ()) -> Found | None:
        """The foods that share a word or an everyday name with *name*; None without any."""
        index = self.index
        words = query_words(name)[:MAX_QUERY_WORDS]
        words = compounds([*(hint for hint in hints if hint not in words), *words], index)
        asked = Asked(
            tuple(words),
            tuple(map(index.vocabulary.get, words)),
            tuple(map(index.weight_of, words)),
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
            static=self._static.take(rows, axis=0),
            aliases=everyday,
        )
        unmentioned, mentioned = self.word_weights.take(asked.places(index.pad), axis=1) @ hit
        parts = np.empty((len(rows), 3), np.float32)
        parts[:, 0] = matrix @ self.feature_weights
        parts[:, 1] = (self._unmentioned[rows] - unmentioned) * (everyday[:, 1] == 0)
        parts[:, 2] = mentioned
        return Found(asked, rows, matrix, hit, parts, parts.sum(axis=1), index)

    def named(self, found: Found, at: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(at,): whether the query says a word that names the food, of the candidates *at*."""
        naming = self._naming[found.asked.places(self.index.pad)]
        return np.asarray(found.said[naming][:, at].any(axis=0))

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


def _short_descriptions(catalogue: Catalogue, index: FoodIndex) -> dict[int, int]:
    """Rows by the hash of the words of SR28's short description, where it is one food's only.

    Other databases of USDA's name SR28's foods so ("CHEESE,CHEDDAR"). Hashes, as the words of
    all would take some megabytes.
    """
    rows: dict[int, int] = {}
    several: set[int] = set()
    for food in catalogue.foods:
        words = frozenset(compounds(query_words(food.short_name), index))
        if len(words) >= LEAST_DESCRIPTION and rows.setdefault(hash(words), food.index) != (
            food.index
        ):
            several.add(hash(words))
    return {key: row for key, row in rows.items() if key not in several}


def _everyday_features(rows: Ints, names: dict[int, Inside]) -> Floats:
    """(candidates, 4): exact, whole, share and last of the everyday name inside the query."""
    found = np.zeros((len(rows), 4), np.float32)
    for row, name in names.items():
        found[int(rows.searchsorted(row))] = (name.exact, name.whole, name.share, name.last)
    return found
