"""The weight of the finished dish, from its ingredients and the method.

An estimate with its basis in words; a yield that the request states goes before it. Nutrients never
follow from it: what cooking takes of them is retention, and water has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nutrition.cooking.methods import Method
    from nutrition.cooking.pieces import Piece
    from nutrition.cooking.yields import Change

# Water that a dish loses of its weight. Sources: the medians of USDA's FNDDS 2.0 (moistureChange of
# foods of three and more ingredients): cakes, breads, casseroles and puddings 10, soups 13, stews
# 17, fried foods 20, steamed 7; toast 9. The others are assumed near the nearest of these.
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
    loss = LOSS.get(method.name, 0.0)
    parts, known = [], 0
    for piece, of_piece, change, pours in zip(pieces, grams, changes, liquid, strict=True):
        if pours and method.drains:
            continue
        if not math.isnan(change.weight):
            known += 1
            parts.append(of_piece * change.weight)
        else:
            parts.append(of_piece * (1 if piece.food.group_code == FATS else 1 - loss))
    basis = f"estimated, {method.name}: USDA's yields for {known} of {len(pieces)} ingredients"
    if loss and known < len(pieces):
        basis += f", {loss:.0%} of water lost from the others"
    return math.fsum(parts), basis + (", liquids drained" if method.drains else "")


def _with_its_liquid(
    total: float,
    grams: Sequence[float],
    changes: Sequence[Change],
    liquid: Sequence[bool],
    method: Method,
) -> tuple[float, str]:
    needed = math.fsum(
        of_piece * (change.weight - 1)
        for of_piece, change in zip(grams, changes, strict=True)
        if change.weight > 1
    )
    listed = math.fsum(of_piece for of_piece, is_one in zip(grams, liquid, strict=True) if is_one)
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
