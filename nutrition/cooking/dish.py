"""The weight of the finished dish, from its ingredients and the method, and the water left in it.

An estimate with its basis in words; a yield that the request states goes before it. Water is what a
dish loses or takes up, so its amount follows from the weight; no other nutrient does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nutrition.cooking.methods import Method
    from nutrition.cooking.pieces import Piece
    from nutrition.cooking.yields import Change

# What a dish loses of its weight, all of it water. Sources: the medians of USDA's FNDDS 2.0
# (moistureChange of foods of three and more ingredients): cakes, breads, casseroles and puddings
# 10, soups 13, stews 17, fried foods 20, steamed 7; toast 9. The others are assumed near the
# nearest of these.
LOSS = {
    "raw": 0.0,
    "baked": 0.10,
    "roasted": 0.10,
    "broiled": 0.15,
    "toasted": 0.09,
    "simmered": 0.13,
    "braised": 0.17,
    "steamed": 0.07,
    "sauteed": 0.10,
    "stir-fried": 0.10,
    "fried": 0.20,
    "deep-fried": 0.20,
    "air-fried": 0.15,
    "microwaved": 0.05,
    "pressure-cooked": 0.03,
    "flambeed": 0.0,
    "reheated": 0.05,
}
# Methods whose liquid stays in the dish: what leaves the meat is still there.
KEEPS_LIQUID = frozenset(
    {"simmered", "braised", "pressure-cooked", "steamed", "microwaved", "flambeed", "reheated"}
)
# Groups whose food of more than 85 % water is a cooking liquid: dairy, soups, beverages.
LIQUID_GROUPS = frozenset({"0100", "0600", "1400"})
LIQUID_FROM = 85.0
# Fat is no water to lose: oils and fats keep their weight.
FATS = "0400"


def weight(
    pieces: Sequence[Piece],
    grams: Sequence[float],
    changes: Sequence[Change],
    water: Sequence[float],
    method: Method | None,
) -> tuple[float, str]:
    """Weight of the dish in g, and how it was found.

    grams: of each piece, what is eaten of it. changes: what 1 g of it becomes. water: g per 100 g
    of its food, NaN where unknown.
    """
    total = math.fsum(grams)
    if method is None or method.name == "raw":
        return total, "sum of the ingredients"
    liquid = [
        piece.food.group_code in LIQUID_GROUPS and of_food >= LIQUID_FROM
        for piece, of_food in zip(pieces, water, strict=True)
    ]
    if method.name in KEEPS_LIQUID:
        return _with_its_liquid(total, grams, changes, liquid, method)
    loss, known = LOSS.get(method.name, 0.0), 0
    parts, drying, damp = [], [], []
    for piece, of_piece, change, of_food in zip(pieces, grams, changes, water, strict=True):
        if not math.isnan(change.weight):
            known += 1
            parts.append(of_piece * change.weight)
        elif piece.food.group_code == FATS:
            parts.append(of_piece)
        else:
            drying.append(of_piece)
            damp.append(of_piece * (1.0 if math.isnan(of_food) else of_food / 100))
    # No more water leaves than there is: sugar and nuts stay what they weigh.
    parts.append(math.fsum(drying) - min(loss * math.fsum(drying), math.fsum(damp)))
    # Milk or broth that stays in the dish is what dry ones take up first.
    parts.append(-min(_taken_up(grams, changes), _weight_of(grams, liquid)))
    basis = f"estimated, {method.name}: USDA's yields for {known} of {len(pieces)} ingredients"
    if loss and drying:
        basis += f", the others lose {loss:.0%} of their weight as water"
    return math.fsum(parts), basis


def water_left(
    grams: NDArray[np.float64], water: NDArray[np.float64], melted: float, weight: float
) -> float:
    """The water of a dish by that of its ingredients: above 1 where dry ones took some up.

    grams, water: (pieces,), what is eaten of each in g, and g of water in 100 g of it, NaN where
    unknown. melted: g of fat and alcohol that left. weight: of the dish, g. What is not water keeps
    its weight; the rest of the dish is water, at least none. 1 where there is no water to scale.
    """
    held = float(np.nansum(grams * water)) / 100
    if held <= 0:
        return 1.0
    return max(weight - (float(grams.sum()) - held - melted), 0.0) / held


def _taken_up(grams: Sequence[float], changes: Sequence[Change]) -> float:
    """Water that pieces take up, g: dry pasta, rice and beans."""
    return math.fsum(
        of_piece * (change.weight - 1)
        for of_piece, change in zip(grams, changes, strict=True)
        if change.weight > 1
    )


def _weight_of(grams: Sequence[float], which: Sequence[bool]) -> float:
    return math.fsum(of_piece for of_piece, is_one in zip(grams, which, strict=True) if is_one)


def _with_its_liquid(
    total: float,
    grams: Sequence[float],
    changes: Sequence[Change],
    liquid: Sequence[bool],
    method: Method,
) -> tuple[float, str]:
    needed, listed = _taken_up(grams, changes), _weight_of(grams, liquid)
    if needed > listed:
        return (
            total + needed - listed,
            f"estimated, {method.name}: the ingredients and {needed - listed:.0f} g of water that "
            "dry ones take up and the recipe does not list (SR28's water raw and cooked)",
        )
    loss = LOSS[method.name]
    # What dry ingredients soak up does not boil away.
    steam = loss * (total - needed)
    return total - steam, f"estimated, {method.name}: {loss:.0%} of the weight lost as steam"
