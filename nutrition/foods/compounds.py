"""Words written as SR28 writes them: "egg nog" is its "eggnog", "beansprouts" its two words."""

from __future__ import annotations

from collections.abc import Sequence

from nutrition.foods.index import FoodIndex

# Halves of a word written as one ("beansprouts") are no shorter; the first of two written apart may
# have one letter less.
LEAST_HALF = 3


def compounds(words: Sequence[str], index: FoodIndex) -> list[str]:
    """*words*, each once: neighbours joined, and words parted, where SR28 knows them so."""
    vocabulary, found = index.vocabulary, list[str]()
    for word in words:
        if found and len(found[-1]) >= LEAST_HALF - 1 and found[-1] + word in vocabulary:
            found[-1] += word
        elif word in vocabulary:
            found.append(word)
        else:
            found.extend(_halves(word, index))
    return list(dict.fromkeys(found))


def _halves(word: str, index: FoodIndex) -> tuple[str, ...]:
    """*word* as two words of the vocabulary, the commonest pair; as it is where none is."""
    vocabulary = index.vocabulary
    pairs = [
        (word[:cut], word[cut:])
        for cut in range(LEAST_HALF, len(word) - LEAST_HALF + 1)
        if word[:cut] in vocabulary and word[cut:] in vocabulary
    ]
    if not pairs:
        return (word,)
    return min(pairs, key=lambda pair: sum(map(index.weight_of, pair)))
