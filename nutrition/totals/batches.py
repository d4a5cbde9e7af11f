"""Adding up many meals at once: `sums.totals`, row by row, hundreds of thousands a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nutrition.totals.sums import Floats, Indices, Totals, check_weights
from nutrition.totals.table import Cooking, Singles, Table, products

# Coverage of many meals is reckoned in 32 bits, which count to 2**24, in so many parts of a meal's
# weight: sums of whole numbers are exact, so "nothing" and "all" are. Rounding up may double them.
PARTS = 2**23


def totals_of_meals(
    grams: Floats,
    foods: Indices,
    meal: Indices,
    meals: int,
    per_100g: NDArray[np.floating] | Table,
    cooking: Cooking | None = None,
) -> Totals:
    """Add up every nutrient over each of many meals at once: `totals`, row by row.

    grams, foods, meal: (lines,), the weight of each line in g, its row in the table and the meal it
    belongs to, 0 to meals - 1, in any order. per_100g: a `Table` made once, or (foods, nutrients)
    with NaN, of which the rows that occur are made one here. Returns (meals, nutrients): amounts in
    64 bits, coverage within 1e-6 (of meals of 10 lines), 0 and 1 exact. A meal without lines is
    like one that weighs nothing. Raises ValueError for weights or meals that make no sense.
    """
    grams = np.asarray(grams, dtype=np.float64)
    check_weights(grams, len(foods))
    if len(meal) and (meal.min() < 0 or meal.max() >= meals):
        raise ValueError(f"a line belongs to a meal outside 0 to {meals - 1}")
    if not isinstance(per_100g, Table):
        present, foods = np.unique(foods, return_inverse=True)
        per_100g = Table.of(per_100g[present])
    # Meals of as many lines stand together: a product of matrices takes a block of them.
    counts = np.bincount(meal, minlength=meals)
    ranked = np.argsort(counts, kind="stable")
    rank = np.empty_like(ranked)
    rank[ranked] = np.arange(meals)
    order = np.argsort(rank[meal], kind="stable")
    parts, wholes = _parts(grams, meal, meals)
    amounts, coverage = products(
        counts[ranked],
        grams[order] / 100,
        parts[order],
        np.maximum(wholes, 1)[ranked],
        foods[order],
        per_100g,
        None if cooking is None else Cooking(cooking.factors, cooking.rows[order]),
    )
    if (ranked[1:] < ranked[:-1]).any():
        amounts, coverage = amounts[rank], coverage[rank]
    return Totals(amounts, coverage)


def _parts(grams: Floats, meal: Indices, meals: int) -> tuple[Singles, Singles]:
    """Weights as whole numbers of parts of their meal, (lines,), and their sums, (meals,)."""
    weight = np.bincount(meal, grams, meals)[meal]
    shares = np.divide(grams, weight, out=np.zeros_like(grams), where=weight > 0)
    # Rounded up: what weighs anything is a part at least, and keeps the rest from being all.
    parts = np.ceil(shares * PARTS)
    return parts.astype(np.float32), np.bincount(meal, parts, meals).astype(np.float32)
