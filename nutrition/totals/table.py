"""Rows of foods times weights: the products of matrices behind the sums of many meals.

A meal is a handful of rows of a table of thousands, so most of the work is to fetch rows. They are
fetched in blocks that stay in a core's cache, zero where unknown, and multiplied there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nutrition.totals.sums import Floats, Indices

Singles = NDArray[np.float32]

# Lines fetched at a time: of 150 nutrients 0.9 MB, which a core's second cache holds.
LINES_AT_ONCE = 500
# Values come in eights, which the processor's widest registers hold: a quarter faster.
ROUND = 8


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of each food, in the form that sums need. Read-only: threads share it.

    rows: (foods, words) of 64 bits, so that one fetch brings all of a food: its values per 100 g in
    64 bits, 0 where unknown, then in 32 bits 1 where a value was analysed, else 0. Each part has
    `columns`: the nutrients, filled up with zeros to a multiple of ROUND. May be memory-mapped:
    only the rows of foods that occur are read.
    """

    rows: Floats
    nutrients: int

    @staticmethod
    def of(per_100g: NDArray[np.floating]) -> Table:
        """The table of (foods, nutrients), NaN where unknown, copied: 12 bytes a cell."""
        foods, nutrients = per_100g.shape
        columns = -(-nutrients // ROUND) * ROUND
        table = Table(np.zeros((foods, columns + columns // 2)), nutrients)
        values, known = table.parts(table.rows)
        known[:, :nutrients] = ~np.isnan(per_100g)
        np.copyto(values[:, :nutrients], per_100g, where=known[:, :nutrients] > 0)
        return table

    def parts(self, rows: Floats) -> tuple[Floats, Singles]:
        """Values and "was analysed" of some rows of the table, as views: (rows, columns) each."""
        columns = rows.shape[1] * 2 // 3
        return rows[:, :columns], rows.view(np.float32)[:, 2 * columns :]


@dataclass(frozen=True, slots=True)
class Cooking:
    """What cooking leaves of the nutrients of each line.

    factors: (rows, nutrients), 0 to 1; row 0 stands for "nothing is lost", whatever it holds.
    rows: (lines,), the row of each line.
    """

    factors: Floats
    rows: Indices

    @staticmethod
    def of(left: Sequence[Floats | None]) -> Cooking | None:
        """From what is left in each line, (nutrients,), None where all is; None where all have all.

        Lines that share one array share a row.
        """
        distinct = {id(one): one for one in left if one is not None}
        if not distinct:
            return None
        row = {key: number for number, key in enumerate(distinct, 1)}
        factors = np.ones((len(distinct) + 1, len(next(iter(distinct.values())))))
        factors[1:] = list(distinct.values())
        rows = [0 if one is None else row[id(one)] for one in left]
        return Cooking(factors, np.array(rows, np.intp))


def products(
    counts: Indices,
    hundreds: Floats,
    parts: Singles,
    wholes: Singles,
    foods: Indices,
    table: Table,
    cooking: Cooking | None,
) -> tuple[Floats, Floats]:
    """Amounts and coverage, (meals, nutrients), of meals whose lines follow each other.

    counts, wholes: (meals,), lines of each, ascending, and the parts in its weight. hundreds,
    parts, foods: (lines,), weights in 100 g and in parts, and rows of the table.
    """
    most = max(min(LINES_AT_ONCE, len(foods)), int(counts.max(initial=0)))
    space = np.empty((most, table.rows.shape[1]))
    columns = table.parts(space)[0].shape[1]
    amounts = np.full((len(counts), 1, columns), np.nan)
    coverage = np.zeros((len(counts), 1, columns))
    for meals, lines, width in _blocks(counts):
        rows = space[: lines.stop - lines.start]
        # mode: an index out of range is clipped, as "raise" would fetch into a copy first.
        table.rows.take(foods[lines], axis=0, out=rows, mode="clip")
        values, known = table.parts(rows)
        if cooking is not None:
            _cook(values, cooking.factors, cooking.rows[lines])
        weights, shares = hundreds[lines], parts[lines]
        shape = (-1, width, columns)
        np.matmul(weights.reshape(-1, 1, width), values.reshape(shape), out=amounts[meals])
        analysed = shares.reshape(-1, 1, width) @ known.reshape(shape)
        np.copyto(amounts[meals], np.nan, where=analysed <= 0)
        np.divide(analysed, wholes[meals, np.newaxis, np.newaxis], out=coverage[meals])
    return amounts[:, 0, : table.nutrients], coverage[:, 0, : table.nutrients]


def _cook(values: Floats, factors: Floats, rows: Indices) -> None:
    cooked = np.flatnonzero(rows)
    if len(cooked):
        values[cooked, : factors.shape[1]] *= factors[rows[cooked]]


def _blocks(counts: Indices) -> Iterator[tuple[slice, slice, int]]:
    """Runs of meals of as many lines each: the meals, their lines, and how many each has."""
    meal = line = 0
    for width, meals in zip(*np.unique(counts, return_counts=True), strict=True):
        end = meal + int(meals)
        if not width:
            meal = end
        while meal < end:
            stop = min(end, meal + max(1, LINES_AT_ONCE // int(width)))
            last = line + (stop - meal) * int(width)
            yield slice(meal, stop), slice(line, last), int(width)
            meal, line = stop, last
