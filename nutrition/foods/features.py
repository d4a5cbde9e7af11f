"""What speaks for or against a food as the answer to a name, as numbers for a score.

The weights stand in `data/food_weights.json` (see benchmarks/fit_weights.py); a match is explained
by its terms: feature times weight. Features are computed for all candidates at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
DYNAMIC = (
    "said",  # share of the query's weight that the food's name says
    "said_squared",
    "words_unsaid",  # how many of the query's words the food's name lacks
    "last_word",  # the query's last word, mostly its head noun, is in the food's name
    "last_word_is_head",
    "last_word_is_first",  # it is the first word of the food's head
    "first_word",
    "head_said",  # share of the food's head that the query says
    "whole_head",
    "name_said",  # share of the food's whole name (by weight) that the query says
    "start_said",  # the same of its head and the part that follows
    "same_words",
    "query_in_order_of_parts",  # matched words stand early in the food's name
    "pairs_said",  # share of the query's neighbouring words that are neighbours in the name
    "alias",  # an everyday name of the food is exactly the query
    "alias_whole",  # the same but for words that change nothing
    "alias_inside",  # the longest everyday name inside the query, as share of the query's weight
    "alias_has_last_word",  # and the query ends with that name's words
)
STATIC = (
    "brand",
    "log_length",
    "log_portions",
    "log_data_points",
    "log_nutrients",
    "in_survey",
    "log_uses",  # recipes of USDA's survey database that use the food
    "log_aliases",  # everyday names that the food has
    "log_place",  # its place among the foods of the same first word: SR28 begins with the plain one
    "share_of_uses",  # its share of the uses of all foods of that first word
)
# A long name describes its food, a short one calls it by what is common: these count differently in
# a name of many words, and stand here again times its length, 0 to 1.
LONG_DYNAMIC = ("said", "head_said", "name_said", "start_said")
LONG_STATIC = ("log_length", "in_survey", "log_uses", "log_aliases")
LONG = tuple(f"{name}:long" for name in (*LONG_DYNAMIC, *LONG_STATIC))
_LONG_DYNAMIC = [DYNAMIC.index(name) for name in LONG_DYNAMIC]
_LONG_STATIC = [STATIC.index(name) for name in LONG_STATIC]
STATE_FEATURES = tuple(
    f"{state}:{relation}" for state in STATES for relation in ("both", "food_only")
)


def names(groups: Sequence[str]) -> tuple[str, ...]:
    """The features in the order of the columns of `matrix`; one for each food group is last."""
    return (*DYNAMIC, *LONG, *STATE_FEATURES, *STATIC, *(f"group:{group}" for group in groups))


# The columns of `matrix` where `STATIC` and the groups begin.
OWN = len(DYNAMIC) + len(LONG) + len(STATE_FEATURES)
GROUPS = OWN + len(STATIC)


def states_of(words: Sequence[str]) -> Floats:
    """(states,) 1 where *words* hold a word of that state."""
    found = set(words)
    return np.array([bool(found & marks) for marks in STATES.values()], np.float32)


@dataclass(frozen=True, slots=True)
class Asked:
    """A cook's name: its words in order, their columns (None: no food says it) and weights."""

    words: tuple[str, ...]
    columns: tuple[int | None, ...]
    weights: tuple[float, ...]

    @property
    def weight(self) -> float:
        return sum(self.weights)


def matrix(
    index: FoodIndex,
    asked: Asked,
    rows: Ints,
    *,
    said: Floats,
    food_states: Floats,
    static: Floats,
    aliases: Floats,
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Features of the candidate foods *rows* for one name.

    said: (candidates,). aliases: (candidates, 4), the last of `DYNAMIC`.
    food_states: (candidates, states).
    static: (candidates, n), what does not depend on the name: `STATIC`, then the groups.
    Returns features (candidates, features), and (candidates, longest) of the food's words: those
    that only the food says, and those that both say.
    """
    # Names shorter than the longest end in padding, which is not worth a look.
    width = int(index.length[rows].max())
    tokens = index.tokens[rows, :width]
    # What place in the name a food's word has, from 1; 0 where the name lacks it.
    place_of = np.zeros(index.pad + 1, np.int8)
    for number, column in enumerate(asked.columns, start=1):
        if column is not None:
            place_of[column] = number
    place = place_of[tokens]
    hit = place > 0
    hit_weight = index.idf[tokens] * hit
    head = index.head[rows, :width]
    count = len(asked.columns)
    last = place == count
    head_said = _row_sums(hit_weight, head) / index.head_weight[rows]
    name_said = hit_weight.sum(axis=1) / index.weight[rows]
    start_said = _row_sums(hit_weight, index.start[rows, :width]) / index.start_weight[rows]
    follows = (place[:, 1:] == place[:, :-1] + 1) & (place[:, :-1] > 0)
    follows |= (place[:, 1:] == place[:, :-1] - 1) & (place[:, 1:] > 0)
    features = np.empty((len(rows), len(DYNAMIC)), np.float32)
    features[:, 0] = said
    features[:, 1] = said**2
    features[:, 2] = count - hit.sum(axis=1)
    features[:, 3] = last.any(axis=1)
    features[:, 4] = (last & head).any(axis=1)
    features[:, 5] = (last & index.first[rows, :width]).any(axis=1)
    features[:, 6] = (place == 1).any(axis=1)
    features[:, 7] = head_said
    features[:, 8] = head_said > 0.999
    features[:, 9] = name_said
    features[:, 10] = start_said
    features[:, 11] = (said > 0.999) & (name_said > 0.999)
    features[:, 12] = _row_sums(index.early[rows, :width], hit) / max(count, 1)
    features[:, 13] = np.minimum(follows.sum(axis=1) / max(count - 1, 1), 1)
    features[:, 14:] = aliases
    # An everyday name is a whole name of its food: where the query is just that, the food says
    # all of it and nothing else ("buttermilk" is not "cultured, lowfat" left unsaid).
    named = aliases[:, 1] > 0
    both = food_states * states_of(asked.words)
    only_food = food_states - both
    if named.any():
        features[named, :14] = 1
        features[named, 2] = 0
        only_food[named] = 0
        static = static.copy()
        static[named, STATIC.index("log_length")] = np.log(max(count, 1))
    state = np.stack([both, only_food], axis=2).reshape(len(rows), -1)
    unmentioned = ~hit & (tokens < index.pad) & ~named[:, None]
    length = np.float32(min(max(count - 2, 0) / 4, 1))
    long = np.concatenate([features[:, _LONG_DYNAMIC], static[:, _LONG_STATIC]], axis=1) * length
    return np.concatenate([features, long, state, static], axis=1), unmentioned, hit


def _row_sums(values: Floats, where: NDArray[np.bool_]) -> Floats:
    """(rows,): the sums of *values* where *where* holds."""
    return np.asarray(np.einsum("rw,rw->r", values, where), np.float32)
