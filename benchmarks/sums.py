"""What sums cost: recipes a second on one core, ours beside other ways to reckon them.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.sums [--recipes 1000] [--lines 10] [--json]

All over the 150 nutrients of the catalogue, in turns, by CPU time, the median of the rounds; ratios
of one run compare, figures of different machines or hours do not. `popular` draws foods as recipes
do (600 foods, by Zipf's law), `uniform` from the whole catalogue, which no cache holds. With scipy
installed (it is no dependency) its sparse product stands beside.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nutrition import catalogue, unpacking
from nutrition.totals.batches import totals_of_meals
from nutrition.totals.sums import Floats, Indices, totals
from nutrition.totals.table import Table

REPOSITORY = Path(__file__).parents[1]
POPULAR = 600
REPEATS = 5


def ways(
    grams: Floats, foods: Indices, recipes: int, per_100g: Floats, table: Table
) -> dict[str, Callable[[], object]]:
    """Each way to sum *recipes* of as many lines each; grams, foods: (lines,)."""
    lines = len(grams) // recipes
    meal = np.repeat(np.arange(recipes), lines)
    dice = np.random.default_rng(3)
    uneven = np.sort(dice.integers(0, recipes, len(grams)))
    weights = (grams / 100).reshape(recipes, 1, lines)
    filled = np.nan_to_num(per_100g)
    filled32 = filled.astype(np.float32)
    fetched = filled[foods].reshape(recipes, lines, -1)
    split = foods.reshape(recipes, lines), grams.reshape(recipes, lines)

    def fetch_and_multiply() -> NDArray[np.float64]:
        return weights @ filled[foods].reshape(recipes, lines, -1)

    def in_32_bits() -> NDArray[np.float32]:
        rows = filled32[foods].reshape(recipes, lines, -1)
        return weights.astype(np.float32) @ rows

    def dense() -> Floats:
        present, column = np.unique(foods, return_inverse=True)
        cells = np.bincount(meal * len(present) + column, grams, recipes * len(present))
        known = ~np.isnan(per_100g[present])
        both = np.concatenate((filled[present], known), axis=1)
        return np.asarray(cells.reshape(recipes, -1) @ both)

    def one_by_one() -> list[object]:
        return [totals(one, per_100g[row]) for row, one in zip(*split, strict=True)]

    return {
        "ours, amounts and coverage": lambda: totals_of_meals(grams, foods, meal, recipes, table),
        "ours, recipes of uneven length": lambda: totals_of_meals(
            grams, foods, uneven, recipes, table
        ),
        "ours, no table made before": lambda: totals_of_meals(
            grams, foods, meal, recipes, per_100g
        ),
        "fetch at once, multiply: amounts alone": fetch_and_multiply,
        "the same in 32 bits": in_32_bits,
        "products alone, rows fetched before": lambda: weights @ fetched,
        "recipes x foods, dense": dense,
        "one recipe at a time": one_by_one,
    } | sparse_ways(grams, foods, recipes, filled, per_100g)


def sparse_ways(
    grams: Floats, foods: Indices, recipes: int, filled: Floats, per_100g: Floats
) -> dict[str, Callable[[], object]]:
    """The sparse product of scipy, where that is installed; it is no dependency of ours."""
    try:
        from scipy import sparse
    except ImportError:
        return {}
    known = (~np.isnan(per_100g)).astype(np.float32)
    first = np.arange(0, len(foods) + 1, len(foods) // recipes)
    shape = (recipes, len(filled))
    whole = np.repeat(grams.reshape(recipes, -1).sum(axis=1), len(foods) // recipes)

    def amounts() -> object:
        return sparse.csr_matrix((grams / 100, foods, first), shape=shape) @ filled

    def coverage() -> object:
        shares = (grams / whole).astype(np.float32)
        return sparse.csr_matrix((shares, foods, first), shape=shape) @ known

    return {
        "scipy, amounts alone": amounts,
        "scipy, amounts and coverage": lambda: (amounts(), coverage()),
    }


def per_second(found: dict[str, Callable[[], object]], recipes: int, rounds: int) -> dict[str, int]:
    """Recipes a second by each way, taken in turns so that a noisy minute hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, way in found.items():
            way()  # what others left in the caches is not its doing
            start = time.thread_time()
            for _ in range(REPEATS):
                way()
            seconds[name].append((time.thread_time() - start) / REPEATS)
    return {name: round(recipes / float(np.median(taken))) for name, taken in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--work", type=Path, default=REPOSITORY / "var" / "nutrition")
    parser.add_argument("--recipes", type=int, default=1_000)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    unpacked = unpacking.unpack(REPOSITORY / "data" / "sr28.npz", options.work)
    per_100g = np.array(catalogue.load(unpacked).per_100g)
    table = Table.of(per_100g)
    dice = np.random.default_rng(1)
    many = options.recipes * options.lines
    grams = dice.uniform(1, 500, many)
    chances = 1 / np.arange(1, POPULAR + 1)
    drawn = {
        "popular": dice.permutation(len(per_100g))[
            dice.choice(POPULAR, many, p=chances / chances.sum())
        ],
        "uniform": dice.integers(0, len(per_100g), many),
    }
    report = {
        name: per_second(
            ways(grams, foods, options.recipes, per_100g, table), options.recipes, options.rounds
        )
        for name, foods in drawn.items()
    }
    if options.json:
        print(json.dumps(report))
        return
    for name, figures in report.items():
        ours = next(iter(figures.values()))
        print(f"{name}: recipes a second, and times ours")
        for way, figure in figures.items():
            print(f"  {way:40}{figure:12,}{figure / ours:8.2f}")


if __name__ == "__main__":
    main()
