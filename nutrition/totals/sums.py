"""Adding up a meal: what is known, how much of the meal that covers, and which foods are silent.

Unknown is not zero. A table of foods holds NaN where a food was never analysed for a nutrient; such
a food adds nothing to the amount and lowers the coverage, so that no reader takes a part for the
whole. Pure functions over whole arrays. `batches` adds up many meals at once, by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Totals:
    """The known part of a meal, or of many.

    amounts: (nutrients,) or (meals, nutrients), in each nutrient's unit; NaN where nothing is
    known. coverage: the same shape, the share of the weight that was analysed, 0 to 1.
    """

    amounts: Floats
    coverage: Floats


def totals(grams: Floats, per_100g: NDArray[np.floating], factors: Floats | None = None) -> Totals:
    """Add up every nutrient over the foods of one meal.

    grams: (foods,) in g, finite, none negative. per_100g: (foods, nutrients), NaN where a food was
    never analysed. factors: (foods, nutrients), what cooking leaves of each, 0 to 1; all of it by
    default. An amount is NaN where no weight of the meal was analysed; a meal that weighs nothing
    has coverage 0 throughout. Raises ValueError for weights that make no sense.
    """
    grams = np.asarray(grams, dtype=np.float64)
    check_weights(grams, len(per_100g))
    known = ~np.isnan(per_100g)
    held = np.where(known, per_100g, 0.0)
    amounts = grams @ (held if factors is None else held * factors) / 100
    analysed = grams @ known.astype(np.float64)
    share = np.divide(analysed, grams.sum(), out=np.zeros_like(analysed), where=analysed > 0)
    # Two sums of the same weights in another order differ in their last bits: whether the whole
    # was analysed is asked of the foods.
    share[(known | (grams <= 0)[:, np.newaxis]).all(axis=0) & (analysed > 0)] = 1.0
    return Totals(amounts=np.where(analysed > 0, amounts, np.nan), coverage=share)


def coverage(weight_share: Floats, resolved: int, lines: int) -> Floats:
    """Coverage of a whole recipe, of which some lines could not be turned into food and grams.

    weight_share: coverage of the resolved lines by weight. resolved, lines: food lines with food
    and grams, and food lines in all (headings and other ignored lines count as neither). The
    weight of an unresolved line is unknown, so lines stand for it: a recipe with half its lines
    understood is covered by half at best. 0 when there are no lines.
    """
    if not 0 <= resolved <= lines:
        raise ValueError(f"{resolved} resolved of {lines} lines: more resolved than there are")
    return np.asarray(weight_share, dtype=np.float64) * (resolved / lines if lines else 0.0)


def missing(per_100g: NDArray[np.floating], foods: Sequence[int]) -> list[list[int]]:
    """Of *foods*, which stand for the rows, those that lack a value, for each nutrient."""
    return [list(compress(foods, unknown)) for unknown in np.isnan(per_100g).T.tolist()]


def check_weights(grams: Floats, length: int) -> None:
    """Raise ValueError unless there are *length* weights, each finite and not negative."""
    if len(grams) != length:
        raise ValueError(f"{len(grams)} weights for {length} foods: one weight a food is needed")
    if not np.all((grams >= 0) & np.isfinite(grams)):
        raise ValueError("every weight must be a finite number of grams, 0 or more")
