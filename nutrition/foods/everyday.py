"""Everyday names found inside what a cook wrote: all of it, or a part.

A name is a set of words, so that "tomatoes, canned" is "canned tomatoes". Filed under its two
rarest words: few names are looked at for a query. Built once; read-only afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nutrition.foods.features import Asked
from nutrition.foods.names import word_set

# Words that change nothing of an everyday name: "sliced leek", "fresh mint leaves" are leek, mint.
SOFT = word_set(
    """raw whole half sliced slice strip wedge spear floret leaf segment ring fully pitted stoned
    unwaxed deveined"""
)


@dataclass(frozen=True, slots=True)
class Inside:
    """An everyday name inside a query.

    share: of the query's weight, above 0 to 1. exact: it is the query. whole: the query says no
    more than that but `SOFT` words. last: it has the query's last word.
    """

    share: float
    exact: bool
    whole: bool
    last: bool


@dataclass(slots=True)
class EverydayNames:
    """Everyday names by their two rarest words, with the rows of the foods they stand for.

    Under the rarest word, then the next ("" of a name of one word): the other words, and the row.
    """

    weight: Callable[[str], float]
    _filed: dict[str, dict[str, list[tuple[tuple[str, ...], int]]]] = field(default_factory=dict)

    def add(self, row: int, words: Sequence[str]) -> None:
        """File *words* as a name of the food *row*; a name without words is left out."""
        if words:
            rarest, *others = sorted(
                set(words), key=lambda word: (self.weight(word), word), reverse=True
            )
            second, others = (others[0], others[1:]) if others else ("", [])
            names = self._filed.setdefault(rarest, {}).setdefault(second, [])
            names.append((tuple(others), row))

    def inside(self, asked: Asked) -> dict[int, Inside]:
        """By row, the heaviest everyday name of each food that the query says in full."""
        words = frozenset(asked.words)
        weight_of = list(zip(asked.words, asked.weights, strict=True))
        found: dict[int, Inside] = {}
        for rarest in asked.words:
            filed = self._filed.get(rarest)
            if filed is None:
                continue
            for second in ("", *asked.words):
                for others, row in filed.get(second, ()):
                    if words.issuperset(others):
                        name = {rarest, second, *others} - {""}
                        # In the query's order: a set's differs from process to process.
                        said = sum(weight for word, weight in weight_of if word in name)
                        share = said / asked.weight
                        known = found.get(row)
                        if known is None or share > known.share:
                            found[row] = Inside(
                                share, name == words, words - name <= SOFT, asked.words[-1] in name
                            )
        return found
