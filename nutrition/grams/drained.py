"""What stays of a can or jar when its liquid is poured off.

SR28 weighed the same cans full and drained: chickpeas 448 and 253 g, kidney beans 436 and 266,
pinto beans 442 and 277, green beans 423 and 262, corn 482 and 298, peas 482 and 313, carrots 454
and 284, asparagus 411 and 248, pink salmon 411 and 315, tuna 12.5 oz and 315 g. Fruits as they are
usually filled.

The figures of a food "drained solids" are of what stays. Those of "solids and liquids" are not:
of beans the solids, 0.61 of the weight, hold 0.9 of the energy. So such a food is best replaced by
its drained twin; where SR28 has none, as much of the whole can is taken as holds that energy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nutrition.foods.names import word_set, words
from nutrition.grams.rows import DAIRY, FISH, FRUITS, LEGUMES, MEATS, VEGETABLES

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food

IN_CONTAINER = re.compile(r"\b(?:can|tin|jar|bottle)(?:s|ned)?\b", re.IGNORECASE)
# Words of SR28's names that tell how a can is filled, not with what.
FILLING = word_set(
    """canned drained solid and liquid pack regular brine total can content unprepared mature seed
    includes baby lesuer type rinsed in tap with raw without skin whole kernel"""
)
# Words that make it another food: twins agree in them.
TELLING = word_set(
    """unsalted lowsodium water syrup heavy extra light juice oil sauce pickled cream style harvard
    smoked seasoned vacuum spiced sweetened unsweetened bone boneless"""
)


@dataclass(frozen=True, slots=True)
class Share:
    """*kept* of the contents' weight is solid and *held* of their energy is in it.

    Of foods with *word*, of the *kinds* (None for any).
    """

    word: str
    kept: float
    held: float
    kinds: frozenset[str] | None = None


# The energy: SR28's figures of the two twins, kcal per 100 g, times their weights.
SHARES: tuple[Share, ...] = (
    Share("chickpea", 0.57, 0.89),
    Share("kidney", 0.61, 0.93),
    Share("bean snap", 0.61, 0.85),
    Share("", 0.61, 0.90, LEGUMES),
    Share("corn", 0.62, 0.68),
    Share("pea", 0.65, 0.76, VEGETABLES),
    Share("carrot", 0.63, 0.68),
    Share("asparagus", 0.60, 0.76),
    Share("tomato", 0.65, 0.75),
    Share("olive", 0.55, 0.55),
    Share("", 0.62, 0.72, VEGETABLES),
    # Sugar is in the juice as in the fruit.
    Share("pineapple", 0.68, 0.68),
    Share("", 0.65, 0.65, FRUITS),
    Share("tuna", 0.85, 0.85),
    Share("salmon", 0.77, 0.77),
    Share("", 0.80, 0.90, FISH | MEATS),
    Share("mozzarella", 0.55, 0.55, DAIRY),
)


class Twins:
    """For foods with their liquid, SR28's food of the solids alone. Built once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._drained: dict[str, list[tuple[frozenset[str], Food]]] = {}
        for food in catalogue.foods:
            if "canned" in food.name and "drained" in food.name:
                self._drained.setdefault(_head(food), []).append((_core(food), food))

    def of(self, food: Food) -> Food | None:
        """The twin that differs in fewest words; None for a food that has none, or needs none."""
        if "drained" in food.name or "canned" not in food.name or food.name.endswith("liquid"):
            return None
        own = _core(food)
        twins = [
            (len(own ^ theirs), "rinsed" in twin.name, twin.index, twin)
            for theirs, twin in self._drained.get(_head(food), ())
            if (theirs <= own or own <= theirs) and not (own ^ theirs) & TELLING
        ]
        return min(twins)[3] if twins else None


def share(food: Food, said: frozenset[str]) -> Share | None:
    """What stays of *food* when it is drained; None where nobody pours anything off."""
    named = said | frozenset(words(food.name)) | frozenset(words(food.common_names))
    for entry in SHARES:
        fits = entry.kinds is None or food.group_code in entry.kinds
        if fits and frozenset(entry.word.split()) <= named:
            return entry
    return None


def of_solids(food: Food) -> bool:
    """The food is a canned one, and its figures are those of the solids alone."""
    return "drained" in food.name and "canned" in food.name


def always(food: Food) -> bool:
    """Nobody keeps its liquid: tuna, anchovies."""
    return food.group_code in FISH and "drained solids" in food.name


def _head(food: Food) -> str:
    return food.name.split(",", 1)[0]


def _core(food: Food) -> frozenset[str]:
    return frozenset(words(food.name)) - FILLING
