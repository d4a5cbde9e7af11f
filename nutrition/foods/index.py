"""A small inverted index over the catalogue's food names, in plain numpy.

Built once at load. Every array is read-only afterwards, so threads and forks share it.
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

# What SR28 puts before the food to say its kind ("Nuts, almonds"): not the food's head.
CATEGORIES = word_set(
    """spice nut seed candy beverage alcoholic fish crustacean mollusk leavening agent oil snack
    cereal babyfood vegetable game restaurant fast food"""
)
# The longest SR28 name has 41 words; what stands after the 32nd does not tell foods apart.
MAX_WORDS = 32


@dataclass(frozen=True, slots=True)
class FoodIndex:
    """Words of every food.

    vocabulary: word → column. idf: (words,). postings: per word, the foods that say it.
    tokens: (foods, MAX_WORDS), a food's words in order, each once, padded with `pad`.
    segment: (foods, MAX_WORDS), which comma-separated part of the name a word stands in.
    head: (foods, MAX_WORDS) bool, the words that name the food: its first part that is no category.
    start: the same of the head and the part that follows; first: the head's first word.
    early: 1 / (1 + segment). weight, head_weight, start_weight: (foods,), summed idf, above 0.
    """

    vocabulary: dict[str, int]
    idf: Floats
    postings: tuple[Ints, ...]
    tokens: Ints
    segment: Ints
    head: NDArray[np.bool_]
    start: NDArray[np.bool_]
    first: NDArray[np.bool_]
    early: Floats
    length: Floats
    weight: Floats
    head_weight: Floats
    start_weight: Floats

    @property
    def pad(self) -> int:
        return len(self.vocabulary)

    @staticmethod
    def build(foods: Sequence[Food]) -> FoodIndex:
        vocabulary: dict[str, int] = {}
        postings: list[list[int]] = []
        shape = (len(foods), MAX_WORDS)
        tokens, segment = np.full(shape, -1, np.int32), np.zeros(shape, np.int32)
        head, start = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
        for row, food in enumerate(foods):
            parts = [words(part) for part in food.name.split(",")]
            parts.extend(words(name) for name in (food.common_names or "").split(",") if name)
            head_part = next(
                (i for i, part in enumerate(parts) if part and not set(part) <= CATEGORIES), 0
            )
            seen: set[str] = set()
            for number, part in enumerate(parts):
                for word in part:
                    if word in seen or len(seen) == MAX_WORDS:
                        continue
                    column = vocabulary.setdefault(word, len(vocabulary))
                    if column == len(postings):
                        postings.append([])
                    postings[column].append(row)
                    tokens[row, len(seen)] = column
                    segment[row, len(seen)] = number
                    head[row, len(seen)] = number == head_part
                    start[row, len(seen)] = number in (head_part, head_part + 1)
                    seen.add(word)
        frequency = np.array([len(rows) for rows in postings], np.float64)
        count = len(foods)
        idf = np.log((count - frequency + 0.5) / (frequency + 0.5) + 1)
        tokens[tokens < 0] = len(vocabulary)
        # The padding word weighs nothing.
        idf = np.append(idf, 0).astype(np.float32)
        weights = idf[tokens]
        first = head & (np.cumsum(head, axis=1) == 1)

        def summed(where: NDArray[np.bool_]) -> Floats:
            sums = (weights * where).sum(axis=1)
            return np.asarray(np.maximum(sums, 1e-6), np.float32)

        return FoodIndex(
            vocabulary=vocabulary,
            idf=idf,
            postings=tuple(np.array(rows, np.int32) for rows in postings),
            tokens=tokens,
            segment=segment,
            head=head,
            start=start,
            first=first,
            early=(1 / (1 + segment)).astype(np.float32),
            length=(tokens < len(vocabulary)).sum(axis=1).astype(np.float32),
            weight=summed(tokens < len(vocabulary)),
            head_weight=summed(head),
            start_weight=summed(start),
        )

    def unknown_idf(self) -> float:
        """The weight of a word that no food says: as if one food did."""
        return math.log(len(self.tokens) + 1)

    def coverage(self, columns: Sequence[int], total: float) -> Floats:
        """(foods,): the share of the query's weight, 0 to 1, that each food's name says."""
        scores = np.zeros(len(self.tokens), np.float32)
        for column in columns:
            scores[self.postings[column]] += self.idf[column]
        return scores / np.float32(total) if total > 0 else scores
