"""What speaks for or against a food as the answer to a name, as numbers for a linear score.

The weights stand in `data/food_weights.json` (see benchmarks/fit_weights.py); a match is explained
by its terms: feature times weight. Features are computed for all candidates at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nutrition.foods.index import Floats, FoodIndex, Ints
from nutrition.foods.names import word_set

# Words that put a food, or a cook's name, into a state.
STATES: dict[str, frozenset[str]] = {
    "raw": frozenset({"raw"}),
    "cooked": word_set(
        """cooked boiled baked roasted fried broiled grilled braised steamed stewed
        microwaved simmered sauteed toasted stirfried pan blanched"""
    ),
    "dried": frozenset({"dried", "sundried", "instant"}),
    "canned": frozenset({"canned"}),
    "frozen": frozenset({"frozen"}),
    "powder": frozenset({"powder", "ground", "mix"}),
    "salted": frozenset({"salted"}),
    "unsalted": frozenset({"unsalted", "lowsodium"}),
    "lean": frozenset({"nonfat", "lowfat", "reducedfat", "light", "lite", "diet"}),
    "sweetened": frozenset({"sweetened"}),
    "unsweetened": frozenset({"unsweetened", "sugarfree"}),
}
BASE = (
    "said",  # share of the query's weight that the food's name says
    "said_squared",
    "last_word",  # the query's last word, mostly its head noun, is in the food's name
    "last_word_is_head",
    "first_word",
    "head_said",  # share of the food's head that the query says
    "whole_head",
    "name_said",  # share of the food's whole name (by weight) that the query says
    "same_words",
    "query_in_order_of_parts",  # matched words stand early in the food's name
    "alias",  # an everyday name of the food is exactly the query
    "alias_inside",  # the longest everyday name inside the query, as share of the query's weight
    "brand",
    "log_length",
    "log_portions",
    "log_data_points",
    "log_nutrients",
    "in_survey",
)
# The last of BASE, and the groups, belong to the food alone; the rest depend on the query.
DYNAMIC = BASE.index("brand")
STATE_FEATURES = tuple(
    f"{state}:{relation}" for state in STATES for relation in ("both", "food_only")
)


def names(groups: Sequence[str]) -> tuple[str, ...]:
    """The features in the order of the columns of `matrix`; one for each food group follows."""
    return (*BASE, *STATE_FEATURES, *(f"group:{group}" for group in groups))


def states_of(words: Sequence[str]) -> Floats:
    """(states,) 1 where *words* hold a word of that state."""
    found = set(words)
    return np.array([bool(found & marks) for marks in STATES.values()], np.float32)


def matrix(
    index: FoodIndex,
    rows: Ints,
    *,
    columns: Sequence[int | None],
    query_weight: float,
    said: Floats,
    query_states: Floats,
    food_states: Floats,
    alias: Floats,
    alias_inside: Floats,
    static: Floats,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Features of the candidate foods *rows* for one query.

    columns: the query's words as columns of the vocabulary, in order, None where no food says it.
    query_weight: sum of their weights. said, alias, alias_inside: (candidates,).
    query_states: (states,). food_states: (candidates, states). static: (candidates, n), what does
    not depend on the query, in the order of the end of BASE, then the groups.
    Returns features (candidates, features) and the words a food says that the query does not:
    unmentioned (candidates, MAX_WORDS).
    """
    tokens = index.tokens[rows]
    known = [column for column in columns if column is not None]
    asked = np.zeros(index.pad + 1, np.bool_)
    asked[known] = True
    hit = asked[tokens]
    weight = index.idf[tokens]
    head = index.head[rows]

    def has(column: int | None, within: NDArray[np.bool_] | None = None) -> Floats:
        if column is None:
            return np.zeros(len(rows), np.float32)
        where = tokens == column
        found = (where if within is None else where & within).any(axis=1)
        return np.asarray(found, np.float32)

    head_weight = np.maximum((weight * head).sum(axis=1), 1e-6)
    head_said = (weight * (head & hit)).sum(axis=1) / head_weight
    name_said = (weight * hit).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-6)
    early = (hit / (1 + index.segment[rows])).sum(axis=1) / max(len(columns), 1)
    dynamic = np.stack(
        [
            said,
            said**2,
            has(columns[-1] if columns else None),
            has(columns[-1] if columns else None, head),
            has(columns[0] if columns else None),
            head_said,
            head_said > 0.999,
            name_said,
            (said > 0.999) & (name_said > 0.999),
            early,
            alias,
            alias_inside,
        ],
        axis=1,
        dtype=np.float32,
        casting="unsafe",
    )
    # An everyday name is a whole name of its food: where the query is exactly that, the food says
    # all of it and nothing else ("buttermilk" is not "cultured, lowfat" left unsaid).
    named = alias > 0
    dynamic[named, : BASE.index("same_words")] = 1
    both = food_states * query_states
    only_food = (food_states - both) * ~named[:, None]
    state = np.stack([both, only_food], axis=2)
    fixed = len(BASE) - DYNAMIC
    features = np.concatenate(
        [dynamic, static[:, :fixed], state.reshape(len(rows), -1), static[:, fixed:]], axis=1
    )
    features[named, BASE.index("log_length")] = np.log(max(len(columns), 1))
    unmentioned = ~hit & (tokens < index.pad) & ~named[:, None]
    return np.asarray(features, np.float32), unmentioned
