"""What stays of a can or jar when its liquid is poured off.

The shares are SR28's drained contents over its total contents of the same can: chickpeas 253 of
448 g, kidney beans 266 of 436, pinto beans 277 of 442, green beans 262 of 423, corn 298 of 482,
peas 313 of 482, carrots 284 of 454, asparagus 248 of 411, pink salmon 315 of 411, tuna 315 of
12.5 oz. Others by their kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nutrition.foods.names import words
from nutrition.grams.rows import DAIRY, FISH, FRUITS, LEGUMES, MEATS, VEGETABLES

if TYPE_CHECKING:
    from nutrition.catalogue import Food

IN_CONTAINER = re.compile(r"\b(?:can|tin|jar|bottle)(?:s|ned)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Share:
    """*kept* of the contents is solid: of foods with *word*, or of a group of foods."""

    word: str
    kept: float
    kinds: frozenset[str] | None = None


SHARES: tuple[Share, ...] = (
    Share("chickpea", 0.57),
    Share("kidney", 0.61),
    Share("bean snap", 0.61),
    Share("bean", 0.61, LEGUMES),
    Share("", 0.61, LEGUMES),
    Share("corn", 0.62),
    Share("pea", 0.65, VEGETABLES),
    Share("carrot", 0.63),
    Share("asparagus", 0.60),
    Share("tomato", 0.65),  # diced tomatoes: USDA's standard of fill, half the water capacity, up
    Share("olive", 0.55),
    Share("pineapple", 0.68),
    Share("tuna", 0.85),
    Share("salmon", 0.77),
    Share("", 0.80, FISH | MEATS),
    Share("mozzarella", 0.55, DAIRY),
    Share("", 0.62, VEGETABLES),
    Share("", 0.65, FRUITS),
)


def share(food: Food, said: frozenset[str]) -> Share | None:
    """What stays of *food* when it is drained; None where nobody pours anything off."""
    named = said | frozenset(words(food.name)) | frozenset(words(food.common_names))
    for entry in SHARES:
        fits = entry.kinds is None or food.group_code in entry.kinds
        if fits and frozenset(entry.word.split()) <= named:
            return entry
    return None


def always(food: Food) -> bool:
    """Nobody keeps its liquid, and SR28's figures are of the solids alone: tuna, anchovies."""
    return food.group_code in FISH and "drained solids" in food.name
