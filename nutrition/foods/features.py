"""What speaks for or against a food as the answer to a name, as numbers for a score.

The weights stand in `data/food_weights.json` (see benchmarks/fit_weights.py); a match is explained
by its terms: feature times weight. Features are computed for all candidates at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nutrition.foods.index import (
    EARLY,
    FIRST,
    HEAD,
    PART_SHIFT,
    PLACE,
    START,
    Floats,
    FoodIndex,
    Ints,
    Marks,
)
from nutrition.foods.names import word_set

# Words that put a food, or a cook's name, into a state; a word into one only.
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
STATE_FEATURES = tuple(
    f"{state}:{relation}" for state in STATES for relation in ("both", "food_only")
)


def names(groups: Sequence[str]) -> tuple[str, ...]:
    """The features in the order of the columns of `matrix`; one for each food group is last."""
    return (*DYNAMIC, *LONG, *STATE_FEATURES, *STATIC, *(f"group:{group}" for group in groups))


# The columns of `matrix` where the states, `STATIC` and the groups begin.
_STATE = len(DYNAMIC) + len(LONG)
OWN = _STATE + len(STATE_FEATURES)
GROUPS = OWN + len(STATIC)
_LOG_LENGTH = OWN + STATIC.index("log_length")
_LENGTHENED = np.array(
    [
        *(DYNAMIC.index(name) for name in LONG_DYNAMIC),
        *(OWN + STATIC.index(name) for name in LONG_STATIC),
    ]
)
_STATE_OF = {word: number for number, marks in enumerate(STATES.values()) for word in marks}
# What of a word's marks the features ask about; all of them: it is there at all.
_ASKED = np.array([0xFFFF, HEAD, START, FIRST], np.uint16)[:, None]


def states_of(words: Sequence[str]) -> Floats:
    """(states,) 1 where *words* hold a word of that state."""
    found = np.zeros(len(STATES), np.float32)
    for word in words:
        if word in _STATE_OF:
            found[_STATE_OF[word]] = 1
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A cook's name: its words in order, their columns (None: no food says it) and weights."""

    words: tuple[str, ...]
    columns: tuple[int | None, ...]
    weights: tuple[float, ...]

    @property
    def weight(self) -> float:
        return sum(self.weights)

    def places(self, pad: int) -> list[int]:
        """(words,): their columns; *pad* for a word that no food says."""
        return [pad if column is None else column for column in self.columns]


def where_said(marks: Marks) -> Floats:
    """(words, 4, candidates): 1 where a food's name says the word; its head; its start; as the
    head's first word. marks: (words, candidates), see `nutrition.foods.index`."""
    return (marks[:, None, :] & _ASKED > 0).astype(np.float32)


def matrix(
    index: FoodIndex,
    asked: Asked,
    rows: Ints,
    marks: Marks,
    *,
    said: Floats,
    food_states: NDArray[np.bool_],
    static: Floats,
    aliases: Floats,
) -> tuple[Floats, Floats]:
    """Features of the candidate foods *rows* for one name.

    marks: (words, candidates), where in the foods' names the query's words stand.
    said: (candidates,). aliases: (candidates, 4), the last of `DYNAMIC`.
    food_states: (candidates, states).
    static: (candidates, n), what does not depend on the name: `STATIC`, then the groups.
    Returns features (candidates, features), and (words, candidates) 1 where a food says a word.
    """
    count = len(asked.words)
    where = where_said(marks)
    hit = where[:, 0]
    idf = np.array(asked.weights, np.float32)
    summed = (idf @ where.reshape(count, -1)).reshape(4, -1)
    name_said, head_said, start_said = summed[:3] / index.weights.take(rows, axis=1)
    # Neighbours in the query that are neighbours in the name, in either order.
    place = (marks & PLACE).astype(np.int8)
    follows = (np.abs(place[1:] - place[:-1]) == 1).sum(axis=0)
    features = np.empty((len(rows), OWN + static.shape[1]), np.float32)
    features[:, 0] = said
    features[:, 1] = said * said
    features[:, 2] = count - hit.sum(axis=0)
    features[:, 3:6] = where[-1, [0, 1, 3]].T
    features[:, 6] = hit[0]
    features[:, 7] = head_said
    features[:, 8] = head_said > 0.999
    features[:, 9] = name_said
    features[:, 10] = start_said
    features[:, 11] = (said > 0.999) & (name_said > 0.999)
    features[:, 12] = EARLY[marks >> PART_SHIFT].sum(axis=0) / max(count, 1)
    features[:, 13] = np.minimum(follows / max(count - 1, 1), 1)
    features[:, 14 : len(DYNAMIC)] = aliases
    both, only_food = features[:, _STATE:OWN:2], features[:, _STATE + 1 : OWN : 2]
    np.multiply(food_states, states_of(asked.words), out=both)
    np.subtract(food_states, both, out=only_food)
    features[:, OWN:] = static
    # An everyday name is a whole name of its food: where the query is just that, the food says
    # all of it and nothing else ("buttermilk" is not "cultured, lowfat" left unsaid).
    named = np.flatnonzero(aliases[:, 1])
    if len(named):
        features[named, :14] = 1
        features[named, 2] = 0
        only_food[named] = 0
        features[named, _LOG_LENGTH] = np.log(max(count, 1))
    length = min(max(count - 2, 0) / 4, 1)
    features[:, len(DYNAMIC) : _STATE] = features[:, _LENGTHENED] * np.float32(length)
    return features, hit
