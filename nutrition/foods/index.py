"""A small inverted index over the catalogue's food names, in plain numpy.

Built once at load. Every array is read-only afterwards, so threads and forks share it. For each
word it holds the foods that say it and, packed into one number, where in their names it stands:
what a query is asked about needs no look at a food's other words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.foods.names import word_set, words

if TYPE_CHECKING:
    from nutrition.catalogue import Food

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Marks = NDArray[np.uint16]

# What SR28 puts before the food to say its kind ("Nuts, almonds"): not the food's head.
CATEGORIES = word_set(
    """spice nut seed candy beverage alcoholic fish crustacean mollusk leavening agent oil snack
    cereal babyfood vegetable game restaurant fast food"""
)
# What stands after a name's 32nd word does not tell foods apart.
MAX_WORDS = 32

# Where a word stands in a food's name, as one number; 0 is nowhere. From the lowest bit: its place
# (from 2, so that no place is next to none), whether it names the food (the name's first part that
# is no category), stands in that part or the next, is the first that names it; then the number of
# the comma-separated part, from 1.
PLACE = 63
HEAD, START, FIRST = 64, 128, 256
PART_SHIFT = 9
# 1 / number of the part; 0 where the name lacks the word.
EARLY = np.array([0.0, *(1 / part for part in range(1, 1 << 16 - PART_SHIFT))], np.float32)


@dataclass(frozen=True, slots=True)
class FoodIndex:
    """Words of every food.

    vocabulary: word → column. idf: (words + 1,), the last is the padding's, 0.
    foods, marks: (postings,), the foods that say a word, ascending, and where; those of column c
    stand from bounds[c] to bounds[c + 1].
    tokens: (foods, longest), a food's words in order, each once, padded with `pad`.
    length: (foods,) words. weights: (3, foods), summed idf of all words, of `HEAD` and of `START`,
    above 0.
    """

    vocabulary: dict[str, int]
    idf: Floats
    bounds: tuple[int, ...]
    foods: NDArray[np.intp]
    marks: Marks
    tokens: NDArray[np.int16]
    length: Floats
    weights: Floats

    @property
    def pad(self) -> int:
        return len(self.vocabulary)

    @property
    def columns(self) -> Ints:
        """(postings,): the word of each."""
        return np.repeat(np.arange(self.pad, dtype=np.int32), np.diff(self.bounds))

    @staticmethod
    def build(foods: Sequence[Food]) -> FoodIndex:
        vocabulary: dict[str, int] = {}
        tokens: list[int] = []
        parts_of: list[int] = []
        length: list[int] = []
        heads: list[int] = []
        for food in foods:
            parts = [words(part) for part in food.name.split(",")]
            parts.extend(words(name) for name in (food.common_names or "").split(",") if name)
            heads.append(
                next(
                    (i for i, part in enumerate(parts) if part and not CATEGORIES.issuperset(part)),
                    0,
                )
            )
            part_of = dict[str, int]()
            for number, part in enumerate(parts):
                for word in part:
                    part_of.setdefault(word, number)
            said = list(part_of)[:MAX_WORDS]
            tokens += [vocabulary.setdefault(word, len(vocabulary)) for word in said]
            parts_of += list(part_of.values())[:MAX_WORDS]
            length.append(len(said))
        return _index(vocabulary, *map(np.array, (tokens, parts_of, length, heads)))

    def weight_of(self, word: str) -> float:
        """A word's idf; of one that no food says, as if one food did."""
        column = self.vocabulary.get(word)
        return math.log(len(self.tokens) + 1) if column is None else float(self.idf[column])

    def look_up(self, columns: Sequence[int | None], total: float) -> tuple[Floats, Marks]:
        """What every food's name says of a query; None is a word that no food says.

        Returns (foods,), the share of the query's weight *total*, 0 to 1, and (query words, foods),
        where each word stands.
        """
        share = np.zeros(len(self.tokens), np.float32)
        marks = np.zeros((len(columns), len(self.tokens)), np.uint16)
        for number, column in enumerate(columns):
            if column is not None:
                where = slice(self.bounds[column], self.bounds[column + 1])
                foods = self.foods[where]
                share[foods] += self.idf[column]
                marks[number][foods] = self.marks[where]
        if total > 0:
            share /= np.float32(total)
        return share, marks


def _index(
    vocabulary: dict[str, int],
    token: NDArray[np.int64],
    part: NDArray[np.int64],
    length: NDArray[np.int64],
    heads: NDArray[np.int64],
) -> FoodIndex:
    """token, part: (words of all names, food after food); length, heads: (foods,), how many words
    a food has, and which part of its name is the head."""
    count, pad = len(length), len(vocabulary)
    food = np.repeat(np.arange(count), length)
    place = np.arange(len(token)) - np.repeat(np.cumsum(length) - length, length)
    frequency = np.bincount(token, minlength=pad).astype(np.float64)
    idf = np.log((count - frequency + 0.5) / (frequency + 0.5) + 1)
    idf = np.append(idf, 0).astype(np.float32)
    ahead = part - heads[food]
    head, start = ahead == 0, (ahead == 0) | (ahead == 1)
    first = np.zeros(len(token), np.bool_)
    first[np.flatnonzero(head)[np.unique(food[head], return_index=True)[1]]] = True
    marks = (place + 2) | head * HEAD | start * START | first * FIRST | (part + 1) << PART_SHIFT
    tokens = np.full((count, int(length.max())), pad, np.int16)
    tokens[food, place] = token

    def summed(where: NDArray[np.bool_]) -> Floats:
        sums = np.bincount(food[where], idf[token[where]], count)
        return np.maximum(sums, 1e-6).astype(np.float32)

    by_word = np.argsort(token, kind="stable")
    return FoodIndex(
        vocabulary=vocabulary,
        idf=idf,
        bounds=(0, *np.cumsum(np.bincount(token, minlength=pad)).tolist()),
        foods=food[by_word],  # numpy's own type of place: others are copied for every query
        marks=marks[by_word].astype(np.uint16),
        tokens=tokens,
        length=length.astype(np.float32),
        weights=np.stack([summed(token >= 0), summed(head), summed(start)]),
    )
