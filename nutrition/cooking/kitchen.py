"""A recipe through the kitchen: what is thrown away, what heat destroys, what the dish weighs.

kitchen = Kitchen(catalogue, retention.load(...), yields.load_meat(...))
kitchen.cook(pieces, methods.find("boiled"), title="Potato soup")
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nutrition.cooking import choose, discard, dish, retention, yields
from nutrition.cooking.families import family
from nutrition.cooking.pieces import UNTOUCHED, Cooked, Effect, Piece

if TYPE_CHECKING:
    from nutrition.catalogue import Catalogue, Food
    from nutrition.cooking.methods import Method

# Energy of alcohol and of meat fat, kcal per g (USDA Agriculture Handbook 74).
ALCOHOL_KCAL = 6.93
FAT_KCAL = 9.02
# Fat and what it is made of or carries (USDA's nutrient numbers): fat, fatty acids, trans fats;
# vitamins A, D, E and K with carotenoids. Cholesterol sits in the lean as well and stays.
FAT_SOLUBLE = frozenset(
    {204, *range(606, 632), *range(645, 698), *range(851, 860), 605}
    | {*range(318, 327), 328, 334, 337, 338, 573, *range(341, 348), 428, 429, 430}
)
# Foods times methods that stay worked out.
REMEMBERED = 4_096


class Kitchen:
    """Cooks recipes over one catalogue. Read-only but for a bounded memory; threads share it."""

    def __init__(
        self,
        catalogue: Catalogue,
        factors: retention.Retention,
        meat: Sequence[yields.MeatYield],
    ) -> None:
        self.retention = factors
        self._catalogue = catalogue
        self._yields = yields.Yields(meat, catalogue)
        column = catalogue.column
        self._fat, self._water, self._alcohol = column["FAT"], column["WATER"], column["ALC"]
        self._energy = [column["ENERC_KCAL"], column["ENERC_KJ"]]
        self._fat_soluble = np.array([n.number in FAT_SOLUBLE for n in catalogue.nutrients])
        self._known = lru_cache(maxsize=REMEMBERED)(self._of)

    def cook(
        self,
        pieces: Sequence[Piece],
        method: Method | None,
        title: str = "",
        resolved: float = 1.0,
    ) -> Cooked:
        """What becomes of each piece, and what the dish weighs.

        method: None where the request names none: then nothing is taken as lost to heat, only what
        is thrown away. resolved: share of the recipe's food lines that are among the pieces.
        """
        per_100g = self._catalogue.per_100g
        roles = [discard.role(one, float(per_100g[one.food.index, self._fat])) for one in pieces]
        kept = discard.kept(pieces, roles, title, resolved)
        if method is not None and method.drains:
            kept = discard.drained(pieces, kept, method.name)
        if method is None:
            effects = [
                UNTOUCHED if one == discard.ALL else Effect(one[0], 0, "", one[1]) for one in kept
            ]
            changes = [yields.UNKNOWN] * len(pieces)
            water = [0.0] * len(pieces)
        else:
            known = [self._known(piece.food, method) for piece in pieces]
            effects = [
                effect if one == discard.ALL else replace(effect, kept=one[0], assumption=one[1])
                for (effect, _), one in zip(known, kept, strict=True)
            ]
            changes = [change for _, change in known]
            water = [float(per_100g[piece.food.index, self._water]) for piece in pieces]
        grams = [piece.grams * share for piece, (share, _) in zip(pieces, kept, strict=True)]
        weight, basis = dish.weight(pieces, grams, changes, water, method)
        return Cooked(tuple(effects), weight, basis)

    def factors(
        self, pieces: Sequence[Piece], cooked: Cooked, weight: float | None = None
    ) -> NDArray[np.float64] | None:
        """What is left of each piece's nutrients, (pieces, nutrients); None where all is.

        An amount is grams / 100 x kept x per_100g x factor. Energy follows the alcohol that
        evaporates and the fat that melts out. Water is what the weight of the dish leaves for it,
        alike for every piece, and may be more than 1 (see `dish.water_left`). weight: of the dish,
        g, where another is stated than was estimated.
        """
        effects = cooked.effects
        weight = cooked.yield_grams if weight is None else weight
        grams = np.array([p.grams * one.kept for p, one in zip(pieces, effects, strict=True)])
        if all(one.retention == 0 and one.fat_kept == 1.0 for one in effects) and math.isclose(
            weight, grams.sum(), rel_tol=1e-9
        ):
            return None
        fat_kept = np.array([one.fat_kept for one in effects])
        rows = self.retention.factors[[one.retention for one in effects]]
        rows = np.where(self._fat_soluble, rows * fat_kept[:, np.newaxis], rows)
        foods = self._catalogue.per_100g[[piece.food.index for piece in pieces]]
        of_fat = np.array([piece.food.fat_factor or FAT_KCAL for piece in pieces])
        alcohol = np.nan_to_num(foods[:, self._alcohol] * (1 - rows[:, self._alcohol]))
        fat = np.nan_to_num(foods[:, self._fat] * (1 - fat_kept))
        lost, energy = alcohol * ALCOHOL_KCAL + fat * of_fat, foods[:, self._energy[0]]
        share = np.divide(lost, energy, out=np.zeros_like(lost), where=energy > 0)
        rows[:, self._energy] = np.clip(1 - share, 0.0, 1.0)[:, np.newaxis]
        melted = float(grams @ (alcohol + fat)) / 100
        rows[:, self._water] = dish.water_left(grams, foods[:, self._water], melted, weight)
        return rows

    def _of(self, food: Food, method: Method) -> tuple[Effect, yields.Change]:
        fat = float(self._catalogue.per_100g[food.index, self._fat])
        kind = family(food, fat)
        row = self.retention.row_of.get(choose.code(food, method, fat), 0)
        change = (
            yields.UNKNOWN if method.name == "raw" else self._yields.of(food, kind, method.name)
        )
        basis = self.retention.basis(row)
        if row and method.note:
            basis += f" ({method.note})"
        if method.renders:
            if change.fat_kept < 1:
                basis = "; ".join(filter(None, (basis, f"fat melts out: {change.basis}")))
            return Effect(1.0, row, basis, "", change.fat_kept), change
        # What melts out stays in the dish, and so in its weight.
        melted = (1 - change.fat_kept) * fat / 100 if change.fat_kept < 1 else 0.0
        return Effect(1.0, row, basis), replace(change, weight=change.weight + melted, fat_kept=1.0)


def load(folder: Path, catalogue: Catalogue) -> Kitchen:
    """A kitchen from `data/cooking/`. Raises MissingData where a table is absent or damaged."""
    return Kitchen(
        catalogue,
        retention.load(folder / "retention_r6.csv", catalogue.nutrients),
        yields.load_meat(folder / "yields_meat_r2.csv"),
    )
