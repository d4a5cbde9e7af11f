"""Adding up a meal: what is known, how much of the meal that covers, and which foods are silent.

Unknown is not zero. A table of foods holds NaN where a food was never analysed for a nutrient; such
a food adds nothing to the amount and lowers the coverage, so that no reader takes a part for the
whole. Pure functions over whole arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# Rows of a batch that are spread over a dense meals x foods matrix at once: it bounds that matrix
# to some 8 MB, whatever the size of the batch.
CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Totals:
    """The known part of a meal, or of many.

    amounts: (nutrients,) or (meals, nutrients), in each nutrient's unit; NaN where nothing is
    known. coverage: the same shape, the share of the weight that was analysed, 0 to 1.
    """

    amounts: Floats
    coverage: Floats


def totals(grams: Floats, per_100g: NDArray[np.floating]) -> Totals:
    """Add up every nutrient over the foods of one meal.

    grams: (foods,) in g, finite, none negative. per_100g: (foods, nutrients), NaN where a food was
    never analysed. An amount is NaN where no weight of the meal was analysed; a meal that weighs
    nothing has coverage 0 throughout.
    """
    grams = np.asarray(grams, dtype=np.float64)
    _check(grams, len(per_100g))
    known = ~np.isnan(per_100g)
    return _shares(
        grams @ np.where(known, per_100g, 0.0) / 100,
        grams @ known.astype(np.float64),
        grams.sum(),
    )


def totals_of_meals(
    grams: Floats,
    foods: Indices,
    meal: Indices,
    meals: int,
    per_100g: NDArray[np.floating],
) -> Totals:
    """Add up every nutrient over each of many meals at once: `totals`, row by row.

    grams, foods, meal: (lines,), the weight of each line in g, its row in the table and the meal it
    belongs to, 0 to meals - 1, in any order. per_100g: the whole table, (foods, nutrients), which
    may be memory-mapped: only the rows of foods that occur are read. Returns (meals, nutrients). A
    meal without lines is like one that weighs nothing.
    """
    grams = np.asarray(grams, dtype=np.float64)
    _check(grams, len(foods))
    if len(meal) and (meal.min() < 0 or meal.max() >= meals):
        raise ValueError(f"a line belongs to a meal outside 0 to {meals - 1}")
    present, column = np.unique(foods, return_inverse=True)
    rows = per_100g[present]
    known = ~np.isnan(rows)
    # Values and "was analysed" side by side: one product of matrices gives both sums.
    both = np.concatenate((np.where(known, rows, 0.0) / 100, known), axis=1, dtype=np.float64)
    sums = np.empty((meals, both.shape[1]))
    order = np.argsort(meal, kind="stable")
    step = max(1, CELLS_AT_ONCE // max(1, len(present)))
    bounds = np.searchsorted(meal[order], np.arange(0, meals + step, step))
    for start, first, last in zip(range(0, meals, step), bounds[:-1], bounds[1:], strict=False):
        stop = min(start + step, meals)
        lines = order[first:last]
        cells = (meal[lines] - start) * len(present) + column[lines]
        weights = np.bincount(cells, grams[lines], minlength=(stop - start) * len(present))
        np.matmul(weights.reshape(stop - start, len(present)), both, out=sums[start:stop])
    weight = np.zeros(meals)
    np.add.at(weight, meal, grams)
    amounts, analysed = np.split(sums, 2, axis=1)
    return _shares(amounts, analysed, weight[:, np.newaxis])


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


def missing(per_100g: NDArray[np.floating], columns: Iterable[int] | None = None) -> list[Indices]:
    """The foods that lack a value, for each nutrient: indices into the rows, in their order.

    columns: the nutrients asked about; all by default.
    """
    unknown = np.isnan(per_100g if columns is None else per_100g[:, list(columns)])
    return [np.flatnonzero(column) for column in unknown.T]


def _shares(sums: Floats, analysed: Floats, weight: Floats | np.float64) -> Totals:
    share = np.divide(analysed, weight, out=np.zeros_like(analysed), where=analysed > 0)
    # Two sums of the same weights in another order differ in their last bits. The lightest line
    # (amounts.LEAST_GRAMS) of the heaviest recipe is still a larger share than this.
    share = np.where(share > 1 - 1e-13, 1.0, share)
    return Totals(amounts=np.where(analysed > 0, sums, np.nan), coverage=share)


def _check(grams: Floats, length: int) -> None:
    if len(grams) != length:
        raise ValueError(f"{len(grams)} weights for {length} foods: one weight a food is needed")
    if not np.all((grams >= 0) & np.isfinite(grams)):
        raise ValueError("every weight must be a finite number of grams, 0 or more")
